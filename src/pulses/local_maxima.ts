/** First step of the peak search: the samples that are higher than what is around them. */
import type { PeakTable } from "./peak_table.ts";
import type { ValleyTable } from "./valleys.ts";

/**
 * Collects the local maxima of a signal that are at least `floor` high: a rise, a top of one or more equal samples, a
 * fall. The first and the last sample are never part of a top. What lies below the floor is summed up in valleys, so
 * that later steps need not look at it again.
 *
 * @param peaks Table to fill: `positions`, `peakHeights`, `leftEdges`, `rightEdges`, `plateauSizes`, `valleysBefore`.
 * @param signal Samples; NaN is neither higher nor lower than anything.
 * @param options.floor Height from which on maxima are wanted.
 * @param options.valleys Table to fill with the stretches below the floor.
 */
export function collectLocalMaxima(
  peaks: PeakTable,
  signal: ArrayLike<number>,
  { floor, valleys }: { floor: number; valleys: ValleyTable },
): void {
  const length = signal.length;
  const last = length - 1;
  let peakCount = 0;
  let valleyCount = 0;
  let i = 0;
  while (i < length) {
    const value = signal[i];
    if (value < floor) {
      i = recordValley(valleys, signal, { row: valleyCount, start: i, floor });
      valleyCount++;
      continue;
    }
    if (i > 0 && signal[i - 1] < value) {
      let ahead = i + 1;
      while (ahead < last && signal[ahead] === value) ahead++;
      if (ahead < length && signal[ahead] < value) {
        peaks.leftEdges[peakCount] = i;
        peaks.rightEdges[peakCount] = ahead - 1;
        peaks.plateauSizes[peakCount] = ahead - i;
        peaks.positions[peakCount] = (i + ahead - 1) >> 1;
        peaks.peakHeights[peakCount] = value;
        peaks.valleysBefore[peakCount] = valleyCount;
        peakCount++;
        i = ahead;
        continue;
      }
    }
    i++;
  }
  peaks.count = peakCount;
  valleys.count = valleyCount;
}

/** Records the valley that begins at sample `start`; returns the sample after its end. */
function recordValley(
  valleys: ValleyTable,
  signal: ArrayLike<number>,
  { row, start, floor }: { row: number; start: number; floor: number },
): number {
  const length = signal.length;
  const unrolledEnd = length - 3;
  let low = signal[start];
  let firstLow = start;
  let i = start + 1;
  while (i < length) {
    // Most of a signal is noise far below the floor: this loop is where the time goes.
    while (i < unrolledEnd) {
      const a = signal[i], b = signal[i + 1], c = signal[i + 2], d = signal[i + 3];
      if (!(a < floor && b < floor && c < floor && d < floor)) break;
      if (a < low || b < low || c < low || d < low) break;
      i += 4;
    }
    const stepEnd = Math.min(i + 4, length);
    for (; i < stepEnd; i++) {
      const value = signal[i];
      if (!(value < floor)) break;
      if (value < low) {
        low = value;
        firstLow = i;
      }
    }
    if (i < stepEnd) break;
  }
  valleys.starts[row] = start;
  valleys.ends[row] = i - 1;
  valleys.lows[row] = low;
  valleys.firstLows[row] = firstLow;
  return i;
}
