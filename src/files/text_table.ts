/** Writer of tables as text: one line per event, columns between tabs or commas. */
import type { BigIntColumn, NumberColumn } from "../record/field_type.ts";
import type { Columns, RecordField, RecordLayout } from "../record/record_layout.ts";
import type { EventRecord } from "./event_record.ts";
import { cutBack, fileError } from "./file_error.ts";
import { float32Text, floatText } from "./float_text.ts";
import { cutTornLine, endOfLines, type WholeLines } from "./text_completion.ts";

/** Columns that stand before the fields. */
export const METADATA_COLUMNS: readonly string[] = ["counter", "timestamp", "deadtime"];

/** Options of {@linkcode TextTableWriter}. */
export interface TextTableOptions {
  /** What stands between columns: a tab as in v1, or a comma as in v2. @default {"\t"} */
  separator?: string;
  /** Titles of columns in the header line, by column name; metadata columns count. @default {the names themselves} */
  headerAlias?: Readonly<Record<string, string>>;
  /**
   * Longest time for which a line waits in memory, in ms; looked at when the next one is written, so call
   * {@linkcode TextTableWriter.flush} when nothing comes. @default {1000}
   */
  flushIntervalMs?: number;
  /** Replace a file of that name instead of refusing. @default {false} */
  overwrite?: boolean;
  /** Go on with a file of that name and the same header; a torn last line of it is cut off. @default {false} */
  append?: boolean;
}

/** Characters that are collected before they are written to the file in one go. */
const BATCH_CHARACTERS = 1 << 16;

/** Writes one value of a field as text. */
type ValueText = (data: Columns) => string;

/**
 * Writes events of one value per field as lines of text, as v1's `save_to_txt` does: a header line, then
 * `counter timestamp deadtime` and the fields of each event. Integers are written as integers, truth values as 0 and 1,
 * floating point numbers as the shortest decimal that reads back as the same number. All calls are synchronous.
 *
 * @example Write a table with one line
 * ```ts
 * import { allocateColumns, recordLayout, TextTableWriter } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = Deno.makeTempDirSync();
 * const layout = recordLayout({ height: "float32", position: "int32" }, 1);
 * const data = allocateColumns(layout);
 * data.height[0] = 12.5;
 * data.position[0] = 137;
 * {
 *   using table = new TextTableWriter(`${folder}/heights.csv`, layout, { separator: "," });
 *   table.write({ data, counter: 0, timestamp: 1700000000.25, deadtime: 0.01 });
 * }
 * assertEquals(
 *   Deno.readTextFileSync(`${folder}/heights.csv`),
 *   "counter,timestamp,deadtime,height,position\n0,1700000000.25,0.01,12.5,137\n",
 * );
 * Deno.removeSync(folder, { recursive: true });
 * ```
 */
export class TextTableWriter implements Disposable {
  /** Path of the file, as given. */
  readonly path: string;
  readonly #separator: string;
  readonly #flushIntervalMs: number;
  readonly #values: readonly ValueText[];
  readonly #encoder = new TextEncoder();
  #file: Deno.FsFile | null;
  #text = "";
  #bytes = new Uint8Array(4 * BATCH_CHARACTERS);
  /** Bytes and lines of the file; the ones behind were not written whole. */
  #fileBytes = 0;
  #fileRows = 0;
  #rowsBefore = 0;
  #rows = 0;
  #flushedAtMs = performance.now();

