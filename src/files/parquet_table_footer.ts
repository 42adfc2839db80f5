/** The footer of a table's files: written, checked and read back. */
import { crc32 } from "node:zlib";
import { parquetMetadata } from "hyparquet/src/metadata.js";
import manifest from "../../deno.json" with { type: "json" };
import { layoutFromJson, layoutToJson, type RecordLayout } from "../record/record_layout.ts";
import type { JournalOrigin } from "./journal_header.ts";
import { ATTRIBUTES_KEY } from "./parquet_writer.ts";
import type { TableColumn } from "./parquet_table_schema.ts";
import { ThriftStruct } from "./thrift_compact.ts";

/** First and last bytes of every Parquet file. */
export const PARQUET_MAGIC: Uint8Array<ArrayBuffer> = new TextEncoder().encode("PAR1");

/** Bytes behind a footer: its length and the magic word. */
export const TAIL_BYTES = 8;

/** Keys of the notes: what the table is, and the checksum of the footer, which the format itself does not have. */
const NOTE_KEY = "mimocorb";
const CRC_KEY = "mimocorb.crc32";

const CRC_DIGITS = 8;
const CRC_BLANK = "0".repeat(CRC_DIGITS);

/** Numbers of the format's Thrift definition. */
const FORMAT_VERSION = 2;
const PLAIN = 0;
const RLE = 3;
const UNCOMPRESSED = 0;

const NOTE_VERSION = 1;

/** Where a row group lies in its file. */
export interface RowGroupPlace {
  /** Its first byte. */
  readonly offset: number;
  readonly rows: number;
  /** Bytes of each column's page with its header; the pages follow one another. */
  readonly pageBytes: readonly number[];
}

/** What a file says about itself. */
export interface TableNote {
  readonly layout: RecordLayout;
  readonly origin: JournalOrigin;
  /** Number of the file in its table, from 0, and of the worker that wrote it. */
  readonly part: number;
  readonly worker: number;
}

/** A footer that was read. */
export interface TableFooter {
  readonly note: TableNote;
  /** The note as it stands in the file. */
  readonly noteText: string;
  readonly groups: readonly RowGroupPlace[];
}

/** Bytes of a row group. */
export function groupBytes({ pageBytes }: RowGroupPlace): number {
  return pageBytes.reduce((sum, bytes) => sum + bytes, 0);
}

/** Writes a note as JSON. */
export function encodeNote({ layout, origin, part, worker }: TableNote): string {
  return JSON.stringify({
    format: "mimocorb table",
    version: NOTE_VERSION,
    program: `${manifest.name} ${manifest.version}`,
    part,
    worker,
    layout: JSON.parse(layoutToJson(layout)),
    origin,
  });
}

/**
 * Writes a footer with its tail.
 *
 * @param columns Columns of the layout that the note names.
 * @param noteText Result of {@linkcode encodeNote}.
 * @param groups Row groups of the file.
 */
export function encodeFooter(
  columns: readonly TableColumn[],
  noteText: string,
  groups: readonly RowGroupPlace[],
): Uint8Array<ArrayBuffer> {
  const elements = columns.flatMap(({ schemaElements }) => schemaElements);
  const { program, origin } = JSON.parse(noteText) as { program: string; origin: JournalOrigin };
  const keyValue = (key: string, value: string) => new ThriftStruct().text(1, key).text(2, value);
  const footer = new ThriftStruct().i32(1, FORMAT_VERSION)
    .structs(2, [new ThriftStruct().text(4, "schema").i32(5, columns.length), ...elements])
    .i64(3, groups.reduce((sum, { rows }) => sum + rows, 0))
    .structs(4, groups.map((group) => rowGroup(columns, group)))
    .structs(5, [
      keyValue(NOTE_KEY, noteText),
      keyValue(ATTRIBUTES_KEY, JSON.stringify(origin)),
      keyValue(CRC_KEY, CRC_BLANK),
    ])
    .text(6, program).toBytes();
  const digits = crc32(footer).toString(16).padStart(CRC_DIGITS, "0");
  footer.set(new TextEncoder().encode(digits), checksumOffset(footer));
  const bytes = new Uint8Array(footer.length + TAIL_BYTES);
  bytes.set(footer);
  new DataView(bytes.buffer).setUint32(footer.length, footer.length, true);
  bytes.set(PARQUET_MAGIC, footer.length + 4);
  return bytes;
}

/**
 * Reads a footer.
 *
 * @param footer Its bytes without the tail.
 * @returns Null if it is damaged or none of ours.
 */
export function decodeFooter(footer: Uint8Array): TableFooter | null {
  const at = checksumOffset(footer);
  if (at < 0) return null;
  const blanked = footer.slice();
  const digits = new TextDecoder().decode(footer.subarray(at, at + CRC_DIGITS));
  blanked.set(new TextEncoder().encode(CRC_BLANK), at);
  if (digits !== crc32(blanked).toString(16).padStart(CRC_DIGITS, "0")) return null;
  const file = new Uint8Array(footer.length + TAIL_BYTES);
  file.set(footer);
  new DataView(file.buffer).setUint32(footer.length, footer.length, true);
  file.set(PARQUET_MAGIC, footer.length + 4);
  const { row_groups: rowGroups, key_value_metadata: notes } = parquetMetadata(file, { geoparquet: false });
  const noteText = notes?.find(({ key }) => key === NOTE_KEY)?.value ?? "";
  const groups = rowGroups.map(({ num_rows, columns }): RowGroupPlace => ({
    offset: Number(columns[0].meta_data!.data_page_offset),
    rows: Number(num_rows),
    pageBytes: columns.map(({ meta_data }) => Number(meta_data!.total_compressed_size)),
  }));
  return { note: decodeNote(noteText), noteText, groups };
}

/** Says whether bytes, such as the end of a file, are those of one of our tables. */
export function isTableFooter(bytes: Uint8Array): boolean {
  return checksumOffset(bytes) >= 0;
}

function decodeNote(text: string): TableNote {
  const { version, part, worker, layout, origin } = JSON.parse(text);
  if (version !== NOTE_VERSION) {
    throw new Error(`expected a table of version ${NOTE_VERSION}, found version ${version}; use a later program`);
  }
  return { layout: layoutFromJson(JSON.stringify(layout)), origin: origin as JournalOrigin, part, worker };
}

function rowGroup(columns: readonly TableColumn[], { offset, rows, pageBytes }: RowGroupPlace): ThriftStruct {
  let pageOffset = offset;
  const chunks = columns.map(({ physicalType, path, valuesPerRow }, i) => {
    const chunk = new ThriftStruct().i64(2, pageOffset).struct(
      3,
      new ThriftStruct().i32(1, physicalType).i32s(2, [PLAIN, RLE]).texts(3, path).i32(4, UNCOMPRESSED)
        .i64(5, rows * valuesPerRow).i64(6, pageBytes[i]).i64(7, pageBytes[i]).i64(9, pageOffset),
    );
    pageOffset += pageBytes[i];
    return chunk;
  });
  return new ThriftStruct().structs(1, chunks).i64(2, pageOffset - offset).i64(3, rows)
    .i64(5, offset).i64(6, pageOffset - offset);
}

/** The checksum's text stands behind its key, a field header and a length; -1 if it is not there. */
function checksumOffset(footer: Uint8Array): number {
  const key = new TextEncoder().encode(CRC_KEY);
  for (let at = footer.length - key.length - 2 - CRC_DIGITS; at >= 0; at--) {
    let i = 0;
    while (i < key.length && footer[at + i] === key[i]) i++;
    if (i === key.length) return at + key.length + 2;
  }
  return -1;
}
