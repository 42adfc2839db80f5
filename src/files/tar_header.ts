/** Header blocks of tar archives (USTAR of POSIX.1-1988 with the extended headers of POSIX.1-2001, "PAX"). */

/** Everything in an archive comes in blocks of this size. */
export const BLOCK_BYTES = 512;

/** An archive ends with two blocks of zeros. */
export const END_BYTES = 2 * BLOCK_BYTES;

/** Offsets and lengths of the fields of a header block. */
const NAME = { offset: 0, length: 100 } as const;
const MODE = { offset: 100, length: 8 } as const;
const UID = { offset: 108, length: 8 } as const;
const GID = { offset: 116, length: 8 } as const;
const SIZE = { offset: 124, length: 12 } as const;
const MTIME = { offset: 136, length: 12 } as const;
const CHECKSUM = { offset: 148, length: 8 } as const;
const TYPE_OFFSET = 156;
const MAGIC = { offset: 257, length: 6 } as const;
const VERSION = { offset: 263, length: 2 } as const;
const DEVICE_MAJOR = { offset: 329, length: 8 } as const;
const DEVICE_MINOR = { offset: 337, length: 8 } as const;
const PREFIX = { offset: 345, length: 155 } as const;

type HeaderField = { readonly offset: number; readonly length: number };

const BLANK = 0x20;
const ZERO_DIGIT = 0x30;

/** Largest size that eleven octal digits hold. */
const MAX_SIZE = 8 ** 11 - 1;

/** Rounds a size up to whole blocks. */
export function wholeBlocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

function emptyHeader(): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(BLOCK_BYTES);
  const put = (field: HeaderField, text: string) => header.set(new TextEncoder().encode(text), field.offset);
  put(MODE, "0000644\0");
  put(UID, "0000000\0");
  put(GID, "0000000\0");
  put(SIZE, "00000000000\0");
  put(MTIME, "00000000000\0");
  put(CHECKSUM, "        ");
  put(MAGIC, "ustar\0");
  put(VERSION, "00");
  put(DEVICE_MAJOR, "0000000\0");
  put(DEVICE_MINOR, "0000000\0");
  return header;
}

const EMPTY_HEADER = emptyHeader();
const EMPTY_SUM = EMPTY_HEADER.reduce((sum, byte) => sum + byte, 0);

/** Says whether a name fits into a header block as it is: 1 to 100 characters of ASCII. */
export function isPlainName(name: string): boolean {
  if (name.length === 0 || name.length > NAME.length) return false;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code === 0 || code > 0x7e) return false;
  }
  return true;
}

/**
 * Writes the header block of one member: mode 0644, modification time 0, owner and group 0.
 *
 * @param target Memory of at least 512 bytes from `header.offset`.
 * @param header Where to write it, a name for which {@linkcode isPlainName} holds, the size of the member's data in
 *   bytes and its type (`0` a file, `x` an extended header).
 */
export function writeTarHeader(
  target: Uint8Array,
  header: { offset: number; name: string; size: number; type: "0" | "x" },
): void {
  const { offset, name, size, type } = header;
  if (size > MAX_SIZE) {
    throw new RangeError(`Cannot add "${name}" to a tar archive: expected at most ${MAX_SIZE} bytes, found ${size}`);
  }
  target.set(EMPTY_HEADER, offset);
  let sum = EMPTY_SUM;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    target[offset + NAME.offset + i] = code;
    sum += code;
  }
  let rest = size;
  for (let i = SIZE.offset + SIZE.length - 2; rest > 0; i--) {
    const digit = rest % 8;
    target[offset + i] = ZERO_DIGIT + digit;
    sum += digit;
    rest = (rest - digit) / 8;
  }
  const typeCode = type.charCodeAt(0);
  target[offset + TYPE_OFFSET] = typeCode;
  sum += typeCode;
  // The form that all implementations write: six octal digits, a zero byte, and the blank that is there already.
  for (let i = CHECKSUM.offset + 5; i >= CHECKSUM.offset; i--) {
    target[offset + i] = ZERO_DIGIT + (sum & 7);
    sum >>= 3;
  }
  target[offset + CHECKSUM.offset + 6] = 0;
}

