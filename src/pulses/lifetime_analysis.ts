/** Search for stopped muons: two pulses in coincidences of layers that fit a signature. */
import type { Columns } from "../record/record_layout.ts";
import { Coincidences, NO_PEAK } from "./coincidences.ts";
import { ConfigReader } from "./config_reader.ts";
import { NormalisedPulse } from "./normalised_pulse.ts";
import { PeakFinder } from "./peak_finder.ts";
import type { PeakTable } from "./peak_table.ts";
import { correlationLag } from "./reference_pulse.ts";
import { matchSignature, parseSignatures, type Signature } from "./signatures.ts";
import { channelOf, type WaveformShape } from "./waveform_fields.ts";

export type { WaveformShape } from "./waveform_fields.ts";

/** The muon and the electron: prefixes of their parameters, and rows of the coincidence table. */
const PARTICLES = ["1st", "2nd"] as const;

/** Options of {@linkcode LifetimeAnalysis}. */
export interface LifetimeAnalysisOptions extends WaveformShape {
  /** Reference pulse that positions are determined with. @default {none: the position of the peak} */
  readonly referencePulse?: ArrayLike<number> | null;
}

/** What {@linkcode LifetimeAnalysis} finds in an accepted event. */
export interface LifetimeResult {
  /** Index of the last signature that matches. */
  readonly signature: number;
  /**
   * Values by field name: `decay_time` in ns, and for each channel and each of `1st_`, `2nd_`: `…_h` prominence (mV),
   * `…_p` position (sample), `…_int` integral above the baseline (mV · samples); 0 where there is no pulse.
   */
  readonly parameters: Readonly<Record<string, number>>;
}

/** Names of the parameters of one pulse. */
interface PulseFields {
  readonly height: string;
  readonly position: string;
  readonly integral: string;
}

/**
 * Core of the function `calculate_decay_time`.
 *
 * 1. Peaks of each channel: prominence at least the smaller of both thresholds, distance, width (see `PeakFinder`).
 * 2. Peaks of all channels are grouped in time (see `Coincidences`); with fewer than two moments the event is rejected.
 *    The first moment is the muon, the second the electron.
 * 3. Pulses whose prominence times `<channel>_scaling` is below `peak_minimal_prominence_initial` (muon) or
 *    `peak_minimal_prominence_secondary` (electron) do not count.
 * 4. The last signature that matches is taken; without one, or without a pulse of either particle, the event is rejected.
 *
 * The decay time is the difference of the mean positions of both particles' pulses, cut to whole ns.
 *
 * Configuration keys, all required but `pre_trigger_samples`, which is not used: `sample_time_ns`, `analogue_offset` (V),
 * `trigger_position_tolerance` (samples), `peak_minimal_distance`, `peak_minimal_width`,
 * `peak_minimal_prominence_initial`, `peak_minimal_prominence_secondary` (mV), `signatures`, `<channel>_scaling`.
 */
export class LifetimeAnalysis {
  /** Peaks of each channel in the last event. */
  readonly peaks: readonly PeakTable[];
  /** Peaks of the last event grouped in time. */
  readonly coincidences: Coincidences;
  /** Names of all parameters. */
  readonly parameterNames: readonly string[];

  readonly #fields: readonly string[];
  readonly #finders: readonly PeakFinder[];
  readonly #sampleTimeNs: number;
  readonly #scalings: readonly number[];
  readonly #thresholds: readonly number[];
  readonly #signatures: readonly Signature[];
  readonly #pulse: NormalisedPulse;
  readonly #referencePulse: ArrayLike<number> | null;
  readonly #pulseFields: readonly (readonly PulseFields[])[];
  readonly #event = { rows: 0, hits: new Int32Array(0) };
  readonly #result: { signature: number; readonly parameters: Record<string, number> };

