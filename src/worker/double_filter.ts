/** Recognition of records that were delivered twice because a worker died between handing on and releasing. */

/** Records that are remembered; more than can be under way between two rings at a time. */
const DEFAULT_MEMORY = 16384;

/**
 * Remembers the counters of the last records. A redelivered record is a double if as many records of its event came
 * before without that flag as with it: what was handed on before a worker died is then dropped once, and what it did not
 * get to is kept, also where an event gives several records. Where several workers are in between, the redelivered one may
 * come first; then the other one is the double.
 */
export class DoubleFilter {
  readonly #counters: Float64Array;
  readonly #redelivered = new Map<number, { count: number; lastSeen: number }>();
  #next = 0;
  #seen = 0;

  /**
   * @param options `memory` is the number of records to remember (16384), `lastCounters` are those of records that came
   *   before (none).
   */
  constructor(options: { readonly memory?: number; readonly lastCounters?: readonly number[] } = {}) {
    this.#counters = new Float64Array(options.memory ?? DEFAULT_MEMORY).fill(NaN);
    for (const counter of options.lastCounters ?? []) this.#remember(counter);
  }

  /** Takes note of a record. Returns true if it is a double. */
  isDouble(record: { readonly counter: number; readonly redelivered: boolean }): boolean {
    this.#seen++;
    if (record.redelivered) return this.#isSecond(record.counter);
    this.#remember(record.counter);
    return this.#redelivered.size > 0 && this.#isOvertaken(record.counter);
  }

  #remember(counter: number): void {
    const next = this.#next;
    this.#counters[next] = counter;
    this.#next = next + 1 === this.#counters.length ? 0 : next + 1;
  }

  #isSecond(counter: number): boolean {
    const again = (this.#redelivered.get(counter)?.count ?? 0) + 1;
    this.#redelivered.set(counter, { count: again, lastSeen: this.#seen });
    return again <= this.#count(counter);
  }

  /** True if a redelivered record of the event came instead of this one, not too long ago. */
  #isOvertaken(counter: number): boolean {
    const again = this.#redelivered.get(counter);
    if (again === undefined || this.#seen - again.lastSeen > this.#counters.length) return false;
    return this.#count(counter) <= again.count;
  }

  #count(counter: number): number {
    let count = 0;
    for (const other of this.#counters) {
      if (other === counter) count++;
    }
    return count;
  }
}
