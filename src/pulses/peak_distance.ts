/** The rule that of two peaks that are too close the lower one goes. */
import { PriorityOrder } from "./priority_order.ts";
import type { PeakTable } from "./peak_table.ts";

/** Fates of a peak; a greater one prevails. */
const STAYS = 0;
const IS_UNDECIDED = 1;
const GOES = 2;

/**
 * Visits peaks from the highest to the lowest; a peak that is still there removes all others that are closer than
 * `distance`. What happens to a peak depends only on higher ones, and among equal ones on their order in the sort.
 *
 * That order depends on the whole set of peaks. If only the higher part of it is known, the fate of equal peaks that
 * compete, and of those that they may remove, is undecided.
 */
export class DistanceRule {
  readonly #distance: number;
  readonly #order: PriorityOrder;
  readonly #fates: Uint8Array;

  /**
   * @param distance Least distance of neighbouring peaks that may both stay, in whole samples.
   * @param capacity Most peaks in a table.
   */
  constructor(distance: number, capacity: number) {
    this.#distance = distance;
    this.#order = new PriorityOrder(capacity);
    this.#fates = new Uint8Array(capacity);
  }

  /**
   * Removes rows from a table and marks those as undecided that may have to go.
   *
   * @param peaks Table with `positions` and `peakHeights`; receives `undecided`.
   * @param options.isComplete True if the table holds all peaks that the rule is meant for, down to the lowest one; then
   *   nothing stays undecided.
   */
  apply(peaks: PeakTable, { isComplete }: { isComplete: boolean }): void {
    const { count, peakHeights } = peaks;
    const fates = this.#fates;
    fates.fill(STAYS, 0, count);
    this.#order.sort(peakHeights, count);
    for (let i = count - 1; i >= 0; i--) {
      const row = this.#order.indices[i];
      if (fates[row] === GOES) continue;
      const first = this.#firstNeighbour(peaks, row);
      const last = this.#lastNeighbour(peaks, row);
      for (let k = first; k <= last && !isComplete; k++) {
        if (k !== row && fates[k] !== GOES && peakHeights[k] === peakHeights[row]) fates[row] = IS_UNDECIDED;
      }
      const fateOfOthers = fates[row] === STAYS ? GOES : IS_UNDECIDED;
      for (let k = first; k <= last; k++) {
        if (k !== row && fates[k] < fateOfOthers) fates[k] = fateOfOthers;
      }
    }
    let kept = 0;
    for (let row = 0; row < count; row++) {
      if (fates[row] === GOES) continue;
      peaks.undecided[row] = fates[row];
      peaks.moveRow(row, kept++);
    }
    peaks.count = kept;
  }

  #firstNeighbour({ positions }: PeakTable, row: number): number {
    const from = positions[row] - this.#distance;
    let first = row;
    while (first > 0 && positions[first - 1] > from) first--;
    return first;
  }

  #lastNeighbour({ positions, count }: PeakTable, row: number): number {
    const to = positions[row] + this.#distance;
    let last = row;
    while (last < count - 1 && positions[last + 1] < to) last++;
    return last;
  }
}
