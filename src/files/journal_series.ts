/** Writer of journals that consist of several files. */
import type { RecordLayout } from "../record/record_layout.ts";
import { DamagedFileError } from "./damaged_file_error.ts";
import { fileError } from "./file_error.ts";
import { JournalFile } from "./journal_file.ts";
import type { JournalPlace } from "./journal_header.ts";
import { partPath, partPaths } from "./journal_parts.ts";
import { type JournalRecord, JournalWriter, type JournalWriterOptions } from "./journal_writer.ts";

/** When a new file is begun; whichever comes first. */
export interface JournalRotation {
  /** Bytes after which a file is full; it gets at least one event. @default {without limit} */
  rotateBytes?: number;
  /** Events after which a file is full. @default {without limit} */
  rotateEvents?: number;
  /** Seconds after which a file is full. @default {without limit} */
  rotateS?: number;
}

/** Options of {@linkcode JournalSeriesWriter}. */
export interface JournalSeriesOptions extends JournalWriterOptions, JournalRotation {
  /** Clock in ms. @default `performance.now` */
  nowMs?: () => number;
}

/**
 * Writes a journal that begins a new file when one is full by size, events or time. Each file can be read alone and says
 * which part it is. A file is closed before the next one is made, which takes about as long as a write to the disk's cache;
 * no event is lost. A file that is full by its age alone is closed by the next `flush()`. Synchronous.
 */
export class JournalSeriesWriter implements Disposable {
  /** Path of the first file, as given. */
  readonly path: string;
  readonly #layout: RecordLayout;
  readonly #options: JournalSeriesOptions;
  readonly #rotateBytes: number;
  readonly #rotateEvents: number;
  readonly #rotateMs: number;
  readonly #nowMs: () => number;
  /** The file that is open; null if the next event begins one. */
  #writer: JournalWriter | null;
  #place: JournalPlace;
  #files: number;
  #madeAtMs: number;
  #isOpen = true;

  /**
   * Creates the first file, or goes on with the last one.
   *
   * @param path Path of the first file; neither it nor a further part may exist unless `append` is set.
   * @param layout Layout of the events.
   * @throws As the constructor of {@linkcode JournalWriter} does.
   */
  constructor(path: string, layout: RecordLayout, options: JournalSeriesOptions = {}) {
    const { rotateBytes = Infinity, rotateEvents = Infinity, rotateS = Infinity, append = false } = options;
    this.path = path;
    this.#layout = layout;
    this.#options = options;
    this.#rotateBytes = rotateBytes;
    this.#rotateEvents = Math.max(1, rotateEvents);
    this.#rotateMs = rotateS * 1000;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    const parts = partPaths(path);
    const last = append ? lastWithHeader(parts) : undefined;
    if (!append && parts.length > 0) {
      const taken = new Deno.errors.AlreadyExists("it is there already");
      throw fileError("create", parts[0].path, taken);
    }
    this.#writer = new JournalWriter(last?.path ?? path, layout, options);
    this.#place = this.#writer.header;
    this.#files = this.#place.part + 1;
    this.#madeAtMs = this.#nowMs();
  }

  /** Files so far; with those that were there before. */
  get files(): number {
    return this.#files;
  }

  /** Events in all files and in memory. */
  get events(): number {
    return this.#place.first + (this.#writer?.events ?? 0);
  }

  /**
   * Writes one event; nothing of it is kept.
   *
   * @throws As {@linkcode JournalWriter.write} does, also if the next file cannot be made; it is tried again then.
   */
  write(event: JournalRecord): void {
    if (!this.#isOpen) {
      throw new TypeError(`Cannot write to "${this.path}": expected an open journal, found a closed one`);
    }
    this.#current().write(event);
  }

  /** Writes what is in memory to the file. Throws as {@linkcode JournalWriter.flush} does. */
  flush(): void {
    this.#writer?.flush();
    if (this.#writer !== null && this.#isFull(this.#writer)) this.#finish(this.#writer);
  }

  /** Writes what is left, and the index, and closes the file. Idempotent. */
  close(): void {
    this.#isOpen = false;
    this.#writer?.close();
  }

  /** Same as {@linkcode JournalSeriesWriter.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #current(): JournalWriter {
    if (this.#writer !== null && this.#isFull(this.#writer)) this.#finish(this.#writer);
    return this.#writer ??= this.#next();
  }

  #isFull({ events, byteLength, header }: JournalWriter): boolean {
    return events > 0 && (events >= this.#rotateEvents || byteLength + header.frameBytes > this.#rotateBytes ||
      this.#nowMs() - this.#madeAtMs >= this.#rotateMs);
  }

  #finish(writer: JournalWriter): void {
    writer.flush();
    writer.close();
    this.#place = {
      series: this.#place.series,
      part: this.#place.part + 1,
      first: this.#place.first + writer.events,
    };
    this.#writer = null;
  }

  #next(): JournalWriter {
    const place = this.#place;
    const writer = new JournalWriter(partPath(this.path, place.part), this.#layout, {
      ...this.#options,
      append: false,
      place,
    });
    this.#files = place.part + 1;
    this.#madeAtMs = this.#nowMs();
    return writer;
  }
}

/** A last file that ends inside its header has no events, and is made anew when the next event comes. */
function lastWithHeader(parts: readonly { readonly path: string }[]): { readonly path: string } | undefined {
  for (const [i, part] of parts.entries().toArray().reverse()) {
    if (i === 0 || !endsInHeader(part.path)) return part;
    Deno.removeSync(part.path);
  }
  return undefined;
}

function endsInHeader(path: string): boolean {
  try {
    new JournalFile(path).close();
    return false;
  } catch (error) {
    return error instanceof DamagedFileError && error.fault.isTail;
  }
}
