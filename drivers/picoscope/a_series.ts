/** The families ps2000a, ps3000a, ps4000a and ps5000a. */
import type { Argument, ForeignFunction } from "./driver_library.ts";
import type { Family } from "./families.ts";
import { errorOfStatus, isLost, isPowerState, STATUS } from "./pico_status.ts";
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
  WAVES,
} from "./scope_settings.ts";
import { CONDITION_TRUE, conditionList, directionList, triggerProperties } from "./trigger_structs.ts";
import type { Unit } from "./unit.ts";

const COUPLINGS: Readonly<Record<Coupling, number>> = { AC: 0, DC: 1, DC50: 50 };
/** Every unit has this range; a channel that is switched off needs one, too. */
const RANGE_OF_ALL_MV = 1000;
const RATIO_NONE = 0;
const TIME_UNITS = { ps: 1, ns: 2 } as const;
const LARGEST_U32 = 0xFFFFFFFF;
const LARGEST_I16 = 32767;
const DIRECTION_NONE = 2;
const CONDITIONS_ADD = 2;
const CONDITIONS_CLEAR_AND_ADD = 3;
const OPERATION_WHITE_NOISE = 1;
const ALL_RANGES = 0;

/** Type of the function that hands streamed data over; it is called inside `GetStreamingLatestValues` only. */
const STREAMING_READY = {
  // handle, noOfSamples, startIndex, overflow, triggerAt, triggered, autoStop, pParameter
  parameters: ["i16", "i32", "u32", "i16", "u32", "i16", "i16", "pointer"],
  result: "void",
} as const;

/** Calls of a unit of the older families. */
export class ASeries implements ScopeApi {
  readonly family: Family;
  readonly unit: Unit;
  /** Numbers of the channels whose bandwidth has been limited. */
  readonly #limited = new Set<number>();
  /** Called for every waveform. */
  readonly #setDataBuffer: ForeignFunction;
  readonly #word16 = new Int16Array(1);
  readonly #word32 = new Uint32Array(1);
  readonly #interval = new Float32Array(1);
  #callback: Deno.UnsafeCallback<typeof STREAMING_READY> | null = null;
  #take: (chunk: StreamChunk) => void = () => {};
  /** What `#take` has thrown. */
  #thrown: { readonly error: unknown } | null = null;

  /** For an open unit. */
  constructor(family: Family, unit: Unit) {
    this.family = family;
    this.unit = unit;
    this.#setDataBuffer = unit.library.direct("SetDataBuffer");
  }

  confirmPower(state: number): number {
    return this.family.hasPowerSource ? this.unit.call("ChangePowerSource", state) : STATUS.ok;
  }

  powerSource(): number {
    return this.family.hasPowerSource ? this.unit.call("CurrentPowerSource") : STATUS.ok;
  }

