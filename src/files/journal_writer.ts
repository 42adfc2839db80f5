/** Writer of journals, the native files for raw events. */
import type { Columns, RecordField, RecordLayout } from "../record/record_layout.ts";
import { crc32cOfWords } from "./crc32c.ts";
import type { EventRecord } from "./event_record.ts";
import { fileError } from "./file_error.ts";
import {
  columnBytesOf,
  COUNTER_HIGH_WORD,
  COUNTER_LOW_WORD,
  DEADTIME_DOUBLE,
  EVENT_FRAME,
  KIND_WORD,
  LENGTH_WORD,
  MARKER_WORD,
  NUMBER_WORD,
  packedOffsets,
  PAYLOAD_OFFSET,
  REDELIVERED_FLAG,
  SMALL_COLUMN_BYTES,
  TIMESTAMP_DOUBLE,
} from "./journal_frame.ts";
import {
  type JournalHeader,
  type JournalOrigin,
  type JournalPlace,
  type JournalStamp,
  newJournalHeader,
} from "./journal_header.ts";
import type { JournalIndex } from "./journal_index.ts";
import { createJournal, reopenJournal } from "./journal_opening.ts";

/** What a journal takes: an event, and whether it was delivered before to a worker that died. A ring's slot is one. */
export interface JournalRecord extends EventRecord {
  /** True if the event, or the one it was made of, was offered before to a worker that died. @default {false} */
  readonly redelivered?: boolean;
}

/** Options of {@linkcode JournalWriter}. */
export interface JournalWriterOptions {
  /** Where the events come from; noted in the header. @default {nothing is noted} */
  origin?: JournalOrigin;
  /**
   * Go on with a journal that exists: what stands behind its last whole event, a torn one or the index, is cut off first.
   * Without it an existing file is refused. @default {false}
   */
  append?: boolean;
  /** Bytes that are collected before they are written to the file in one go; at least one event. @default {1048576} */
  batchBytes?: number;
  /**
   * Longest time for which an event waits in memory, in ms; looked at when the next one is written, so call
   * {@linkcode JournalWriter.flush} when nothing comes. @default {1000}
   */
  flushIntervalMs?: number;
  /** Where the file stands among several of one journal. @default {it is the only one} */
  place?: JournalPlace;
  /** Fixed values for what is otherwise random or the present time. @default {none} */
  stamp?: JournalStamp;
}

const WORD = 4294967296;

/**
 * Writes events into a journal (`.mjournal`): a header with the record layout and where the events come from, then each
 * event with its metadata and a checksum, at the end an index. `docs/journal_format.md` describes every byte. A file that
 * was cut anywhere still gives every whole event; {@linkcode JournalReader} reads it, and `completeJournal` finishes it.
 *
 * Nothing is allocated per event. All calls are synchronous.
 *
 * @example Write and read a journal
 * ```ts
 * import { allocateColumns, JournalReader, JournalWriter, max, recordLayout } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = Deno.makeTempDirSync();
 * const path = `${folder}/muons.mjournal`;
 * const layout = recordLayout({ chA: "float32" }, 3);
 * {
 *   using journal = new JournalWriter(path, layout, { origin: { run: "test" } });
 *   const data = allocateColumns(layout);
 *   data.chA.set([1, 9, 2]);
 *   journal.write({ data, counter: 17, timestamp: 1700000000, deadtime: 0 });
 * }
 * using events = new JournalReader(path);
 * assertEquals(Array.from(events, ({ counter, data }) => [counter, max(data.chA)]), [[17, 9]]);
 * assertEquals(events.origin.run, "test");
 * Deno.removeSync(folder, { recursive: true });
 * ```
 */
