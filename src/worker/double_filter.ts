/** Recognition of records that were delivered twice because a worker died between handing on and releasing. */

/** Records that are remembered; more than can be under way between two rings at a time. */
const DEFAULT_MEMORY = 16384;

/**
 * Remembers the counters of the last records. A redelivered record is a double if as many records of its event came
 * before without that flag as with it: what was handed on before a worker died is then dropped once, and what it did not
 * get to is kept, also where an event gives several records.
 */
export class DoubleFilter {
  readonly #counters: Float64Array;
  readonly #redelivered = new Map<number, number>();
  #next = 0;

  /** @param memory Number of records to remember. @default {16384} */
  constructor(memory: number = DEFAULT_MEMORY) {
    this.#counters = new Float64Array(memory).fill(NaN);
  }

  /** Takes note of a record. Returns true if it is a double. */
  isDouble(record: { readonly counter: number; readonly redelivered: boolean }): boolean {
    if (record.redelivered) return this.#isSecond(record.counter);
    this.#counters[this.#next] = record.counter;
    this.#next = (this.#next + 1) % this.#counters.length;
    return false;
  }

  #isSecond(counter: number): boolean {
    let before = 0;
    for (const other of this.#counters) {
      if (other === counter) before++;
    }
    const again = (this.#redelivered.get(counter) ?? 0) + 1;
    this.#redelivered.set(counter, again);
    return again <= before;
  }
}