  /**
   * Creates the file with its header line.
   *
   * @param path Path of the file, which must not exist unless `overwrite` is set.
   * @param layout Layout of the events, one value per field.
   * @throws {RangeError} If the events have more than one value per field.
   * @throws {Error} If the file cannot be created or written; the message names it.
   */
  constructor(path: string, layout: RecordLayout, options: TextTableOptions = {}) {
    const { separator = "\t", headerAlias = {}, flushIntervalMs = 1000, overwrite = false, append = false } = options;
    if (layout.valuesPerSlot !== 1) {
      throw new RangeError(
        `Cannot write events to the text table "${path}": expected one value per field, found ` +
          `${layout.valuesPerSlot}; waveforms can be stored as Parquet files`,
      );
    }
    this.path = path;
    this.#separator = separator;
    this.#flushIntervalMs = flushIntervalMs;
    this.#values = layout.fields.map((field) => valueText(field, separator));
    const names = [...METADATA_COLUMNS, ...layout.fields.map(({ name }) => name)];
    const header =
      names.map((name) => cellText(Object.hasOwn(headerAlias, name) ? headerAlias[name] : name, separator)).join(
        separator,
      ) + "\n";
    const isThere = append && exists(path);
    const before = isThere ? endOfLines(path) : null;
    if (before !== null) cutTornLine(path, before);
    try {
      const mode = isThere ? {} : overwrite ? { create: true, truncate: true } : { createNew: true };
      this.#file = Deno.openSync(path, { read: isThere, write: true, ...mode });
    } catch (error) {
      throw fileError("create", path, error);
    }
    try {
      if (before !== null) this.#goOn(header, before);
      if (this.#fileBytes === 0) {
        this.#text = header;
        this.flush();
      }
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  /** Lines that a file which is continued had already, the header not counted. */
  get rowsBefore(): number {
    return this.#rowsBefore;
  }

  /** Lines written so far, the header not counted, nor those of a file that is continued. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Writes one event; nothing of it is kept.
   *
   * @throws {TypeError} If the file is closed.
   * @throws {Error} As {@linkcode TextTableWriter.flush}.
   */
  write(event: EventRecord): void {
    if (this.#file === null) {
      throw new TypeError(`Cannot write to "${this.path}": expected an open file, found a closed one`);
    }
    const separator = this.#separator;
    let line = event.counter + separator + floatText(event.timestamp) + separator + floatText(event.deadtime);
    const values = this.#values;
    for (let i = 0; i < values.length; i++) line += separator + values[i](event.data);
    this.#text += line + "\n";
    this.#rows++;
    if (this.#text.length >= BATCH_CHARACTERS || performance.now() - this.#flushedAtMs >= this.#flushIntervalMs) {
      this.flush();
    }
  }

  /**
   * Writes all lines to the file.
   *
   * @throws {Error} If the disk is full or the file cannot be written; the message names it. The file then is cut back to
   *   what the last flush before left, and the lines since are gone; call it after each event to know which ones these are.
   */
  flush(): void {
    this.#flushedAtMs = performance.now();
    if (this.#file === null || this.#text === "") return;
    if (this.#bytes.length < 3 * this.#text.length) this.#bytes = new Uint8Array(3 * this.#text.length);
    const { written } = this.#encoder.encodeInto(this.#text, this.#bytes);
    this.#text = "";
    try {
      for (let done = 0; done < written;) done += this.#file.writeSync(this.#bytes.subarray(done, written));
    } catch (error) {
      cutBack(this.#file, this.#fileBytes);
      this.#rows = this.#fileRows;
      throw fileError("write", this.path, error);
    }
    this.#fileBytes += written;
    this.#fileRows = this.#rows;
  }

  /** Writes what is left and closes the file. Idempotent; the file is closed also if that fails. Throws as `flush` does. */
  close(): void {
    if (this.#file === null) return;
    try {
      this.flush();
    } finally {
      this.#file.close();
      this.#file = null;
    }
  }

  /** Same as {@linkcode TextTableWriter.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Goes to the end of a file of the same columns. */
  #goOn(header: string, { lines }: WholeLines): void {
    const file = this.#file!;
    const wanted = this.#encoder.encode(header);
    const found = new Uint8Array(wanted.length);
    const length = file.readSync(found) ?? 0;
    this.#fileBytes = file.seekSync(0, Deno.SeekMode.End);
    if (length === 0) return;
    if (wanted.every((byte, i) => byte === found[i])) {
      this.#rowsBefore = lines - 1;
      return;
    }
    throw new TypeError(
      `Cannot go on with "${this.path}": expected the header ${JSON.stringify(header.trimEnd())}, found another one`,
    );
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function valueText({ name, type }: RecordField, separator: string): ValueText {
  if (type.kind === "bytes") return (data) => cellText(bytesText(data[name] as Uint8Array), separator);
  const float = type.name === "float32" || type.name === "complex64"
    ? float32Text
    : type.name === "float16"
    ? float16Text
    : floatText;
  if (type.kind === "complex") return (data) => complexText(float(data[name][0]), float(data[name][1]));
  if (type.kind === "float") return (data) => float(data[name][0]);
  return (data) => String((data[name] as NumberColumn | BigIntColumn)[0]);
}

/** As Python's `complex()` reads it. */
function complexText(real: string, imaginary: string): string {
  return `${real}${/^[-]/.test(imaginary) ? "" : "+"}${imaginary}j`;
}

/** Five digits always tell float16 numbers apart. */
function float16Text(value: number): string {
  for (let digits = 1; digits < 5; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.f16round(rounded) === value) return floatText(rounded);
  }
  return floatText(value);
}

/** Bytes up to the zeros at their end, as NumPy shows them. */
function bytesText(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
}

/** Quotes a text that would break its line (RFC 4180). */
function cellText(text: string, separator: string): string {
  return text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
