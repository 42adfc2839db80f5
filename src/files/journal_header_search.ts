/** Finding the header of a journal, of which there are two copies. */
import { DamagedFileError, type FileFault } from "./damaged_file_error.ts";
import {
  decodeHeader,
  HEADER_ALIGNMENT_BYTES,
  HEADER_BEGIN_BYTES,
  headerLength,
  JOURNAL_MAGIC,
  type JournalHeader,
} from "./journal_header.ts";

/** How far behind a damaged header its copy is looked for. */
const HEADER_SEARCH_BYTES = 1 << 24;

/** Reads a stretch of the file; shorter at its end. */
export type ReadAt = (offset: number, length: number) => Uint8Array<ArrayBuffer>;

/** A header, one whole copy of it, and what is wrong with the other. */
export interface FoundHeader {
  readonly header: JournalHeader;
  readonly image: Uint8Array;
  readonly faults: readonly FileFault[];
}

/**
 * Reads the header of a journal from its first copy, or from the second one if that is damaged.
 *
 * @throws {DamagedFileError} If neither is whole.
 * @throws {Error} If it is of a later version.
 */
export function findHeader(
  readAt: ReadAt,
  { path, size }: { readonly path: string; readonly size: number },
): FoundHeader {
  const begin = readAt(0, HEADER_BEGIN_BYTES);
  const headerBytes = headerLength(begin);
  const image = readAt(0, headerBytes);
  const header = headerBytes === 0 ? null : decodeHeader(image, path);
  if (header !== null) return { header, image, faults: copyFaults(path, image, readAt(headerBytes, headerBytes)) };
  const second = findCopy(path, readAt);
  if (second !== null) return second;
  const hasMagic = begin.every((byte, i) => i >= JOURNAL_MAGIC.length || byte === JOURNAL_MAGIC[i]);
  const isCut = hasMagic && size > 0 && (size < HEADER_BEGIN_BYTES || headerBytes > size);
  const reason = size === 0
    ? "an empty file"
    : isCut
    ? `only its first ${size} bytes`
    : hasMagic
    ? "a damaged one and no copy of it"
    : "other data";
  const isTail = isCut || size === 0;
  throw new DamagedFileError(
    { path, offset: 0, byteLength: size, reason, events: isTail ? 0 : null, isTail },
    "the header of a journal",
  );
}

function copyFaults(path: string, image: Uint8Array, copy: Uint8Array): FileFault[] {
  const isSame = copy.every((byte, i) => byte === image[i]);
  const isCut = copy.length < image.length;
  if (isSame && !isCut) return [];
  const reason = isCut
    ? `${copy.length} of the ${image.length} bytes of the header's copy`
    : "a damaged copy of the header";
  return [{ path, offset: image.length, byteLength: copy.length, reason, events: 0, isTail: isCut }];
}

/** The copy begins as far from the beginning as it is long. */
function findCopy(path: string, readAt: ReadAt): FoundHeader | null {
  const bytes = readAt(0, HEADER_SEARCH_BYTES);
  for (let at = HEADER_ALIGNMENT_BYTES; at < bytes.length; at += HEADER_ALIGNMENT_BYTES) {
    if (headerLength(bytes.subarray(at, at + HEADER_BEGIN_BYTES)) !== at) continue;
    const image = bytes.slice(at, 2 * at);
    const header = decodeHeader(image, path);
    if (header === null) continue;
    const fault = { path, offset: 0, byteLength: at, reason: "a damaged header", events: 0, isTail: false };
    return { header, image, faults: [fault] };
  }
  return null;
}
