/** What the footer of a Parquet file says about its columns. */
import { parquetMetadata, parquetSchema } from "hyparquet/src/metadata.js";
import { parquetHeader, type readColumn } from "hyparquet/src/column.js";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { type FieldType, parseFieldType } from "../record/field_type.ts";

/** What hyparquet's decoder must know about a column. */
export type ColumnDecoder = Parameters<typeof readColumn>[2];

type FileMetadata = ReturnType<typeof parquetMetadata>;
type ColumnMetadata = NonNullable<FileMetadata["row_groups"][number]["columns"][number]["meta_data"]>;
type SchemaNode = ReturnType<typeof parquetSchema>;

/** The part of a column in one row group. */
export interface ChunkPlan {
  readonly decoder: ColumnDecoder;
  readonly offset: number;
  readonly byteLength: number;
  /** Row of the file where it begins, and how many it has. */
  readonly firstRow: number;
  readonly rows: number;
  /** Where its values lie one after the other as they do in memory, or -1 if they must be decoded. */
  readonly plainOffset: number;
}

/** One column of a file. */
export interface ColumnPlan {
  /** Its type, or null if it holds neither numbers nor bytes (texts, dates, lists). */
  readonly type: FieldType | null;
  readonly chunks: readonly ChunkPlan[];
}

/** All columns of a file, and what is noted about it. */
export interface ParquetPlan {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, ColumnPlan>;
  /** Key-value metadata. */
  readonly notes: ReadonlyMap<string, string>;
  /** Offset of the footer. */
  readonly footerOffset: number;
}

/** Pages are about a megabyte by convention. */
const LARGEST_PAGE = 1 << 30;

/** Bytes behind the footer: its length and the magic word. */
const TAIL_BYTES = 8;

/**
 * Reads the footer of a Parquet file.
 *
 * @param bytes The whole file.
 * @throws {Error} Whatever the decoder says, if the file is damaged.
 */
export function parquetPlan(bytes: Uint8Array): ParquetPlan {
  const metadata = parquetMetadata(bytes, { geoparquet: false });
  const tree = parquetSchema(metadata);
  const columns = new Map<string, ColumnPlan>();
  for (const child of tree.children) {
    const type = child.children.length === 0 ? fieldTypeOf(child.element) : null;
    const chunks: ChunkPlan[] = [];
    let firstRow = 0;
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      const column = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === child.element.name);
      if (type !== null && column?.meta_data !== undefined) {
        const decoder = columnDecoder(column.meta_data, [tree, child]);
        chunks.push(chunkPlan(bytes, decoder, { type, firstRow, rows }));
      }
      firstRow += rows;
    }
    columns.set(child.element.name, { type, chunks });
  }
  const notes = new Map((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ""]));
  const footerOffset = bytes.length - TAIL_BYTES - metadata.metadata_length;
  const rows = Number(metadata.num_rows);
  const groupRows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (rows < 0 || groupRows !== rows) throw new RangeError(`${rows} rows, of which ${groupRows} are there`);
  return { rows, columns, notes, footerOffset };
}

/**
 * Looks through the headers of a chunk's pages, because the decoder believes what they say and would fill the memory.
 *
 * @throws {RangeError} If pages reach behind the chunk or do not hold as many values as the chunk has.
 */
export function checkPages(bytes: Uint8Array, { offset, byteLength, rows }: ChunkPlan): void {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset + offset, byteLength), offset: 0 };
  let values = 0;
  while (values < rows && reader.offset < byteLength) {
    const page = parquetHeader(reader);
    const dictionaryValues = page.dictionary_page_header?.num_values ?? 0;
    const pageValues = (page.data_page_header ?? page.data_page_header_v2)?.num_values ?? 0;
    const pageEnd = reader.offset + page.compressed_page_size;
    const isPossible = page.compressed_page_size >= 0 && pageEnd <= byteLength && pageValues >= 0 &&
      dictionaryValues >= 0 && dictionaryValues <= 8 * page.uncompressed_page_size &&
      page.uncompressed_page_size <= LARGEST_PAGE;
    if (!isPossible) throw new RangeError(`an impossible page header at byte ${offset + reader.offset}`);
    reader.offset = pageEnd;
    values += pageValues;
  }
  if (values !== rows) throw new RangeError(`pages with ${values} values for ${rows} rows`);
}

