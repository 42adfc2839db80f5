/** Events of files in the form of a ring's records. */
import type { BigIntColumn, FieldType, NumberColumn } from "../record/field_type.ts";
import { layoutText } from "../record/layout_text.ts";
import { allocateColumns, type Columns, type RecordLayout } from "../record/record_layout.ts";
import type { FileFault } from "./damaged_file_error.ts";
import type { EventReader, StoredEvent } from "./event_reader.ts";
import { eventFormat, openEventReader, type OpenEventsOptions } from "./open_event_reader.ts";
import { isParquetTable } from "./parquet_table_reader.ts";
import { RecordingReader } from "./recording_reader.ts";
import { TextEvents, type TextField, textTableTitles } from "./text_events.ts";

/** The ring that gets the events, and how to read them. */
export interface FittedEventsOptions {
  /** Name of the ring, for messages. */
  readonly ring: string;
  /** Layout of its records. */
  readonly layout: RecordLayout;
  /** Titles of a text table's columns by the names of fields, where they differ. @default {none} */
  readonly titles?: ReadonlyMap<string, string>;
  /** Pass over what is damaged. @default {false} */
  readonly salvage?: boolean;
  /** Gets a sentence for each thing in an archive that is no event. @default {no notices} */
  readonly onNotice?: (text: string) => void;
}

/**
 * Reads the fields that a ring has from a file of any kind that {@linkcode openEventReader} knows. The file may have more
 * fields; numbers may be of another type if they can be converted: everything into floating point, integers and truth
 * values into integers. Text is read in the ring's types.
 */
export class FittedEvents implements Disposable {
  /** Values of the event that was read last, in the order of the ring's fields; the memory is used again for the next one. */
  readonly columns: readonly (NumberColumn | BigIntColumn)[];
  readonly #reader: EventReader;
  readonly #data: Columns;

  /**
   * Opens a file and compares its layout with the ring's.
   *
   * @throws {TypeError} If the file has other fields or types than the ring; the message has both layouts.
   * @throws {DamagedFileError} If its beginning is damaged.
   * @throws {Error} If it cannot be read; the message names it.
   */
  constructor(path: string, options: FittedEventsOptions) {
    const { layout: wanted, titles = new Map() } = options;
    const reader = openFor(path, { ...options, titles });
    const misfit = misfitOf(reader.layout, wanted);
    if (misfit !== null) {
      reader[Symbol.dispose]();
      throw new TypeError(
        `Cannot read "${path}" into ring ${options.ring}: expected records as in the ring (${layoutText(wanted)}), ` +
          `found ${layoutText(reader.layout)} (${misfit}); give the ring the fields of the file`,
      );
    }
    this.#reader = reader;
    this.#data = allocateColumns(reader.layout);
    this.columns = wanted.fields.map(({ name }) => this.#data[name]);
  }

  /** What was found so far that is not whole. */
  get faults(): readonly FileFault[] {
    return this.#reader.faults;
  }

  /**
   * Reads the next event into {@linkcode FittedEvents.columns}.
   *
   * @returns Its metadata (times are -1 where the file has none), valid until the next call, or null after the last one.
   * @throws {DamagedFileError} If something is damaged and `salvage` is not set.
   */
  next(): StoredEvent | null {
    return this.#reader.next(this.#data);
  }

  /** Closes the file. Idempotent. */
  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }
}

/**
 * Finds the files that belong to a path: all archives of a folder in the order of their names, otherwise the path itself.
 *
 * @throws {Error} If there is no such path, or neither a table nor an archive in the folder; the message names it.
 */
export function eventFilesAt(path: string, layout: RecordLayout): readonly string[] {
  const isArchiveFolder = eventFormat(path) === "parquet" && Deno.statSync(path).isDirectory && !isParquetTable(path);
  if (!isArchiveFolder) return [path];
  using recording = new RecordingReader(path, layout);
  return recording.archives;
}

function openFor(
  path: string,
  { layout, titles, salvage = false, onNotice }: FittedEventsOptions & { readonly titles: ReadonlyMap<string, string> },
): EventReader {
  const options: OpenEventsOptions = { salvage, ...(onNotice === undefined ? {} : { onNotice }) };
  if (eventFormat(path) !== "csv") return openEventReader(path, options);
  return openEventReader(path, { ...options, fields: textFields(path, layout, titles) });
}

/** Columns that the ring has are read in its types, all others in whatever type their values have. */
function textFields(
  path: string,
  { fields }: RecordLayout,
  titles: ReadonlyMap<string, string>,
): ReadonlyMap<string, TextField> {
  const known = new Map<string, TextField>(
    fields.map(({ name, type }) => [titles.get(name) ?? name, { name, type: type.name }]),
  );
  const columns = textTableTitles(path);
  if (columns.every((title) => known.has(title))) return new Map(columns.map((title) => [title, known.get(title)!]));
  using all = new TextEvents(path, { salvage: true });
  const found = new Map(all.layout.fields.map(({ name, type }) => [name, { name, type: type.name }]));
  return new Map(columns.map((title) => [title, known.get(title) ?? found.get(title)!]));
}

/** Says why the events of a file cannot become records of a ring; null if they can. */
function misfitOf(found: RecordLayout, wanted: RecordLayout): string | null {
  if (found.valuesPerSlot !== wanted.valuesPerSlot) {
    return `${found.valuesPerSlot} instead of ${wanted.valuesPerSlot} values per field`;
  }
  for (const { name, type } of wanted.fields) {
    const field = found.fields.find((other) => other.name === name);
    if (field === undefined) return `no field "${name}"`;
    if (!isConvertible(field.type, type)) return `${field.type.name} instead of ${type.name} in field "${name}"`;
  }
  return null;
}

function isConvertible(from: FieldType, to: FieldType): boolean {
  if (from.name === to.name) return true;
  if (!isNumber(from) || !isNumber(to)) return false;
  return to.kind === "float" || from.kind !== "float";
}

function isNumber({ kind }: FieldType): boolean {
  return kind !== "complex" && kind !== "bytes";
}
