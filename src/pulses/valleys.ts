/** Stretches of a signal that are too low for peaks. */

/**
 * Table of valleys in preallocated memory. A valley is the longest run of samples that are all below a given floor; its
 * lowest value may occur several times. Rows are in order of position, rows from `count` on are old.
 */
export class ValleyTable {
  /** Rows in use. */
  count = 0;
  /** First sample of the valley. */
  readonly starts: Int32Array;
  /** Last sample of the valley. */
  readonly ends: Int32Array;
  /** Lowest value in the valley. */
  readonly lows: Float64Array;
  /** First sample with the lowest value. */
  readonly firstLows: Int32Array;

  /** @param capacity Most valleys that the table can hold. */
  constructor(capacity: number) {
    this.starts = new Int32Array(capacity);
    this.ends = new Int32Array(capacity);
    this.lows = new Float64Array(capacity);
    this.firstLows = new Int32Array(capacity);
  }

  /** Lowest value in all valleys; Infinity if there is none. */
  lowest(): number {
    let lowest = Infinity;
    for (let i = 0; i < this.count; i++) {
      if (this.lows[i] < lowest) lowest = this.lows[i];
    }
    return lowest;
  }
}
