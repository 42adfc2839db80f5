/** Arrays in NumPy's own file format `.npy`, version 1.0 (numpy.lib.format). */
import type { FieldType } from "../record/field_type.ts";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];
/** The header is filled up so that the data begin at a multiple of this. */
const ALIGNMENT_BYTES = 64;

/** Letters of NumPy's type codes. */
const LETTERS: Readonly<Record<FieldType["kind"], string>> = {
  float: "f",
  int: "i",
  uint: "u",
  bool: "b",
  complex: "c",
  bytes: "S",
};

/** NumPy's code of a type: `<f4`, `|b1`, `|S10`. */
export function npyTypeCode({ kind, valueBytes }: FieldType): string {
  const order = valueBytes === 1 || kind === "bytes" ? "|" : "<";
  return `${order}${LETTERS[kind]}${valueBytes}`;
}

/** One column of values. */
export interface NpyColumn {
  readonly name: string;
  readonly type: FieldType;
  /** Its values as they lie in memory. */
  readonly values: ArrayBufferView;
}

/** Writes one column as an array of one dimension. */
export function npyArray({ type, values }: Omit<NpyColumn, "name">): Uint8Array<ArrayBuffer> {
  const length = values.byteLength / type.valueBytes;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return assemble(`'${npyTypeCode(type)}'`, length, bytes);
}

/** Writes columns of equal lengths as a structured array: `numpy.load(file)["chA"]`. */
export function npyRecords(columns: readonly NpyColumn[]): Uint8Array<ArrayBuffer> {
  const recordBytes = columns.reduce((sum, { type }) => sum + type.valueBytes, 0);
  const length = columns[0].values.byteLength / columns[0].type.valueBytes;
  const data = new Uint8Array(length * recordBytes);
  let offset = 0;
  for (const { type: { valueBytes }, values } of columns) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    for (let i = 0; i < length; i++) {
      data.set(bytes.subarray(i * valueBytes, (i + 1) * valueBytes), i * recordBytes + offset);
    }
    offset += valueBytes;
  }
  const types = columns.map(({ name, type }) => `(${pythonText(name)}, '${npyTypeCode(type)}')`);
  return assemble(`[${types.join(", ")}]`, length, data);
}

function assemble(type: string, length: number, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = `{'descr': ${type}, 'fortran_order': False, 'shape': (${length},), }`;
  const head = new TextEncoder().encode(text);
  const before = MAGIC.length + 2;
  const padding = ALIGNMENT_BYTES - (before + head.length + 1) % ALIGNMENT_BYTES;
  const headerBytes = head.length + (padding % ALIGNMENT_BYTES) + 1;
  const file = new Uint8Array(before + headerBytes + data.length);
  file.set(MAGIC);
  new DataView(file.buffer).setUint16(MAGIC.length, headerBytes, true);
  file.set(head, before);
  file.fill(0x20, before + head.length, before + headerBytes - 1);
  file[before + headerBytes - 1] = 0x0a;
  file.set(data, before + headerBytes);
  return file;
}

/** A text as Python writes it, in ASCII. */
function pythonText(text: string): string {
  const escaped = text.replace(/[\\']/g, "\\$&").replace(
    /[^\x20-\x7e]/gu,
    (c) => `\\U${c.codePointAt(0)!.toString(16).padStart(8, "0")}`,
  );
  return `'${escaped}'`;
}
