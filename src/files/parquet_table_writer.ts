/** Writer of tables: a folder of Parquet files with one row per event. */
import type { RecordLayout } from "../record/record_layout.ts";
import { fileError } from "./file_error.ts";
import type { JournalOrigin } from "./journal_header.ts";
import type { TableRecord } from "./parquet_column_buffer.ts";
import { completeSegment } from "./parquet_segment_completion.ts";
import { readSegmentForm } from "./parquet_segment_form.ts";
import { ParquetSegmentWriter, RowGroupBuffer } from "./parquet_segment_writer.ts";
import { openPartPath, openPartsOf, partName, partsOf, roomPath } from "./parquet_table_parts.ts";
import { PositionedFile } from "./positioned_file.ts";
import { SpareRoom } from "./spare_room.ts";

/** Options of {@linkcode ParquetTableWriter}. */
export interface ParquetTableOptions {
  /** Where the events come from, as it is noted in every file. @default {{}} */
  origin?: JournalOrigin;
  /** Size at which a row group is written, in bytes; one event at least. @default {16777216} */
  rowGroupBytes?: number;
  /** Age of its first event at which a row group is written, in seconds. @default {30} */
  rowGroupS?: number;
  /** Size at which a file is finished and the next one begun, in bytes. @default {134217728} */
  segmentBytes?: number;
  /** Age at which a file is finished, in seconds. @default {600} */
  segmentS?: number;
  /** Number of the worker that writes, where several share a table. @default {0} */
  worker?: number;
  /**
   * Go on with the next file if there are some of this worker, instead of refusing; one that was not finished, because its
   * program was killed, is finished first. @default {false}
   */
  append?: boolean;
}

/** A row group of a column takes some hundred bytes in the footer, so a file has not too many of them. */
const MOST_ROW_GROUPS = 256;

/** Room for what the footer says of a page, its name not counted. */
const FOOTER_BYTES_PER_PAGE = 128;

/**
 * Writes events as a table that pandas, Polars and DuckDB read as one: a folder with the files `part-00000.parquet`,
 * `part-00001.parquet` … Columns are `counter`, `timestamp`, `deadtime`, `redelivered`, and one per field, which is a list
 * where a record has several values per field. Nothing is compressed. All calls are synchronous.
 *
 * A file gets into the folder when it is finished and on the disk; until then it stands beside the folder as
 * `<folder>.part-00000.parquet.new`. If the program is killed, its row groups can be recovered, and the events since the
 * last one are lost. If the disk becomes full, there is room for these events, which was kept in `<folder>.room.new`.
 *
 * @example Write two events
 * ```ts
 * import { allocateColumns, ParquetTableReader, ParquetTableWriter, recordLayout } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = Deno.makeTempDirSync();
 * const layout = recordLayout({ chA: "float32" }, 3);
 * {
 *   using table = new ParquetTableWriter(`${folder}/muons`, layout);
 *   const data = allocateColumns(layout);
 *   for (let counter = 0; counter < 2; counter++) {
 *     data.chA.fill(counter + 0.5);
 *     table.write({ data, counter, timestamp: 1700000000 + counter, deadtime: 0 });
 *   }
 * }
 * using events = new ParquetTableReader(`${folder}/muons`);
 * assertEquals(Array.from(events, ({ counter, data }) => [counter, data.chA[2]]), [[0, 0.5], [1, 1.5]]);
 * Deno.removeSync(folder, { recursive: true });
 * ```
 */
export class ParquetTableWriter implements Disposable {
  /** Path of the folder. */
  readonly path: string;
  readonly #layout: RecordLayout;
  readonly #origin: JournalOrigin;
  readonly #rowGroupMs: number;
  readonly #segmentBytes: number;
  readonly #segmentMs: number;
  readonly #worker: number;
  readonly #buffer: RowGroupBuffer;
  readonly #room: SpareRoom;
  #part: number;
  readonly #eventsBefore: number;
  #segment: ParquetSegmentWriter | null = null;
  #segmentBeganMs = 0;
  #groupBeganMs = 0;
  #roomRows = 0;
  #finishedEvents = 0;
  #finishedBytes = 0;
  #isClosed = false;

