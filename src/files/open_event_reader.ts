/** Readers of event files of all kinds, found by what is in the files. */
import { openByteSource } from "./byte_source.ts";
import { DamagedFileError } from "./damaged_file_error.ts";
import type { EventReader } from "./event_reader.ts";
import { fileError } from "./file_error.ts";
import { JOURNAL_MAGIC } from "./journal_header.ts";
import { JOURNAL_EXTENSION } from "./journal_parts.ts";
import { JournalReader } from "./journal_reader.ts";
import { isMimo } from "./mimo_header.ts";
import { MimoReader } from "./mimo_reader.ts";
import { isParquetTable } from "./parquet_table_reader.ts";
import { RecordingEvents } from "./recording_events.ts";
import { TableEvents } from "./table_events.ts";
import { BLOCK_BYTES, readTarHeader } from "./tar_header.ts";
import { TextEvents, type TextField } from "./text_events.ts";

/** Kinds of files that hold events. */
export type EventFormat = "journal" | "parquet" | "tar" | "csv" | "mimo";

/** Options of {@linkcode openEventReader}. */
export interface OpenEventsOptions {
  /** Pass over what is damaged; the reader's `faults` tell what that was. @default {false} */
  salvage?: boolean;
  /** Fields of a text table by their titles. @default {found in its values} */
  fields?: ReadonlyMap<string, TextField>;
  /** Gets a sentence for each thing in an archive that is no event. @default {no notices} */
  onNotice?: (text: string) => void;
}

const PARQUET_MAGIC = [0x50, 0x41, 0x52, 0x31]; // "PAR1"

/**
 * Says what kind of file a path is, by its first bytes; damaged ones by their names.
 *
 * @throws {Error} If it cannot be read; the message names it.
 */
export function eventFormat(path: string): EventFormat {
  if (isFolder(path)) return "parquet";
  const begin = unpackedBegin(path);
  if (startsWith(begin, JOURNAL_MAGIC) || path.endsWith(JOURNAL_EXTENSION)) return "journal";
  if (startsWith(begin, PARQUET_MAGIC) || /\.parquet(\.new)?$/.test(path)) return "parquet";
  if (isMimo(begin) || path.endsWith(".mimo")) return "mimo";
  const isTar = begin.length === BLOCK_BYTES && readTarHeader(begin) !== null;
  return isTar || /\.(tar|tgz|tbz2?)(\.(gz|bz2))?$/.test(path) ? "tar" : "csv";
}

/**
 * Opens a file of events: a journal, a Parquet table (its folder, or one of its files), an archive of Parquet files, a
 * text table or a file of mimoCoRB2.
 *
 * @throws {DamagedFileError} If its beginning is damaged; it has the byte.
 * @throws {TypeError} If it has fields that this package does not have types for.
 * @throws {Error} If it cannot be read or is of no such kind; the message names it.
 */
export function openEventReader(path: string, options: OpenEventsOptions = {}): EventReader {
  const { salvage = false, fields, onNotice } = options;
  switch (eventFormat(path)) {
    case "journal":
      return new JournalReader(path, { salvage });
    case "parquet":
      if (!isFolder(path) && !isParquetTable(path)) throw noTable(path);
      return new TableEvents(path, { salvage });
    case "mimo":
      return new MimoReader(path);
    case "tar":
      return new RecordingEvents(path, { salvage, ...(onNotice === undefined ? {} : { onNotice }) });
    case "csv":
      return new TextEvents(path, { salvage, ...(fields === undefined ? {} : { fields }) });
  }
}

function noTable(path: string): Error {
  return new Error(
    `Cannot read "${path}": expected a table with one row per event, as save_parquet_table writes it, found another ` +
      `Parquet file`,
  );
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** The first block of a file, unpacked if it is packed; what there is of a damaged one. */
function unpackedBegin(path: string): Uint8Array<ArrayBuffer> {
  const begin = new Uint8Array(BLOCK_BYTES);
  try {
    const source = openByteSource(path);
    try {
      return begin.subarray(0, source.read(begin));
    } finally {
      source.close();
    }
  } catch (error) {
    if (error instanceof DamagedFileError) return begin.subarray(0, 0);
    throw error;
  }
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
}
