/** The header of a `.mimo` file: what its records look like. */
import { type FieldType, parseFieldType } from "../record/field_type.ts";
import { type RecordLayout, recordLayout, SINGLE_FIELD_NAME } from "../record/record_layout.ts";
import { DamagedFileError } from "./damaged_file_error.ts";
import { PickledDtype, type PickledValue, PickleError, readPickle } from "./mimo_pickle.ts";

/** Where a field lies in a structure. */
export interface MimoField {
  readonly type: FieldType;
  readonly offset: number;
}

/** A structure of numbers, as NumPy lays it out. */
export interface MimoStructure {
  readonly fields: ReadonlyMap<string, MimoField>;
  /** Bytes from one structure to the next. */
  readonly byteLength: number;
  /** True for bare numbers; the one field is then named `data`. */
  readonly isSingle: boolean;
}

/** What a header says. */
export interface MimoHeader {
  /** Layout of the events here. */
  readonly layout: RecordLayout;
  /** Structure of each value of an event, of which there are `layout.valuesPerSlot`. */
  readonly data: MimoStructure;
  readonly metadata: MimoStructure;
  /** Where the first event begins. */
  readonly byteLength: number;
}

/** Beyond this no header goes: a field takes some 30 bytes. */
export const LONGEST_MIMO_HEADER = 1 << 20;

const VERSION = 1;

/**
 * Reads the header of a `.mimo` file.
 *
 * @param bytes The beginning of the file, {@linkcode LONGEST_MIMO_HEADER} of it or all.
 * @param path The file, for messages.
 * @throws {DamagedFileError} If there is no such header; it has the byte.
 * @throws {TypeError} If the events are of types that this package does not have.
 */
export function readMimoHeader(bytes: Uint8Array, path: string): MimoHeader {
  const { value, end } = pickleOf(bytes, path);
  if (!(value instanceof Map)) throw noHeader(path, "something else");
  const version = value.get("version");
  if (version !== VERSION) throw noHeader(path, `version ${String(version)} of the format`);
  const length = value.get("data_length");
  const metadataLength = value.get("metadata_length");
  if (typeof length !== "number" || metadataLength !== 1) throw noHeader(path, "records of unknown length");
  const data = structureOf(value.get("data_dtype"), path);
  const metadata = structureOf(value.get("metadata_dtype"), path);
  const types = new Map(Array.from(data.fields, ([name, { type }]) => [name, type.name]));
  const layout = recordLayout(data.isSingle ? types.get(SINGLE_FIELD_NAME)! : types, length);
  return { layout, data, metadata, byteLength: end };
}

/** Says whether a file may be a `.mimo` file: it begins as a pickle. */
export function isMimo(begin: Uint8Array): boolean {
  return begin.length >= 2 && begin[0] === 0x80 && begin[1] >= 2 && begin[1] <= 5;
}

function pickleOf(bytes: Uint8Array, path: string): ReturnType<typeof readPickle> {
  try {
    return readPickle(bytes);
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    const { offset, message: reason } = error;
    throw new DamagedFileError(
      { path, offset, byteLength: 1, reason, events: null, isTail: false },
      "what the header of a .mimo file is made of",
    );
  }
}

function noHeader(path: string, reason: string): DamagedFileError {
  const fault = { path, offset: 0, byteLength: 1, reason, events: null, isTail: false };
  return new DamagedFileError(fault, "the header of a .mimo file");
}

/** `state` is (version, byte order, subtype, names, fields, size, alignment, flags) in NumPy 1 and 2. */
function structureOf(dtype: PickledValue | undefined, path: string): MimoStructure {
  if (!(dtype instanceof PickledDtype)) throw noHeader(path, "no numpy.dtype");
  const [, , subtype, names, fields, size] = dtype.state;
  if (names === null && subtype === null) {
    const type = typeOf(dtype, path);
    return { fields: new Map([[SINGLE_FIELD_NAME, { type, offset: 0 }]]), byteLength: type.valueBytes, isSingle: true };
  }
  if (!Array.isArray(names) || !(fields instanceof Map) || typeof size !== "number") {
    throw noHeader(path, "a numpy.dtype of an unknown kind");
  }
  const found = new Map<string, MimoField>();
  for (const name of names) {
    const field = fields.get(name);
    const [type, offset] = Array.isArray(field) ? field : [];
    if (typeof name !== "string" || !(type instanceof PickledDtype) || typeof offset !== "number") {
      throw noHeader(path, "a field of an unknown kind");
    }
    const place = { type: typeOf(type, path), offset };
    if (offset < 0 || offset + place.type.valueBytes > size) throw noHeader(path, `field "${name}" outside its record`);
    found.set(name, place);
  }
  return { fields: found, byteLength: size, isSingle: false };
}

function typeOf(dtype: PickledDtype, path: string): FieldType {
  const [letters] = dtype.args;
  const [, order, subtype, names] = dtype.state;
  const type = typeof letters === "string" && order !== ">" ? parseFieldType(letters) : null;
  if (type !== null && subtype === null && names === null) return type;
  throw new TypeError(
    `Cannot read "${path}": expected fields of plain little-endian numbers or bytes, found numpy's "${
      order === ">" ? order : ""
    }${String(letters)}"`,
  );
}
