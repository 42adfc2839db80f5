/** How far peaks stand out from what is around them. */
import type { PeakTable } from "./peak_table.ts";
import type { ValleyTable } from "./valleys.ts";

/** What {@linkcode measureProminences} needs to know besides the peaks. */
export interface ProminenceOptions {
  /** Samples to each side that are looked at; Infinity for all. */
  readonly reach: number;
  /** Valleys of the signal below a floor that no peak in the table is below. */
  readonly valleys: ValleyTable;
}

/**
 * Measures the prominence of each peak. From the peak, walk to either side until a sample is higher than the peak or
 * the signal or the reach ends, and note the lowest sample on the way (the base, the nearest of equal ones); the
 * prominence is the height above the higher one of the two bases. Valleys are crossed in one step.
 *
 * @param peaks Table with `positions` and `valleysBefore`; receives `prominences`, `leftBases`, `rightBases`.
 * @param signal Samples.
 */
export function measureProminences(peaks: PeakTable, signal: ArrayLike<number>, options: ProminenceOptions): void {
  for (let row = 0; row < peaks.count; row++) {
    const leftBase = findLeftBase(peaks, signal, { row, options });
    const rightBase = findRightBase(peaks, signal, { row, options });
    peaks.leftBases[row] = leftBase;
    peaks.rightBases[row] = rightBase;
    peaks.prominences[row] = signal[peaks.positions[row]] - Math.max(signal[leftBase], signal[rightBase]);
  }
}

function findLeftBase(
  peaks: PeakTable,
  signal: ArrayLike<number>,
  { row, options: { reach, valleys } }: { row: number; options: ProminenceOptions },
): number {
  const peak = peaks.positions[row];
  const height = signal[peak];
  const end = Math.max(0, peak - reach);
  let valley = peaks.valleysBefore[row] - 1;
  let base = peak;
  let low = height;
  let i = peak - 1;
  while (i >= end) {
    if (valley >= 0 && i === valleys.ends[valley] && valleys.starts[valley] >= end) {
      if (valleys.lows[valley] < low) {
        low = valleys.lows[valley];
        base = valleys.ends[valley];
      }
      i = valleys.starts[valley] - 1;
      valley--;
      continue;
    }
    const value = signal[i];
    if (!(value <= height)) break;
    if (value < low) {
      low = value;
      base = i;
    }
    i--;
  }
  // In a valley, the base is at its nearest lowest sample; only now is it known in which valley to look.
  while (signal[base] !== low) base--;
  return base;
}

function findRightBase(
  peaks: PeakTable,
  signal: ArrayLike<number>,
  { row, options: { reach, valleys } }: { row: number; options: ProminenceOptions },
): number {
  const peak = peaks.positions[row];
  const height = signal[peak];
  const end = Math.min(signal.length - 1, peak + reach);
  let valley = peaks.valleysBefore[row];
  let base = peak;
  let low = height;
  let i = peak + 1;
  while (i <= end) {
    if (valley < valleys.count && i === valleys.starts[valley] && valleys.ends[valley] <= end) {
      if (valleys.lows[valley] < low) {
        low = valleys.lows[valley];
        base = valleys.firstLows[valley];
      }
      i = valleys.ends[valley] + 1;
      valley++;
      continue;
    }
    const value = signal[i];
    if (!(value <= height)) break;
    if (value < low) {
      low = value;
      base = i;
    }
    i++;
  }
  return base;
}
