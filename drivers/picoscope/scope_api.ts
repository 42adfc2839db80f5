/** What a family must be able to do, in terms that all of them share: counts, numbers of channels, statuses. */
import type { Family } from "./families.ts";
import type { ChannelSettings, GeneratorSettings } from "./scope_settings.ts";
import type { Unit } from "./unit.ts";

/** One term of a trigger in ADC counts. */
export interface TriggerTermCounts {
  /** Number of the channel in the family. */
  readonly source: number;
  readonly mode: "level" | "window";
  /** Number of the direction: 0 above/inside, 1 below/outside, 2 rising/enter, 3 falling/exit, 4 both. */
  readonly direction: number;
  readonly upper: number;
  readonly lower: number;
  /** Null: as the device sees fit. */
  readonly hysteresis: number | null;
}

/** A trigger in counts and samples. */
export interface TriggerCounts {
  readonly groups: readonly (readonly TriggerTermCounts[])[];
  readonly delaySamples: number;
  /** 0: waits for ever. */
  readonly autoUs: number;
}

/** A piece of streamed data. */
export interface StreamChunk {
  /** Which of the two sets of buffers holds it. */
  readonly bufferSet: 0 | 1;
  /** First sample in the buffers. */
  readonly start: number;
  readonly count: number;
  /** Bit i: channel i was over its range. */
  readonly overflow: number;
}

/** How a stream is started. */
export interface StreamSettings {
  /** Numbers of the channels that are on. */
  readonly channels: readonly number[];
  /** Samples of a buffer. */
  readonly length: number;
  readonly sampleTimeNs: number;
  /** Addresses of two sets of buffers, one per channel; the first one alone is used where the family has only one. */
  readonly buffers: readonly [readonly Deno.PointerValue[], readonly Deno.PointerValue[]];
}

/** Whose samples go into some memory. */
export interface BufferPlace {
  /** Number of the channel. */
  readonly index: number;
  readonly samples: number;
  readonly segment: number;
  /** True for the first one of a run, which makes those of older runs void where the family does so. */
  readonly isFirst: boolean;
}

/** Captures to be fetched. */
export interface CaptureRange {
  readonly from: number;
  readonly to: number;
  readonly samples: number;
  /** True if one arming takes one capture only. */
  readonly isSingle: boolean;
  /** True if it may take long: it is done beside the JavaScript thread. */
  readonly isLong: boolean;
}

/** The calls that differ between families. All of them throw as {@linkcode Unit.check} does, unless they say otherwise. */
export interface ScopeApi {
  readonly family: Family;
  readonly unit: Unit;

  /** Switches the unit to one of its power sources; returns the status. */
  confirmPower(state: number): number;

  /** The power source that the unit has at this moment, as a status; PICO_OK if it has but one. */
  powerSource(): number;

  /** Number of the resolution that is set; null if there is only one, or the unit does not tell. */
  resolution(): number | null;
  setResolution(resolution: number): void;
  /** Largest ADC value in the resolution that is set. */
  maxCount(): number;

  /** Switches a channel on; returns the status. */
  switchOn(index: number, channel: ChannelSettings): number;
  /** Switches a channel off; returns the status. */
  switchOff(index: number): number;
  /** Ranges that a channel has, in mV; null if the unit does not tell. */
  rangesOf(index: number): readonly number[] | null;
  /** Least and largest offset of a range in mV; null if the unit does not tell. */
  offsetLimits(channel: ChannelSettings): readonly [number, number] | null;

  /** Time between samples in ns; null if the timebase is not possible. */
  intervalNs(timebase: number, samples: number): number | null;
  /** Splits the memory; returns how many samples all channels together have in a segment. */
  makeSegments(segments: number): number;
  /** Largest number of segments; null if the unit does not tell. */
  maxSegments(samples: number): number | null;
  /** Sets how many captures one arming takes. */
  setCaptures(captures: number): void;
  /** Captures completed in the last run. */
  completedCaptures(): number;

  setTrigger(trigger: TriggerCounts): void;
  setGenerator(generator: GeneratorSettings): void;

  /** Registers memory for the samples of a capture. */
  setBuffer(address: Deno.PointerValue, place: BufferPlace): void;
  /** Starts to wait for triggers. */
  runBlock(preSamples: number, postSamples: number, timebase: number): void;
  /** Fetches captures `from` to `to` into the buffers registered; gives the status, at once or later. */
  readCaptures(
    range: CaptureRange,
    counts: Uint32Array | BigUint64Array,
    overflow: Int16Array,
  ): number | Promise<number>;
  /** Fetches the trigger infos of captures `from` to `to`. */
  readTriggerInfo(info: Uint8Array, from: number, to: number): void;

  /** Starts to stream; returns the time between samples in ns that the unit takes. */
  startStream(stream: StreamSettings): number;
  /** Hands over what has come since the last call; returns the status. */
  readStream(take: (chunk: StreamChunk) => void): number;
  /** Gives back what a stream needed. */
  endStream(): void;
}
