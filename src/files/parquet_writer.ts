/** Writer of small Parquet files that all have the same columns and length: one file per event. */
import manifest from "../../deno.json" with { type: "json" };
import type { NumberColumn } from "../record/field_type.ts";
import type { Columns, RecordField, RecordLayout } from "../record/record_layout.ts";
import type { EventRecord } from "./event_record.ts";
import { pandasMetadata, type ParquetColumn, parquetColumn } from "./parquet_schema.ts";
import type { TarContent } from "./tar_writer.ts";
import { ThriftStruct } from "./thrift_compact.ts";

const MAGIC = new TextEncoder().encode("PAR1");
const CREATOR = { library: "mimocorb-daq", version: manifest.version };

/** Numbers of the format's Thrift definition. */
const FORMAT_VERSION = 2;
const DATA_PAGE = 0;
const PLAIN = 0;
const RLE = 3;
const UNCOMPRESSED = 0;

/** Key under which pandas, fastparquet and awkward-array keep a table's attributes, as JSON. */
export const ATTRIBUTES_KEY = "PANDAS_ATTRS";

/** Room for three numbers in their longest form, so that the footer has the same size for every event. */
const ATTRIBUTES_BYTES = 120;

const BLANK = 0x20;

/**
 * Encodes events of one record layout as Parquet files: one row group, a required column per field in the layout's
 * order, one plain page per column. pandas, pyarrow, DuckDB and v1's reader find names and dtypes as v1 wrote them, and
 * counter, timestamp and dead time of the event as `df.attrs`.
 *
 * All files of a layout have the same size and differ only in their numbers, so the constructor makes a whole file once
 * and each event only fills in its columns. Nothing is compressed: the low bits of digitised noise do not compress, and
 * v1's dictionaries and Snappy gave files larger than the raw samples.
 */
export class ParquetEncoder implements TarContent {
  readonly #template: Uint8Array<ArrayBuffer>;
  /** What comes after the last page. */
  readonly #end: Uint8Array<ArrayBuffer>;
  readonly #layout: RecordLayout;
  readonly #columns: readonly ParquetColumn[];
  readonly #pageOffsets: readonly number[];
  readonly #attributesOffset: number;
  readonly #widened: Int32Array<ArrayBuffer>;
  readonly #widenedBytes: Uint8Array<ArrayBuffer>;
  /** Views of slots that were seen before, since a ring offers the same few again and again. */
  readonly #sources = new WeakMap<Columns, readonly Uint8Array[]>();
  #event: EventRecord | null = null;

