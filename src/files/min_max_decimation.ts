/** Choice of the samples of a long signal that a narrow drawing needs. */

/**
 * Chooses samples so that a line through them looks like the line through all: of each of `columns` parts of the signal
 * the lowest and the highest, in their order. No peak is missed, however narrow it is.
 *
 * @param values The signal.
 * @param columns Number of parts, usually the width of the drawing in pixels.
 * @returns Ascending indices, at most two per part; all of them if the signal is shorter than that.
 */
export function minMaxIndices(values: ArrayLike<number>, columns: number): Int32Array<ArrayBuffer> {
  const length = values.length;
  if (length <= 2 * columns) return Int32Array.from({ length }, (_, i) => i);
  const chosen = new Int32Array(2 * columns);
  let count = 0;
  for (let column = 0; column < columns; column++) {
    const from = Math.floor(column * length / columns);
    const to = Math.floor((column + 1) * length / columns);
    let low = from;
    let high = from;
    for (let i = from + 1; i < to; i++) {
      if (values[i] < values[low]) low = i;
      if (values[i] > values[high]) high = i;
    }
    chosen[count++] = Math.min(low, high);
    if (low !== high) chosen[count++] = Math.max(low, high);
  }
  return chosen.slice(0, count);
}
