/** Reader of tables: folders of Parquet files with one row per event, as `ParquetTableWriter` makes them. */
import { allocateColumns, type Columns, type RecordLayout, sameLayout } from "../record/record_layout.ts";
import { DamagedFileError, type FileFault } from "./damaged_file_error.ts";
import type { EventReader, StoredEvent } from "./event_reader.ts";
import { fileError } from "./file_error.ts";
import type { JournalOrigin } from "./journal_header.ts";
import { faultInGroup, readSegmentForm, type SegmentForm } from "./parquet_segment_form.ts";
import { groupBytes, isTableFooter, type RowGroupPlace } from "./parquet_table_footer.ts";
import { partName, partsOf, type TablePart } from "./parquet_table_parts.ts";
import { RowGroupReader } from "./parquet_row_group_reader.ts";
import { PositionedFile } from "./positioned_file.ts";

/** An event of a table; the object and its memory are used again for the next one. */
export interface TableEvent extends StoredEvent {
  /** Its place in the table, from 0. */
  readonly number: number;
}

/** Options of {@linkcode ParquetTableReader}. */
export interface ParquetTableReaderOptions {
  /**
   * Pass over what is damaged instead of throwing; {@linkcode ParquetTableReader.faults} tells what that was. A row group
   * is the least that is passed over. @default {false}
   */
  salvage?: boolean;
}

interface Segment {
  readonly path: string;
  /** Bytes of the files up to and with this one. */
  readonly bytesUpTo: number;
  readonly form: SegmentForm;
}

/**
 * Reads the events of a table in the order of its files. Every byte is checked: a file that is cut or damaged anywhere is
 * refused with the place, or, with `salvage`, gives all its whole row groups. Row groups are read one by one. All calls are
 * synchronous.
 */
export class ParquetTableReader implements EventReader, Iterable<TableEvent> {
  /** Layout of the events. */
  readonly layout: RecordLayout;
  /** Where the events come from. */
  readonly origin: JournalOrigin;
  /** Paths of the files in the order in which they are read. */
  readonly paths: readonly string[];
  /** Events in the table; with `salvage` those of damaged row groups are among them. */
  readonly length: number;
  /** Bytes of all files. */
  readonly byteLength: number;
  readonly #segments: readonly Segment[];
  readonly #salvage: boolean;
  readonly #faults: FileFault[] = [];
  readonly #data: Columns;
  readonly #event: { -readonly [Key in keyof TableEvent]: TableEvent[Key] };
  #nextSegment = 0;
  #nextGroup = 0;
  #file: PositionedFile | null = null;
  readonly #group: RowGroupReader;
  /** Memory for a row group, used again for the next one. */
  #bytes = new Uint8Array(0);
  #row = 0;
  #number = 0;
  #opened = 0;
  #position = 0;

