/** Reader of recordings: tar archives with one Parquet file per event, v1's and ours. */
import { allocateColumns, type Columns, type RecordLayout } from "../record/record_layout.ts";
import type { EventRecord } from "./event_record.ts";
import { fileError } from "./file_error.ts";
import { type ParquetFile, ParquetReader } from "./parquet_reader.ts";
import { counterOfName } from "./recording_name.ts";
import { type TarMember, TarReader } from "./tar_reader.ts";

/** Endings of the files in a folder that are taken for archives. */
const ARCHIVE_NAME = /\.(tar|tgz|tbz2?|gz|bz2)$/i;

/** An event of a recording. */
export interface RecordedEvent extends EventRecord {
  /** Path of the archive that it is in. */
  readonly archive: string;
  /** Name of its member of the archive. */
  readonly name: string;
  /** Values in the types of the wanted layout; the memory is used again for the next event. */
  readonly data: Columns;
  /** As noted in the file, else from the member's name, else the number of events before it. */
  readonly counter: number;
  /** As noted in the file, else -1 (v1 notes none). */
  readonly timestamp: number;
  /** As noted in the file, else -1 (v1 notes none). */
  readonly deadtime: number;
}

/** Options of {@linkcode RecordingReader}. */
export interface RecordingReaderOptions {
  /** Gets a sentence for each archive without an end mark and each member that was passed over. @default {no notices} */
  onNotice?: (text: string) => void;
}

/**
 * Reads the events of one archive, or of all archives of a folder in the order of their names (`run_9` before `run_10`):
 * `.tar`, and packed with gzip (`.tar.gz`, `.tgz`) or bzip2 (`.tar.bz2`). Fields that the wanted layout does not have are
 * left out; numbers are converted to its types. One event is in memory at a time. All calls are synchronous.
 *
 * @example Read the events of a recording
 * ```ts
 * import { allocateColumns, max, recordLayout, RecordingReader, RecordingWriter } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = Deno.makeTempDirSync();
 * const path = `${folder}/muons.tar`;
 * const layout = recordLayout({ chA: "float32" }, 3);
 * {
 *   using recording = new RecordingWriter(path, layout);
 *   const data = allocateColumns(layout);
 *   data.chA.set([1, 9, 2]);
 *   recording.write({ data, counter: 17, timestamp: 1700000000, deadtime: 0 });
 * }
 * using events = new RecordingReader(path, layout);
 * assertEquals(Array.from(events, ({ counter, data }) => [counter, max(data.chA)]), [[17, 9]]);
 * Deno.removeSync(folder, { recursive: true });
 * ```
 */
export class RecordingReader implements Iterable<RecordedEvent>, Disposable {
  /** Paths of the archives in the order in which they are read. */
  readonly archives: readonly string[];
  readonly #layout: RecordLayout;
  readonly #onNotice: (text: string) => void;
  readonly #parquet = new ParquetReader();
  readonly #data: Columns;
  #nextArchive = 0;
  #tar: TarReader | null = null;
  #events = 0;

  /**
   * Looks for the archives; none is opened yet.
   *
   * @param path An archive or a folder with archives.
   * @param layout The fields that are wanted, their types, and their length (`valuesPerSlot`).
   * @throws {Error} If there is no such path, or no archive in the folder; the message names it.
   */
  constructor(path: string, layout: RecordLayout, options: RecordingReaderOptions = {}) {
    this.#layout = layout;
    this.#onNotice = options.onNotice ?? (() => {});
    this.#data = allocateColumns(layout);
    this.archives = archivesOf(path);
  }

  /** Events read so far. */
  get events(): number {
    return this.#events;
  }

  /**
   * Reads the next event.
   *
   * @param target Where to put its values instead of memory of the reader's own, for example a slot.
   * @returns The event, valid until the next call, or null after the last one of the last archive.
   * @throws {TypeError} If a member has not all fields of the layout, or numbers that do not fit its types.
   * @throws {RangeError} If a member's fields have another length than the layout says.
   * @throws {Error} If an archive or a member is damaged. All messages name the archive and the member.
   */
  next(target: Columns = this.#data): RecordedEvent | null {
    for (let member = this.#nextMember(); member !== null; member = this.#nextMember()) {
      const archive = this.#tar!.path;
      if (!member.name.endsWith(".parquet")) {
        this.#onNotice(`"${member.name}" in "${archive}" is no Parquet file; it is left out`);
        continue;
      }
      const where = `${archive}: ${member.name}`;
      const file = this.#parquet.open(member.data, where);
      this.#checkForm(file, where);
      for (const field of this.#layout.fields) file.copyColumn(field, target[field.name]);
      const { counter, timestamp, deadtime } = file.attributes;
      const number = this.#events++;
      return {
        archive,
        name: member.name,
        data: target,
        counter: typeof counter === "number" ? counter : counterOfName(member.name) ?? number,
        timestamp: typeof timestamp === "number" ? timestamp : -1,
        deadtime: typeof deadtime === "number" ? deadtime : -1,
      };
    }
    return null;
  }

  /** Iterates over the events that are left; each is valid until the next one. */
  *[Symbol.iterator](): Generator<RecordedEvent, void, void> {
    for (let event = this.next(); event !== null; event = this.next()) yield event;
  }

  /** Closes the archive that is open; nothing more can be read. Idempotent. */
  close(): void {
    this.#nextArchive = this.archives.length;
    this.#tar?.close();
    this.#tar = null;
  }

  /** Same as {@linkcode RecordingReader.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #nextMember(): TarMember | null {
    while (true) {
      if (this.#tar === null) {
        if (this.#nextArchive === this.archives.length) return null;
        this.#tar = new TarReader(this.archives[this.#nextArchive++]);
      }
      const member = this.#tar.next();
      if (member !== null) return member;
      if (this.#tar.notice !== null) this.#onNotice(this.#tar.notice);
      this.#tar.close();
      this.#tar = null;
    }
  }

  #checkForm(file: ParquetFile, where: string): void {
    const wanted = this.#layout.fields.map(({ name }) => name);
    const found = file.fields;
    const missing = wanted.filter((name) => !found.includes(name));
    if (missing.length > 0) {
      throw new TypeError(
        `Cannot read "${where}": expected field ${quoted(missing)}, found ${quoted(found)}; give the ring the fields ` +
          `of the recording`,
      );
    }
    if (file.rows !== this.#layout.valuesPerSlot) {
      throw new RangeError(
        `Cannot read "${where}": expected ${this.#layout.valuesPerSlot} values per field as in the ring, found ` +
          `${file.rows}; give the ring slots of that length`,
      );
    }
  }
}

function archivesOf(path: string): string[] {
  let names: string[];
  try {
    if (!Deno.statSync(path).isDirectory) return [path];
    names = [...Deno.readDirSync(path)].filter(({ isDirectory }) => !isDirectory).map(({ name }) => name);
  } catch (error) {
    throw fileError("read", path, error);
  }
  const archives = names.filter((name) => ARCHIVE_NAME.test(name));
  if (archives.length === 0) {
    const found = names.length === 0 ? "no file" : `${names.length} other files, such as ${quoted(names.slice(0, 3))}`;
    throw new Error(
      `Cannot read the folder "${path}": expected archives of recorded events (.tar, .tar.gz, .tgz or .tar.bz2), ` +
        `found ${found}`,
    );
  }
  const order = new Intl.Collator("en", { numeric: true });
  return archives.sort(order.compare).map((name) => `${path.replace(/\/+$/, "")}/${name}`);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
