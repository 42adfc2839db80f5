/** The families ps6000a (6000E) and psospa (3000E and later). */
import type { Argument, ForeignFunction } from "./driver_library.ts";
import type { Family } from "./families.ts";
import { errorOfStatus, STATUS } from "./pico_status.ts";
import type {
  BufferPlace,
  CaptureRange,
  ScopeApi,
  StreamChunk,
  StreamSettings,
  TriggerCounts,
  TriggerTermCounts,
} from "./scope_api.ts";
import {
  CHANNEL_NAMES,
  type ChannelSettings,
  type Coupling,
  type GeneratorSettings,
  SWEEPS,
  type WAVES,
} from "./scope_settings.ts";
import { conditionList, directionList, triggerProperties } from "./trigger_structs.ts";
import type { Unit } from "./unit.ts";

const COUPLINGS: Readonly<Record<Coupling, number>> = { AC: 0, DC: 1, DC50: 50 };
const RATIO_RAW = 0x80000000;
const INT16 = 1;
const ACTION = { clearAll: 1, add: 2 } as const;
const TIME_UNITS_NS = 2;
const NANOVOLTS_PER_MV = 1e6;
const X1_PROBE_NV = 1;
const WAVE_NUMBERS: Readonly<Record<typeof WAVES[number], number>> = {
  sine: 0x11,
  square: 0x12,
  triangle: 0x13,
  ramp_up: 0x14,
  ramp_down: 0x15,
  sinc: 0x16,
  gaussian: 0x17,
  half_sine: 0x18,
  dc: 0x400,
  white_noise: 0x2001,
};

/** PICO_STREAMING_DATA_INFO, packed. */
const INFO_BYTES = 30;
const INFO = { channel: 0, mode: 4, type: 8, count: 12, buffer: 16, start: 24, overflow: 28 } as const;
const STREAM_TRIGGER_BYTES = 12;

/** Calls of a unit of the newer families. */
export class ESeries implements ScopeApi {
  readonly family: Family;
  readonly unit: Unit;
  /** Called for every waveform. */
  readonly #setDataBuffer: ForeignFunction;
  readonly #word16 = new Int16Array(1);
  readonly #word32 = new Uint32Array(1);
  readonly #word64 = new BigUint64Array(1);
  readonly #float64 = new Float64Array(1);
  readonly #isPsospa: boolean;
  #stream: StreamSettings | null = null;
  #streamInfo = new DataView(new ArrayBuffer(0));
  readonly #streamTrigger = new Uint8Array(STREAM_TRIGGER_BYTES);

  /** For an open unit. */
  constructor(family: Family, unit: Unit) {
    this.family = family;
    this.unit = unit;
    this.#setDataBuffer = unit.library.direct("SetDataBuffer");
    this.#isPsospa = family.name === "psospa";
  }

  confirmPower(): number {
    return STATUS.ok;
  }

  powerSource(): number {
    return STATUS.ok;
  }

