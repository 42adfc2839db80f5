/** How wide peaks are. */
import type { PeakTable } from "./peak_table.ts";

/**
 * Measures the width of each peak at a fraction of its prominence: from the peak, walk to either side until a sample is
 * not above that level or the base is reached; where the level lies between two samples, interpolate on a straight line.
 *
 * @param peaks Table with `positions`, `prominences`, `leftBases`, `rightBases`; receives `widths`, `widthHeights`,
 *   `leftIps`, `rightIps`.
 * @param signal Samples.
 * @param options.relHeight Fraction of the prominence, counted from the peak down: 0 is at the peak, 1 at its base.
 */
export function measureWidths(peaks: PeakTable, signal: ArrayLike<number>, { relHeight }: { relHeight: number }): void {
  for (let row = 0; row < peaks.count; row++) {
    const peak = peaks.positions[row];
    const leftBase = peaks.leftBases[row];
    const rightBase = peaks.rightBases[row];
    const level = signal[peak] - peaks.prominences[row] * relHeight;

    let i = peak;
    while (i > leftBase && level < signal[i]) i--;
    let left = i;
    if (signal[i] < level) left += (level - signal[i]) / (signal[i + 1] - signal[i]);

    i = peak;
    while (i < rightBase && level < signal[i]) i++;
    let right = i;
    if (signal[i] < level) right -= (level - signal[i]) / (signal[i - 1] - signal[i]);

    peaks.widthHeights[row] = level;
    peaks.leftIps[row] = left;
    peaks.rightIps[row] = right;
    peaks.widths[row] = right - left;
  }
}
