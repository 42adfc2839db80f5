/** Numbers that sum up a column of a record. */

/** A column of any number type; 64-bit integers are converted to numbers, complex columns are not meant. */
export type ColumnValues = ArrayLike<number> | ArrayLike<bigint>;

function requireValues(column: ColumnValues, what: string): void {
  if (column.length === 0) {
    throw new RangeError(`Cannot take the ${what} of a column: expected at least one value, found none`);
  }
}

/**
 * Greatest value of a column; NaN if the column holds a NaN.
 *
 * @throws {RangeError} If the column is empty.
 *
 * @example Highest sample and mean of a column
 * ```ts
 * import { max, mean } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const column = Float32Array.of(1, 4, 1);
 * assertEquals([max(column), mean(column)], [4, 2]);
 * ```
 */
export function max(column: ColumnValues): number {
  return Number(column[argmax(column)]);
}

/**
 * Least value of a column; NaN if the column holds a NaN.
 *
 * @throws {RangeError} If the column is empty.
 */
export function min(column: ColumnValues): number {
  return Number(column[argmin(column)]);
}

/**
 * Index of the greatest value of a column, the first of equal ones; that of the first NaN if there is one.
 *
 * @throws {RangeError} If the column is empty.
 */
export function argmax(column: ColumnValues): number {
  requireValues(column, "maximum");
  let best = 0;
  let greatest = column[0];
  for (let i = 0; i < column.length; i++) {
    const value = column[i];
    if (value > greatest) {
      greatest = value;
      best = i;
    } else if (value !== value) return i;
  }
  return best;
}

/**
 * Index of the least value of a column, the first of equal ones; that of the first NaN if there is one.
 *
 * @throws {RangeError} If the column is empty.
 */
export function argmin(column: ColumnValues): number {
  requireValues(column, "minimum");
  let best = 0;
  let least = column[0];
  for (let i = 0; i < column.length; i++) {
    const value = column[i];
    if (value < least) {
      least = value;
      best = i;
    } else if (value !== value) return i;
  }
  return best;
}

/** Greatest minus least value of a column; NaN if the column holds a NaN. Throws a `RangeError` if it is empty. */
export function peakToPeak(column: ColumnValues): number {
  return max(column) - min(column);
}

/** Sum of a column, accumulated in float64; 0 if the column is empty. */
export function sum(column: ColumnValues): number {
  let total = 0;
  for (let i = 0; i < column.length; i++) total += Number(column[i]);
  return total;
}

/**
 * Mean of a column.
 *
 * @throws {RangeError} If the column is empty.
 */
export function mean(column: ColumnValues): number {
  requireValues(column, "mean");
  return sum(column) / column.length;
}

/**
 * Standard deviation of a column, divided by the number of values as in NumPy.
 *
 * @throws {RangeError} If the column is empty.
 */
export function std(column: ColumnValues): number {
  requireValues(column, "standard deviation");
  const centre = mean(column);
  let squares = 0;
  for (let i = 0; i < column.length; i++) squares += (Number(column[i]) - centre) ** 2;
  return Math.sqrt(squares / column.length);
}

/**
 * Root of the mean square of a column.
 *
 * @throws {RangeError} If the column is empty.
 */
export function rms(column: ColumnValues): number {
  requireValues(column, "root mean square");
  let squares = 0;
  for (let i = 0; i < column.length; i++) squares += Number(column[i]) ** 2;
  return Math.sqrt(squares / column.length);
}
