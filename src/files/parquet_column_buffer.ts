/** Memory in which the rows of one column are collected until they are written as a page. */
import { crc32 } from "node:zlib";
import type { FieldType, NumberColumn } from "../record/field_type.ts";
import type { Columns } from "../record/record_layout.ts";
import type { EventRecord } from "./event_record.ts";
import { levelBytes, listLevels, LONGEST_PAGE_HEADER, writePageHeader } from "./parquet_page.ts";
import { float32BitsOfHalves } from "./half_bits.ts";
import { type TableColumn, valueBytes } from "./parquet_table_schema.ts";

/** An event with the mark of one that was delivered before. */
export type TableRecord = EventRecord & { readonly redelivered?: boolean };

/** Values begin at a multiple of this, for typed arrays of all kinds. */
const ALIGNMENT_BYTES = 64;

const TWO_TO_32 = 2 ** 32;

/**
 * Collects the values of a column in the form in which they stand in a page, with room for the page's header and levels
 * before them, so that a page is written in one go and values are copied once.
 */
export class ParquetColumnBuffer {
  readonly #column: TableColumn;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  /** Where the values begin. */
  readonly #begin: number;
  readonly #putter: Putter;
  readonly #pack: (rows: number) => void;
  #levels: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #levelRows = 0;

  /** @param column The column. @param rows Rows that fit. */
  constructor(column: TableColumn, rows: number) {
    const before = LONGEST_PAGE_HEADER + levelBytes(column, rows);
    this.#column = column;
    this.#begin = Math.ceil(before / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    this.#bytes = new Uint8Array(this.#begin + valueBytes(column, rows));
    const values = this.#bytes.subarray(this.#begin);
    const bits = new Uint8Array(column.form === "one bit each" ? rows * column.valuesPerRow : 0);
    this.#putter = putter(column, values, bits);
    this.#pack = column.form === "one bit each"
      ? (rows) => packBits(bits.subarray(0, rows * column.valuesPerRow), values)
      : () => {};
  }

  /** Views the part of an event's memory that the column takes; make it once for events in the same memory. */
  view(data: Columns): ColumnView {
    return this.#putter.view(data);
  }

  /** Takes the values of an event. Nothing of it is kept. */
  put(event: TableRecord, view: ColumnView, row: number): void {
    this.#putter.put(event, view, row);
  }

