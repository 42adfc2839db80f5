/** Writing of values that user functions hand over into the columns of a slot. */
import type { BigIntColumn, NumberColumn } from "../record/field_type.ts";
import { describeValue } from "./describe_value.ts";
import type { Columns, RecordField, RecordLayout } from "../record/record_layout.ts";

/** Values for one field: an array of them, or a single one for a record with one value per field. Text is for `Sn`. */
export type FieldValues = ArrayLike<number> | ArrayLike<bigint> | number | bigint | boolean | string;

/**
 * Values for a whole record: by field name (fields that are not named become 0), or in the order of the fields, or, for a
 * ring with one field, its values alone.
 */
export type RecordValues = Readonly<Record<string, FieldValues>> | readonly FieldValues[] | FieldValues;

type Column = NumberColumn | BigIntColumn;

const textEncoder = new TextEncoder();

/** Writes records of one layout. The copies are plain column copies; nothing is allocated for typed arrays of the same type. */
export class RecordWriter {
  readonly #layout: RecordLayout;
  readonly #names: readonly string[];
  readonly #nameSet: ReadonlySet<string>;
  readonly #ring: string;

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
   * @throws {TypeError} If values do not fit the layout: unknown field, wrong number of values, wrong type.
   */
  write(target: Columns, values: RecordValues): void {
    const { fields } = this.#layout;
    const isList = Array.isArray(values);
    if (typeof values === "object" && !ArrayBuffer.isView(values) && !isList) {
      this.#writeNamed(target, values as Readonly<Record<string, FieldValues>>);
    } else if (fields.length === 1 && !(isList && values.length === 1 && typeof values[0] === "object")) {
      this.#writeField(target[fields[0].name], fields[0], values as FieldValues);
    } else if (isList && values.length === fields.length) {
      for (let i = 0; i < fields.length; i++) this.#writeField(target[fields[i].name], fields[i], values[i]);
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
      const field = fields[i];
      const value = values[field.name];
      if (value === undefined) clear(target[field.name]);
      else this.#writeField(target[field.name], field, value);
    }
  }

  #writeField(column: Column, field: RecordField, values: FieldValues): void {
    const isView = ArrayBuffer.isView(values);
    if (isView || Array.isArray(values)) {
      const array = values as ArrayLike<number>;
      if (array.length !== column.length) {
        throw new TypeError(
          `Cannot write field "${field.name}" of ring ${this.#ring}: expected ${column.length} values, found ${array.length}`,
        );
      }
      if (isView && is64Bit(column) === is64Bit(values as Column)) {
        column.set(array as never);
        return;
      }
      const takesNumbers = !is64Bit(column);
      for (let i = 0; i < array.length; i++) {
        const value: unknown = array[i];
        column[i] = (takesNumbers && typeof value === "number" ? value : this.#element(column, field, value)) as never;
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
      column[0] = this.#element(column, field, values) as never;
    } else {
      throw new TypeError(
        `Cannot write field "${field.name}" of ring ${this.#ring}: expected ${column.length} values, found ${
          describeValue(values)
        }`,
      );
    }
  }

  #element(column: Column, field: RecordField, value: unknown): number | bigint {
    if (typeof value === "number") {
      if (!is64Bit(column)) return value;
      if (Number.isInteger(value)) return BigInt(value);
    } else if (typeof value === "bigint") {
      return is64Bit(column) ? value : Number(value);
    } else if (typeof value === "boolean") {
      return is64Bit(column) ? BigInt(value) : Number(value);
    }
    throw new TypeError(
      `Cannot write field "${field.name}" of ring ${this.#ring}: expected ${
        is64Bit(column) ? "an integer" : "a number"
      }, found ${describeValue(value)}`,
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

function is64Bit(column: Column): column is BigIntColumn {
  return column instanceof BigInt64Array || column instanceof BigUint64Array;
}
