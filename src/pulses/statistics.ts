/** Numbers that sum up a column of a record. */

/** A column of any number type; 64-bit integers are converted to numbers, complex columns are not meant. */
export type ColumnValues = ArrayLike<number> | ArrayLike<bigint>;

function requireColumn(column: ColumnValues | undefined, what: string): void {
  if (typeof column === "object" && typeof column?.length === "number") return;
  const found = column === null || typeof column !== "object" ? String(column) : "an object without length";
  const hint = column === undefined ? "; has the event a field of that name?" : "";
  throw new TypeError(`Cannot take the ${what}: expected a column, found ${found}${hint}`);
}

function requireValues(column: ColumnValues, what: string): void {
  requireColumn(column, what);
  if (column.length === 0) {
    throw new RangeError(`Cannot take the ${what} of a column: expected at least one value, found none`);
  }
}

/**
 * Greatest value of a column; NaN if the column holds a NaN.
 *
 * @throws {RangeError} If the column is empty.
 * @throws {TypeError} If it is no column: a field that the event does not have.
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
 * @throws {TypeError} If it is no column: a field that the event does not have.
 */
export function min(column: ColumnValues): number {
  return Number(column[argmin(column)]);
}

/**
 * Index of the greatest value of a column, the first of equal ones; that of the first NaN if there is one.
 *
 * @throws {RangeError} If the column is empty.
 * @throws {TypeError} If it is no column: a field that the event does not have.
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
 * @throws {TypeError} If it is no column: a field that the event does not have.
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

/**
 * Greatest minus least value of a column; NaN if the column holds a NaN.
 *
 * @throws {RangeError} If the column is empty.
 * @throws {TypeError} If it is no column: a field that the event does not have.
 */
export function peakToPeak(column: ColumnValues): number {
  return max(column) - min(column);
}

/**
 * Sum of a column, accumulated in float64; 0 if the column is empty.
 *
 * @throws {TypeError} If it is no column: a field that the event does not have.
 */
export function sum(column: ColumnValues): number {
  requireColumn(column, "sum");
  let total = 0;
  for (let i = 0; i < column.length; i++) total += Number(column[i]);
  return total;
}

/**
 * Mean of a column.
 *
 * @throws {RangeError} If the column is empty.
 * @throws {TypeError} If it is no column: a field that the event does not have.
 */
export function mean(column: ColumnValues): number {
  requireValues(column, "mean");
  return sum(column) / column.length;
}

/**
 * Standard deviation of a column, divided by the number of values as in NumPy.
 *
 * @throws {RangeError} If the column is empty.
 * @throws {TypeError} If it is no column: a field that the event does not have.
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
 * @throws {TypeError} If it is no column: a field that the event does not have.
 */
export function rms(column: ColumnValues): number {
  requireValues(column, "root mean square");
  let squares = 0;
  for (let i = 0; i < column.length; i++) squares += Number(column[i]) ** 2;
  return Math.sqrt(squares / column.length);
}
