/** Reader of journals. */
import { layoutText } from "../record/layout_text.ts";
import { type Columns, type RecordLayout, sameLayout } from "../record/record_layout.ts";
import { DamagedFileError, type FileFault } from "./damaged_file_error.ts";
import type { EventReader, StoredEvent } from "./event_reader.ts";
import { JournalFile } from "./journal_file.ts";
import type { JournalHeader, JournalOrigin } from "./journal_header.ts";
import { JournalLookup } from "./journal_lookup.ts";
import { JournalSequence } from "./journal_sequence.ts";
import { JOURNAL_EXTENSION, journalParts } from "./journal_parts.ts";
import { copyColumns, ReusedEvent } from "./stored_event.ts";

/** An event of a journal. */
export interface JournalEvent extends StoredEvent {
  /** Values of its fields; the memory is used again for the next event. */
  readonly data: Columns;
  /** Place of the event in the journal, from 0; lost events count. */
  readonly number: number;
}

/** Options of {@linkcode JournalReader}. */
export interface JournalReaderOptions {
  /**
   * Pass over what is damaged and go on with the next whole event; {@linkcode JournalReader.faults} says what that was.
   * @default {false: damage is an error}
   */
  salvage?: boolean;
  /** Read the further files of the journal, too, when its first one is named. @default {true} */
  series?: boolean;
}

/**
 * Reads a journal: `name.mjournal` and its further files `name_0001.mjournal` … in their order, or one of these alone.
 *
 * A journal whose program was stopped is read as far as its events are whole; {@linkcode JournalReader.faults} then tells of
 * the torn end. Any other damage is a {@linkcode DamagedFileError} with the byte where it begins, unless `salvage` is set.
 * Every bit of a file is covered by a checksum. Nothing is allocated per event. All calls are synchronous.
 *
 * @example Take what is whole of a damaged journal
 * ```ts
 * import { allocateColumns, JournalReader, JournalWriter, recordLayout } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = Deno.makeTempDirSync();
 * const path = `${folder}/a.mjournal`;
 * const layout = recordLayout("float64", 1);
 * {
 *   using journal = new JournalWriter(path, layout);
 *   for (let counter = 0; counter < 3; counter++) {
 *     journal.write({ data: allocateColumns(layout), counter, timestamp: 0, deadtime: 0 });
 *   }
 * }
 * const { header, byteLength } = new JournalReader(path);
 * const bytes = Deno.readFileSync(path);
 * bytes[2 * header.headerBytes + header.frameBytes + 16] ^= 1;
 * Deno.writeFileSync(path, bytes);
 * using events = new JournalReader(path, { salvage: true });
 * assertEquals(Array.from(events, ({ counter }) => counter), [0, 2]);
 * assertEquals(events.faults.map(({ events }) => events), [1]);
 * assertEquals(byteLength, bytes.length);
 * Deno.removeSync(folder, { recursive: true });
 * ```
 */
export class JournalReader implements EventReader, Iterable<JournalEvent> {
  /** Paths of the files in the order in which they are read. */
  readonly paths: readonly string[];
  /** Header of the first file. */
  readonly header: JournalHeader;
  /** Bytes of all files. */
  readonly byteLength: number;
  readonly #sizes: readonly number[];
  /** Numbers of files that are not there, though later ones are. */
  readonly #missing: readonly number[];
  readonly #salvage: boolean;
  readonly #faults: FileFault[] = [];
  readonly #event: ReadEvent;
  #file: JournalFile | null = null;
  #sequence: JournalSequence | null = null;
  /** The file that is read or comes next, as an index of `paths`. */
  #part = 0;
  /** Number of events before that file, or of those that were in it up to its end. */
  #expected: number;
  #lookup: JournalLookup | null = null;
  readonly #lookupEvent: ReadEvent;

  /**
   * Reads the header; events are read one by one.
   *
   * @param path A journal, with or without its extension.
   * @throws {DamagedFileError} If it is no journal, or both copies of its header are damaged.
   * @throws {Error} If it cannot be read; the message names it.
   */
  constructor(path: string, options: JournalReaderOptions = {}) {
    const { salvage = false, series = true } = options;
    this.#salvage = salvage;
    using first = new JournalFile(journalPath(path));
    this.header = first.header;
    const parts = series ? journalParts(first) : { paths: [first.path], missing: [] };
    this.paths = parts.paths;
    this.#missing = parts.missing;
    this.#sizes = this.paths.map((part) => Deno.statSync(part).size);
    this.byteLength = this.#sizes.reduce((sum, size) => sum + size, 0);
    this.#expected = first.header.first;
    this.#event = new ReadEvent();
    this.#lookupEvent = new ReadEvent();
  }

  /** Layout of the records. */
  get layout(): RecordLayout {
    return this.header.layout;
  }

  /** Where the events come from. */
  get origin(): JournalOrigin {
    return this.header.origin;
  }

  /** What was found so far that is not whole: torn ends and, with `salvage`, all other damage. */
  get faults(): readonly FileFault[] {
    return this.#faults;
  }

