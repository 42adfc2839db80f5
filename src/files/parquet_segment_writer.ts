/** Writer of one file of a table: row groups one after the other, the footer at the end. */
import { dirname } from "node:path";
import type { Columns, RecordLayout } from "../record/record_layout.ts";
import { cutBack, fileError } from "./file_error.ts";
import type { JournalOrigin } from "./journal_header.ts";
import { type ColumnView, ParquetColumnBuffer, type TableRecord } from "./parquet_column_buffer.ts";
import { LONGEST_PAGE_HEADER, pageBodyBytes } from "./parquet_page.ts";
import { encodeFooter, encodeNote, groupBytes, PARQUET_MAGIC, type RowGroupPlace } from "./parquet_table_footer.ts";
import { type TableColumn, tableColumns } from "./parquet_table_schema.ts";

/** Ending of the file's name until it is finished. */
export const OPEN_ENDING = ".new";

/** Values of a page are counted with 32 bits. */
const MOST_VALUES = 2 ** 31 - 1;

const DEFAULT_ROW_GROUP_BYTES = 1 << 24;

/**
 * Columns and memory for the row group that is being collected; the files of a table use the same one after the other.
 */
export class RowGroupBuffer {
  readonly columns: readonly TableColumn[];
  /** Rows that fit. */
  readonly capacity: number;
  /** Bytes of a row in the file, headers left out. */
  readonly rowBytes: number;
  readonly #buffers: readonly ParquetColumnBuffer[];
  readonly #views = new WeakMap<Columns, readonly ColumnView[]>();
  #rows = 0;

  /** @param layout Layout of the events. @param bytes Size of a full row group; one row at least. */
  constructor(layout: RecordLayout, bytes: number) {
    this.columns = tableColumns(layout);
    this.rowBytes = this.columns.reduce((sum, column) => sum + pageBodyBytes(column, 8) / 8, 0);
    const mostRows = Math.floor(MOST_VALUES / layout.valuesPerSlot);
    this.capacity = Math.min(Math.max(1, Math.floor(bytes / this.rowBytes)), mostRows);
    this.#buffers = this.columns.map((column) => new ParquetColumnBuffer(column, this.capacity));
  }

  /** Rows collected. */
  get rows(): number {
    return this.#rows;
  }

  /** Bytes that the row group takes at most if so many rows are written. */
  groupBytes(rows: number): number {
    return this.columns.reduce((sum, column) => sum + LONGEST_PAGE_HEADER + pageBodyBytes(column, rows), 0);
  }