  /**
   * Looks at the beginnings and ends of all files.
   *
   * @param path A folder of a table, or one of its files, finished or not.
   * @throws {DamagedFileError} If a file is cut or damaged there and `salvage` is not set, or nothing can be had of any.
   * @throws {TypeError} If the files hold events of different layouts.
   * @throws {Error} If there is no table, or a file cannot be read; the message names it.
   */
  constructor(path: string, options: ParquetTableReaderOptions = {}) {
    this.#salvage = options.salvage ?? false;
    const parts = partsAt(path);
    this.paths = parts.map((part) => part.path);
    for (const fault of missingParts(parts)) this.#note(fault, "the next file of the table");
    this.#segments = this.paths.flatMap((file) => this.#open(file));
    const [first] = this.#segments;
    if (first === undefined) throw new DamagedFileError(this.#faults[0], "a table that can be read");
    this.layout = first.form.note.layout;
    this.origin = first.form.note.origin;
    for (const { path: other, form } of this.#segments) {
      if (sameLayout(form.note.layout, this.layout)) continue;
      throw new TypeError(
        `Cannot read "${path}": expected files of the same layout, found another one in "${other}" than in "${first.path}"`,
      );
    }
    this.byteLength = this.#opened;
    this.length = this.#segments.reduce((sum, { form }) => sum + rowsOf(form), 0);
    this.#group = new RowGroupReader(first.form.columns);
    this.#data = allocateColumns(this.layout);
    this.#event = { data: this.#data, counter: 0, timestamp: -1, deadtime: -1, redelivered: false, number: 0 };
  }

  /** With `salvage`: what was found damaged so far, in the order in which it was found. */
  get faults(): readonly FileFault[] {
    return this.#faults;
  }

  /** Bytes that were read so far, of {@linkcode ParquetTableReader.byteLength}. */
  get position(): number {
    return this.#position;
  }

  /**
   * Reads the next event.
   *
   * @param target Where to put its values instead of memory of the reader's own, for example a slot.
   * @returns The event, valid until the next call, or null after the last one.
   * @throws {DamagedFileError} If a row group is damaged and `salvage` is not set.
   * @throws {Error} If a file cannot be read; the message names it.
   */
  next(target: Columns = this.#data): TableEvent | null {
    if (this.#row === this.#group.rows) {
      if (!this.#readGroup()) return null;
      this.#row = 0;
    }
    const event = this.#event;
    this.#group.copyRow(this.#row++, event, target);
    event.data = target;
    event.number = this.#number++;
    return event;
  }

  /** Iterates over the events that are left; each is valid until the next one. */
  *[Symbol.iterator](): Generator<TableEvent, void, void> {
    for (let event = this.next(); event !== null; event = this.next()) yield event;
  }

  /** Closes the file that is open; nothing more can be read. Idempotent. */
  close(): void {
    this.#nextSegment = this.#segments.length;
    this.#row = this.#group.rows;
    this.#file?.[Symbol.dispose]();
    this.#file = null;
  }

  /** Same as {@linkcode ParquetTableReader.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #open(path: string): Segment[] {
    using file = new PositionedFile(path);
    try {
      const form = readSegmentForm(file);
      for (const fault of form.faults) this.#note(fault, "a whole file");
      return [{ path, form, bytesUpTo: this.#opened += file.size }];
    } catch (error) {
      if (!this.#salvage || !(error instanceof DamagedFileError)) throw error;
      this.#faults.push(error.fault);
      return [];
    }
  }

  #readGroup(): boolean {
    while (this.#nextSegment < this.#segments.length) {
      const { path, form, bytesUpTo } = this.#segments[this.#nextSegment];
      if (this.#nextGroup === form.groups.length) {
        this.#position = bytesUpTo;
        this.#nextSegment++;
        this.#nextGroup = 0;
        this.#file?.[Symbol.dispose]();
        this.#file = null;
        continue;
      }
      this.#file ??= new PositionedFile(path);
      const place = form.groups[this.#nextGroup++];
      const bytes = this.#readBytes(this.#file, place);
      this.#position = bytesUpTo - this.#file.size + place.offset + bytes.length;
      const fault = faultInGroup(form, place, { bytes, path });
      if (fault === null) {
        this.#group.open(place, bytes);
        return true;
      }
      this.#number += place.rows;
      this.#note(fault, "a page that is whole");
    }
    return false;
  }

  #readBytes(file: PositionedFile, place: RowGroupPlace): Uint8Array<ArrayBuffer> {
    const wanted = Math.min(groupBytes(place), file.size);
    if (this.#bytes.length < wanted) this.#bytes = new Uint8Array(wanted);
    return this.#bytes.subarray(0, file.readInto(this.#bytes.subarray(0, wanted), place.offset));
  }

  #note(fault: FileFault, expected: string): void {
    if (!this.#salvage) {
      throw new DamagedFileError(fault, expected, { advice: 'take what is whole with "convert --salvage"' });
    }
    this.#faults.push(fault);
  }
}

/**
 * Says whether a path is a folder or a file that {@linkcode ParquetTableReader} takes, damaged or not; looks at the end
 * and the beginning of one file only.
 */
export function isParquetTable(path: string): boolean {
  try {
    const [first] = partsAt(path);
    using file = new PositionedFile(first.path);
    const reach = 1 << 14;
    return isTableFooter(file.read(Math.max(0, file.size - reach), reach)) || isTableFooter(file.read(0, reach));
  } catch {
    return false;
  }
}

function partsAt(path: string): TablePart[] {
  let parts: TablePart[];
  try {
    if (!Deno.statSync(path).isDirectory) return [{ path, part: 0, worker: 0 }];
    parts = partsOf(path);
  } catch (error) {
    throw fileError("read", path, error);
  }
  if (parts.length > 0) return parts;
  throw new Error(`Cannot read "${path}": expected files "${partName(0, 0)}", "${partName(1, 0)}" …, found none`);
}

/** Files whose numbers are left out in the rows of the workers; the last ones cannot be known to be missing. */
function missingParts(parts: readonly TablePart[]): FileFault[] {
  const folder = parts[0].path.slice(0, parts[0].path.lastIndexOf("/"));
  const expected = new Map<number, number>();
  if (parts.length === 1 && !/(^|\/)part-\d+/.test(parts[0].path)) return [];
  return parts.flatMap(({ part, worker }) => {
    const missing: FileFault[] = [];
    for (let wanted = expected.get(worker) ?? 0; wanted < part; wanted++) {
      const path = `${folder}/${partName(wanted, worker)}`;
      missing.push({ path, offset: 0, byteLength: 0, reason: "a missing file", events: null, isTail: false });
    }
    expected.set(worker, part + 1);
    return missing;
  });
}

function rowsOf({ groups }: SegmentForm): number {
  return groups.reduce((sum: number, { rows }: RowGroupPlace) => sum + rows, 0);
}