  /** The page of the first rows, with its header; valid until the next call. */
  page(rows: number): Uint8Array<ArrayBuffer> {
    const column = this.#column;
    if (this.#levelRows !== rows) {
      this.#levels = listLevels(column, rows);
      this.#levelRows = rows;
    }
    this.#pack(rows);
    const bodyBegin = this.#begin - this.#levels.length;
    this.#bytes.set(this.#levels, bodyBegin);
    const end = this.#begin + valueBytes(column, rows);
    const crc = crc32(this.#bytes.subarray(bodyBegin, end));
    const bodyBytes = end - bodyBegin;
    const begin = writePageHeader(this.#bytes, bodyBegin, { bodyBytes, values: rows * column.valuesPerRow, crc });
    return this.#bytes.subarray(begin, end);
  }
}

/** Views of an event's memory, or null where a column needs none. */
export type ColumnView = Uint8Array | Uint16Array | Int32Array | NumberColumn | null;

interface Putter {
  /** What `put` needs of an event's data; it is kept for the next event in the same memory. */
  readonly view: (data: Columns) => ColumnView;
  readonly put: (event: TableRecord, view: ColumnView, row: number) => void;
}

function putter(column: TableColumn, values: Uint8Array<ArrayBuffer>, bits: Uint8Array<ArrayBuffer>): Putter {
  const { source, valuesPerRow, type } = column;
  const { buffer, byteOffset, length } = values;
  const without = (put: (event: TableRecord, row: number) => void): Putter => ({
    view: () => null,
    put: (event, _view, row) => put(event, row),
  });
  switch (source.kind) {
    case "counter": {
      const halves = new Int32Array(buffer, byteOffset, length >> 2);
      return without(({ counter }, row) => {
        halves[2 * row] = counter;
        halves[2 * row + 1] = Math.floor(counter / TWO_TO_32);
      });
    }
    case "timestamp": {
      const numbers = new Float64Array(buffer, byteOffset, length >> 3);
      return without(({ timestamp }, row) => void (numbers[row] = timestamp));
    }
    case "deadtime": {
      const numbers = new Float64Array(buffer, byteOffset, length >> 3);
      return without(({ deadtime }, row) => void (numbers[row] = deadtime));
    }
    case "redelivered":
      return without(({ redelivered }, row) => void (bits[row] = redelivered === true ? 1 : 0));
    case "field": {
      const { name } = source.field;
      if (source.part !== null) return putPart(name, source.part, { values, valuesPerRow, type });
      if (column.form === "one bit each") return putConverted(name, bits, valuesPerRow);
      if (column.form === "widened to int32") {
        return putConverted(name, new Int32Array(buffer, byteOffset, length >> 2), valuesPerRow);
      }
      if (column.form === "float16 as float32") {
        return putHalves(name, new Int32Array(buffer, byteOffset, length >> 2), valuesPerRow);
      }
      if (column.form === "bytes with length") return putWithLengths(name, values, type.valueBytes);
      if (valuesPerRow === 1 && type.kind !== "bytes") return putWords(name, values, type.valueBytes);
      return putBytes(name, values, valuesPerRow * type.valueBytes);
    }
  }
}

/** Copies with conversion between types of numbers. */
function putConverted(name: string, values: Uint8Array | Int32Array, valuesPerRow: number): Putter {
  return {
    view: (data) => data[name],
    put: valuesPerRow === 1
      ? (_event, view, row) => void (values[row] = view![0])
      : (_event, view, row) => values.set(view!, row * valuesPerRow),
  };
}

/** Copies one number as integers, which keeps every bit of it; `set` takes longer for so little. */
function putWords(name: string, values: Uint8Array<ArrayBuffer>, valueBytes: number): Putter {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length >> 2);
  const view = (data: Columns) => new Int32Array(data[name].buffer, data[name].byteOffset, valueBytes >> 2);
  if (valueBytes === 4) return { view, put: (_event, view, row) => void (words[row] = view![0]) };
  return {
    view,
    put: (_event, view, row) => {
      words[2 * row] = view![0];
      words[2 * row + 1] = view![1];
    },
  };
}

function putHalves(name: string, words: Int32Array, valuesPerRow: number): Putter {
  const widened = float32BitsOfHalves();
  return {
    view: (data) => new Uint16Array(data[name].buffer, data[name].byteOffset, valuesPerRow),
    put: (_event, view, row) => {
      for (let i = 0, at = row * valuesPerRow; i < valuesPerRow; i++) words[at + i] = widened[view![i]];
    },
  };
}

function putWithLengths(name: string, values: Uint8Array<ArrayBuffer>, valueBytes: number): Putter {
  const lengths = new DataView(values.buffer, values.byteOffset, values.byteLength);
  return {
    view: (data) => new Uint8Array(data[name].buffer, data[name].byteOffset, data[name].byteLength),
    put: (_event, view, row) => {
      const bytes = view as Uint8Array;
      let at = row * (bytes.length / valueBytes) * (4 + valueBytes);
      for (let from = 0; from < bytes.length; from += valueBytes) {
        lengths.setUint32(at, valueBytes, true);
        values.set(bytes.subarray(from, from + valueBytes), at + 4);
        at += 4 + valueBytes;
      }
    },
  };
}

/** Copies memory as it is. */
function putBytes(name: string, values: Uint8Array, rowBytes: number): Putter {
  return {
    view: (data) => new Uint8Array(data[name].buffer, data[name].byteOffset, data[name].byteLength),
    put: (_event, view, row) => values.set(view!, row * rowBytes),
  };
}

/** Takes the real or the imaginary parts out of complex numbers, as integers. */
function putPart(
  name: string,
  part: 0 | 1,
  { values, valuesPerRow, type }: { values: Uint8Array<ArrayBuffer>; valuesPerRow: number; type: FieldType },
): Putter {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length >> 2);
  const wordsPerPart = type.valueBytes >> 2;
  return {
    view: (data) => new Int32Array(data[name].buffer, data[name].byteOffset, data[name].byteLength >> 2),
    put: (_event, view, row) => {
      let to = row * valuesPerRow * wordsPerPart;
      for (let i = part * wordsPerPart; i < view!.length; i += 2 * wordsPerPart) {
        for (let word = 0; word < wordsPerPart; word++) words[to++] = view![i + word];
      }
    },
  };
}

/** One bit a value, the first value in the lowest bit. */
function packBits(values: Uint8Array, target: Uint8Array): void {
  for (let byte = 0, i = 0; i < values.length; byte++) {
    let bits = 0;
    for (let bit = 0; bit < 8 && i < values.length; bit++, i++) bits |= (values[i] !== 0 ? 1 : 0) << bit;
    target[byte] = bits;
  }
}
