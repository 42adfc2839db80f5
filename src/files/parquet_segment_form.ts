/** What a file of a table is made of, found from its end, or, where that is not whole, from its beginning. */
import { crc32 } from "node:zlib";
import { DamagedFileError, type FileFault } from "./damaged_file_error.ts";
import { LONGEST_PAGE_HEADER, pageBodyBytes, readPageHeader } from "./parquet_page.ts";
import {
  decodeFooter,
  encodeFooter,
  groupBytes,
  PARQUET_MAGIC,
  type RowGroupPlace,
  type TableFooter,
  type TableNote,
  TAIL_BYTES,
} from "./parquet_table_footer.ts";
import { type TableColumn, tableColumns } from "./parquet_table_schema.ts";
import type { PositionedFile } from "./positioned_file.ts";

/** The form of a file. */
export interface SegmentForm {
  readonly note: TableNote;
  readonly noteText: string;
  readonly columns: readonly TableColumn[];
  /** Row groups that are there as a whole; their pages have not been looked at. */
  readonly groups: readonly RowGroupPlace[];
  /** Where the first of them begins. */
  readonly groupsBegin: number;
  /** Where the last of them ends, which is where the footer begins or should begin. */
  readonly groupsEnd: number;
  /** What is wrong outside of these row groups; at most one at each end. */
  readonly faults: readonly FileFault[];
}

/** Sizes of pieces in which the beginning of a file is searched for the end of the footer that stands there. */
const HEAD_BYTES = [1 << 13, 1 << 18, 1 << 24];

/**
 * Finds out how a file is made.
 *
 * @throws {DamagedFileError} If neither its beginning nor its end can be read: nothing can be had of it then.
 * @throws {Error} If it is a Parquet file of another program, or of a later version.
 */
export function readSegmentForm(file: PositionedFile): SegmentForm {
  const footer = footerAtEnd(file);
  if (footer !== null) return formByFooter(file, footer);
  const head = footerAtBegin(file);
  if (head === null) throw unreadable(file);
  return formByPages(file, head);
}

/**
 * Checks the pages of a row group.
 *
 * @param bytes The whole row group.
 * @returns The first page that is not what was written, or null.
 */
export function faultInGroup(
  form: SegmentForm,
  group: RowGroupPlace,
  { bytes, path }: { bytes: Uint8Array; path: string },
): FileFault | null {
  let at = 0;
  for (const [i, column] of form.columns.entries()) {
    const pageBytes = group.pageBytes[i];
    const bodyBytes = pageBodyBytes(column, group.rows);
    const headerBytes = pageBytes - bodyBytes;
    const header = readPageHeader(bytes, at);
    const isHeader = header !== null && header.headerBytes === headerBytes && header.bodyBytes === bodyBytes &&
      header.values === group.rows * column.valuesPerRow;
    const isWhole = isHeader && at + pageBytes <= bytes.length &&
      crc32(bytes.subarray(at + headerBytes, at + pageBytes)) === header.crc;
    if (!isWhole) {
      return {
        path,
        offset: group.offset + at,
        byteLength: Math.max(0, Math.min(isHeader ? pageBytes : headerBytes, bytes.length - at)),
        reason: `${isHeader ? "a page with a wrong checksum" : "a damaged page header"} in column "${column.title}"`,
        events: group.rows,
        isTail: false,
      };
    }
    at += pageBytes;
  }
  return null;
}

function footerAtEnd(file: PositionedFile): (TableFooter & { readonly begin: number }) | null {
  const tail = file.read(file.size - TAIL_BYTES, TAIL_BYTES);
  if (tail.length < TAIL_BYTES || !isMagic(tail, 4)) return null;
  const length = new DataView(tail.buffer).getUint32(0, true);
  const begin = file.size - TAIL_BYTES - length;
  if (begin < PARQUET_MAGIC.length) return null;
  const footer = decodeOf(file, file.read(begin, length));
  return footer === null ? null : { ...footer, begin };
}

/** Finds the footer without rows with which every file begins; its length stands behind it. */
function footerAtBegin(file: PositionedFile): (TableFooter & { readonly end: number }) | null {
  for (const length of HEAD_BYTES) {
    const head = file.read(0, length);
    if (head.length < PARQUET_MAGIC.length) return null;
    const view = new DataView(head.buffer, head.byteOffset, head.length);
    for (let at = PARQUET_MAGIC.length + 4; at + 4 <= head.length; at++) {
      if (head[at] !== PARQUET_MAGIC[0] || !isMagic(head, at)) continue;
      const footerBytes = at - 4 - PARQUET_MAGIC.length;
      if (view.getUint32(at - 4, true) !== footerBytes) continue;
      const footer = decodeOf(file, head.subarray(PARQUET_MAGIC.length, at - 4));
      if (footer !== null) return { ...footer, end: at + 4 };
    }
    if (head.length < length) return null;
  }
  return null;
}

