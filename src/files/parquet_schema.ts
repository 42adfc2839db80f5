/** How the fields of a record are written down in a Parquet file. */
import type { FieldType } from "../record/field_type.ts";
import type { RecordField, RecordLayout } from "../record/record_layout.ts";
import { ThriftStruct } from "./thrift_compact.ts";

/** Numbers of Parquet's physical types (`enum Type` of the format's Thrift definition). */
export const PHYSICAL_TYPE = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
} as const;

/** How the values of a column lie in its data page. */
export type PageForm = "as in memory" | "widened to int32" | "one bit each";

/** How one field is stored. */
export interface ParquetColumn {
  readonly name: string;
  readonly physicalType: number;
  /** Bytes of one value of a FIXED_LEN_BYTE_ARRAY, otherwise 0. */
  readonly typeLength: number;
  readonly form: PageForm;
  /** Bytes of the column's data page without its header. */
  readonly pageBytes: number;
  /** Writes the column's entry in the schema. */
  readonly schemaElement: ThriftStruct;
}

/** Numbers of `enum FieldRepetitionType`. */
export const REQUIRED = 0;
const REPEATED = 2;

/** Numbers of `enum ConvertedType` that annotate integers, which readers older than the logical types look at. */
const CONVERTED_TYPE: Readonly<Record<string, number>> = {
  uint8: 11,
  uint16: 12,
  uint32: 13,
  uint64: 14,
  int8: 15,
  int16: 16,
};

const CONVERTED_LIST = 3;

/** Fields of `union LogicalType`. */
const LOGICAL_LIST = 3;
const LOGICAL_INTEGER = 10;
const LOGICAL_FLOAT16 = 15;

/**
 * Says how a field is stored: float16 as FLOAT16, float32 and float64 as they are, integers of 8 and 16 bits in 32,
 * bool in one bit, `Sn` as a fixed number of bytes.
 *
 * @throws {TypeError} If Parquet has no such type (complex numbers).
 */
export function parquetColumn(field: Pick<RecordField, "name" | "type">, valuesPerSlot: number): ParquetColumn {
  const { name, type } = field;
  const form = pageForm(type);
  const physicalType = physicalTypeOf(field);
  const typeLength = physicalType === PHYSICAL_TYPE.FIXED_LEN_BYTE_ARRAY ? type.valueBytes : 0;
  const schemaElement = new ThriftStruct().i32(1, physicalType);
  if (typeLength > 0) schemaElement.i32(2, typeLength);
  schemaElement.i32(3, REQUIRED).text(4, name);
  if (type.name in CONVERTED_TYPE) schemaElement.i32(6, CONVERTED_TYPE[type.name]);
  const logicalType = logicalTypeOf(type);
  if (logicalType !== null) schemaElement.struct(10, logicalType);
  const pageBytes = form === "one bit each"
    ? Math.ceil(valuesPerSlot / 8)
    : valuesPerSlot * (form === "widened to int32" ? 4 : type.valueBytes);
  return { name, physicalType, typeLength, form, pageBytes, schemaElement };
}

/** Name of a list's values in the schema, as the format asks for. */
export const LIST_ELEMENT_NAME = "element";

/**
 * Wraps the schema's entry of a column, named {@linkcode LIST_ELEMENT_NAME}, into a list that is always there.
 *
 * Source: "Lists" in LogicalTypes.md of the Parquet format, the three-level structure.
 *
 * @returns The entries of the schema and the path to the values.
 */
export function parquetList(name: string, element: ThriftStruct): { elements: ThriftStruct[]; path: string[] } {
  const list = new ThriftStruct().i32(3, REQUIRED).text(4, name).i32(5, 1).i32(6, CONVERTED_LIST)
    .struct(10, new ThriftStruct().struct(LOGICAL_LIST, new ThriftStruct()));
  const repeated = new ThriftStruct().i32(3, REPEATED).text(4, "list").i32(5, 1);
  return { elements: [list, repeated, element], path: [name, "list", LIST_ELEMENT_NAME] };
}

function pageForm(type: FieldType): PageForm {
  if (type.kind === "bool") return "one bit each";
  const isInteger = type.kind === "int" || type.kind === "uint";
  return isInteger && type.valueBytes < 4 ? "widened to int32" : "as in memory";
}

function physicalTypeOf({ name, type }: Pick<RecordField, "name" | "type">): number {
  switch (type.kind) {
    case "bool":
      return PHYSICAL_TYPE.BOOLEAN;
    case "int":
    case "uint":
      return type.valueBytes === 8 ? PHYSICAL_TYPE.INT64 : PHYSICAL_TYPE.INT32;
    case "bytes":
      return PHYSICAL_TYPE.FIXED_LEN_BYTE_ARRAY;
    case "float":
      if (type.valueBytes === 2) return PHYSICAL_TYPE.FIXED_LEN_BYTE_ARRAY;
      return type.valueBytes === 4 ? PHYSICAL_TYPE.FLOAT : PHYSICAL_TYPE.DOUBLE;
    case "complex":
      throw new TypeError(
        `Cannot store field "${name}" in a Parquet file: expected real numbers, truth values or bytes, found ` +
          `"${type.name}"; store its real and imaginary parts as two fields`,
      );
  }
}

function logicalTypeOf(type: FieldType): ThriftStruct | null {
  if (type.name === "float16") return new ThriftStruct().struct(LOGICAL_FLOAT16, new ThriftStruct());
  if (!(type.name in CONVERTED_TYPE)) return null;
  const integer = new ThriftStruct().byte(1, type.valueBytes * 8).bool(2, type.kind === "int");
  return new ThriftStruct().struct(LOGICAL_INTEGER, integer);
}

/**
 * Writes the text that pandas looks for under the key `pandas`: the columns' dtypes and a RangeIndex.
 *
 * Source: "Storing pandas DataFrame objects in Apache Parquet format" of the pandas development documentation.
 */
export function pandasMetadata(layout: RecordLayout, creator: { library: string; version: string }): string {
  const columns = layout.fields.map(({ name, type }) => ({
    name,
    field_name: name,
    pandas_type: type.kind === "bytes" ? "bytes" : type.name,
    numpy_type: type.kind === "bytes" ? "object" : type.name,
    metadata: null,
  }));
  return JSON.stringify({
    index_columns: [{ kind: "range", name: null, start: 0, stop: layout.valuesPerSlot, step: 1 }],
    column_indexes: [{
      name: null,
      field_name: null,
      pandas_type: "unicode",
      numpy_type: "object",
      metadata: { encoding: "UTF-8" },
    }],
    columns,
    attributes: {},
    creator,
    pandas_version: "2.2.0",
  });
}