  /**
   * Checks the configuration.
   *
   * @param config Configuration with the keys above.
   * @throws {TypeError} If a required key is absent or a value is not of its type.
   * @throws {RangeError} If a value is out of its range.
   * @throws {SyntaxError} If a signature has a wrong character or length.
   */
  constructor(config: Readonly<Record<string, unknown>>, options: LifetimeAnalysisOptions) {
    const { fields, samples, referencePulse = null, functionName = "calculate_decay_time" } = options;
    const reader = new ConfigReader(functionName, config);
    const initial = reader.number("peak_minimal_prominence_initial", { min: 0 });
    const secondary = reader.number("peak_minimal_prominence_secondary", { min: 0 });
    const conditions = {
      prominence: Math.min(initial, secondary),
      distance: reader.number("peak_minimal_distance", { min: 1 }),
      width: reader.number("peak_minimal_width", { min: 0 }),
    };
    this.#fields = fields;
    this.#finders = fields.map(() => new PeakFinder(conditions, samples));
    this.peaks = this.#finders.map((finder) => finder.peaks);
    this.coincidences = new Coincidences(fields.length, reader.number("trigger_position_tolerance", { above: 0 }));
    this.#sampleTimeNs = reader.number("sample_time_ns", { above: 0 });
    this.#scalings = fields.map((field) => reader.number(`${field}_scaling`));
    this.#thresholds = [initial, secondary];
    this.#signatures = parseSignatures(reader.value("signatures"), { channels: fields.length, functionName });
    const rowsNeeded = Math.max(PARTICLES.length, ...this.#signatures.map((signature) => signature.required.length));
    this.#event.hits = new Int32Array(rowsNeeded);
    this.#pulse = new NormalisedPulse({ baseline: reader.number("analogue_offset") * 1000 });
    this.#referencePulse = referencePulse;
    this.#pulseFields = PARTICLES.map((particle) =>
      fields.map((field): PulseFields => {
        const prefix = `${particle}_${field}`;
        return { height: `${prefix}_h`, position: `${prefix}_p`, integral: `${prefix}_int` };
      })
    );
    this.parameterNames = ["decay_time", ...this.#pulseFields.flat().flatMap((names) => Object.values(names))];
    this.#result = { signature: -1, parameters: Object.fromEntries(this.parameterNames.map((name) => [name, 0])) };
  }

  /**
   * Analyses one event.
   *
   * @param columns The record; its channels hold mV.
   * @returns What was found, in an object that is reused; `null` if the event is rejected.
   * @throws {TypeError} If a channel is missing or holds 64-bit integers.
   * @throws {RangeError} If a channel has another number of samples than this was made for.
   */
  analyse(columns: Columns): LifetimeResult | null {
    for (let channel = 0; channel < this.#fields.length; channel++) {
      this.#finders[channel].find(channelOf(columns, this.#fields[channel]));
    }
    this.#event.rows = this.coincidences.group(this.peaks);
    if (this.#event.rows < PARTICLES.length) return null;
    this.#findHits();
    this.#result.signature = matchSignature(this.#signatures, this.#event);
    if (this.#result.signature < 0) return null;
    // A signature of zeros only matches without any pulse, but then there is no time.
    if (this.#event.hits[0] === 0 || this.#event.hits[1] === 0) return null;
    this.#fillParameters(columns);
    return this.#result;
  }

  #findHits(): void {
    const { rows, hits } = this.#event;
    for (let row = 0; row < hits.length; row++) {
      hits[row] = 0;
      for (let channel = 0; channel < this.#fields.length && row < rows; channel++) {
        const peak = this.coincidences.entry(row, channel);
        if (peak === NO_PEAK) continue;
        const isHigh = row >= PARTICLES.length ||
          !(this.peaks[channel].prominences[peak] * this.#scalings[channel] < this.#thresholds[row]);
        if (isHigh) hits[row] |= 1 << channel;
      }
    }
  }

  #fillParameters(columns: Columns): void {
    const { parameters } = this.#result;
    for (const name of this.parameterNames) parameters[name] = 0;
    const muonPosition = this.#fillPulses(columns, 0);
    const electronPosition = this.#fillPulses(columns, 1);
    parameters.decay_time = Math.trunc((electronPosition - muonPosition) * this.#sampleTimeNs);
  }

  /** Writes the parameters of one particle's pulses; returns the mean of their positions. */
  #fillPulses(columns: Columns, particle: number): number {
    const { parameters } = this.#result;
    let total = 0;
    let pulses = 0;
    for (let channel = 0; channel < this.#fields.length; channel++) {
      if ((this.#event.hits[particle] & (1 << channel)) === 0) continue;
      const row = this.coincidences.entry(particle, channel);
      const peaks = this.peaks[channel];
      const names = this.#pulseFields[particle][channel];
      const hasPulse = this.#pulse.measure(channelOf(columns, this.#fields[channel]), { peaks, row });
      const position = hasPulse ? this.#position(peaks.positions[row]) : peaks.positions[row];
      parameters[names.height] = peaks.prominences[row];
      parameters[names.position] = position;
      parameters[names.integral] = this.#pulse.integral;
      total += position;
      pulses++;
    }
    return total / pulses;
  }

  #position(peakPosition: number): number {
    if (this.#referencePulse === null) return peakPosition;
    const lag = correlationLag(this.#pulse.values(), this.#referencePulse);
    return lag === null ? peakPosition : this.#pulse.start + lag;
  }
}
