/** A pulse cut out of a waveform and divided by its integral. */
import { PeakTable } from "./peak_table.ts";
import { measureWidths } from "./widths.ts";

/** Height above the baseline at which a pulse begins and ends, in mV. */
export const PULSE_CUT_MV = 10;

/** Options of {@linkcode NormalisedPulse}. */
export interface NormalisedPulseOptions {
  /** Baseline of the waveform in its own unit (mV). */
  readonly baseline: number;
  /** Height above the baseline at which the pulse is cut. @default {PULSE_CUT_MV} */
  readonly cut?: number;
}

/**
 * Cuts pulses out of waveforms: from the first to the last sample around a peak that is above a fixed cut, within the
 * bases of the peak. One object serves many pulses; it allocates memory only for the first one.
 */
export class NormalisedPulse {
  readonly #baseline: number;
  readonly #cut: number;
  readonly #row = new PeakTable(1);
  readonly #width = { relHeight: 0 };
  #signal: Float32Array | Float64Array | null = null;
  #values = new Float64Array(0);
  #start = 0;
  #length = 0;
  #integral = 0;

  /** Prepares for waveforms with the same baseline. */
  constructor({ baseline, cut = PULSE_CUT_MV }: NormalisedPulseOptions) {
    this.#baseline = baseline;
    this.#cut = cut;
    this.#row.count = 1;
  }

  /** First sample of the pulse in the waveform. */
  get start(): number {
    return this.#start;
  }

  /** Samples in the pulse. */
  get length(): number {
    return this.#length;
  }

  /** Sum of the samples above the baseline, in the waveform's unit; 0 if there is no pulse. */
  get integral(): number {
    return this.#integral;
  }

  /** The samples above the baseline divided by their sum; a view that the next call of `measure` overwrites. */
  values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  /**
   * Cuts out the pulse around a peak.
   *
   * @param signal The waveform.
   * @param peak.peaks Table with `positions`, `prominences`, `leftBases`, `rightBases` of the waveform's peaks.
   * @param peak.row Row of the peak.
   * @returns False if there is no pulse, because the peak is not above the cut.
   */
  measure(signal: ArrayLike<number>, { peaks, row }: { peaks: PeakTable; row: number }): boolean {
    const peak = peaks.positions[row];
    const corrected = this.#subtractBaseline(signal, { from: peaks.leftBases[row], to: peaks.rightBases[row] });
    this.#length = 0;
    this.#integral = 0;
    if (!(corrected[peak] > this.#cut)) return false;
    this.#row.positions[0] = peak;
    this.#row.prominences[0] = peaks.prominences[row];
    this.#row.leftBases[0] = peaks.leftBases[row];
    this.#row.rightBases[0] = peaks.rightBases[row];
    // The detour over a relative height rounds as the reference analysis does.
    const above = corrected[peak] - this.#cut;
    this.#width.relHeight = (corrected instanceof Float32Array ? Math.fround(above) : above) / peaks.prominences[row];
    measureWidths(this.#row, corrected, this.#width);
    this.#start = Math.floor(this.#row.leftIps[0]);
    this.#length = Math.ceil(this.#row.rightIps[0]) - this.#start;
    for (let i = 0; i < this.#length; i++) this.#integral += corrected[this.#start + i];
    for (let i = 0; i < this.#length; i++) this.#values[i] = corrected[this.#start + i] / this.#integral;
    return this.#length > 0;
  }

  /** Differences are rounded to float32 for a float32 signal, as NumPy does, so that the same samples are cut. */
  #subtractBaseline(
    signal: ArrayLike<number>,
    { from, to }: { from: number; to: number },
  ): Float32Array | Float64Array {
    if (this.#signal === null || this.#signal.length !== signal.length) {
      this.#signal = signal instanceof Float32Array ? new Float32Array(signal.length) : new Float64Array(signal.length);
      this.#values = new Float64Array(signal.length);
    }
    const corrected = this.#signal;
    const baseline = corrected instanceof Float32Array ? Math.fround(this.#baseline) : this.#baseline;
    for (let i = from; i <= to; i++) corrected[i] = signal[i] - baseline;
    return corrected;
  }
}
