/** Writer of recordings: a tar archive with one Parquet file per event. */
import type { RecordLayout } from "../record/record_layout.ts";
import type { EventRecord } from "./event_record.ts";
import { ParquetEncoder } from "./parquet_writer.ts";
import { TarWriter, type TarWriterOptions } from "./tar_writer.ts";
import { UsedCounters } from "./used_counters.ts";

/** Options of {@linkcode RecordingWriter}. */
export interface RecordingWriterOptions extends TarWriterOptions {
  /** Members are named `<stem>_<counter>.parquet`. @default {the archive's file name without ".tar"} */
  stem?: string;
}

/**
 * Stores events as v1 of mimoCoRB did, so that its reader and pandas find them: `<stem>.tar` with a member
 * `<stem>_<counter>.parquet` per event; where a counter comes again, the further ones are `<stem>_<counter>_1.parquet` and so
 * on. Counter, timestamp and dead time are noted in each member as well
 * (`ParquetEncoder`). The archive is complete at every moment (`TarWriter`). Nothing is allocated per event but its name.
 * All calls are synchronous.
 *
 * @example Store all events of a ring
 * ```ts
 * import { Reader, RecordingWriter, RingBuffer, Writer } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * using ring = await RingBuffer.create({ name: "waveforms", slots: 4, valuesPerSlot: 3, fields: { chA: "float32" } });
 * using reader = new Reader(ring.newReaderGroup("save"));
 * {
 *   using writer = new Writer(ring.newWriter());
 *   writer.getNewBuffer()!.chA.set([1, 9, 2]);
 *   writer.processBuffer();
 * }
 * const folder = Deno.makeTempDirSync();
 * {
 *   using recording = new RecordingWriter(`${folder}/muons.tar`, ring.layout);
 *   for (const event of reader) recording.write(event);
 *   assertEquals(recording.events, 1);
 * }
 * Deno.removeSync(folder, { recursive: true });
 * ```
 */
export class RecordingWriter implements Disposable {
  readonly #archive: TarWriter;
  readonly #encoder: ParquetEncoder;
  readonly #stem: string;
  readonly #names = new UsedCounters();

  /**
   * Creates the archive.
   *
   * @param path Path of the archive, which must not exist unless `overwrite` is set.
   * @param layout Layout of the events.
   * @throws {TypeError} If a field has a type that Parquet does not know (complex numbers).
   * @throws {Error} If the file cannot be created; the message names it.
   */
  constructor(path: string, layout: RecordLayout, options: RecordingWriterOptions = {}) {
    const { stem = path.replace(/^.*\//, "").replace(/\.tar$/, ""), ...tarOptions } = options;
    this.#encoder = new ParquetEncoder(layout);
    this.#stem = stem;
    this.#archive = new TarWriter(path, { ...tarOptions, onMember: (name) => this.#noteName(name) });
  }

  /** Path of the archive, as given. */
  get path(): string {
    return this.#archive.path;
  }

  /** Events that a file which is continued had already. */
  get eventsBefore(): number {
    return this.#archive.membersBefore;
  }

  /** Events stored so far. */
  get events(): number {
    return this.#archive.members;
  }

  /** Bytes stored so far, in the file and in memory. */
  get byteLength(): number {
    return this.#archive.byteLength;
  }

  /**
   * Stores one event; nothing of it is kept.
   *
   * @throws {Error} If the disk is full or the file cannot be written; the message names it.
   */
  write(event: EventRecord): void {
    const use = this.#names.use(event.counter);
    this.#archive.add(`${this.#stem}_${event.counter}${use === 0 ? "" : `_${use}`}.parquet`, this.#encoder.of(event));
  }

  /** Writes everything to the file; call it when no events come for a while. Throws as `write` does. */
  flush(): void {
    this.#archive.flush();
  }

  /** Writes what is left and closes the file. Idempotent. */
  close(): void {
    this.#archive.close();
  }

  /** Same as {@linkcode RecordingWriter.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #noteName(name: string): void {
    const match = /^_(-?\d+)(?:_(\d+))?\.parquet$/.exec(name.slice(this.#stem.length));
    if (match !== null && name.startsWith(this.#stem)) this.#names.note(Number(match[1]), Number(match[2] ?? 0));
  }
}
