/** Names of number types as NumPy writes them, and what they are in memory. */

/** A typed array of numbers that one column of a record can be seen as. */
export type NumberColumn =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Float16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>;

/** What a column of 64-bit integers (`int64`, `uint64`) is. */
export type BigIntColumn = BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;

/** Class of a column's typed array: views `length` elements from byte `byteOffset` of `buffer` on, without a copy. */
export type ColumnConstructor = new (
  buffer: ArrayBuffer,
  byteOffset: number,
  length: number,
) => NumberColumn | BigIntColumn;

/** What a value of a field means: a number, a truth value, a complex number or a run of bytes. */
export type FieldKind = "float" | "int" | "uint" | "bool" | "complex" | "bytes";

/** Type of the values of one field. */
export interface FieldType {
  /** Canonical name: `float32`, `int64`, `bool`, `S10` … */
  readonly name: string;
  /** What a value means, whatever its size. */
  readonly kind: FieldKind;
  /** Bytes of one value. */
  readonly valueBytes: number;
  /** Elements of the column's typed array per value: 2 for complex numbers, n for `Sn`, otherwise 1. */
  readonly elementsPerValue: number;
  /** Class of the column's typed array. */
  readonly columnClass: ColumnConstructor;
}

function fieldType(name: string, kind: FieldKind, columnClass: ColumnConstructor, valueBytes: number): FieldType {
  const elementBytes = (columnClass as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
  return Object.freeze({ name, kind, valueBytes, columnClass, elementsPerValue: valueBytes / elementBytes });
}

const NUMBER_TYPES: readonly FieldType[] = [
  fieldType("float16", "float", Float16Array, 2),
  fieldType("float32", "float", Float32Array, 4),
  fieldType("float64", "float", Float64Array, 8),
  fieldType("int8", "int", Int8Array, 1),
  fieldType("int16", "int", Int16Array, 2),
  fieldType("int32", "int", Int32Array, 4),
  fieldType("int64", "int", BigInt64Array, 8),
  fieldType("uint8", "uint", Uint8Array, 1),
  fieldType("uint16", "uint", Uint16Array, 2),
  fieldType("uint32", "uint", Uint32Array, 4),
  fieldType("uint64", "uint", BigUint64Array, 8),
  fieldType("bool", "bool", Uint8Array, 1),
  fieldType("complex64", "complex", Float32Array, 8),
  fieldType("complex128", "complex", Float64Array, 16),
];

const CODE_LETTER: Record<FieldKind, string> = { float: "f", int: "i", uint: "u", bool: "b", complex: "c", bytes: "S" };

/** NumPy's other names for the same types (`np.float_`, C names, one-letter codes) on a 64-bit Linux machine. */
const ALIASES: Record<string, string> = {
  float: "float64",
  double: "float64",
  single: "float32",
  half: "float16",
  int: "int64",
  uint: "uint64",
  long: "int64",
  ulong: "uint64",
  longlong: "int64",
  ulonglong: "uint64",
  intc: "int32",
  uintc: "uint32",
  intp: "int64",
  uintp: "uint64",
  short: "int16",
  ushort: "uint16",
  byte: "int8",
  ubyte: "uint8",
  bool_: "bool",
  bool8: "bool",
  float_: "float64",
  int_: "int64",
  complex: "complex128",
  complex_: "complex128",
  csingle: "complex64",
  cdouble: "complex128",
  "?": "bool",
  b: "int8",
  B: "uint8",
  h: "int16",
  H: "uint16",
  i: "int32",
  I: "uint32",
  l: "int64",
  L: "uint64",
  q: "int64",
  Q: "uint64",
  e: "float16",
  f: "float32",
  d: "float64",
  F: "complex64",
  D: "complex128",
};

const TYPES_BY_NAME: ReadonlyMap<string, FieldType> = new Map([
  ...NUMBER_TYPES.flatMap((type): [string, FieldType][] => [
    [type.name, type],
    [`${CODE_LETTER[type.kind]}${type.valueBytes}`, type],
  ]),
  ...Object.entries(ALIASES).map(([alias, name]): [string, FieldType] => [
    alias,
    NUMBER_TYPES.find((type) => type.name === name)!,
  ]),
]);

/** All names that {@linkcode parseFieldType} knows, for messages and suggestions. */
export const FIELD_TYPE_NAMES: readonly string[] = [...TYPES_BY_NAME.keys()];

/**
 * Reads the name of a NumPy number type: `float32`, `f4`, `<f4`, `int16`, `u1`, `bool`, `S10`, `np.float64` …
 *
 * @param name Type name; surrounding blanks, a `np.`/`numpy.` prefix and the byte orders `<`, `=` and `|` are accepted.
 * @returns The type, or `null` if there is no such type here. Big-endian types (`>f4`), `float128`, objects, dates and
 *   Unicode strings are not supported.
 *
 * @example Names that are known, and one that is not
 * ```ts
 * import { parseFieldType } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseFieldType("<f4")?.name, "float32");
 * assertEquals(parseFieldType("S10")?.valueBytes, 10);
 * assertEquals(parseFieldType("flot32"), null);
 * ```
 */
export function parseFieldType(name: string): FieldType | null {
  const plain = name.trim().replace(/^(np|numpy)\./, "").replace(/^[<=|]/, "");
  const known = TYPES_BY_NAME.get(plain);
  if (known !== undefined) return known;
  const bytes = /^[Sa]([1-9]\d{0,5})$/.exec(plain);
  if (bytes !== null) return fieldType(`S${bytes[1]}`, "bytes", Uint8Array, Number(bytes[1]));
  return null;
}
