/** The peak search for a single signal. */
import type { FindPeaksOptions } from "./peak_conditions.ts";
import { PeakFinder } from "./peak_finder.ts";
import type { PeakProperty, PeakTable } from "./peak_table.ts";

/**
 * Properties of peaks, one value for each peak. Which of them are there depends on the options:
 *
 * | option | properties | SciPy's names |
 * |---|---|---|
 * | `height` | `peakHeights` | `peak_heights` |
 * | `threshold` | `leftThresholds`, `rightThresholds` | `left_thresholds`, `right_thresholds` |
 * | `prominence` or `width` | `prominences`, `leftBases`, `rightBases` | `prominences`, `left_bases`, `right_bases` |
 * | `width` | `widths`, `widthHeights`, `leftIps`, `rightIps` | `widths`, `width_heights`, `left_ips`, `right_ips` |
 * | `plateauSize` | `plateauSizes`, `leftEdges`, `rightEdges` | `plateau_sizes`, `left_edges`, `right_edges` |
 */
export type FoundPeakProperties = { readonly [Name in PeakProperty]?: PeakTable[Name] };

/** Result of {@linkcode findPeaks}. */
export interface FoundPeaks {
  /** Samples of the peaks in ascending order. */
  readonly positions: Int32Array;
  /** Properties that the options asked for. */
  readonly properties: FoundPeakProperties;
}

/**
 * Finds the peaks of a signal, with the meaning and the results of `scipy.signal.find_peaks`.
 *
 * For equal heights that compete by `distance`, SciPy's choice is that of NumPy's general sort (see `PriorityOrder`).
 * To search many signals of one length, use {@linkcode PeakFinder}, which does the same without allocating memory.
 *
 * @param signal Samples; NaN is allowed and never part of a peak's top.
 * @param options Conditions for peaks.
 * @returns Positions and properties in memory of their own.
 * @throws {TypeError} If an option is not of the documented shape.
 * @throws {RangeError} If an option is out of its range.
 *
 * @example Peaks of a prominence of at least 2, and how high they stand out
 * ```ts
 * import { findPeaks } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const { positions, properties } = findPeaks([0, 4, 1, 9, 2, 0], { prominence: 2, width: 0.5 });
 * assertEquals([...positions], [1, 3]);
 * assertEquals([...properties.prominences!], [3, 9]);
 * ```
 */
export function findPeaks(signal: ArrayLike<number>, options: FindPeaksOptions = {}): FoundPeaks {
  const finder = new PeakFinder(options, signal.length);
  const count = finder.find(signal);
  const properties: Record<string, Int32Array | Float64Array> = {};
  for (const name of measuredProperties(options)) properties[name] = finder.peaks[name].slice(0, count);
  return { positions: finder.peaks.positions.slice(0, count), properties: properties as FoundPeakProperties };
}

/** Names of the properties that a search with these options measures. */
export function measuredProperties(options: FindPeaksOptions): PeakProperty[] {
  const asked = (name: keyof FindPeaksOptions): boolean => (options[name] ?? null) !== null;
  const names: PeakProperty[] = [];
  if (asked("plateauSize")) names.push("plateauSizes", "leftEdges", "rightEdges");
  if (asked("height")) names.push("peakHeights");
  if (asked("threshold")) names.push("leftThresholds", "rightThresholds");
  if (asked("prominence") || asked("width")) names.push("prominences", "leftBases", "rightBases");
  if (asked("width")) names.push("widths", "widthHeights", "leftIps", "rightIps");
  return names;
}