  /**
   * @param layout Layout of the events.
   * @throws {TypeError} If a field has a type that Parquet does not know (complex numbers).
   */
  constructor(layout: RecordLayout) {
    const { valuesPerSlot } = layout;
    this.#layout = layout;
    this.#columns = layout.fields.map((field) => parquetColumn(field, valuesPerSlot));
    const pageHeaders = this.#columns.map(({ pageBytes }) => pageHeader(pageBytes, valuesPerSlot));
    let offset = MAGIC.length;
    const chunkOffsets: number[] = [];
    const pageOffsets: number[] = [];
    for (const [i, header] of pageHeaders.entries()) {
      chunkOffsets.push(offset);
      pageOffsets.push(offset + header.length);
      offset += header.length + this.#columns[i].pageBytes;
    }
    const chunkBytes = pageHeaders.map((header, i) => header.length + this.#columns[i].pageBytes);
    const footer = fileMetadata(layout, this.#columns, { chunkOffsets, chunkBytes });
    this.#pageOffsets = pageOffsets;
    this.#template = new Uint8Array(offset + footer.length + 4 + MAGIC.length);
    this.#template.set(MAGIC, 0);
    for (const [i, header] of pageHeaders.entries()) this.#template.set(header, chunkOffsets[i]);
    this.#template.set(footer, offset);
    new DataView(this.#template.buffer).setUint32(offset + footer.length, footer.length, true);
    this.#template.set(MAGIC, offset + footer.length + 4);
    this.#end = this.#template.subarray(offset);
    this.#attributesOffset = offset + indexOfAttributes(footer);
    const isWidening = this.#columns.some(({ form }) => form === "widened to int32");
    this.#widened = new Int32Array(isWidening ? valuesPerSlot : 0);
    this.#widenedBytes = new Uint8Array(this.#widened.buffer);
  }

  /** Size of every file, in bytes. */
  get byteLength(): number {
    return this.#template.length;
  }

  /** Chooses the event that {@linkcode ParquetEncoder.writeTo} writes; its columns are not copied. */
  of(event: EventRecord): this {
    this.#event = event;
    return this;
  }

  /**
   * Writes the file of the chosen event into memory, `byteLength` bytes from `offset`.
   *
   * @throws {TypeError} If no event was chosen, or its columns are not those of the layout.
   */
  writeTo(target: Uint8Array, offset: number): void {
    const event = this.#event;
    if (event === null) throw new TypeError("Cannot write a Parquet file: expected a call of of() before, found none");
    const columns = this.#columns;
    const pageOffsets = this.#pageOffsets;
    const sources = this.#sourcesOf(event.data);
    let copied = 0;
    for (let i = 0; i < columns.length; i++) {
      const pageOffset = pageOffsets[i];
      copyRange(this.#template, copied, pageOffset, target, offset);
      const column = columns[i];
      if (column.form === "as in memory") {
        target.set(sources[i], offset + pageOffset);
      } else if (column.form === "widened to int32") {
        this.#widened.set(event.data[column.name] as Int16Array);
        target.set(this.#widenedBytes, offset + pageOffset);
      } else {
        packBits(sources[i], target, offset + pageOffset);
      }
      copied = pageOffset + column.pageBytes;
    }
    target.set(this.#end, offset + copied);
    writeAscii(attributesText(event), target, offset + this.#attributesOffset);
  }

  /** Makes the file of one event in memory of its own. Throws as `writeTo` does. */
  encode(event: EventRecord): Uint8Array<ArrayBuffer> {
    const file = new Uint8Array(this.byteLength);
    this.of(event).writeTo(file, 0);
    return file;
  }

  #sourcesOf(data: Columns): readonly Uint8Array[] {
    let sources = this.#sources.get(data);
    if (sources === undefined) {
      sources = this.#layout.fields.map((field) => bytesOf(data[field.name], field));
      this.#sources.set(data, sources);
    }
    return sources;
  }
}

function bytesOf(column: NumberColumn | undefined, { name, columnBytes }: RecordField): Uint8Array {
  if (column?.byteLength !== columnBytes) {
    throw new TypeError(
      `Cannot write field "${name}" to a Parquet file: expected ${columnBytes} bytes as in its layout, found ${
        column === undefined ? "no such field" : column.byteLength
      }`,
    );
  }
  return new Uint8Array(column.buffer, column.byteOffset, columnBytes);
}

function pageHeader(pageBytes: number, values: number): Uint8Array {
  const dataPage = new ThriftStruct().i32(1, values).i32(2, PLAIN).i32(3, RLE).i32(4, RLE);
  return new ThriftStruct().i32(1, DATA_PAGE).i32(2, pageBytes).i32(3, pageBytes).struct(5, dataPage).toBytes();
}

function fileMetadata(
  layout: RecordLayout,
  columns: readonly ParquetColumn[],
  place: { chunkOffsets: readonly number[]; chunkBytes: readonly number[] },
): Uint8Array {
  const rows = layout.valuesPerSlot;
  const root = new ThriftStruct().text(4, "schema").i32(5, columns.length);
  const chunks = columns.map(({ name, physicalType }, i) => {
    const metadata = new ThriftStruct().i32(1, physicalType).i32s(2, [PLAIN, RLE]).texts(3, [name])
      .i32(4, UNCOMPRESSED).i64(5, rows).i64(6, place.chunkBytes[i]).i64(7, place.chunkBytes[i])
      .i64(9, place.chunkOffsets[i]);
    return new ThriftStruct().i64(2, place.chunkOffsets[i]).struct(3, metadata);
  });
  const totalBytes = place.chunkBytes.reduce((sum, bytes) => sum + bytes, 0);
  const rowGroup = new ThriftStruct().structs(1, chunks).i64(2, totalBytes).i64(3, rows)
    .i64(5, place.chunkOffsets[0]).i64(6, totalBytes);
  const keyValues = [
    new ThriftStruct().text(1, "pandas").text(2, pandasMetadata(layout, CREATOR)),
    new ThriftStruct().text(1, ATTRIBUTES_KEY).text(2, " ".repeat(ATTRIBUTES_BYTES)),
  ];
  return new ThriftStruct().i32(1, FORMAT_VERSION)
    .structs(2, [root, ...columns.map(({ schemaElement }) => schemaElement)])
    .i64(3, rows).structs(4, [rowGroup]).structs(5, keyValues)
    .text(6, `${CREATOR.library} version ${CREATOR.version}`).toBytes();
}

/** The blanks that stand for the attributes are the only run of that length. */
function indexOfAttributes(footer: Uint8Array): number {
  let end = footer.length;
  for (let run = 0; run < ATTRIBUTES_BYTES;) run = footer[--end] === BLANK ? run + 1 : 0;
  return end;
}

function attributesText({ counter, timestamp, deadtime }: EventRecord): string {
  return `{"counter": ${jsonNumber(counter)}, "timestamp": ${jsonNumber(timestamp)}, "deadtime": ${
    jsonNumber(deadtime)
  }}`;
}

function jsonNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : "null";
}

function writeAscii(text: string, target: Uint8Array, offset: number): void {
  for (let i = 0; i < text.length; i++) target[offset + i] = text.charCodeAt(i);
}

/** Page headers are some 20 bytes, for which a loop is faster than the views that `set` would need. */
function copyRange(source: Uint8Array, from: number, to: number, target: Uint8Array, offset: number): void {
  for (let i = from; i < to; i++) target[offset + i] = source[i];
}

/** One bit a value, the first value in the lowest bit. */
function packBits(values: Uint8Array, target: Uint8Array, offset: number): void {
  const wholeBytes = values.length >> 3;
  for (let byte = 0, i = 0; byte < wholeBytes; byte++) {
    let bits = 0;
    for (let bit = 0; bit < 8; bit++, i++) bits |= (values[i] !== 0 ? 1 : 0) << bit;
    target[offset + byte] = bits;
  }
  if ((values.length & 7) === 0) return;
  let bits = 0;
  for (let i = wholeBytes << 3; i < values.length; i++) bits |= (values[i] !== 0 ? 1 : 0) << (i & 7);
  target[offset + wholeBytes] = bits;
}