function columnDecoder(metadata: ColumnMetadata, schemaPath: SchemaNode[]): ColumnDecoder {
  return {
    ...metadata,
    pathInSchema: metadata.path_in_schema,
    element: schemaPath[schemaPath.length - 1].element,
    schemaPath,
    parsers: DEFAULT_PARSERS,
    utf8: false,
  };
}

function chunkPlan(
  bytes: Uint8Array,
  decoder: ColumnDecoder,
  place: { type: FieldType; firstRow: number; rows: number },
): ChunkPlan {
  const metadata = decoder as ColumnDecoder & ColumnMetadata;
  const dataOffset = Number(metadata.data_page_offset);
  const dictionaryOffset = Number(metadata.dictionary_page_offset ?? 0n);
  const offset = dictionaryOffset > 0 && dictionaryOffset < dataOffset ? dictionaryOffset : dataOffset;
  const byteLength = Number(metadata.total_compressed_size);
  if (!(offset >= 0 && byteLength >= 0 && offset + byteLength <= bytes.length)) {
    throw new RangeError(`a column chunk reaches to byte ${offset + byteLength} of ${bytes.length}`);
  }
  const plainOffset = offset === dataOffset ? plainOffsetOf(bytes, { ...place, decoder, offset, byteLength }) : -1;
  return { decoder, offset, byteLength, firstRow: place.firstRow, rows: place.rows, plainOffset };
}

/** Looks whether a chunk is one page of values that have the same form in memory. */
function plainOffsetOf(
  bytes: Uint8Array,
  chunk: { type: FieldType; decoder: ColumnDecoder; rows: number; offset: number; byteLength: number },
): number {
  const { type, decoder, rows, offset, byteLength } = chunk;
  const isWidened = type.kind === "bool" || (type.kind !== "float" && type.kind !== "bytes" && type.valueBytes < 4);
  if (decoder.codec !== "UNCOMPRESSED" || decoder.element.repetition_type !== "REQUIRED" || isWidened) return -1;
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset + offset, byteLength), offset: 0 };
  const header = parquetHeader(reader).data_page_header;
  const isPlain = header?.encoding === "PLAIN" && header.num_values === rows;
  return isPlain && reader.offset + rows * type.valueBytes === byteLength ? offset + reader.offset : -1;
}

function fieldTypeOf(element: SchemaNode["element"]): FieldType | null {
  const { type, converted_type: converted, logical_type: logical, type_length: length } = element;
  if (element.repetition_type === "REPEATED") return null;
  switch (type) {
    case "BOOLEAN":
      return parseFieldType("bool");
    case "FLOAT":
      return parseFieldType("float32");
    case "DOUBLE":
      return parseFieldType("float64");
    case "INT32":
    case "INT64": {
      if (logical?.type === "INTEGER") return parseFieldType(`${logical.isSigned ? "int" : "uint"}${logical.bitWidth}`);
      const annotated = /^(U?)INT_(8|16|32|64)$/.exec(converted ?? "");
      if (annotated !== null) return parseFieldType(`${annotated[1] === "U" ? "uint" : "int"}${annotated[2]}`);
      return converted === undefined && logical === undefined ? parseFieldType(type.toLowerCase()) : null;
    }
    case "FIXED_LEN_BYTE_ARRAY":
      if (logical?.type === "FLOAT16") return parseFieldType("float16");
      return converted === undefined && logical === undefined ? parseFieldType(`S${length}`) : null;
    default:
      return null;
  }
}