export class JournalWriter implements Disposable {
  /** Path of the file, as given. */
  readonly path: string;
  /** What stands in the header of the file. */
  readonly header: JournalHeader;
  readonly #fields: readonly RecordField[];
  readonly #packed: readonly number[];
  readonly #frameBytes: number;
  readonly #capacity: number;
  readonly #flushIntervalMs: number;
  #file: Deno.FsFile | null;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  /** The first frame of it, for whoever flushes after each event. */
  readonly #firstFrame: Uint8Array<ArrayBuffer>;
  readonly #words: Int32Array<ArrayBuffer>;
  readonly #doubles: Float64Array<ArrayBuffer>;
  /** Events in memory that are not in the file yet. */
  #waiting = 0;
  /** Bytes of the file up to the last event in it. */
  #written: number;
  /** The events in the file. */
  readonly #index: JournalIndex;
  #flushedAtMs = performance.now();
  /** True after a write that failed: there may be half an event behind the last one. */
  #isTorn = false;
  /** Views of slots that were seen before, since a ring offers the same few again and again. */
  readonly #sources = new WeakMap<Columns, readonly Uint8Array[]>();

  /**
   * Creates the file with its header, or goes on with one.
   *
   * @param path Path of the file; it must not exist unless `append` is set.
   * @param layout Layout of the events.
   * @throws {TypeError} If a file to be continued has another layout; the message names both.
   * @throws {RangeError} If a record has more bytes than a frame can have.
   * @throws {DamagedFileError} If a file to be continued is no journal.
   * @throws {Error} If the file cannot be created or written; the message names it.
   */
  constructor(path: string, layout: RecordLayout, options: JournalWriterOptions = {}) {
    const { append = false, batchBytes = 1 << 20, flushIntervalMs = 1000 } = options;
    this.path = path;
    this.#fields = layout.fields;
    this.#packed = packedOffsets(layout);
    this.#flushIntervalMs = flushIntervalMs;
    const opened = (append ? reopenJournal(path, layout) : null) ??
      createJournal(path, newJournalHeader(layout, options));
    this.header = opened.header;
    this.#file = opened.file;
    this.#written = opened.written;
    this.#index = opened.index;
    this.#frameBytes = this.header.frameBytes;
    this.#capacity = Math.max(1, Math.floor(batchBytes / this.#frameBytes));
    const memory = new ArrayBuffer(this.#capacity * this.#frameBytes);
    this.#bytes = new Uint8Array(memory);
    this.#firstFrame = this.#bytes.subarray(0, this.#frameBytes);
    this.#words = new Int32Array(memory);
    this.#doubles = new Float64Array(memory);
  }

  /** Events in the file and in memory; with those that were there before. */
  get events(): number {
    return this.#index.events + this.#waiting;
  }

  /** Size of the file with all events so far and without the index, in bytes; part of it may still be in memory. */
  get byteLength(): number {
    return this.#written + this.#waiting * this.#frameBytes;
  }

  /**
   * Writes one event; nothing of it is kept.
   *
   * @throws {TypeError} If the journal is closed or the event has other fields.
   * @throws {Error} As `flush` does, if it is time to write to the file.
   */
  write(event: JournalRecord): void {
    if (this.#file === null) {
      throw new TypeError(`Cannot write to "${this.path}": expected an open journal, found a closed one`);
    }
    if (this.#waiting === this.#capacity) this.flush();
    const at = this.#waiting * this.#frameBytes;
    this.#copyColumns(event.data, at + PAYLOAD_OFFSET);
    const words = this.#words;
    const word = at >> 2;
    const { counter } = event;
    const high = Math.floor(counter / WORD);
    words[word + MARKER_WORD] = this.header.marker;
    words[word + LENGTH_WORD] = this.#frameBytes;
    words[word + KIND_WORD] = EVENT_FRAME | (event.redelivered === true ? REDELIVERED_FLAG << 8 : 0);
    words[word + NUMBER_WORD] = this.events % WORD;
    words[word + COUNTER_LOW_WORD] = counter - high * WORD;
    words[word + COUNTER_HIGH_WORD] = high;
    this.#doubles[(at >> 3) + TIMESTAMP_DOUBLE] = event.timestamp;
    this.#doubles[(at >> 3) + DEADTIME_DOUBLE] = event.deadtime;
    const last = word + (this.#frameBytes >> 2) - 1;
    words[last] = crc32cOfWords(words, word, last);
    this.#waiting++;
    if (performance.now() - this.#flushedAtMs >= this.#flushIntervalMs) this.flush();
  }

  /**
   * Writes all events in memory to the file, in one call of the system.
   *
   * @throws {Error} If the disk is full or the file cannot be written. The file is then cut back to what the last call
   *   left, so that everything in it is whole; the events since then are dropped, and the message says how many.
   */
  flush(): void {
    this.#flushedAtMs = performance.now();
    const file = this.#file;
    const events = this.#waiting;
    if (file === null || events === 0) return;
    const length = events * this.#frameBytes;
    this.#waiting = 0;
    try {
      this.#writeAll(file, events === 1 ? this.#firstFrame : this.#bytes.subarray(0, length));
    } catch (error) {
      const lost = events === 1 ? "1 event is" : `${events} events are`;
      throw new Error(
        `${
          fileError("write", this.path, error).message
        }; ${lost} not in it, all ${this.#index.events} before are whole`,
        { cause: error },
      );
    }
    for (let i = 0; i < events; i++) this.#note(i);
    this.#written += length;
  }

  /**
   * Writes what is left and the index, and closes the file. Idempotent; the file is closed also if the last write fails.
   * On a full disk the index is left out, since a journal without one reads the same.
   */
  close(): void {
    const file = this.#file;
    if (file === null) return;
    try {
      this.flush();
      this.#writeIndex(file);
    } finally {
      file.close();
      this.#file = null;
    }
  }

  /** Same as {@linkcode JournalWriter.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #writeIndex(file: Deno.FsFile): void {
    try {
      this.#writeAll(file, this.#index.encode(this.header.marker));
    } catch {
      // The events are whole, and whoever filled the disk is told of it by the next write anywhere.
    }
  }

  /** Writes behind the last event; if that fails, the file ends with that event again. */
  #writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
    try {
      if (this.#isTorn) cutBack(file, this.#written);
      for (let done = 0; done < bytes.length;) {
        done += file.writeSync(done === 0 ? bytes : bytes.subarray(done));
      }
    } catch (error) {
      this.#isTorn = true;
      cutBackQuietly(file, this.#written);
      throw error;
    }
    this.#isTorn = false;
  }

  #note(i: number): void {
    const number = this.#index.events;
    if (!this.#index.count(number)) return;
    const at = i * this.#frameBytes;
    const word = at >> 2;
    const counter = this.#words[word + COUNTER_HIGH_WORD] * WORD + (this.#words[word + COUNTER_LOW_WORD] >>> 0);
    const timestamp = this.#doubles[(at >> 3) + TIMESTAMP_DOUBLE];
    this.#index.add({ number, offset: this.#written + at, counter, timestamp });
  }

  #copyColumns(data: Columns, offset: number): void {
    let sources = this.#sources.get(data);
    if (sources === undefined) {
      sources = columnBytesOf(data, this.#fields, this.path);
      this.#sources.set(data, sources);
    }
    const bytes = this.#bytes;
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i];
      const to = offset + this.#packed[i];
      if (source.length > SMALL_COLUMN_BYTES) bytes.set(source, to);
      else for (let byte = 0; byte < source.length; byte++) bytes[to + byte] = source[byte];
    }
  }
}

function cutBack(file: Deno.FsFile, length: number): void {
  file.truncateSync(length);
  file.seekSync(length, Deno.SeekMode.Start);
}

function cutBackQuietly(file: Deno.FsFile, length: number): void {
  try {
    cutBack(file, length);
  } catch {
    // The first error is the one to report; it is tried again before the next write.
  }
}
