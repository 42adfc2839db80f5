/** When something is to be done again. */

/** Keeps the times of things that are done every so often. */
export class DueTimes {
  readonly #now: () => number;
  readonly #dueMs = new Map<string, number>();

  /** @param now A clock in ms that never goes back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** True at the first call and when the time since the last true answer has passed. */
  isDue(what: string, intervalMs: number): boolean {
    const nowMs = this.#now();
    if (nowMs < (this.#dueMs.get(what) ?? -Infinity)) return false;
    this.#dueMs.set(what, nowMs + intervalMs);
    return true;
  }
}
