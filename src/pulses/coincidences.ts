/** Which peaks of several channels belong to the same moment. */

/** Positions of the peaks of one channel in ascending order; the first `count` are meant. */
export interface PeakPositions {
  /** Number of peaks. */
  readonly count: number;
  /** Samples of the peaks. */
  readonly positions: ArrayLike<number>;
}

/** Entry of a channel that has no peak at that moment. */
export const NO_PEAK: number = -1;

/**
 * Groups the peaks of several channels in time. Each row is a moment, from early to late: the earliest peak that is
 * left, together with the next peak of every channel that has one less than the tolerance later. An entry is the number
 * of the peak in its channel, or {@linkcode NO_PEAK}. Memory is allocated only when there are more rows than ever before.
 *
 * @example Two moments, the first of them seen by both channels
 * ```ts
 * import { Coincidences } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const coincidences = new Coincidences(2, 20);
 * coincidences.group([{ positions: [500, 900], count: 2 }, { positions: [503], count: 1 }]);
 * assertEquals(coincidences.rows, 2);
 * assertEquals([coincidences.entry(0, 0), coincidences.entry(0, 1)], [0, 0]);
 * assertEquals([coincidences.entry(1, 0), coincidences.entry(1, 1)], [1, -1]);
 * ```
 */
export class Coincidences {
  /** Number of channels, the columns of the table. */
  readonly channels: number;
  readonly #tolerance: number;
  readonly #next: Int32Array;
  #entries: Int32Array;
  #rows = 0;

  /**
   * Makes an empty table.
   *
   * @param channels Number of channels.
   * @param tolerance Samples by which peaks in a row must be less apart from the first of them.
   */
  constructor(channels: number, tolerance: number) {
    this.channels = channels;
    this.#tolerance = tolerance;
    this.#next = new Int32Array(channels);
    this.#entries = new Int32Array(16 * channels);
  }

  /** Number of moments that the last grouping found. */
  get rows(): number {
    return this.#rows;
  }

  /** Number of the peak of `channel` in row `row`, or {@linkcode NO_PEAK}. */
  entry(row: number, channel: number): number {
    return this.#entries[row * this.channels + channel];
  }

  /**
   * Groups the peaks of one event.
   *
   * @param peaks The peaks of each channel.
   * @returns Number of rows.
   */
  group(peaks: readonly PeakPositions[]): number {
    this.#next.fill(0);
    this.#rows = 0;
    while (true) {
      const earliest = this.#earliest(peaks);
      if (earliest === Infinity) return this.#rows;
      this.#addRow(peaks, earliest);
    }
  }

  #earliest(peaks: readonly PeakPositions[]): number {
    let earliest = Infinity;
    for (let channel = 0; channel < this.channels; channel++) {
      const next = this.#next[channel];
      if (next < peaks[channel].count && peaks[channel].positions[next] < earliest) {
        earliest = peaks[channel].positions[next];
      }
    }
    return earliest;
  }

  #addRow(peaks: readonly PeakPositions[], earliest: number): void {
    const start = this.#rows * this.channels;
    if (start === this.#entries.length) this.#grow();
    for (let channel = 0; channel < this.channels; channel++) {
      const next = this.#next[channel];
      const joins = next < peaks[channel].count && peaks[channel].positions[next] - earliest < this.#tolerance;
      this.#entries[start + channel] = joins ? next : NO_PEAK;
      if (joins) this.#next[channel]++;
    }
    this.#rows++;
  }

  #grow(): void {
    const entries = new Int32Array(2 * this.#entries.length);
    entries.set(this.#entries);
    this.#entries = entries;
  }
}
