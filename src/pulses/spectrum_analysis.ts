/** Pulse heights and charges of the channels at the trigger. */
import type { Columns } from "../record/record_layout.ts";
import { ConfigReader } from "./config_reader.ts";
import { PeakFinder } from "./peak_finder.ts";
import type { PeakTable } from "./peak_table.ts";
import { channelOf, type WaveformShape } from "./waveform_fields.ts";

/** Channels that can be named as the trigger; any other name means the nominal trigger position. */
const TRIGGER_CHANNELS = ["A", "B", "C", "D"];
/** Resistance that the signal current flows through, in ohm. */
const RESISTANCE_OHM = 50;
/** Gain of the amplifier in front of the digitiser. */
const GAIN = 5;

/** Names of the parameters of one channel. */
interface ChannelFields {
  readonly height: string;
  readonly position: string;
  readonly integral: string;
}

/**
 * Core of the function `find_peaks` (pulse-height analysis).
 *
 * If `trigger_channel` is A, B, C or D, channel `ch<X>` must have a peak, and the one closest to `pre_trigger_samples` is
 * the reference; otherwise the reference is `pre_trigger_samples` itself. Peaks of all channels that are less than
 * `trigger_position_tolerance` samples away count, in each channel the last of them.
 *
 * Parameters by field name, for each channel: `…_height` sample height above the baseline (mV), `…_position` (sample),
 * `…_integral` sum above the baseline within the width at half prominence, times sample time / 50 Ω / gain 5
 * (mV · s / Ω); 0 where there is no peak.
 *
 * Configuration keys, all required: `sample_time_ns`, `analogue_offset` (V), `peak_minimal_prominence` (mV),
 * `peak_minimal_distance`, `peak_minimal_width`, `pre_trigger_samples`, `trigger_channel`, `trigger_position_tolerance`.
 */
export class SpectrumAnalysis {
  /** Peaks of each channel in the last event. */
  readonly peaks: readonly PeakTable[];
  /** Names of all parameters. */
  readonly parameterNames: readonly string[];

  readonly #fields: readonly string[];
  readonly #finders: readonly PeakFinder[];
  readonly #triggerChannel: number | null;
  readonly #nominalPosition: number;
  readonly #tolerance: number;
  readonly #baseline: number;
  readonly #integralUnit: number;
  readonly #channelFields: readonly ChannelFields[];
  readonly #parameters: Record<string, number>;

  /**
   * Checks the configuration.
   *
   * @param config Configuration with the keys above.
   * @throws {TypeError} If a required key is absent, a value is not of its type, or the trigger channel has no field.
   * @throws {RangeError} If a value is out of its range.
   */
  constructor(config: Readonly<Record<string, unknown>>, options: WaveformShape) {
    const { fields, samples, functionName = "find_peaks" } = options;
    const reader = new ConfigReader(functionName, config);
    const conditions = {
      prominence: reader.number("peak_minimal_prominence", { min: 0 }),
      distance: reader.number("peak_minimal_distance", { min: 1 }),
      width: reader.number("peak_minimal_width", { min: 0 }),
    };
    this.#fields = fields;
    this.#finders = fields.map(() => new PeakFinder(conditions, samples));
    this.peaks = this.#finders.map((finder) => finder.peaks);
    this.#nominalPosition = reader.number("pre_trigger_samples");
    this.#tolerance = reader.number("trigger_position_tolerance", { above: 0 });
    this.#triggerChannel = triggerChannel(reader, fields);
    this.#baseline = reader.number("analogue_offset") * 1000;
    this.#integralUnit = reader.number("sample_time_ns", { above: 0 }) * 1e-9 / RESISTANCE_OHM / GAIN;
    this.#channelFields = fields.map((field): ChannelFields => ({
      height: `${field}_height`,
      position: `${field}_position`,
      integral: `${field}_integral`,
    }));
    this.parameterNames = this.#channelFields.flatMap((names) => Object.values(names));
    this.#parameters = Object.fromEntries(this.parameterNames.map((name) => [name, 0]));
  }

  /**
   * Analyses one event.
   *
   * @param columns The record; its channels hold mV.
   * @returns Parameters by field name, in an object that is reused; `null` if the trigger channel has no peak.
   * @throws {TypeError} If a channel is missing or holds 64-bit integers.
   * @throws {RangeError} If a channel has another number of samples than this was made for.
   */
  analyse(columns: Columns): Readonly<Record<string, number>> | null {
    for (let channel = 0; channel < this.#fields.length; channel++) {
      this.#finders[channel].find(channelOf(columns, this.#fields[channel]));
    }
    const reference = this.#referencePosition();
    if (reference === null) return null;
    for (const name of this.parameterNames) this.#parameters[name] = 0;
    for (let channel = 0; channel < this.#fields.length; channel++) {
      const row = this.#lastNear(this.peaks[channel], reference);
      if (row >= 0) this.#fillChannel(channelOf(columns, this.#fields[channel]), { channel, row });
    }
    return this.#parameters;
  }

  #referencePosition(): number | null {
    if (this.#triggerChannel === null) return this.#nominalPosition;
    const { count, positions } = this.peaks[this.#triggerChannel];
    if (count === 0) return null;
    let nearest = positions[0];
    for (let row = 1; row < count; row++) {
      if (Math.abs(positions[row] - this.#nominalPosition) < Math.abs(nearest - this.#nominalPosition)) {
        nearest = positions[row];
      }
    }
    return nearest;
  }

  #lastNear({ count, positions }: PeakTable, reference: number): number {
    for (let row = count - 1; row >= 0; row--) {
      if (Math.abs(reference - positions[row]) < this.#tolerance) return row;
    }
    return -1;
  }

  #fillChannel(signal: ArrayLike<number>, { channel, row }: { channel: number; row: number }): void {
    const { positions, leftIps, rightIps } = this.peaks[channel];
    const names = this.#channelFields[channel];
    const end = Math.ceil(rightIps[row]);
    let sum = 0;
    for (let i = Math.floor(leftIps[row]); i < end; i++) sum += signal[i] - this.#baseline;
    this.#parameters[names.height] = signal[positions[row]] - this.#baseline;
    this.#parameters[names.position] = positions[row];
    this.#parameters[names.integral] = sum * this.#integralUnit;
  }
}

function triggerChannel(reader: ConfigReader, fields: readonly string[]): number | null {
  const name = reader.value("trigger_channel");
  if (typeof name !== "string") {
    const advice = name === null ? "; add the key to the function's configuration" : "";
    throw new TypeError(
      reader.message("trigger_channel", { expected: "A, B, C, D or another text", found: name }) + advice,
    );
  }
  if (!TRIGGER_CHANNELS.includes(name)) return null;
  const index = fields.indexOf(`ch${name}`);
  if (index >= 0) return index;
  const expected = `the letter of a channel of the source (fields ${fields.join(", ")})`;
  throw new TypeError(reader.message("trigger_channel", { expected, found: name }));
}