  /** Bytes that were read so far, of {@linkcode JournalReader.byteLength}. */
  get position(): number {
    const before = this.#sizes.slice(0, this.#part).reduce((sum, size) => sum + size, 0);
    return before + (this.#sequence?.offset ?? 0);
  }

  /**
   * Events in the journal, lost ones included. Files without an index are looked through for this.
   *
   * @throws {Error} If a file cannot be read, or both copies of its header are damaged.
   */
  get length(): number {
    return this.#opened().length;
  }

  /**
   * Reads the next event.
   *
   * @param target Where to put its values instead of memory of the reader's own, for example a slot.
   * @returns The event, valid until the next call, or null after the last one.
   * @throws {DamagedFileError} If there is damage other than a torn end, unless `salvage` is set. The call after that goes
   *   on behind the damage.
   * @throws {Error} If a file cannot be read.
   */
  next(target?: Columns): JournalEvent | null {
    for (;;) {
      const file = this.#file ?? this.#openPart();
      if (file === null) return null;
      const number = this.#sequence!.next();
      if (number < 0) {
        this.#closePart();
        continue;
      }
      const data = file.columns();
      if (target !== undefined) copyColumns(this.layout, data, target);
      this.#event.number = file.header.first + number;
      return this.#event.of(file, target ?? data);
    }
  }

  /** Iterates over the events that are left; each is valid until the next one. */
  *[Symbol.iterator](): Generator<JournalEvent, void, void> {
    for (let event = this.next(); event !== null; event = this.next()) yield event;
  }

  /**
   * Reads one event by its place; what `next()` reads is not changed by it.
   *
   * @param number Its place among the events of these files, from 0.
   * @returns The event, valid until the next call, or null if there is none, or a damaged one.
   * @throws {Error} If a file cannot be read.
   */
  at(number: number): JournalEvent | null {
    const file = this.#opened().find(number);
    if (file === null) return null;
    this.#lookupEvent.number = this.header.first + number;
    return this.#lookupEvent.of(file, file.columns());
  }

  /** Closes the files; nothing more can be read. Idempotent. */
  close(): void {
    this.#file?.close();
    this.#file = null;
    this.#sequence = null;
    this.#part = this.paths.length;
    this.#lookup?.close();
    this.#lookup = null;
  }

  /** Same as {@linkcode JournalReader.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #opened(): JournalLookup {
    return this.#lookup ??= new JournalLookup(this.paths);
  }

  #openPart(): JournalFile | null {
    while (this.#part < this.paths.length) {
      const file = this.#openFile(this.paths[this.#part]);
      if (file === null) continue;
      this.#file = file;
      this.#sequence = new JournalSequence(file, (fault) => this.#found(fault));
      this.#checkFirst(file);
      for (const fault of file.headerFaults) this.#found(fault);
      return file;
    }
    return null;
  }

  /** Opens a file, or passes over it if it has nothing to read. */
  #openFile(path: string): JournalFile | null {
    let file: JournalFile;
    try {
      file = new JournalFile(path);
    } catch (error) {
      this.#part++;
      if (!(error instanceof DamagedFileError)) throw error;
      this.#found(error.fault);
      return null;
    }
    if (sameLayout(file.layout, this.layout)) return file;
    file.close();
    this.#part++;
    throw new TypeError(
      `Cannot read "${path}": expected ${layoutText(this.layout)} as in "${this.paths[0]}", found ${
        layoutText(file.layout)
      }`,
    );
  }

  /** Compares the number of events before a file with what it says itself. */
  #checkFirst({ path, header: { first, part } }: JournalFile): void {
    const events = first - this.#expected;
    this.#expected = first;
    const last = this.#faults.at(-1);
    if (events === 0) return;
    if (events > 0 && last?.events === null) {
      this.#faults[this.#faults.length - 1] = { ...last, events };
      return;
    }
    const isGone = this.#missing.includes(part - 1);
    const reason = isGone
      ? `no file with the events before it (part ${part - 1})`
      : `other events before it than it says`;
    this.#found({ path, offset: 0, byteLength: 0, reason, events: Math.max(0, events), isTail: false });
  }

  #closePart(): void {
    this.#expected = this.#file!.header.first + this.#sequence!.expected;
    this.#file!.close();
    this.#file = null;
    this.#sequence = null;
    this.#part++;
  }

  #found(fault: FileFault): void {
    if (!this.#salvage && !fault.isTail) {
      throw new DamagedFileError(fault, "a journal that is whole", { advice: "what is whole can be salvaged" });
    }
    this.#faults.push(fault);
  }
}

class ReadEvent extends ReusedEvent implements JournalEvent {
  number = 0;

  of(file: JournalFile, data: Columns): this {
    this.data = data;
    this.counter = file.counter;
    this.timestamp = file.timestamp;
    this.deadtime = file.deadtime;
    this.redelivered = file.redelivered;
    return this;
  }
}

/** The path itself, or with the extension if there is no file of that name. */
function journalPath(path: string): string {
  if (path.endsWith(JOURNAL_EXTENSION)) return path;
  try {
    Deno.statSync(path);
    return path;
  } catch {
    return `${path}${JOURNAL_EXTENSION}`;
  }
}
