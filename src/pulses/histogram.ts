/** Counts of values in equal bins. */

/** Options of {@linkcode Histogram}. */
export interface HistogramOptions {
  /** Number of bins. */
  readonly bins: number;
  /** Lower edge of the first bin. */
  readonly min: number;
  /** Upper edge of the last bin; does not belong to it. */
  readonly max: number;
}

/**
 * Histogram of one variable. A value v in [min, max) counts in bin floor(bins·(v − min)/(max − min)), others as underflow
 * or overflow, NaN apart. Mean and standard deviation are of the values in range, exactly and from the bins' centres.
 * Filling takes the same time for any number of bins and allocates nothing.
 *
 * @example Count values in four bins
 * ```ts
 * import { Histogram } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const histogram = new Histogram({ bins: 4, min: 0, max: 2 });
 * for (const value of [0.1, 0.2, 1.9, 2.5]) histogram.fill(value);
 * assertEquals([...histogram.counts], [2, 0, 0, 1]);
 * assertEquals(histogram.overflow, 1);
 * ```
 */
export class Histogram {
  /** Lower edge of the first bin. */
  readonly min: number;
  /** Upper edge of the last bin. */
  readonly max: number;
  /** Number of bins. */
  readonly bins: number;
  /** Entries of each bin. */
  readonly counts: Float64Array;
  #underflow = 0;
  #overflow = 0;
  #undefinedCount = 0;
  #entries = 0;
  #mean = 0;
  #squares = 0;

  /**
   * Makes an empty histogram.
   *
   * @throws {RangeError} If `bins` is not a positive integer or `max` is not greater than `min`.
   */
  constructor({ bins, min, max }: HistogramOptions) {
    if (!Number.isSafeInteger(bins) || bins < 1) {
      throw new RangeError(`Cannot make a histogram: expected the number of bins to be an integer >= 1, found ${bins}`);
    }
    if (!(max > min) || !Number.isFinite(max - min)) {
      throw new RangeError(`Cannot make a histogram: expected finite limits with min < max, found ${min} and ${max}`);
    }
    this.min = min;
    this.max = max;
    this.bins = bins;
    this.counts = new Float64Array(bins);
  }

  /** Number of values in the bins. */
  get entries(): number {
    return this.#entries;
  }

  /** Number of values below `min`. */
  get underflow(): number {
    return this.#underflow;
  }

  /** Number of values from `max` on. */
  get overflow(): number {
    return this.#overflow;
  }

  /** Number of NaNs. */
  get undefinedCount(): number {
    return this.#undefinedCount;
  }

  /** Mean of the values in range, NaN if there is none. */
  get mean(): number {
    return this.#entries === 0 ? NaN : this.#mean;
  }

  /** Standard deviation of the values in range (divided by their number), NaN if there is none. */
  get sigma(): number {
    return Math.sqrt(this.#squares / this.#entries);
  }

  /** Mean of the bins' centres weighted with their entries, NaN if there is no entry. */
  get binnedMean(): number {
    let sum = 0;
    for (let bin = 0; bin < this.bins; bin++) sum += this.counts[bin] * this.centre(bin);
    return sum / this.#entries;
  }

  /** Standard deviation of the bins' centres weighted with their entries, NaN if there is no entry. */
  get binnedSigma(): number {
    const mean = this.binnedMean;
    let sum = 0;
    for (let bin = 0; bin < this.bins; bin++) sum += this.counts[bin] * (this.centre(bin) - mean) ** 2;
    return Math.sqrt(sum / this.#entries);
  }

  /** Centre of a bin. */
  centre(bin: number): number {
    return this.min + (bin + 0.5) * (this.max - this.min) / this.bins;
  }

  /** Counts a value. */
  fill(value: number): void {
    const bin = Math.floor(this.bins * (value - this.min) / (this.max - this.min));
    if (bin >= 0 && bin < this.bins) {
      this.counts[bin]++;
      this.#entries++;
      // Welford's recurrence: no large sums that cancel.
      const step = value - this.#mean;
      this.#mean += step / this.#entries;
      this.#squares += step * (value - this.#mean);
    } else if (bin < 0) this.#underflow++;
    else if (bin >= this.bins) this.#overflow++;
    else this.#undefinedCount++;
  }

  /** Counts each value of a column. */
  fillAll(values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) this.fill(values[i]);
  }

  /** Forgets all values. */
  reset(): void {
    this.counts.fill(0);
    this.#underflow =
      this.#overflow =
      this.#undefinedCount =
      this.#entries =
        0;
    this.#mean = this.#squares = 0;
  }
}
