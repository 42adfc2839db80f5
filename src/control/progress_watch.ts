/** Finds out that nothing has moved for some time. */

/** Most that one look adds to the time without progress, so that a suspended machine does not count as a hung run. */
const LONGEST_STEP_MS = 1000;

/** Compares a sum of counters from look to look. */
export class ProgressWatch {
  readonly #now: () => number;
  #sum = NaN;
  #lastLook: number;
  #idleMs = 0;

  /** @param now A clock that never goes back, in ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#lastLook = now();
  }

  /**
   * Looks again.
   *
   * @param sum Any number that changes whenever something moved.
   * @returns For how long nothing has moved, in ms.
   */
  look(sum: number): number {
    const now = this.#now();
    if (sum === this.#sum) this.#idleMs += Math.min(now - this.#lastLook, LONGEST_STEP_MS);
    else this.#idleMs = 0;
    this.#sum = sum;
    this.#lastLook = now;
    return this.#idleMs;
  }

  /** Forgets the time without progress. */
  reset(): void {
    this.#sum = NaN;
    this.#idleMs = 0;
    this.#lastLook = this.#now();
  }
}
