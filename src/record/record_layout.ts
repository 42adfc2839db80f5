/** Byte layout of the records in a ring's slots. */
import {
  type BigIntColumn,
  FIELD_TYPE_NAMES,
  type FieldType,
  type NumberColumn,
  parseFieldType,
} from "./field_type.ts";

/** Columns begin at multiples of this, so that each is a whole number of cache lines away from the next. */
export const COLUMN_ALIGNMENT_BYTES = 64;

/** Name of the only field of a layout that was given as a bare type. */
export const SINGLE_FIELD_NAME = "data";

/** Fields as given by a user: one type for all, or names with types in their order. */
export type FieldSpecification = string | Readonly<Record<string, string>> | ReadonlyMap<string, string>;

/** One field of a record: a column of `valuesPerSlot` values. */
export interface RecordField {
  /** Name of the field, by which {@linkcode Columns} has its values. */
  readonly name: string;
  /** Type of each of its values. */
  readonly type: FieldType;
  /** Where the column begins, counted from the first column, in bytes; a multiple of 64. */
  readonly columnOffset: number;
  /** Bytes of the column without padding. */
  readonly columnBytes: number;
  /** Elements of the column's typed array. */
  readonly columnLength: number;
}

/** Where each field of a record lies. The layout is planar: every field is one contiguous column. */
export interface RecordLayout {
  /** Values of each field in a record: samples of a waveform, 1 for a record of parameters. */
  readonly valuesPerSlot: number;
  /** One or more fields, in the order in which their columns lie in memory. */
  readonly fields: readonly RecordField[];
  /** Bytes of all columns with their padding. */
  readonly recordBytes: number;
  /** True if the layout was given as a bare type; its one field is named `data`. */
  readonly isSingle: boolean;
}

/**
 * The columns of one record, by field name. Columns of `int64` and `uint64` fields are arrays of BigInt; as they are rare,
 * the type leaves them out: get them with {@linkcode bigIntColumn}.
 */
export type Columns = { readonly [field: string]: NumberColumn };

/**
 * Computes the layout of a record.
 *
 * @param fields A type name, or field names with type names in their order (`{ chA: "float32", … }`). JavaScript sorts
 *   keys that look like array indices; pass a `Map` where such names must keep their order.
 * @param valuesPerSlot Values of each field per record, 1 or more.
 * @returns The frozen layout.
 * @throws {TypeError} If a type name is unknown, there is no field, or one is named `__proto__`.
 * @throws {RangeError} If `valuesPerSlot` is not a positive integer.
 *
 * @example Two channels of 500 samples
 * ```ts
 * import { recordLayout } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const layout = recordLayout({ chA: "float32", chB: "float32" }, 500);
 * assertEquals(layout.fields[1].columnOffset, 2048);
 * assertEquals(layout.recordBytes, 4096);
 * ```
 */
export function recordLayout(fields: FieldSpecification, valuesPerSlot: number): RecordLayout {
  if (!Number.isSafeInteger(valuesPerSlot) || valuesPerSlot < 1) {
    throw new RangeError(
      `Cannot lay out a record: expected valuesPerSlot to be an integer >= 1, found ${valuesPerSlot}`,
    );
  }
  const isSingle = typeof fields === "string";
  const entries: Iterable<[string, string]> = isSingle
    ? [[SINGLE_FIELD_NAME, fields]]
    : fields instanceof Map
    ? fields.entries()
    : Object.entries(fields as Record<string, string>);
  let columnOffset = 0;
  const placed: RecordField[] = [];
  for (const [name, typeName] of entries) {
    if (name === "__proto__") {
      throw new TypeError(
        'Cannot lay out a record: expected another name for field "__proto__", which objects do not keep',
      );
    }
    const type = parseFieldType(typeName);
    if (type === null) {
      throw new TypeError(
        `Cannot lay out field "${name}": expected a number type such as ${
          FIELD_TYPE_NAMES.slice(0, 6).join(", ")
        } or S10, found "${typeName}"`,
      );
    }
    const columnBytes = valuesPerSlot * type.valueBytes;
    placed.push(Object.freeze({
      name,
      type,
      columnOffset,
      columnBytes,
      columnLength: valuesPerSlot * type.elementsPerValue,
    }));
    columnOffset += Math.ceil(columnBytes / COLUMN_ALIGNMENT_BYTES) * COLUMN_ALIGNMENT_BYTES;
  }
  if (placed.length === 0) throw new TypeError("Cannot lay out a record: expected at least one field, found none");
  return Object.freeze({ valuesPerSlot, fields: Object.freeze(placed), recordBytes: columnOffset, isSingle });
}

/**
 * Views the columns of one record in memory.
 *
 * @param layout Layout of the record.
 * @param buffer Memory that holds the record.
 * @param byteOffset Where the record's first column begins; a multiple of 8.
 * @returns One typed array per field, in the layout's order; no data are copied.
 */
export function viewColumns(layout: RecordLayout, buffer: ArrayBuffer, byteOffset: number): Columns {
  const columns: Record<string, NumberColumn> = {};
  for (const field of layout.fields) {
    const column = new field.type.columnClass(buffer, byteOffset + field.columnOffset, field.columnLength);
    columns[field.name] = column as NumberColumn;
  }
  return columns;
}

/**
 * The column of an `int64` or `uint64` field as what it is, an array of BigInt.
 *
 * @throws {TypeError} If there is no such field, or it is of another type.
 */
export function bigIntColumn(columns: Columns, field: string): BigIntColumn {
  const column = columns[field] as NumberColumn | BigIntColumn | undefined;
  if (column instanceof BigInt64Array || column instanceof BigUint64Array) return column;
  throw new TypeError(
    `Cannot use field "${field}" as 64-bit integers: expected int64 or uint64, found ${
      column === undefined ? `the fields ${Object.keys(columns).join(", ")}` : column.constructor.name
    }`,
  );
}

/** Makes the columns of one record in fresh, zeroed memory of its own. */
export function allocateColumns(layout: RecordLayout): Columns {
  return viewColumns(layout, new ArrayBuffer(layout.recordBytes), 0);
}

/** Says whether records of both layouts can be copied into each other as they are: same fields, types and lengths. */
export function sameLayout(a: RecordLayout, b: RecordLayout): boolean {
  return a.valuesPerSlot === b.valuesPerSlot && a.fields.length === b.fields.length &&
    a.fields.every((field, i) => field.name === b.fields[i].name && field.type.name === b.fields[i].type.name);
}

/** Writes a layout as JSON text, as it is stored in a ring's segment and in files. */
export function layoutToJson(layout: RecordLayout): string {
  return JSON.stringify({
    valuesPerSlot: layout.valuesPerSlot,
    single: layout.isSingle,
    fields: layout.fields.map((field) => [field.name, field.type.name]),
  });
}

/** Reads what {@linkcode layoutToJson} wrote. Throws a `SyntaxError` if it is not such text. */
export function layoutFromJson(text: string): RecordLayout {
  const stored = JSON.parse(text) as { valuesPerSlot: number; single: boolean; fields: [string, string][] };
  if (!Array.isArray(stored?.fields)) {
    throw new SyntaxError(`Cannot read a record layout: expected {valuesPerSlot, single, fields}, found ${text}`);
  }
  return recordLayout(stored.single ? stored.fields[0][1] : new Map(stored.fields), stored.valuesPerSlot);
}
