/** Writing of values that user functions hand over into the columns of a slot. */
import type { BigIntColumn, NumberColumn } from "../record/field_type.ts";
import { countOfValues, describeValue } from "./describe_value.ts";
import { type IntegerRange, integerRange } from "./integer_range.ts";
import type { Columns, RecordLayout } from "../record/record_layout.ts";

/** Values for one field: an array of them, or a single one for a record with one value per field. Text is for `Sn`. */
export type FieldValues = ArrayLike<number> | ArrayLike<bigint> | number | bigint | boolean | string;

/**
 * Values for a whole record: by field name (fields that are not named become 0; a named one must have a value), or in the order of the fields, or, for a
 * ring with one field, its values alone.
 */
export type RecordValues = Readonly<Record<string, FieldValues>> | readonly FieldValues[] | FieldValues;

type Column = NumberColumn | BigIntColumn;

const textEncoder = new TextEncoder();

/**
 * Writes records of one layout. The copies are plain column copies; nothing is allocated for typed arrays of the same type.
 * Integer fields take numbers as NumPy does, without their fractions, but refuse those that are out of range, and NaN.
 */
export class RecordWriter {
  readonly #layout: RecordLayout;
  readonly #names: readonly string[];
  readonly #nameSet: ReadonlySet<string>;
  readonly #ring: string;
  readonly #ranges: readonly (IntegerRange | null)[];

  /**
   * For one layout.
   *
   * @param layout Layout of the ring's records.
   * @param ring Name of the ring, for messages.
   */
  constructor(layout: RecordLayout, ring: string) {
    this.#layout = layout;
    this.#ring = ring;
    this.#names = layout.fields.map((field) => field.name);
    this.#nameSet = new Set(this.#names);
    this.#ranges = layout.fields.map((field) => integerRange(field.type));
  }

  /** Copies a record of the same layout. */
  copy(target: Columns, source: Columns): void {
    const names = this.#names;
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      target[name].set(source[name] as never);
    }
  }

  /**
   * Writes a whole record; what is not given becomes 0.
   *
   * @throws {TypeError} If values do not fit the layout: unknown field, no value, wrong number of values,
   *   wrong type.
   * @throws {RangeError} If a value is out of the range of an integer field, or NaN.
   */
  write(target: Columns, values: RecordValues): void {
    const { fields } = this.#layout;
    const isList = Array.isArray(values);
    if (typeof values === "object" && !ArrayBuffer.isView(values) && !isList) {
      this.#writeNamed(target, values as Readonly<Record<string, FieldValues>>);
    } else if (fields.length === 1 && !(isList && values.length === 1 && typeof values[0] === "object")) {
      this.#writeField(target, 0, values as FieldValues);
    } else if (isList && values.length === fields.length) {
      for (let i = 0; i < fields.length; i++) this.#writeField(target, i, values[i]);
    } else {
      throw this.#mismatch(values);
    }
  }

  #writeNamed(target: Columns, values: Readonly<Record<string, FieldValues>>): void {
    for (const name in values) {
      if (!this.#nameSet.has(name)) throw this.#mismatch(values);
    }
    const { fields } = this.#layout;
    for (let i = 0; i < fields.length; i++) {
      const { name } = fields[i];
      const value = values[name];
      if (value !== undefined) this.#writeField(target, i, value);
      else if (name in values) throw this.#noValue(name);
      else clear(target[name]);
    }
  }

  #writeField(target: Columns, index: number, values: FieldValues): void {
    const field = this.#layout.fields[index];
    const column = target[field.name];
    const isView = ArrayBuffer.isView(values);
    if (isView || Array.isArray(values)) {
      const array = values as ArrayLike<number>;
      if (array.length !== column.length) {
        throw new TypeError(
          `Cannot write field "${field.name}" of ring ${this.#ring}: expected ${
            countOfValues(column.length)
          }, found ${array.length}`,
        );
      }
      const range = this.#ranges[index];
      if (isView && fitsAsItIs(column, values as Column, range)) {
        column.set(array as never);
        return;
      }
      const takesNumbers = range === null;
      for (let i = 0; i < array.length; i++) {
        const value: unknown = array[i];
        column[i] = (takesNumbers && typeof value === "number" ? value : this.#element(column, index, value)) as never;
      }
    } else if (typeof values === "string" && field.type.kind === "bytes") {
      const bytes = textEncoder.encode(values);
      if (bytes.length > column.length) {
        throw new TypeError(
          `Cannot write field "${field.name}" of ring ${this.#ring}: expected at most ${column.length} bytes, found "${values}"`,
        );
      }
      column.fill(0 as never);
      column.set(bytes as never);
    } else if (column.length === 1) {
      column[0] = this.#element(column, index, values) as never;
    } else {
      throw new TypeError(
        `Cannot write field "${field.name}" of ring ${this.#ring}: expected ${countOfValues(column.length)}, found ${
          describeValue(values)
        }`,
      );
    }
  }

  #element(column: Column, index: number, value: unknown): number | bigint {
    const { name, type } = this.#layout.fields[index];
    const range = this.#ranges[index];
    if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean") {
      throw new TypeError(
        `Cannot write field "${name}" of ring ${this.#ring}: expected ${
          range === null ? "a number" : "an integer"
        }, found ${describeValue(value)}`,
      );
    }
    if (range === null) return Number(value);
    const plain = typeof value === "boolean" ? Number(value) : value;
    const whole = typeof plain === "number" && !range.isTruth ? Math.trunc(plain) : plain;
    // A comparison with NaN is never true, one of a number with a bigint is exact.
    const fits = range.isTruth ? Number(whole) === 0 || Number(whole) === 1 : whole >= range.min && whole <= range.max;
    if (!fits) {
      const expected = range.isTruth ? "true, false, 0 or 1" : `${type.name}, ${range.min} to ${range.max}`;
      throw new RangeError(`Cannot write field "${name}" of ring ${this.#ring}: expected ${expected}, found ${value}`);
    }
    return is64Bit(column) ? BigInt(whole) : Number(whole);
  }

  #noValue(field: string): TypeError {
    return new TypeError(
      `Cannot write field "${field}" of ring ${this.#ring}: expected a value, found undefined; leave the name out for 0`,
    );
  }

  #mismatch(values: RecordValues): TypeError {
    return new TypeError(
      `Cannot write a record of ring ${this.#ring}: expected values for ${this.#names.join(", ")}, found ${
        describeValue(values)
      }`,
    );
  }
}

function clear(column: Column): void {
  if (is64Bit(column)) column.fill(0n);
  else column.fill(0);
}

/** A view whose elements are of the column's type can be copied, and any numbers into floating-point columns. */
function fitsAsItIs(column: Column, values: Column, range: IntegerRange | null): boolean {
  if (range === null) return !is64Bit(values);
  return column.constructor === values.constructor && !range.isTruth;
}

function is64Bit(column: Column): column is BigIntColumn {
  return column instanceof BigInt64Array || column instanceof BigUint64Array;
}
