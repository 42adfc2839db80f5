/** Events of a text table. */
import type { BigIntColumn, NumberColumn } from "../record/field_type.ts";
import { allocateColumns, type Columns, type RecordLayout, recordLayout } from "../record/record_layout.ts";
import { DamagedFileError, type FileFault } from "./damaged_file_error.ts";
import type { EventReader, StoredEvent } from "./event_reader.ts";
import { fileError } from "./file_error.ts";
import { copyColumns, ReusedEvent } from "./stored_event.ts";
import { METADATA_COLUMNS } from "./text_table.ts";
import { type TextRow, TextRows } from "./text_rows.ts";
import { floatOf, kindOfText, type ValueReader, valueReader } from "./text_values.ts";

/** What stands in a column of a text table. */
export interface TextField {
  /** Name of the field. */
  readonly name: string;
  /** Type of its values. */
  readonly type: string;
}

/** Options of {@linkcode TextEvents}. */
export interface TextEventsOptions {
  /**
   * The fields by their titles. @default {the titles are the names; types are found in the values: int64, uint64, float64,
   * complex128, or bytes of the longest text}
   */
  fields?: ReadonlyMap<string, TextField>;
  /** Pass over lines that are no events. @default {false: they are an error, but for a last one without line end} */
  salvage?: boolean;
}

/** Reads one field of a line. */
interface FieldReader {
  readonly name: string;
  readonly typeName: string;
  readonly read: ValueReader;
  readonly column: NumberColumn | BigIntColumn;
}

/**
 * Reads a table as `save_to_txt` and `csv` write it: a header line, then counter, timestamp, dead time and the fields of
 * each event, between tabs, commas or semicolons. The first three columns are the metadata, whatever their titles are; the
 * titles of the others are the names of the fields. All calls are synchronous.
 */
export class TextEvents implements EventReader {
  readonly layout: RecordLayout;
  readonly byteLength: number;
  readonly #path: string;
  readonly #salvage: boolean;
  readonly #rows: TextRows;
  readonly #data: Columns;
  readonly #fields: readonly FieldReader[];
  readonly #event = new ReusedEvent();
  readonly #faults: FileFault[] = [];
  #line = 1;

  /**
   * Opens a table and reads its header; without types, the whole table is looked through.
   *
   * @throws {DamagedFileError} If it has no such header.
   * @throws {TypeError} If the types are not those of its columns.
   * @throws {Error} If it cannot be read; the message names it.
   */
  constructor(path: string, options: TextEventsOptions = {}) {
    this.#path = path;
    this.#salvage = options.salvage ?? false;
    const titles = textTableTitles(path);
    this.layout = layoutOf(path, titles, options.fields ?? fieldsOfValues(path, titles));
    this.byteLength = sizeOf(path);
    this.#data = allocateColumns(this.layout);
    this.#event.data = this.#data;
    this.#fields = this.layout.fields.map(({ name, type }) => ({
      name,
      typeName: type.name,
      read: valueReader(type),
      column: this.#data[name],
    }));
    this.#rows = new TextRows(path);
    this.#rows.next();
  }

  /** What was found so far that is not whole. */
  get faults(): readonly FileFault[] {
    return this.#faults;
  }

  /** Bytes that were read so far. */
  get position(): number {
    return this.#rows.offset;
  }

  /**
   * Reads the next event; see {@linkcode EventReader.next}.
   *
   * @throws {DamagedFileError} If a line is no event and `salvage` is not set.
   */
  next(target?: Columns): StoredEvent | null {
    for (let row = this.#rows.next(); row !== null; row = this.#rows.next()) {
      this.#line++;
      const misfit = this.#take(row);
      if (misfit === null && row.isWhole) {
        if (target !== undefined) copyColumns(this.layout, this.#data, target);
        this.#event.data = target ?? this.#data;
        return this.#event;
      }
      this.#found(row, misfit);
    }
    return null;
  }

  /** Closes the file; nothing more can be read. Idempotent. */
  close(): void {
    this.#rows.close();
  }

  /** Same as {@linkcode TextEvents.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Returns what is wrong with a line, or null. */
  #take({ cells }: TextRow): string | null {
    const wanted = METADATA_COLUMNS.length + this.#fields.length;
    if (cells.length !== wanted) return `${cells.length} of ${wanted} columns`;
    const [counter, timestamp, deadtime] = cells.slice(0, METADATA_COLUMNS.length).map(floatOf);
    if (counter === null || !Number.isSafeInteger(counter)) return `counter "${cells[0]}"`;
    if (timestamp === null || deadtime === null) return `timestamp "${cells[1]}" and dead time "${cells[2]}"`;
    for (let i = 0; i < this.#fields.length; i++) {
      const { name, typeName, read, column } = this.#fields[i];
      const text = cells[METADATA_COLUMNS.length + i];
      if (!read(text, column)) return `"${text}" for field "${name}" of type ${typeName}`;
    }
    this.#event.counter = counter;
    this.#event.timestamp = timestamp;
    this.#event.deadtime = deadtime;
    return null;
  }

  #found({ offset, byteLength, isWhole }: TextRow, misfit: string | null): void {
    const reason = isWhole ? `line ${this.#line} with ${misfit}` : `line ${this.#line} without its end`;
    const fault = { path: this.#path, offset, byteLength, reason, events: 1, isTail: !isWhole };
    if (!this.#salvage && isWhole) throw new DamagedFileError(fault, "an event of the table");
    this.#faults.push(fault);
  }
}

