/** Conversion of decoded values to the type of a column. */
import type { BigIntColumn, FieldType, NumberColumn } from "../record/field_type.ts";

/**
 * Writes decoded values into a column. Integers and truth values must fit exactly; floating point numbers are rounded;
 * missing values become NaN where the type has it; bytes are filled up with zeros.
 *
 * @param target The column.
 * @param values Numbers, 64-bit integers, truth values, bytes, or undefined for missing ones.
 * @param place Index of the first value in the column, counted in values, and the column's type.
 * @returns Null, or the first value that does not fit, as text.
 */
export function assignColumn(
  target: NumberColumn | BigIntColumn,
  values: ArrayLike<unknown>,
  place: { readonly at: number; readonly type: FieldType },
): string | null {
  const { at, type } = place;
  if (at * type.elementsPerValue + values.length * type.elementsPerValue > target.length) {
    return `${at + values.length} of them`;
  }
  if (type.kind === "bytes") return assignBytes(target as Uint8Array, values, place);
  if (target instanceof BigInt64Array || target instanceof BigUint64Array) return assignBigInts(target, values, at);
  if (type.kind === "complex") return "real numbers";
  if (type.kind !== "float") return assignIntegers(target, values, place);
  if (values instanceof Float32Array || values instanceof Float64Array || values instanceof Int32Array) {
    target.set(values, at);
    return null;
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === "number") target[at + i] = value;
    else if (value === undefined || value === null) target[at + i] = NaN;
    else if (typeof value === "bigint" || typeof value === "boolean") target[at + i] = Number(value);
    else return describe(value);
  }
  return null;
}

function assignIntegers(
  target: NumberColumn,
  values: ArrayLike<unknown>,
  { at, type }: { at: number; type: FieldType },
): string | null {
  const isBool = type.kind === "bool";
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const isNumber = typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
    if (!isNumber) return describe(value);
    const number = Number(value);
    target[at + i] = number;
    if (target[at + i] !== number || (isBool && number > 1)) return describe(value);
  }
  return null;
}

function assignBigInts(target: BigIntColumn, values: ArrayLike<unknown>, at: number): string | null {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const isInteger = typeof value === "bigint" || typeof value === "boolean" ||
      (typeof value === "number" && Number.isInteger(value));
    if (!isInteger) return describe(value);
    const integer = BigInt(value);
    target[at + i] = integer;
    if (target[at + i] !== integer) return describe(value);
  }
  return null;
}

function assignBytes(
  target: Uint8Array,
  values: ArrayLike<unknown>,
  { at, type }: { at: number; type: FieldType },
): string | null {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(value instanceof Uint8Array)) return describe(value);
    if (value.length > type.valueBytes) return `${value.length} bytes`;
    const start = (at + i) * type.valueBytes;
    target.fill(0, start, start + type.valueBytes);
    target.set(value, start);
  }
  return null;
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return "a missing value";
  return value instanceof Uint8Array ? "bytes" : String(value);
}
