/** The rows of one row group of a table. */
import type { NumberColumn } from "../record/field_type.ts";
import type { Columns } from "../record/record_layout.ts";
import { halfBits } from "./half_bits.ts";
import type { RowGroupPlace } from "./parquet_table_footer.ts";
import { type TableColumn, valueBytes } from "./parquet_table_schema.ts";

/** What {@linkcode RowGroupReader.copyRow} fills in. */
export interface RowMetadata {
  counter: number;
  timestamp: number;
  deadtime: number;
  redelivered: boolean;
}

const TWO_TO_32 = 2 ** 32;

type View = Uint8Array | Uint16Array | Int32Array | NumberColumn | null;
type Copy = (row: number, event: RowMetadata, view: View) => void;

/**
 * Gives the rows of row groups whose pages have been checked, one row group after the other.
 *
 * Values are copied as integers of their size, which keeps every bit of them, also those of a NaN.
 */
export class RowGroupReader {
  readonly #columns: readonly TableColumn[];
  readonly #seen = new WeakMap<Columns, readonly View[]>();
  #rows = 0;
  #copies: readonly Copy[] = [];

  /** @param columns Columns of the table. */
  constructor(columns: readonly TableColumn[]) {
    this.#columns = columns;
  }

  /** Number of rows of the row group. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Goes to a row group.
   *
   * @param place Sizes of its pages.
   * @param bytes The whole row group; it is used until the next call.
   */
  open(place: RowGroupPlace, bytes: Uint8Array<ArrayBuffer>): void {
    const { rows } = place;
    let end = 0;
    this.#rows = rows;
    this.#copies = this.#columns.map((column, i) => {
      end += place.pageBytes[i];
      return copyOf(column, rows, bytes.subarray(end - valueBytes(column, rows), end));
    });
  }

  /** Copies the metadata and the values of a row. */
  copyRow(row: number, event: RowMetadata, data: Columns): void {
    let views = this.#seen.get(data);
    if (views === undefined) {
      views = this.#columns.map((column) => viewOf(column, data));
      this.#seen.set(data, views);
    }
    const copies = this.#copies;
    for (let i = 0; i < copies.length; i++) copies[i](row, event, views[i]);
  }
}

/** The memory that a column's values go to, in the form in which they are copied. */
function viewOf({ source, form, type, valuesPerRow }: TableColumn, data: Columns): View {
  if (source.kind !== "field") return null;
  const column = data[source.field.name];
  const { buffer, byteOffset, byteLength } = column;
  if (form === "one bit each" || form === "widened to int32") return column;
  if (form === "float16 as float32") return new Uint16Array(buffer, byteOffset, valuesPerRow);
  if (source.part !== null) return new Int32Array(buffer, byteOffset, byteLength >> 2);
  if (valuesPerRow > 1 || type.kind === "bytes") return new Uint8Array(buffer, byteOffset, byteLength);
  return new Int32Array(buffer, byteOffset, byteLength >> 2);
}

function copyOf(column: TableColumn, rows: number, values: Uint8Array<ArrayBuffer>): Copy {
  const { source, type, valuesPerRow } = column;
  switch (source.kind) {
    case "counter": {
      const halves = new Int32Array(aligned(values));
      return (row, event) => void (event.counter = halves[2 * row + 1] * TWO_TO_32 + (halves[2 * row] >>> 0));
    }
    case "timestamp": {
      const numbers = new Float64Array(aligned(values));
      return (row, event) => void (event.timestamp = numbers[row]);
    }
    case "deadtime": {
      const numbers = new Float64Array(aligned(values));
      return (row, event) => void (event.deadtime = numbers[row]);
    }
    case "redelivered":
      return (row, event) => void (event.redelivered = (values[row >> 3] >> (row & 7) & 1) === 1);
    case "field": {
      if (source.part !== null) return copyPart(source.part, new Int32Array(aligned(values)), type.valueBytes >> 2);
      if (column.form === "one bit each") return copyRows(unpackBits(values, rows * valuesPerRow), valuesPerRow);
      if (column.form === "widened to int32") return copyRows(new Int32Array(aligned(values)), valuesPerRow);
      if (column.form === "float16 as float32") return copyHalves(new Int32Array(aligned(values)), valuesPerRow);
      if (column.form === "bytes with length") return copyWithLengths(values, valuesPerRow, type.valueBytes);
      if (valuesPerRow > 1 || type.kind === "bytes") return copyRows(values, valuesPerRow * type.valueBytes);
      return copyRows(new Int32Array(aligned(values)), type.valueBytes >> 2);
    }
  }
}

/** Pages begin anywhere, typed arrays do not. */
function aligned(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.slice().buffer;
}

function copyRows(values: Uint8Array | Int32Array, perRow: number): Copy {
  if (perRow === 1) return (row, _event, view) => void (view![0] = values[row]);
  if (perRow === 2) {
    return (row, _event, view) => {
      view![0] = values[2 * row];
      view![1] = values[2 * row + 1];
    };
  }
  return (row, _event, view) => view!.set(values.subarray(row * perRow, (row + 1) * perRow));
}

function copyHalves(words: Int32Array, valuesPerRow: number): Copy {
  return (row, _event, view) => {
    for (let i = 0, from = row * valuesPerRow; i < valuesPerRow; i++) view![i] = halfBits(words[from + i]);
  };
}

function copyWithLengths(values: Uint8Array, valuesPerRow: number, valueBytes: number): Copy {
  return (row, _event, view) => {
    let from = row * valuesPerRow * (4 + valueBytes) + 4;
    for (let at = 0; at < view!.length; at += valueBytes) {
      view!.set(values.subarray(from, from + valueBytes), at);
      from += 4 + valueBytes;
    }
  };
}

/** Puts real or imaginary parts between the other ones. */
function copyPart(part: 0 | 1, words: Int32Array, wordsPerPart: number): Copy {
  return (row, _event, view) => {
    let from = row * (view!.length / 2);
    for (let i = part * wordsPerPart; i < view!.length; i += 2 * wordsPerPart) {
      for (let word = 0; word < wordsPerPart; word++) view![i + word] = words[from++];
    }
  };
}

function unpackBits(bits: Uint8Array, count: number): Uint8Array {
  const values = new Uint8Array(count);
  for (let i = 0; i < count; i++) values[i] = bits[i >> 3] >> (i & 7) & 1;
  return values;
}