  resolution(): number {
    this.unit.check("read the resolution", "GetDeviceResolution", this.#word32);
    return this.#word32[0];
  }

  setResolution(resolution: number): void {
    this.unit.check("set the resolution", "SetDeviceResolution", resolution);
  }

  maxCount(): number {
    const least = new Int16Array(1);
    this.unit.check("read the largest ADC value", "GetAdcLimits", this.resolution(), least, this.#word16);
    return this.#word16[0];
  }

  switchOn(index: number, channel: ChannelSettings): number {
    const { coupling, offsetMv, bandwidthMhz } = channel;
    const limit = bandwidthMhz === null ? 0 : this.family.bandwidths.get(bandwidthMhz) ?? 0;
    return this.unit.call(
      "SetChannelOn",
      index,
      COUPLINGS[coupling],
      ...this.#range(channel),
      offsetMv / 1000,
      limit,
    );
  }

  switchOff(index: number): number {
    return this.unit.call("SetChannelOff", index);
  }

  rangesOf(): readonly number[] | null {
    return null;
  }

  offsetLimits(channel: ChannelSettings): readonly [number, number] | null {
    const [most, least] = [new Float64Array(1), new Float64Array(1)];
    const { coupling } = channel;
    const status = this.unit.call(
      "GetAnalogueOffsetLimits",
      ...this.#range(channel),
      COUPLINGS[coupling],
      most,
      least,
    );
    return status === STATUS.ok ? [least[0] * 1000, most[0] * 1000] : null;
  }

  intervalNs(timebase: number, samples: number): number | null {
    const status = this.unit.call("GetTimebase", timebase, samples, this.#float64, this.#word64, 0);
    if (status === STATUS.invalidTimebase || status === STATUS.timebaseNotInResolution) return null;
    if (status !== STATUS.ok) throw errorOfStatus(`look up timebase ${timebase} for ${samples} samples`, status);
    return this.#float64[0];
  }

  makeSegments(segments: number): number {
    this.unit.check(`split the memory into ${segments} segments`, "MemorySegments", segments, this.#word64);
    return Number(this.#word64[0]);
  }

  maxSegments(samples: number): number | null {
    const status = this.unit.call("MemorySegmentsBySamples", samples, this.#word64);
    return status === STATUS.ok ? Number(this.#word64[0]) : null;
  }

  setCaptures(captures: number): void {
    this.unit.check(`ask for ${captures} captures`, "SetNoOfCaptures", captures);
  }

  completedCaptures(): number {
    const status = this.unit.call("GetNoOfCaptures", this.#word64);
    if (status === STATUS.noCapturesAvailable || status === STATUS.noSamplesAvailable) return 0;
    if (status !== STATUS.ok) throw errorOfStatus("count the captures", status);
    return Number(this.#word64[0]);
  }

  setTrigger({ groups, delaySamples, autoUs }: TriggerCounts): void {
    const simple = groups.length === 1 && groups[0].length === 1 ? groups[0][0] : null;
    if (groups.length === 0) {
      this.#setSimple(0, null, { delaySamples: 0, autoUs: 0 });
    } else if (simple?.mode === "level" && simple.hysteresis === null) {
      this.#setSimple(1, simple, { delaySamples, autoUs });
    } else {
      this.#setSimple(0, null, { delaySamples: 0, autoUs: 0 });
      this.#setAdvanced(groups, autoUs);
      this.unit.check("set the trigger delay", "SetTriggerDelay", delaySamples);
    }
  }

  setGenerator({ wave, frequencyHz, peakToPeakMv, offsetMv, sweep }: GeneratorSettings): void {
    const action = "set the signal generator";
    const { unit } = this;
    unit.check(action, "SigGenWaveform", WAVE_NUMBERS[wave], null, 0);
    unit.check(action, "SigGenRange", peakToPeakMv / 1000, offsetMv / 1000);
    unit.check(action, "SigGenFrequency", frequencyHz);
    if (sweep !== null) {
      const { stopFrequencyHz, incrementHz, dwellS, kind } = sweep;
      unit.check(action, "SigGenFrequencySweep", stopFrequencyHz, incrementHz, dwellS, SWEEPS.indexOf(kind));
    }
    const [frequency, stop, increment, dwell] = Array.from({ length: 4 }, () => new Float64Array(1));
    const clocks = this.#isPsospa ? [] : [1, 0]; // clock chosen by the unit, nothing overridden
    const isSwept = sweep === null ? 0 : 1;
    unit.check(action, "SigGenApply", 1, isSwept, 0, ...clocks, frequency, stop, increment, dwell);
  }

  setBuffer(address: Deno.PointerValue, { index, samples, segment, isFirst }: BufferPlace): void {
    const action = isFirst ? ACTION.clearAll | ACTION.add : ACTION.add;
    const { handle } = this.unit;
    let status = this.#setDataBuffer(handle, index, address, samples, INT16, segment, RATIO_RAW, action);
    if (status === STATUS.driverFunction) {
      status = this.unit.call("SetDataBuffer", index, address, samples, INT16, segment, RATIO_RAW, action);
    }
    if (status !== STATUS.ok) throw errorOfStatus(`register memory for channel ${CHANNEL_NAMES[index]}`, status);
  }

  runBlock(preSamples: number, postSamples: number, timebase: number): void {
    const status = this.unit.call("RunBlock", preSamples, postSamples, timebase, null, 0, null, null);
    if (status !== STATUS.ok) throw errorOfStatus("start a capture", status);
  }

  readCaptures(
    { from, to, samples, isSingle, isLong }: CaptureRange,
    counts: Uint32Array | BigUint64Array,
    overflow: Int16Array,
  ): number | Promise<number> {
    counts[0] = counts instanceof BigUint64Array ? BigInt(samples) : samples;
    const name = isSingle ? "GetValues" : "GetValuesBulk";
    const args: Argument[] = isSingle
      ? [0, counts, 1, RATIO_RAW, 0, overflow]
      : [0, counts, from, to, 1, RATIO_RAW, overflow];
    return isLong ? this.unit.callLater(name, ...args) : this.unit.call(name, ...args);
  }

  readTriggerInfo(info: Uint8Array, from: number, to: number): void {
    this.unit.check("read the trigger times", "GetTriggerInfo", info, from, to - from + 1);
  }

  startStream(stream: StreamSettings): number {
    const { channels, buffers, length, sampleTimeNs } = stream;
    this.#stream = stream;
    this.#addStreamBuffers(buffers[0], { isFirst: true });
    this.#addStreamBuffers(buffers[1], { isFirst: false });
    this.#streamInfo = new DataView(new ArrayBuffer(channels.length * INFO_BYTES));
    this.#float64[0] = sampleTimeNs;
    this.unit.check(
      "start to stream",
      "RunStreaming",
      this.#float64,
      TIME_UNITS_NS,
      0,
      length,
      0, // no automatic stop
      1,
      RATIO_RAW,
    );
    return this.#float64[0];
  }

  readStream(take: (chunk: StreamChunk) => void): number {
    const stream = this.#stream;
    if (stream === null) return STATUS.ok;
    const view = this.#streamInfo;
    stream.channels.forEach((channel, i) => {
      const at = i * INFO_BYTES;
      view.setUint32(at + INFO.channel, channel, true);
      view.setUint32(at + INFO.mode, RATIO_RAW, true);
      view.setUint32(at + INFO.type, INT16, true);
      view.setInt32(at + INFO.count, 0, true);
    });
    const status = this.unit.call(
      "GetStreamingLatestValues",
      view,
      stream.channels.length,
      this.#streamTrigger,
    );
    const count = view.getInt32(INFO.count, true);
    if ((status !== STATUS.ok && status !== STATUS.waitingForBuffers) || count <= 0) {
      return this.#goOn(status, 0, 0);
    }
    const buffer = Number(view.getBigUint64(INFO.buffer, true));
    const start = view.getInt32(INFO.start, true);
    let overflow = 0;
    stream.channels.forEach((channel, i) => {
      if (view.getInt16(i * INFO_BYTES + INFO.overflow, true) !== 0) overflow |= 1 << channel;
    });
    take({ bufferSet: (buffer % 2) as 0 | 1, start, count, overflow });
    return this.#goOn(status, buffer, start + count);
  }

  endStream(): void {
    this.#stream = null;
  }

  /** Registers a buffer that has been filled and emptied once more, so that the unit never runs out of them. */
  #goOn(status: number, buffer: number, end: number): number {
    const stream = this.#stream!;
    if (end === stream.length) this.#addStreamBuffers(stream.buffers[buffer % 2], { isFirst: false });
    return status === STATUS.waitingForBuffers ? STATUS.ok : status;
  }

  #addStreamBuffers(addresses: readonly Deno.PointerValue[], { isFirst }: { isFirst: boolean }): void {
    const { channels, length } = this.#stream!;
    channels.forEach((index, i) =>
      this.setBuffer(addresses[i], { index, samples: length, segment: 0, isFirst: isFirst && i === 0 })
    );
  }

  /** The range as the family wants it: a number, or the limits in nanovolts and the kind of probe. */
  #range({ rangeMv }: ChannelSettings): number[] {
    if (!this.#isPsospa) return [this.family.ranges.get(rangeMv) ?? 0xFFFFFFFF];
    return [-rangeMv * NANOVOLTS_PER_MV, rangeMv * NANOVOLTS_PER_MV, X1_PROBE_NV];
  }

  #setSimple(
    isOn: 0 | 1,
    term: TriggerTermCounts | null,
    { delaySamples, autoUs }: { delaySamples: number; autoUs: number },
  ): void {
    this.unit.check(
      "set the trigger",
      "SetSimpleTrigger",
      isOn,
      term?.source ?? 0,
      term?.upper ?? 0,
      term?.direction ?? 2,
      delaySamples,
      autoUs,
    );
  }

  #setAdvanced(groups: TriggerCounts["groups"], autoUs: number): void {
    const { unit } = this;
    const terms = [...new Map(groups.flat().map((term) => [term.source, term])).values()];
    const properties = triggerProperties(terms, { withMode: false });
    const auxiliary = this.#isPsospa ? [] : [0];
    const call = "SetTriggerChannelProperties";
    unit.check("set the trigger levels", call, properties, terms.length, ...auxiliary, autoUs);
    groups.forEach((group, i) => {
      const action = i === 0 ? ACTION.clearAll | ACTION.add : ACTION.add;
      const list = conditionList(group);
      unit.check("set the trigger conditions", "SetTriggerChannelConditions", list, group.length, action);
    });
    const directions = directionList(terms, { withMode: true });
    unit.check("set the trigger directions", "SetTriggerChannelDirections", directions, terms.length);
  }
}
