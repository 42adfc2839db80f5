/** Synchronous reader of Parquet files that are in memory as a whole. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { readColumn } from "hyparquet/src/column.js";
import type { BigIntColumn, FieldType, NumberColumn } from "../record/field_type.ts";
import { assignColumn } from "./column_assignment.ts";
import { checkPages, type ChunkPlan, type ColumnPlan, type ParquetPlan, parquetPlan } from "./parquet_plan.ts";
import { ATTRIBUTES_KEY } from "./parquet_writer.ts";

/** Packings that hyparquet, which brings Snappy, leaves to its user. */
const COMPRESSORS = {
  GZIP: (packed: Uint8Array): Uint8Array => gunzipSync(packed),
  BROTLI: (packed: Uint8Array): Uint8Array => brotliDecompressSync(packed),
  ZSTD: (packed: Uint8Array): Uint8Array => zstdDecompressSync(packed),
};

/** A Parquet file whose columns are decoded when they are asked for. */
export interface ParquetFile {
  /** Number of rows, which is the length of each column. */
  readonly rows: number;
  /** Names of the columns in the order of the file. */
  readonly fields: readonly string[];
  /** What was noted about the whole table (`df.attrs` of pandas); empty if nothing was. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Type of a column, or null if it holds neither numbers nor bytes. Throws a `TypeError` if there is no such column. */
  fieldType(field: string): FieldType | null;
  /** Decodes one column into memory of its own. Missing values become NaN. Throws as `copyColumn` does. */
  column(field: string): NumberColumn | BigIntColumn;
  /**
   * Decodes one column into memory that is there, converting numbers to the wanted type.
   *
   * @param field Name and wanted type of the column.
   * @param target A typed array of that type for all rows.
   * @throws {TypeError} If there is no such column, it holds no numbers, or a number does not fit the wanted type; the
   *   message names file and column.
   * @throws {RangeError} If the target has not the length of the column.
   * @throws {Error} If the column is damaged or packed with a program that is not supported.
   */
  copyColumn(field: { readonly name: string; readonly type: FieldType }, target: NumberColumn | BigIntColumn): void;
}

/**
 * Opens Parquet files one after the other. A file whose footer says the same as the one before, as those of one recording
 * do, is not analysed again.
 */
export class ParquetReader {
  #last: { readonly plan: ParquetPlan; readonly frame: FileFrame } | null = null;

  /**
   * Opens a file.
   *
   * @param bytes The whole file; it must not change while the result is used.
   * @param name Name of the file, for messages.
   * @throws {Error} If it is no Parquet file or is damaged; the message names it.
   */
  open(bytes: Uint8Array, name: string): ParquetFile {
    if (this.#last !== null && this.#last.frame.fits(bytes)) {
      return new PlannedFile({ bytes, name, plan: this.#last.plan, notes: this.#last.frame.notesOf(bytes) });
    }
    let plan: ParquetPlan;
    try {
      plan = parquetPlan(bytes);
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error);
      throw new Error(`Cannot read "${name}": expected a Parquet file, found "${found}"`, { cause: error });
    }
    const frame = FileFrame.of(bytes, plan);
    this.#last = frame === null ? null : { plan, frame };
    return new PlannedFile({ bytes, name, plan, notes: plan.notes.get(ATTRIBUTES_KEY) ?? "" });
  }
}

/** Everything in a file that is neither a value nor an attribute, to recognise files of the same form. */
class FileFrame {
  readonly #parts: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  readonly #byteLength: number;
  readonly #notesOffset: number;
  readonly #notesLength: number;

  private constructor(bytes: Uint8Array, gaps: readonly { readonly offset: number; readonly length: number }[]) {
    const parts: { offset: number; bytes: Uint8Array }[] = [];
    let offset = 0;
    for (const gap of gaps) {
      parts.push({ offset, bytes: bytes.slice(offset, gap.offset) });
      offset = gap.offset + gap.length;
    }
    parts.push({ offset, bytes: bytes.slice(offset) });
    this.#parts = parts;
    this.#byteLength = bytes.length;
    const notes = gaps[gaps.length - 1];
    this.#notesOffset = notes.offset;
    this.#notesLength = notes.length;
  }

  /** Returns null if values are packed, so that files of one form differ in more than their values. */
  static of(bytes: Uint8Array, plan: ParquetPlan): FileFrame | null {
    const gaps: { offset: number; length: number }[] = [];
    for (const { type, chunks } of plan.columns.values()) {
      if (type === null) return null;
      for (const { plainOffset, rows } of chunks) {
        if (plainOffset < 0) return null;
        gaps.push({ offset: plainOffset, length: rows * type.valueBytes });
      }
    }
    gaps.sort((a, b) => a.offset - b.offset);
    const notes = new TextEncoder().encode(plan.notes.get(ATTRIBUTES_KEY) ?? "");
    const notesOffset = notes.length > 0 ? indexOfBytes(bytes, notes, plan.footerOffset) : bytes.length;
    if (notesOffset < 0) return null;
    gaps.push({ offset: notesOffset, length: notes.length });
    return new FileFrame(bytes, gaps);
  }

