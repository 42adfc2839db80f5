/** The peak search, for many signals of one length. */
import { collectLocalMaxima } from "./local_maxima.ts";
import {
  type FindPeaksOptions,
  parsePeakConditions,
  type PeakConditions,
  type PeakInterval,
} from "./peak_conditions.ts";
import { DistanceRule } from "./peak_distance.ts";
import { PeakTable } from "./peak_table.ts";
import { measureProminences } from "./prominences.ts";
import { ValleyTable } from "./valleys.ts";
import { measureWidths } from "./widths.ts";

/** How much lower than for the signal before the floor is guessed, in units of the least prominence. */
const GUESS_MARGIN = 0.25;
/** More than what two roundings of a sum of two numbers can make, relative to the numbers. */
const ROUNDING = 2 ** -50;

/** What the steps of a search share; one object, so that passing it on allocates nothing. */
interface SearchState {
  /** Height from which on maxima are collected. */
  floor: number;
  /** The table holds the maxima of every height that is wanted. */
  isComplete: boolean;
  readonly reach: number;
  readonly valleys: ValleyTable;
}

/**
 * Finds peaks as `scipy.signal.find_peaks` does, in signal after signal of the same length, without allocating memory.
 *
 * The steps and their order: local maxima, plateau size, height, threshold, distance, prominence, width. Samples may be
 * of any number type but BigInt; they are compared and subtracted as float64.
 *
 * Where a least prominence is asked for, no peak can have it that is not that much above the lowest sample of the signal.
 * Lower maxima are left out from the start: they cannot remove a higher one by the distance rule. Only if two equal
 * maxima compete, the whole set is sorted, because SciPy's choice between them depends on it. The result is always the
 * same as that of the full search.
 *
 * @example Search a waveform of 500 samples
 * ```ts
 * import { PeakFinder } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const finder = new PeakFinder({ prominence: 35, distance: 10 }, 500);
 * const signal = new Float32Array(500);
 * signal[100] = 250;
 * assertEquals(finder.find(signal), 1);
 * assertEquals(finder.peaks.positions[0], 100);
 * assertEquals(finder.peaks.prominences[0], 250);
 * ```
 */
export class PeakFinder {
  /** The peaks of the last signal. Columns of properties that no option asked for hold nothing of use. */
  readonly peaks: PeakTable;
  readonly #length: number;
  readonly #conditions: PeakConditions;
  readonly #distance: DistanceRule | null;
  readonly #leastHeight: number;
  readonly #leastProminence: number;
  readonly #search: SearchState;
  #guessedFloor = Infinity;
  #neededHeight = -Infinity;