  /**
   * Makes the folder; the first file is begun with the first event.
   *
   * @param path Path of the folder.
   * @param layout Layout of the events.
   * @throws {Error} If the folder cannot be made, or holds files already and `append` is not set; the message names it.
   */
  constructor(path: string, layout: RecordLayout, options: ParquetTableOptions = {}) {
    const { rowGroupBytes = 1 << 24, rowGroupS = 30, segmentBytes = 1 << 27, segmentS = 600 } = options;
    const folder = path.replace(/(?<=.)\/+$/, "");
    this.path = folder;
    this.#layout = layout;
    this.#origin = options.origin ?? {};
    this.#worker = options.worker ?? 0;
    this.#rowGroupMs = 1000 * rowGroupS;
    this.#segmentBytes = segmentBytes;
    this.#segmentMs = 1000 * segmentS;
    this.#buffer = new RowGroupBuffer(layout, rowGroupBytes);
    try {
      Deno.mkdirSync(folder, { recursive: true });
      const taken = takenParts(folder, this.#worker, options.append ?? false);
      this.#part = Math.max(-1, ...taken.map(({ part }) => part)) + 1;
      this.#eventsBefore = taken.reduce((sum, { path }) => sum + rowsIn(path), 0);
    } catch (error) {
      throw fileError("create", folder, error);
    }
    this.#room = new SpareRoom(roomPath(folder, this.#worker));
  }

  /** Events that the worker's files had already when they were continued. */
  get eventsBefore(): number {
    return this.#eventsBefore;
  }

  /** Events written so far, those in memory included. */
  get events(): number {
    return this.#finishedEvents + (this.#segment?.events ?? 0) + this.#buffer.rows;
  }

  /** Bytes written so far, without those in memory. */
  get byteLength(): number {
    return this.#finishedBytes + (this.#segment?.byteLength ?? 0);
  }

  /**
   * Adds an event; nothing of it is kept but its values.
   *
   * @throws {TypeError} If the table is closed.
   * @throws {Error} If the disk is full or a file cannot be written; the message names it. The event is not taken then;
   *   those before it are in the files, unless the message says otherwise.
   */
  write(event: TableRecord): void {
    if (this.#isClosed) {
      throw new TypeError(`Cannot write to "${this.path}": expected an open table, found a closed one`);
    }
    if (this.#buffer.rows === this.#buffer.capacity) this.flush();
    else this.idle();
    const segment = this.#segment ??= this.#newSegment();
    this.#keepRoom(segment);
    if (this.#buffer.rows === 0) this.#groupBeganMs = performance.now();
    segment.write(event);
  }

  /** Writes what is due by its age; call it about once a second while no event comes. Throws as `write` does. */
  idle(): void {
    if (this.#segment === null) return;
    const nowMs = performance.now();
    const isSegmentDue = nowMs - this.#segmentBeganMs >= this.#segmentMs;
    if (isSegmentDue || (this.#buffer.rows > 0 && nowMs - this.#groupBeganMs >= this.#rowGroupMs)) this.flush();
    if (isSegmentDue) this.#finishSegment();
  }

  /** Writes the events in memory as a row group. Throws as `write` does. */
  flush(): void {
    const segment = this.#segment;
    if (segment === null) return;
    try {
      segment.flush();
    } catch (error) {
      return this.#rescue(error);
    }
    this.#roomRows = 0;
    if (segment.byteLength >= this.#segmentBytes || segment.rowGroups >= MOST_ROW_GROUPS) this.#finishSegment();
  }

  /** Writes what is left and finishes the last file. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.flush();
      this.#finishSegment();
    } finally {
      this.#room.release();
    }
  }

  /** Same as {@linkcode ParquetTableWriter.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #newSegment(): ParquetSegmentWriter {
    const name = partName(this.#part, this.#worker);
    const segment = new ParquetSegmentWriter(`${this.path}/${name}`, this.#layout, {
      origin: this.#origin,
      part: this.#part,
      worker: this.#worker,
      openPath: openPartPath(this.path, name),
      buffer: this.#buffer,
    });
    this.#segmentBeganMs = performance.now();
    return segment;
  }

  #finishSegment(): void {
    const segment = this.#segment;
    if (segment === null) return;
    if (segment.events === 0) {
      segment.discard();
      this.#segment = null;
      return;
    }
    try {
      segment.finish();
    } catch (error) {
      // What is in the file is whole and can be recovered; the next events go into another one.
      this.#forget(segment);
      throw error;
    }
    this.#forget(segment);
  }

  #forget(segment: ParquetSegmentWriter): void {
    this.#finishedEvents += segment.events;
    this.#finishedBytes += segment.byteLength;
    this.#segment = null;
    this.#part++;
    this.#roomRows = 0;
  }

  /** Sees to it that one row more than there is in memory, with the footer, will fit on the disk whatever others do. */
  #keepRoom(segment: ParquetSegmentWriter): void {
    const { rows, capacity, columns } = this.#buffer;
    if (rows < this.#roomRows) return;
    const wantedRows = Math.min(capacity, Math.max(rows + 1, Math.ceil(1.25 * rows)));
    const noteBytes = columns.reduce((sum, { title }) => sum + FOOTER_BYTES_PER_PAGE + 3 * title.length, 0);
    this.#room.grow(this.#buffer.groupBytes(wantedRows) + noteBytes * (segment.rowGroups + 2));
    this.#roomRows = wantedRows;
  }

  /** After a failed write: writes again where room was kept, and finishes the file. */
  #rescue(error: unknown): void {
    const segment = this.#segment!;
    const hadRoom = this.#room.release();
    let failure: unknown = hadRoom ? null : error;
    try {
      if (hadRoom) segment.flush();
    } catch (again) {
      failure = again;
    }
    const lost = this.#buffer.rows;
    this.#buffer.clear();
    try {
      this.#finishSegment();
    } catch (again) {
      failure ??= again;
    }
    if (failure === null) return;
    const message = failure instanceof Error ? failure.message : String(failure);
    const loss = lost === 0 ? "" : `; the last ${lost} events that were taken are lost`;
    throw new Error(`${message}${loss}`, { cause: failure });
  }
}

/** A worker's files that are there; those that were not finished are finished first. */
function takenParts(path: string, worker: number, append: boolean): { path: string; part: number }[] {
  const open = openPartsOf(path, worker);
  const isThere = open.length > 0 || partsOf(path).some((part) => part.worker === worker);
  if (isThere && !append) throw new Deno.errors.AlreadyExists("the table has files already");
  for (const { openPath, path: finished } of open) completeSegment(openPath, finished);
  return [...openPartsOf(path, worker), ...partsOf(path).filter((part) => part.worker === worker)];
}

/** Rows of a finished file; none of one that is damaged or was not finished. */
function rowsIn(path: string): number {
  try {
    using file = new PositionedFile(path);
    return readSegmentForm(file).groups.reduce((sum, group) => sum + group.rows, 0);
  } catch {
    return 0;
  }
}
