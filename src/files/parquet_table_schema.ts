/** The columns of a table with one row per event. */
import { type FieldType, parseFieldType } from "../record/field_type.ts";
import type { RecordField, RecordLayout } from "../record/record_layout.ts";
import {
  LIST_ELEMENT_NAME,
  type PageForm,
  parquetColumn,
  parquetList,
  PHYSICAL_TYPE,
  REQUIRED,
} from "./parquet_schema.ts";
import { ThriftStruct } from "./thrift_compact.ts";

/**
 * How the values of a column lie in a page. float16 is stored as float32, since Polars does not know it, and lists of bytes
 * with their lengths, since pyarrow cannot hand lists of a fixed number of bytes to pandas.
 */
export type TableForm = PageForm | "float16 as float32" | "bytes with length";

const LENGTH_BYTES = 4;

/** What a column holds: a part of the event's metadata, or a field. */
export type TableSource =
  | { readonly kind: "counter" | "timestamp" | "deadtime" | "redelivered" }
  /** `part` is 0 for the real and 1 for the imaginary parts of complex numbers, otherwise null. */
  | { readonly kind: "field"; readonly field: RecordField; readonly part: 0 | 1 | null };

/** One column that has pages of its own. */
export interface TableColumn {
  /** Its name in the table. */
  readonly title: string;
  readonly source: TableSource;
  /** Type of its values. */
  readonly type: FieldType;
  /** Values of a row: 1, or the samples of a waveform, which are a list. */
  readonly valuesPerRow: number;
  /** How the values lie in a page. */
  readonly form: TableForm;
  readonly physicalType: number;
  /** Names from the top of the schema to the values. */
  readonly path: readonly string[];
  /** Entries of the schema, the outermost first. */
  readonly schemaElements: readonly ThriftStruct[];
}

const METADATA = [["counter", "int64"], ["timestamp", "float64"], ["deadtime", "float64"], [
  "redelivered",
  "bool",
]] as const;

/**
 * Says which columns a table of events has: `counter`, `timestamp`, `deadtime` and `redelivered`, then the fields in their
 * order; complex fields are two columns, `<name>_real` and `<name>_imag`. A name that a field has already gets a `_` behind
 * it. Fields of more than one value per record are lists.
 */
export function tableColumns(layout: RecordLayout): readonly TableColumn[] {
  const { fields, valuesPerSlot } = layout;
  const taken = new Set(fields.filter(({ type }) => type.kind !== "complex").map(({ name }) => name));
  const unique = (name: string): string => {
    let title = name;
    while (taken.has(title)) title += "_";
    taken.add(title);
    return title;
  };
  const values = fields.flatMap((field): TableColumn[] => {
    if (field.type.kind !== "complex") {
      return [tableColumn(field.name, { kind: "field", field, part: null }, { type: field.type, valuesPerSlot })];
    }
    const type = parseFieldType(field.type.valueBytes === 8 ? "float32" : "float64")!;
    return ([[0, "real"], [1, "imag"]] as const).map(([part, ending]) =>
      tableColumn(unique(`${field.name}_${ending}`), { kind: "field", field, part }, { type, valuesPerSlot })
    );
  });
  const metadata = METADATA.map(([kind, typeName]) =>
    tableColumn(unique(kind), { kind }, { type: parseFieldType(typeName)!, valuesPerSlot: 1 })
  );
  return [...metadata, ...values];
}

/** Bytes of a page's values without the levels before them. */
export function valueBytes({ form, type, valuesPerRow }: TableColumn, rows: number): number {
  const values = rows * valuesPerRow;
  switch (form) {
    case "one bit each":
      return Math.ceil(values / 8);
    case "widened to int32":
    case "float16 as float32":
      return 4 * values;
    case "bytes with length":
      return (LENGTH_BYTES + type.valueBytes) * values;
    case "as in memory":
      return type.valueBytes * values;
  }
}

function tableColumn(
  title: string,
  source: TableSource,
  { type, valuesPerSlot }: { type: FieldType; valuesPerSlot: number },
): TableColumn {
  const isList = valuesPerSlot > 1;
  const { form, physicalType, element } = valueForm(isList ? LIST_ELEMENT_NAME : title, type, isList);
  const { elements, path } = isList ? parquetList(title, element) : { elements: [element], path: [title] };
  return { title, source, type, valuesPerRow: valuesPerSlot, form, physicalType, path, schemaElements: elements };
}

function valueForm(
  name: string,
  type: FieldType,
  isList: boolean,
): { form: TableForm; physicalType: number; element: ThriftStruct } {
  if (isList && type.kind === "bytes") {
    const physicalType = PHYSICAL_TYPE.BYTE_ARRAY;
    const element = new ThriftStruct().i32(1, physicalType).i32(3, REQUIRED).text(4, name);
    return { form: "bytes with length", physicalType, element };
  }
  const isHalf = type.name === "float16";
  const stored = isHalf ? parseFieldType("float32")! : type;
  const { form, physicalType, schemaElement } = parquetColumn({ name, type: stored }, 1);
  return { form: isHalf ? "float16 as float32" : form, physicalType, element: schemaElement };
}