/**
 * Reads the titles of a table's fields, those of the metadata left out.
 *
 * @throws {DamagedFileError} If it has no header with at least one field.
 * @throws {Error} If it cannot be read; the message names it.
 */
export function textTableTitles(path: string): string[] {
  using rows = new TextRows(path);
  const header = rows.next();
  const titles = header?.cells.slice(METADATA_COLUMNS.length) ?? [];
  const isTable = header !== null && header.isWhole && titles.length > 0 && titles.every((title) => title !== "");
  if (isTable && kindOfText(header.cells[0]) === "bytes") return titles;
  const reason = header === null ? "an empty file" : "other data";
  throw new DamagedFileError(
    { path, offset: 0, byteLength: header?.byteLength ?? 0, reason, events: null, isTail: false },
    "a header line with counter, timestamp, dead time and fields",
  );
}

function layoutOf(path: string, titles: readonly string[], fields: ReadonlyMap<string, TextField>): RecordLayout {
  const placed = new Map(titles.map((title) => [fields.get(title)?.name, fields.get(title)?.type ?? ""]));
  if (placed.size === titles.length && fields.size === titles.length && !placed.has(undefined)) {
    return recordLayout(placed as Map<string, string>, 1);
  }
  throw new TypeError(
    `Cannot read "${path}": expected types for its fields ${titles.join(", ")}, found them for ${
      [...fields.keys()].join(", ")
    }`,
  );
}

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const UINT64_MAX = 2n ** 64n - 1n;

/** Finds the type of a column from its values: one that holds all of them exactly. */
class ColumnKind {
  #kind: ReturnType<typeof kindOfText> | null = null;
  #min = 0n;
  #max = 0n;
  #longest = 1;

  add(text: string): void {
    const kind = kindOfText(text);
    this.#longest = Math.max(this.#longest, new TextEncoder().encode(text).length);
    if (kind === "int") {
      const value = BigInt(text.replace("+", ""));
      if (value < this.#min) this.#min = value;
      if (value > this.#max) this.#max = value;
    }
    if (this.#kind === null || this.#kind === kind) this.#kind = kind;
    else this.#kind = isReal(kind) && isReal(this.#kind) ? "float" : "bytes";
  }

  get typeName(): string {
    switch (this.#kind) {
      case "int":
        if (this.#min >= INT64.min && this.#max <= INT64.max) return "int64";
        return this.#min >= 0n && this.#max <= UINT64_MAX ? "uint64" : `S${this.#longest}`;
      case "complex":
        return "complex128";
      case "bytes":
        return `S${this.#longest}`;
      default:
        return "float64";
    }
  }
}

function isReal(kind: ReturnType<typeof kindOfText>): boolean {
  return kind === "int" || kind === "float";
}

function fieldsOfValues(path: string, titles: readonly string[]): Map<string, TextField> {
  const kinds = titles.map(() => new ColumnKind());
  using rows = new TextRows(path);
  rows.next();
  for (let row = rows.next(); row !== null; row = rows.next()) {
    if (!row.isWhole || row.cells.length !== METADATA_COLUMNS.length + titles.length) continue;
    for (let i = 0; i < kinds.length; i++) kinds[i].add(row.cells[METADATA_COLUMNS.length + i]);
  }
  return new Map(titles.map((title, i) => [title, { name: title, type: kinds[i].typeName }]));
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    throw fileError("read", path, error);
  }
}