  fits(bytes: Uint8Array): boolean {
    if (bytes.length !== this.#byteLength) return false;
    for (const { offset, bytes: wanted } of this.#parts) {
      for (let i = 0; i < wanted.length; i++) if (bytes[offset + i] !== wanted[i]) return false;
    }
    return true;
  }

  notesOf(bytes: Uint8Array): string {
    return new TextDecoder().decode(bytes.subarray(this.#notesOffset, this.#notesOffset + this.#notesLength));
  }
}

function indexOfBytes(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(wanted[0], from); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

class PlannedFile implements ParquetFile {
  readonly #bytes: Uint8Array;
  readonly #name: string;
  readonly #plan: ParquetPlan;
  readonly #notes: string;

  constructor(source: { bytes: Uint8Array; name: string; plan: ParquetPlan; notes: string }) {
    this.#bytes = source.bytes;
    this.#name = source.name;
    this.#plan = source.plan;
    this.#notes = source.notes;
  }

  get rows(): number {
    return this.#plan.rows;
  }

  get fields(): readonly string[] {
    return [...this.#plan.columns.keys()];
  }

  get attributes(): Readonly<Record<string, unknown>> {
    if (this.#notes === "") return {};
    try {
      const attributes: unknown = JSON.parse(this.#notes);
      return typeof attributes === "object" && attributes !== null ? attributes as Record<string, unknown> : {};
    } catch {
      // Whoever wrote them meant something else by this key; the data are not concerned.
      return {};
    }
  }

  fieldType(field: string): FieldType | null {
    return this.#planOf(field).type;
  }

  column(field: string): NumberColumn | BigIntColumn {
    const { type } = this.#planOf(field);
    if (type === null) throw this.#noNumbers(field);
    const length = this.rows * type.elementsPerValue;
    const target = new type.columnClass(new ArrayBuffer(this.rows * type.valueBytes), 0, length);
    this.copyColumn({ name: field, type }, target);
    return target;
  }

  copyColumn(
    field: { readonly name: string; readonly type: FieldType },
    target: NumberColumn | BigIntColumn,
  ): void {
    const { name, type: wanted } = field;
    const { type, chunks } = this.#planOf(name);
    if (type === null) throw this.#noNumbers(name);
    if (target.length !== this.rows * wanted.elementsPerValue) {
      throw new RangeError(
        `Cannot read field "${name}" of "${this.#name}": expected ${target.length / wanted.elementsPerValue} values, ` +
          `found ${this.rows}`,
      );
    }
    for (const chunk of chunks) {
      if (chunk.plainOffset >= 0 && type.name === wanted.name) {
        const byteLength = chunk.rows * type.valueBytes;
        const source = this.#bytes.subarray(chunk.plainOffset, chunk.plainOffset + byteLength);
        const offset = target.byteOffset + chunk.firstRow * type.valueBytes;
        new Uint8Array(target.buffer, offset, byteLength).set(source);
      } else {
        this.#decode(chunk, field, target);
      }
    }
  }

  #decode(
    chunk: ChunkPlan,
    field: { readonly name: string; readonly type: FieldType },
    target: NumberColumn | BigIntColumn,
  ): void {
    const { buffer, byteOffset } = this.#bytes;
    const reader = { view: new DataView(buffer, byteOffset + chunk.offset, chunk.byteLength), offset: 0 };
    let pages: ReturnType<typeof readColumn>["data"];
    try {
      checkPages(this.#bytes, chunk);
      const select = { groupStart: 0, groupRows: chunk.rows, selectStart: 0, selectEnd: chunk.rows };
      pages = readColumn(reader, select, { ...chunk.decoder, compressors: COMPRESSORS }).data;
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error);
      throw new Error(
        `Cannot read field "${field.name}" of "${this.#name}": expected a column that can be unpacked, found "${found}"`,
        { cause: error },
      );
    }
    let at = chunk.firstRow;
    for (const page of pages) {
      const misfit = assignColumn(target, page, { at, type: field.type });
      if (misfit !== null) {
        throw new TypeError(
          `Cannot read field "${field.name}" of "${this.#name}": expected values that ${field.type.name} can hold, ` +
            `found ${misfit}`,
        );
      }
      at += page.length;
    }
    if (at !== chunk.firstRow + chunk.rows) {
      throw new Error(
        `Cannot read field "${field.name}" of "${this.#name}": expected ${chunk.rows} values, found ${
          at - chunk.firstRow
        }; the file is damaged`,
      );
    }
  }

  #planOf(field: string): ColumnPlan {
    const plan = this.#plan.columns.get(field);
    if (plan !== undefined) return plan;
    throw new TypeError(
      `Cannot read field "${field}" of "${this.#name}": expected one of its fields ${
        this.fields.map((name) => `"${name}"`).join(", ")
      }, found no such field`,
    );
  }

  #noNumbers(field: string): TypeError {
    return new TypeError(
      `Cannot read field "${field}" of "${this.#name}": expected numbers or bytes of a fixed length, found another ` +
        `kind of column`,
    );
  }
}
