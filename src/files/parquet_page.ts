/** Data pages of a table: one per column and row group, plain values behind their levels, with a checksum. */
import type { TableColumn } from "./parquet_table_schema.ts";
import { valueBytes } from "./parquet_table_schema.ts";

/** Bytes of the longest header that {@linkcode writePageHeader} writes. */
export const LONGEST_PAGE_HEADER = 32;

/** What the header of a page says. */
export interface PageHeader {
  /** Bytes of the header. */
  readonly headerBytes: number;
  /** Bytes of the page behind it. */
  readonly bodyBytes: number;
  readonly values: number;
  /** CRC-32 of the body, as an unsigned number. */
  readonly crc: number;
}

/** Codes of Thrift's compact protocol: the next field is an i32, or a struct. */
const NEXT_I32 = 0x15;
const NEXT_STRUCT = 0x1c;
const STOP = 0;

/** Numbers of the format's Thrift definition, zigzag encoded. */
const DATA_PAGE = 0;
const PLAIN = 0;
const RLE = 6;

/**
 * Writes the header of a data page (version 1, plain, levels RLE) so that it ends at `end`.
 *
 * @returns Where it begins.
 */
export function writePageHeader(
  target: Uint8Array,
  end: number,
  header: { bodyBytes: number; values: number; crc: number },
): number {
  const { bodyBytes, values, crc } = header;
  const bytes: number[] = [NEXT_I32, DATA_PAGE, NEXT_I32];
  pushVarint(bytes, 2 * bodyBytes);
  bytes.push(NEXT_I32);
  pushVarint(bytes, 2 * bodyBytes);
  bytes.push(NEXT_I32);
  pushVarint(bytes, zigzag(crc | 0));
  bytes.push(NEXT_STRUCT, NEXT_I32);
  pushVarint(bytes, 2 * values);
  bytes.push(NEXT_I32, PLAIN, NEXT_I32, RLE, NEXT_I32, RLE, STOP, STOP);
  target.set(bytes, end - bytes.length);
  return end - bytes.length;
}

/**
 * Reads a header as {@linkcode writePageHeader} writes it.
 *
 * @param bytes Memory that holds the header from `offset` on.
 * @returns Null if it is not exactly such a header.
 */
export function readPageHeader(bytes: Uint8Array, offset: number): PageHeader | null {
  const cursor = { bytes, at: offset };
  if (!takeAll(cursor, [NEXT_I32, DATA_PAGE, NEXT_I32])) return null;
  const uncompressed = takeVarint(cursor);
  if (!takeAll(cursor, [NEXT_I32]) || takeVarint(cursor) !== uncompressed || !takeAll(cursor, [NEXT_I32])) return null;
  const crc = takeVarint(cursor);
  if (!takeAll(cursor, [NEXT_STRUCT, NEXT_I32])) return null;
  const values = takeVarint(cursor);
  if (!takeAll(cursor, [NEXT_I32, PLAIN, NEXT_I32, RLE, NEXT_I32, RLE, STOP, STOP])) return null;
  if (uncompressed % 2 !== 0 || values % 2 !== 0 || !(uncompressed >= 0 && values >= 0)) return null;
  if (crc < 0 || crc >= 2 ** 32) return null;
  const signed = crc % 2 === 0 ? crc / 2 : -(crc + 1) / 2;
  return { headerBytes: cursor.at - offset, bodyBytes: uncompressed / 2, values: values / 2, crc: signed >>> 0 };
}

/**
 * Writes the levels that stand before the values of a list column: for each row a 0 and then ones as repetition levels,
 * and ones as definition levels, both run-length encoded with their length in bytes before them.
 *
 * Source: "Run Length Encoding / Bit-Packing Hybrid" in Encodings.md of the Parquet format.
 *
 * @param column The column; one that is no list has no levels.
 * @returns The bytes; they depend on nothing but the number of rows and of values per row.
 */
export function listLevels({ valuesPerRow }: TableColumn, rows: number): Uint8Array<ArrayBuffer> {
  if (valuesPerRow === 1) return new Uint8Array(0);
  const row: number[] = [1 << 1, 0];
  pushVarint(row, 2 * (valuesPerRow - 1));
  row.push(1);
  const definition: number[] = [];
  pushVarint(definition, 2 * rows * valuesPerRow);
  definition.push(1);
  const repetitionBytes = rows * row.length;
  const levels = new Uint8Array(4 + repetitionBytes + 4 + definition.length);
  const view = new DataView(levels.buffer);
  view.setUint32(0, repetitionBytes, true);
  for (let at = 4; at < 4 + repetitionBytes; at += row.length) levels.set(row, at);
  view.setUint32(4 + repetitionBytes, definition.length, true);
  levels.set(definition, 8 + repetitionBytes);
  return levels;
}

/** Bytes of a page without its header: levels and values. */
export function pageBodyBytes(column: TableColumn, rows: number): number {
  return levelBytes(column, rows) + valueBytes(column, rows);
}

/** Length of what {@linkcode listLevels} gives. */
export function levelBytes({ valuesPerRow }: TableColumn, rows: number): number {
  if (valuesPerRow === 1) return 0;
  return 4 + rows * (3 + varintBytes(2 * (valuesPerRow - 1))) + 4 + varintBytes(2 * rows * valuesPerRow) + 1;
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** Seven bits a byte, lowest first; divides, because shifts would cut the value to 32 bits. */
function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push(rest % 0x80 | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

function takeAll(cursor: Cursor, wanted: readonly number[]): boolean {
  return wanted.every((byte) => cursor.bytes[cursor.at++] === byte);
}

/** Returns -1 if there is none of at most 33 bits in its shortest form. */
function takeVarint(cursor: Cursor): number {
  let value = 0;
  for (let place = 1; place <= 0x80 ** 4; place *= 0x80) {
    const byte = cursor.bytes[cursor.at++] ?? 0;
    value += (byte & 0x7f) * place;
    if (byte < 0x80) return byte === 0 && place > 1 ? -1 : value;
  }
  return -1;
}