  /**
   * Prepares for signals of one length.
   *
   * @param options Conditions for peaks.
   * @param length Samples of each signal.
   * @throws {TypeError} If an option is not of the documented shape.
   * @throws {RangeError} If an option is out of its range or `length` is not a non-negative integer.
   */
  constructor(options: FindPeaksOptions, length: number) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new RangeError(
        `Cannot find peaks: expected the length of the signal to be an integer >= 0, found ${length}`,
      );
    }
    this.#length = length;
    this.#conditions = parsePeakConditions(options, length);
    const capacity = length >> 1;
    this.peaks = new PeakTable(capacity);
    // Neighbouring maxima are two samples apart or more.
    this.#distance = this.#conditions.distance > 2 ? new DistanceRule(this.#conditions.distance, capacity) : null;
    const { reach } = this.#conditions;
    this.#search = { floor: -Infinity, isComplete: true, reach, valleys: new ValleyTable(capacity + 1) };
    this.#leastHeight = this.#conditions.height?.lower ?? -Infinity;
    this.#leastProminence = this.#conditions.prominence?.lower ?? -Infinity;
  }

  /**
   * Searches one signal; the result is in {@linkcode peaks} until the next call.
   *
   * @returns Number of peaks.
   * @throws {RangeError} If the signal has another length than the finder was made for.
   */
  find(signal: ArrayLike<number>): number {
    if (signal.length !== this.#length) {
      throw new RangeError(
        `Cannot find peaks: expected a signal of ${this.#length} samples, found one of ${signal.length}`,
      );
    }
    const search = this.#search;
    this.#collectHighMaxima(signal);
    this.#neededHeight = search.floor;
    search.isComplete = search.floor === this.#leastHeight;
    this.#select(signal);
    if (this.#hasUndecided()) {
      search.floor = this.#leastHeight;
      search.isComplete = true;
      collectLocalMaxima(this.peaks, signal, search);
      this.#select(signal);
    }
    return this.peaks.count;
  }

  /**
   * Collects all local maxima that can have the wanted height and prominence, and perhaps some that cannot.
   *
   * How high they must be is known only when the lowest sample is, and that costs as much time as the collecting. So the
   * floor is guessed from the signal before; the search is repeated if the guess was too high.
   */
  #collectHighMaxima(signal: ArrayLike<number>): void {
    const search = this.#search;
    if (!(this.#leastProminence > 0)) {
      search.floor = this.#leastHeight;
      collectLocalMaxima(this.peaks, signal, search);
      return;
    }
    search.floor = Math.max(this.#leastHeight, this.#guessedFloor);
    collectLocalMaxima(this.peaks, signal, search);
    const lowest = search.valleys.lowest();
    if (lowest === Infinity) {
      this.#guessedFloor = Infinity;
      return;
    }
    const slack = (Math.abs(lowest) + this.#leastProminence) * ROUNDING;
    const needed = lowest + this.#leastProminence - slack;
    this.#guessedFloor = needed - this.#leastProminence * GUESS_MARGIN;
    if (search.floor <= Math.max(this.#leastHeight, needed)) return;
    search.floor = Math.max(this.#leastHeight, needed);
    collectLocalMaxima(this.peaks, signal, search);
  }

  #select(signal: ArrayLike<number>): void {
    const { peaks } = this;
    const { plateauSize, height, threshold, prominence, width } = this.#conditions;
    if (plateauSize !== null) this.#selectBy(peaks.plateauSizes, plateauSize);
    if (height !== null) this.#selectBy(peaks.peakHeights, height);
    if (threshold !== null) this.#selectByThreshold(signal, threshold);
    if (this.#distance !== null) this.#distance.apply(peaks, this.#search);
    if (this.#search.isComplete) this.#dropBelow(this.#neededHeight);
    if (prominence !== null || width !== null) measureProminences(peaks, signal, this.#search);
    if (prominence !== null) this.#selectBy(peaks.prominences, prominence);
    if (width === null) return;
    measureWidths(peaks, signal, this.#conditions);
    this.#selectBy(peaks.widths, width);
  }

  /** Drops rows that were needed for the distance rule only: their prominence cannot suffice. */
  #dropBelow(floor: number): void {
    const { peaks } = this;
    let kept = 0;
    for (let row = 0; row < peaks.count; row++) {
      if (!(peaks.peakHeights[row] < floor)) peaks.moveRow(row, kept++);
    }
    peaks.count = kept;
  }

  #hasUndecided(): boolean {
    if (this.#distance === null) return false;
    for (let row = 0; row < this.peaks.count; row++) {
      if (this.peaks.undecided[row] !== 0) return true;
    }
    return false;
  }

  #selectByThreshold(signal: ArrayLike<number>, threshold: PeakInterval): void {
    const { peaks } = this;
    let kept = 0;
    for (let row = 0; row < peaks.count; row++) {
      const position = peaks.positions[row];
      const left = signal[position] - signal[position - 1];
      const right = signal[position] - signal[position + 1];
      peaks.leftThresholds[row] = left;
      peaks.rightThresholds[row] = right;
      if (threshold.acceptsRange(Math.min(left, right), Math.max(left, right), position)) peaks.moveRow(row, kept++);
    }
    peaks.count = kept;
  }

  #selectBy(values: Float64Array | Int32Array, interval: PeakInterval): void {
    const { peaks } = this;
    let kept = 0;
    for (let row = 0; row < peaks.count; row++) {
      if (interval.accepts(values[row], peaks.positions[row])) peaks.moveRow(row, kept++);
    }
    peaks.count = kept;
  }
}