  /** Adds an event; there must be room for it. */
  put(event: TableRecord): void {
    const buffers = this.#buffers;
    let views = this.#views.get(event.data);
    if (views === undefined) {
      views = buffers.map((buffer) => buffer.view(event.data));
      this.#views.set(event.data, views);
    }
    for (let i = 0; i < buffers.length; i++) buffers[i].put(event, views[i], this.#rows);
    this.#rows++;
  }

  /** The pages of all columns; each is valid until the next one is asked for. */
  *pages(): Generator<Uint8Array<ArrayBuffer>, void, void> {
    for (const buffer of this.#buffers) yield buffer.page(this.#rows);
  }

  /** Forgets all rows. */
  clear(): void {
    this.#rows = 0;
  }
}

/** Options of {@linkcode ParquetSegmentWriter}. */
export interface ParquetSegmentOptions {
  /** Where the events come from. @default {{}} */
  origin?: JournalOrigin;
  /** Size at which a row group is written, in bytes; one event at least. @default {16777216} */
  rowGroupBytes?: number;
  /** Number of the file in its table, and of the worker that writes it. @default {0, 0} */
  part?: number;
  worker?: number;
  /** Name of the file until it is finished. @default the path with ".new" behind it */
  openPath?: string;
  /** Memory for row groups. @default memory of its own */
  buffer?: RowGroupBuffer;
}

/**
 * Writes events into one Parquet file that has one row per event. The file grows under another name and gets its own,
 * `path`, when it is finished and on the disk: a file of that name is always whole.
 *
 * It begins with a footer without rows, so that what is written can be recovered without its end.
 */
export class ParquetSegmentWriter implements Disposable {
  /** Path of the finished file. */
  readonly path: string;
  readonly #openPath: string;
  readonly #buffer: RowGroupBuffer;
  readonly #note: string;
  readonly #groups: RowGroupPlace[] = [];
  #file: Deno.FsFile | null;
  #end = 0;
  #rows = 0;

  /**
   * Begins the file under its first name.
   *
   * @param path Path of the finished file; must not exist.
   * @param layout Layout of the events.
   * @throws {Error} If there is a file of that name, or it cannot be made; the message names it.
   */
  constructor(path: string, layout: RecordLayout, options: ParquetSegmentOptions = {}) {
    const { origin = {}, rowGroupBytes = DEFAULT_ROW_GROUP_BYTES, part = 0, worker = 0 } = options;
    this.path = path;
    this.#openPath = options.openPath ?? `${path}${OPEN_ENDING}`;
    this.#buffer = options.buffer ?? new RowGroupBuffer(layout, rowGroupBytes);
    this.#note = encodeNote({ layout, origin, part, worker });
    refuseExisting(path);
    try {
      this.#file = Deno.openSync(this.#openPath, { write: true, createNew: true });
    } catch (error) {
      throw fileError("create", this.#openPath, error);
    }
    try {
      this.#append([PARQUET_MAGIC, encodeFooter(this.#buffer.columns, this.#note, [])]);
    } catch (error) {
      this.#file.close();
      removeQuietly(this.#openPath);
      throw error;
    }
  }

  /** Events in the file, without those in memory. */
  get events(): number {
    return this.#rows;
  }

  /** Bytes of the file so far, without those in memory. */
  get byteLength(): number {
    return this.#end;
  }

  /** Row groups in the file. */
  get rowGroups(): number {
    return this.#groups.length;
  }

  /**
   * Adds an event; nothing of it is kept but its values. A row group that is full is written before that.
   *
   * @throws {TypeError} If the file is finished.
   * @throws {Error} If the disk is full or the file cannot be written: the event is not taken, those before are kept and
   *   offered again by the next call.
   */
  write(event: TableRecord): void {
    if (this.#file === null) {
      throw new TypeError(`Cannot write to "${this.path}": expected an open file, found a finished one`);
    }
    if (this.#buffer.rows === this.#buffer.capacity) this.flush();
    this.#buffer.put(event);
  }

  /** Writes what is in memory as a row group. Throws as `write` does; the file then is as long as it was before. */
  flush(): void {
    const { rows } = this.#buffer;
    if (this.#file === null || rows === 0) return;
    const pageBytes: number[] = [];
    const offset = this.#end;
    const pages = this.#buffer.pages();
    this.#append({
      *[Symbol.iterator]() {
        for (const page of pages) {
          pageBytes.push(page.length);
          yield page;
        }
      },
    });
    const group: RowGroupPlace = { offset, rows, pageBytes };
    this.#groups.push(group);
    this.#rows += rows;
    this.#buffer.clear();
    if (groupBytes(group) !== this.#end - offset) throw new RangeError(`Cannot write "${this.path}": wrong page sizes`);
  }

  /**
   * Writes what is left and the footer, and gives the file its name. Idempotent.
   *
   * @throws {Error} If that fails; the file keeps its first name and can be completed later.
   */
  close(): void {
    try {
      this.flush();
      this.finish();
    } finally {
      this.#file?.close();
      this.#file = null;
    }
  }

  /** Does the same without what is in memory; that is left there. */
  finish(): void {
    const file = this.#file;
    if (file === null) return;
    try {
      this.#append([encodeFooter(this.#buffer.columns, this.#note, this.#groups)]);
      finishFile(file, { from: this.#openPath, to: this.path });
    } finally {
      file.close();
      this.#file = null;
    }
  }

  /** Throws the file away. Idempotent; does nothing to a finished one. */
  discard(): void {
    if (this.#file === null) return;
    this.#file.close();
    this.#file = null;
    removeQuietly(this.#openPath);
  }

  /** Same as {@linkcode ParquetSegmentWriter.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Writes pieces at the end, or nothing. */
  #append(pieces: Iterable<Uint8Array>): void {
    const file = this.#file!;
    let end = this.#end;
    try {
      file.seekSync(end, Deno.SeekMode.Start);
      for (const piece of pieces) {
        for (let at = 0; at < piece.length;) at += file.writeSync(piece.subarray(at));
        end += piece.length;
      }
    } catch (error) {
      cutBack(file, this.#end);
      throw fileError("write", this.#openPath, error);
    }
    this.#end = end;
  }
}

/**
 * Sees to it that a file is on the disk, and renames it then.
 *
 * @throws {Error} If there is a file of the new name, or the file system refuses; the message names the file.
 */
export function finishFile(file: Deno.FsFile, { from, to }: { from: string; to: string }): void {
  refuseExisting(to);
  try {
    file.syncSync();
    Deno.renameSync(from, to);
    syncFolder(dirname(to));
  } catch (error) {
    throw fileError("finish", to, error);
  }
}

/** A new name is on the disk when its folder is. */
function syncFolder(path: string): void {
  try {
    using folder = Deno.openSync(path);
    folder.syncSync();
  } catch {
    // Not all file systems can do that; then the name comes to the disk with the next regular write.
  }
}

function refuseExisting(path: string): void {
  try {
    Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw fileError("create", path, error);
  }
  throw fileError("create", path, new Deno.errors.AlreadyExists("File exists (os error 17)"));
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is not there, or stays; it will be completed or removed by whoever looks at the folder next.
  }
}