  resolution(): number | null {
    if (this.family.resolutions.size === 0) return null;
    const status = this.unit.call("GetDeviceResolution", this.#word32);
    if (isLost(status) || isPowerState(status)) throw errorOfStatus("read the resolution", status);
    // Of some families only few models have a choice; the others may refuse to speak of it.
    return status === STATUS.ok ? this.#word32[0] : null;
  }

  setResolution(resolution: number): void {
    this.unit.check("set the resolution", "SetDeviceResolution", resolution);
  }

  maxCount(): number {
    this.unit.check("read the largest ADC value", "MaximumValue", this.#word16);
    return this.#word16[0];
  }

  switchOn(index: number, { coupling, rangeMv, offsetMv, bandwidthMhz }: ChannelSettings): number {
    const range = this.family.ranges.get(rangeMv) ?? -1;
    const status = this.unit.call("SetChannel", index, 1, COUPLINGS[coupling], range >>> 0, offsetMv / 1000);
    if (status !== STATUS.ok) return status;
    const limit = bandwidthMhz === null ? 0 : this.family.bandwidths.get(bandwidthMhz) ?? 0;
    // Not every model has a filter, so one that is not wanted is not spoken of.
    if (limit === 0 && !this.#limited.has(index)) return status;
    this.#limited.add(index);
    return this.unit.call("SetBandwidthFilter", index, limit);
  }

  switchOff(index: number): number {
    return this.unit.call("SetChannel", index, 0, COUPLINGS.DC, this.family.ranges.get(RANGE_OF_ALL_MV) ?? 0, 0);
  }

  rangesOf(index: number): readonly number[] | null {
    if (!this.unit.library.has("GetChannelInformation")) return null;
    const numbers = new Int32Array(32);
    const length = Int32Array.of(numbers.length);
    const status = this.unit.call("GetChannelInformation", ALL_RANGES, 0, numbers, length, index);
    if (status !== STATUS.ok) return null;
    const found = numbers.subarray(0, length[0]);
    return [...this.family.ranges].filter(([, number]) => found.includes(number)).map(([rangeMv]) => rangeMv);
  }

  offsetLimits({ rangeMv, coupling }: ChannelSettings): readonly [number, number] | null {
    if (!this.unit.library.has("GetAnalogueOffset")) return null;
    const [most, least] = [new Float32Array(1), new Float32Array(1)];
    const range = this.family.ranges.get(rangeMv) ?? 0;
    const status = this.unit.call("GetAnalogueOffset", range, COUPLINGS[coupling], most, least);
    return status === STATUS.ok ? [decimal(least[0]) * 1000, decimal(most[0]) * 1000] : null;
  }

  intervalNs(timebase: number, samples: number): number | null {
    const most = this.#word32;
    const oversample = this.family.hasOversample ? [1] : [];
    const status = this.unit.call("GetTimebase2", timebase, samples, this.#interval, ...oversample, most, 0);
    if (status === STATUS.invalidTimebase || status === STATUS.timebaseNotInResolution) return null;
    if (status !== STATUS.ok) throw errorOfStatus(`look up timebase ${timebase} for ${samples} samples`, status);
    return decimal(this.#interval[0]);
  }

  makeSegments(segments: number): number {
    const most = new Int32Array(1);
    this.unit.check(`split the memory into ${segments} segments`, "MemorySegments", segments, most);
    return most[0];
  }

  maxSegments(): number | null {
    this.#word32[0] = 0; // the first ps2000a libraries write two bytes only
    return this.unit.call("GetMaxSegments", this.#word32) === STATUS.ok ? this.#word32[0] : null;
  }

  setCaptures(captures: number): void {
    this.unit.check(`ask for ${captures} captures`, "SetNoOfCaptures", captures);
  }

  completedCaptures(): number {
    this.#word32[0] = 0;
    const status = this.unit.call("GetNoOfCaptures", this.#word32);
    if (status === STATUS.noCapturesAvailable || status === STATUS.noSamplesAvailable) return 0;
    if (status !== STATUS.ok) throw errorOfStatus("count the captures", status);
    return this.#word32[0];
  }

  setTrigger(trigger: TriggerCounts): void {
    const { groups, delaySamples, autoUs } = trigger;
    const autoMs = Math.ceil(autoUs / 1000);
    const simple = groups.length === 1 && groups[0].length === 1 ? groups[0][0] : null;
    if (groups.length === 0) {
      this.#setSimple(0, null, { delaySamples: 0, autoMs: 0 });
    } else if (simple?.mode === "level" && simple.hysteresis === null && autoMs <= LARGEST_I16) {
      this.#setSimple(1, simple, { delaySamples, autoMs });
    } else {
      this.#setSimple(0, null, { delaySamples: 0, autoMs: 0 });
      this.#setAdvanced(groups, autoUs);
      this.unit.check("set the trigger delay", "SetTriggerDelay", delaySamples);
    }
  }

  setGenerator(generator: GeneratorSettings): void {
    const { wave, frequencyHz, peakToPeakMv, offsetMv, sweep } = generator;
    const isNoise = wave === "white_noise";
    this.unit.check(
      "set the signal generator",
      this.unit.library.has("SetSigGenBuiltInV2") ? "SetSigGenBuiltInV2" : "SetSigGenBuiltIn",
      Math.round(offsetMv * 1000), // uV
      Math.round(peakToPeakMv * 1000), // uV
      isNoise ? 0 : WAVES.indexOf(wave),
      frequencyHz,
      sweep?.stopFrequencyHz ?? frequencyHz,
      sweep?.incrementHz ?? 0,
      sweep?.dwellS ?? 0,
      SWEEPS.indexOf(sweep?.kind ?? "up"),
      isNoise ? OPERATION_WHITE_NOISE : 0,
      0, // shots: it runs on
      0, // sweeps: it runs on
      0, // trigger type
      0, // trigger source: none
      0, // threshold of the external input
    );
  }

  setBuffer(address: Deno.PointerValue, { index, samples, segment }: BufferPlace): void {
    const { handle } = this.unit;
    let status = this.#setDataBuffer(handle, index, address, samples, segment, RATIO_NONE);
    if (status === STATUS.driverFunction) {
      status = this.unit.call("SetDataBuffer", index, address, samples, segment, RATIO_NONE);
    }
    if (status !== STATUS.ok) throw errorOfStatus(`register memory for channel ${CHANNEL_NAMES[index]}`, status);
  }

  runBlock(preSamples: number, postSamples: number, timebase: number): void {
    const status = this.family.hasOversample
      ? this.unit.call("RunBlock", preSamples, postSamples, timebase, 1, null, 0, null, null)
      : this.unit.call("RunBlock", preSamples, postSamples, timebase, null, 0, null, null);
    if (status !== STATUS.ok) throw errorOfStatus("start a capture", status);
  }

  readCaptures(
    { from, to, samples, isSingle, isLong }: CaptureRange,
    counts: Uint32Array | BigUint64Array,
    overflow: Int16Array,
  ): number | Promise<number> {
    counts[0] = samples;
    // One capture is no rapid block: some libraries want the other function then.
    const name = isSingle ? "GetValues" : "GetValuesBulk";
    const args: Argument[] = isSingle
      ? [0, counts, 1, RATIO_NONE, 0, overflow]
      : [counts, from, to, 1, RATIO_NONE, overflow];
    return isLong ? this.unit.callLater(name, ...args) : this.unit.call(name, ...args);
  }

  readTriggerInfo(info: Uint8Array, from: number, to: number): void {
    this.unit.check("read the trigger times", "GetTriggerInfoBulk", info, from, to);
  }

  startStream({ channels, length, sampleTimeNs, buffers }: StreamSettings): number {
    channels.forEach((index, i) => {
      this.setBuffer(buffers[0][i], { index, samples: length, segment: 0, isFirst: false });
    });
    const inPs = !Number.isInteger(sampleTimeNs) && sampleTimeNs * 1000 <= LARGEST_U32;
    this.#word32[0] = Math.round(inPs ? sampleTimeNs * 1000 : sampleTimeNs);
    this.unit.check(
      "start to stream",
      "RunStreaming",
      this.#word32,
      inPs ? TIME_UNITS.ps : TIME_UNITS.ns,
      0, // samples before and after a trigger matter only with an automatic stop
      length,
      0, // no automatic stop
      1,
      RATIO_NONE,
      length, // must be the length that was registered
    );
    this.#callback ??= new Deno.UnsafeCallback(STREAMING_READY, (_handle, count, start, overflow) => {
      try {
        if (count > 0) this.#take({ bufferSet: 0, start, count, overflow });
      } catch (error) {
        this.#thrown ??= { error }; // must not pass through the library
      }
    });
    return inPs ? this.#word32[0] / 1000 : this.#word32[0];
  }

  readStream(take: (chunk: StreamChunk) => void): number {
    this.#take = take;
    this.#thrown = null;
    const status = this.unit.call("GetStreamingLatestValues", this.#callback?.pointer ?? null, null);
    if (this.#thrown !== null) throw (this.#thrown as { error: unknown }).error;
    return status;
  }

  endStream(): void {
    this.#callback?.close();
    this.#callback = null;
  }

  #setSimple(
    isOn: 0 | 1,
    term: TriggerTermCounts | null,
    { delaySamples, autoMs }: { delaySamples: number; autoMs: number },
  ): void {
    this.unit.check(
      "set the trigger",
      "SetSimpleTrigger",
      isOn,
      term?.source ?? 0,
      term?.upper ?? 0,
      term?.direction ?? DIRECTION_NONE,
      delaySamples,
      autoMs,
    );
  }

  #setAdvanced(groups: TriggerCounts["groups"], autoUs: number): void {
    const terms = [...new Map(groups.flat().map((term) => [term.source, term])).values()];
    const usesV2 = this.unit.library.has("SetTriggerChannelPropertiesV2");
    const properties = triggerProperties(terms, { withMode: !usesV2 });
    if (usesV2) {
      this.unit.check("set the trigger levels", "SetTriggerChannelPropertiesV2", properties, terms.length, 0);
      this.unit.check("set the auto-trigger", "SetAutoTriggerMicroSeconds", autoUs);
    } else {
      const autoMs = Math.ceil(autoUs / 1000);
      this.unit.check("set the trigger levels", "SetTriggerChannelProperties", properties, terms.length, 0, autoMs);
    }
    this.#setConditions(groups);
    this.#setDirections(terms);
  }

  #setConditions(groups: TriggerCounts["groups"]): void {
    const { conditions, name } = this.family;
    if (conditions !== "list") {
      const rows = new Uint32Array(groups.length * conditions.rowWords);
      groups.forEach((group, row) =>
        group.forEach(({ source }) => rows[row * conditions.rowWords + source] = CONDITION_TRUE)
      );
      const call = this.unit.library.has("SetTriggerChannelConditionsV2")
        ? "SetTriggerChannelConditionsV2"
        : "SetTriggerChannelConditions";
      this.unit.check("set the trigger conditions", call, rows, groups.length);
      return;
    }
    const call = name === "ps5000a" ? "SetTriggerChannelConditionsV2" : "SetTriggerChannelConditions";
    groups.forEach((group, i) =>
      this.unit.check(
        "set the trigger conditions",
        call,
        conditionList(group),
        group.length,
        i === 0 ? CONDITIONS_CLEAR_AND_ADD : CONDITIONS_ADD,
      )
    );
  }

  #setDirections(terms: readonly TriggerTermCounts[]): void {
    const { conditions, name } = this.family;
    if (conditions === "list") {
      const withMode = name === "ps5000a";
      const call = withMode ? "SetTriggerChannelDirectionsV2" : "SetTriggerChannelDirections";
      this.unit.check("set the trigger directions", call, directionList(terms, { withMode }), terms.length);
      return;
    }
    const directions = new Array<number>(6).fill(DIRECTION_NONE); // A to D, EXT, AUX
    for (const { source, direction } of terms) directions[source] = direction;
    this.unit.check("set the trigger directions", "SetTriggerChannelDirections", ...directions);
  }
}

/** A 32-bit float as the decimal number that it stands for: 1.6 is no 1.600000023841858. */
function decimal(value: number): number {
  return Number(value.toPrecision(7));
}
