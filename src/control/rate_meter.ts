/** Rate and mean dead time of a ring over the last moments. */

interface Sample {
  readonly timeMs: number;
  readonly published: number;
  readonly deadtimeSum: number;
}

/** Keeps the samples of a sliding window; several meters may look at the same ring. */
export class RateMeter {
  readonly #windowMs: number;
  #samples: Sample[] = [];

  /** @param windowMs Time over which is averaged. @default {2000} */
  constructor(windowMs = 2000) {
    this.#windowMs = windowMs;
  }

  /**
   * Adds a sample.
   *
   * @param timeMs When, by a clock that never goes back.
   * @param published Events published so far.
   * @param deadtimeSum Sum of their dead time fractions.
   */
  add(timeMs: number, published: number, deadtimeSum: number): void {
    this.#samples.push({ timeMs, published, deadtimeSum });
    // One sample from before the window stays: the window begins there.
    while (this.#samples.length > 2 && this.#samples[1].timeMs <= timeMs - this.#windowMs) this.#samples.shift();
  }

  /** Events per second in the window; 0 before the second sample. */
  get rateHz(): number {
    const { first, last } = this.#ends();
    return last.timeMs > first.timeMs ? 1000 * (last.published - first.published) / (last.timeMs - first.timeMs) : 0;
  }

  /** Mean dead time fraction of the window's events; NaN if there were none. */
  get deadtime(): number {
    const { first, last } = this.#ends();
    return (last.deadtimeSum - first.deadtimeSum) / (last.published - first.published);
  }

  #ends(): { first: Sample; last: Sample } {
    const none: Sample = { timeMs: 0, published: 0, deadtimeSum: 0 };
    return { first: this.#samples[0] ?? none, last: this.#samples.at(-1) ?? none };
  }
}
