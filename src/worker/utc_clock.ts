/** Times of events. */

/** How often the system's clock is looked at. */
const CHECK_INTERVAL_MS = 1000;

/** Difference at which the system's clock has been set, or the machine has slept; its own resolution is 1 ms. */
const SMALLEST_STEP_MS = 5;

/**
 * Turns readings of `performance.now()`, which is fine but only counts from the start of the thread, into UTC. Follows
 * steps of the system's clock within a second.
 */
export class UtcClock {
  readonly #systemMs: () => number;
  #offsetMs: number;
  #checkedAtMs = -Infinity;

  /**
   * @param systemMs Time of the system's clock in ms since 1970. @default `Date.now`
   * @param offsetMs First guess of the difference to `performance.now()`. @default `performance.timeOrigin`
   */
  constructor(systemMs: () => number = Date.now, offsetMs: number = performance.timeOrigin) {
    this.#systemMs = systemMs;
    this.#offsetMs = offsetMs;
  }

  /**
   * UTC in seconds since 1970.
   *
   * @param nowMs A reading of `performance.now()` taken just now.
   */
  utcS(nowMs: number): number {
    if (nowMs - this.#checkedAtMs >= CHECK_INTERVAL_MS) {
      this.#checkedAtMs = nowMs;
      const offsetMs = this.#systemMs() - nowMs;
      if (Math.abs(offsetMs - this.#offsetMs) >= SMALLEST_STEP_MS) this.#offsetMs = offsetMs;
    }
    return (this.#offsetMs + nowMs) / 1000;
  }
}