function decodeOf(file: PositionedFile, bytes: Uint8Array): TableFooter | null {
  try {
    return decodeFooter(bytes);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read "${file.path}": ${found}`, { cause: error });
  }
}

/** The end is whole, so it says where everything is; only the beginning may be damaged. */
function formByFooter(file: PositionedFile, footer: TableFooter & { readonly begin: number }): SegmentForm {
  const { note, noteText, groups, begin } = footer;
  const columns = tableColumns(note.layout);
  const groupsBegin = groups[0]?.offset ?? begin;
  const wanted = headBytes(columns, noteText);
  const faults = differences(file, { offset: 0, bytes: file.read(0, groupsBegin), wanted }, "a damaged beginning");
  return { note, noteText, columns, groups, groupsBegin, groupsEnd: begin, faults };
}

/** The end is missing or damaged: goes from page to page, and compares what follows with the footer that belongs there. */
function formByPages(file: PositionedFile, head: TableFooter & { readonly end: number }): SegmentForm {
  const { note, noteText } = head;
  const columns = tableColumns(note.layout);
  const wantedHead = headBytes(columns, noteText);
  const faults = differences(
    file,
    { offset: 0, bytes: file.read(0, head.end), wanted: wantedHead },
    "a damaged beginning",
  );
  const groups: RowGroupPlace[] = [];
  let end = head.end;
  for (let group = groupAt(file, columns, end); group !== null; group = groupAt(file, columns, end)) {
    groups.push(group);
    end += groupBytes(group);
  }
  const wanted = encodeFooter(columns, noteText, groups);
  const rest = file.read(end, file.size - end);
  const isFooter = rest.length === wanted.length;
  const isCutFooter = rest.length < wanted.length && rest.every((byte, i) => byte === wanted[i]);
  if (isFooter) {
    faults.push(...differences(file, { offset: end, bytes: rest, wanted }, "a damaged footer"));
  } else {
    faults.push({
      path: file.path,
      offset: isCutFooter ? file.size : end,
      byteLength: isCutFooter ? 0 : file.size - end,
      reason: isCutFooter ? "the end of the file inside its footer" : "a row group that is not whole",
      events: isCutFooter ? 0 : null,
      isTail: true,
    });
  }
  return { note, noteText, columns, groups, groupsBegin: head.end, groupsEnd: end, faults };
}

/** Looks for a row group by the headers of its pages. */
function groupAt(file: PositionedFile, columns: readonly TableColumn[], offset: number): RowGroupPlace | null {
  const pageBytes: number[] = [];
  let rows = 0;
  let at = offset;
  for (const column of columns) {
    const header = readPageHeader(file.read(at, LONGEST_PAGE_HEADER), 0);
    if (header === null) return null;
    if (pageBytes.length === 0) rows = header.values / column.valuesPerRow;
    const isExpected = Number.isInteger(rows) && rows > 0 && header.values === rows * column.valuesPerRow &&
      header.bodyBytes === pageBodyBytes(column, rows);
    const bytes = header.headerBytes + header.bodyBytes;
    if (!isExpected || at + bytes > file.size) return null;
    pageBytes.push(bytes);
    at += bytes;
  }
  return { offset, rows, pageBytes };
}

function headBytes(columns: readonly TableColumn[], noteText: string): Uint8Array {
  const footer = encodeFooter(columns, noteText, []);
  const bytes = new Uint8Array(PARQUET_MAGIC.length + footer.length);
  bytes.set(PARQUET_MAGIC);
  bytes.set(footer, PARQUET_MAGIC.length);
  return bytes;
}

/** The stretch from the first to the last byte that is another one; none if all are the same. */
function differences(
  file: PositionedFile,
  { offset, bytes, wanted }: { offset: number; bytes: Uint8Array; wanted: Uint8Array },
  reason: string,
): FileFault[] {
  const length = Math.max(bytes.length, wanted.length);
  let first = 0;
  while (first < length && bytes[first] === wanted[first]) first++;
  if (first === length) return [];
  let last = length - 1;
  while (bytes[last] === wanted[last]) last--;
  return [{
    path: file.path,
    offset: offset + first,
    byteLength: last + 1 - first,
    reason,
    events: 0,
    isTail: false,
  }];
}

function isMagic(bytes: Uint8Array, at: number): boolean {
  return PARQUET_MAGIC.every((byte, i) => bytes[at + i] === byte);
}

function unreadable(file: PositionedFile): Error {
  const { path, size } = file;
  const begin = file.read(0, PARQUET_MAGIC.length);
  const end = file.read(size - PARQUET_MAGIC.length, PARQUET_MAGIC.length);
  if (size > 2 * TAIL_BYTES && isMagic(begin, 0) && isMagic(end, 0) && !mentionsTable(file)) {
    return new Error(
      `Cannot read "${path}": expected a table of save_parquet_table, found a Parquet file of another program`,
    );
  }
  if (size >= PARQUET_MAGIC.length && !isMagic(begin, 0) && !isMagic(end, 0)) {
    return new Error(`Cannot read "${path}": expected a table of save_parquet_table, found other data`);
  }
  const reason = size === 0 ? "an empty file" : "neither a whole beginning nor a whole end";
  const fault = { path, offset: 0, byteLength: size, reason, events: null, isTail: true };
  return new DamagedFileError(fault, "a table of save_parquet_table");
}

/** True if a word that only our files have stands near one of the ends, so that the file is a damaged one of ours. */
function mentionsTable(file: PositionedFile): boolean {
  const word = "mimocorb table";
  const pieces = [file.read(0, HEAD_BYTES[1]), file.read(Math.max(0, file.size - HEAD_BYTES[1]), HEAD_BYTES[1])];
  return pieces.some((piece) => new TextDecoder("latin1").decode(piece).includes(word));
}