/** Data of the extended header that carries a name which fits no header block: one record `length path=name`. */
export function extendedName(name: string): Uint8Array<ArrayBuffer> {
  const record = new TextEncoder().encode(` path=${name}\n`);
  // The length counts its own digits.
  let length = record.length;
  while (String(length).length + record.length !== length) length = String(length).length + record.length;
  const data = new Uint8Array(length);
  data.set(new TextEncoder().encode(String(length)), 0);
  data.set(record, length - record.length);
  return data;
}

/** What a header block says. */
export interface TarHeader {
  readonly name: string;
  /** Bytes of data that follow. */
  readonly size: number;
  /** `0` a file, `x` an extended header, `g` a global one, `L` a long name of GNU tar, `5` a folder … */
  readonly type: string;
}

/** Reads a header block. Returns "zeros" for a block of an archive's end, and null if the block is no header. */
export function readTarHeader(block: Uint8Array): TarHeader | "zeros" | null {
  let unsigned = 0;
  let signed = 0;
  let highest = 0;
  for (let i = 0; i < BLOCK_BYTES; i++) {
    const byte = i >= CHECKSUM.offset && i < CHECKSUM.offset + CHECKSUM.length ? BLANK : block[i];
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
    highest |= block[i];
  }
  if (highest === 0) return "zeros";
  const checksum = readOctal(block, CHECKSUM);
  // Some old programs added up signed characters.
  if (checksum !== unsigned && checksum !== signed) return null;
  const size = readSize(block);
  if (size === null) return null;
  const isUstar = readText(block, MAGIC).startsWith("ustar");
  const prefix = isUstar && block[MAGIC.offset + 5] === 0 ? readText(block, PREFIX) : "";
  const name = readText(block, NAME);
  const type = block[TYPE_OFFSET] === 0 ? "0" : String.fromCharCode(block[TYPE_OFFSET]);
  return { name: prefix === "" ? name : `${prefix}/${name}`, size, type };
}

/** Reads the records of an extended header: `length key=value` lines. Returns null if they are damaged. */
export function readExtendedHeader(data: Uint8Array): ReadonlyMap<string, string> | null {
  const values = new Map<string, string>();
  for (let at = 0; at < data.length;) {
    const blank = data.indexOf(BLANK, at);
    const length = blank < 0 ? 0 : Number(new TextDecoder().decode(data.subarray(at, blank)));
    if (!(length > blank - at && at + length <= data.length)) return null;
    const record = new TextDecoder().decode(data.subarray(blank + 1, at + length - 1));
    const equals = record.indexOf("=");
    if (equals < 0) return null;
    values.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return values;
}

function readText(block: Uint8Array, { offset, length }: HeaderField): string {
  const zero = block.indexOf(0, offset);
  const end = zero < 0 ? offset + length : Math.min(zero, offset + length);
  return new TextDecoder().decode(block.subarray(offset, end));
}

function readOctal(block: Uint8Array, field: HeaderField): number | null {
  const text = readText(block, field).trim();
  return /^[0-7]+$/.test(text) ? parseInt(text, 8) : text === "" ? 0 : null;
}

/** Sizes beyond eleven octal digits are stored as a big-endian number with the highest bit set. */
function readSize(block: Uint8Array): number | null {
  if ((block[SIZE.offset] & 0x80) === 0) return readOctal(block, SIZE);
  let size = block[SIZE.offset] & 0x7f;
  for (let i = 1; i < SIZE.length; i++) size = size * 256 + block[SIZE.offset + i];
  return Number.isSafeInteger(size) ? size : null;
}
