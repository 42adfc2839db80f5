/** Finishing text files whose program was stopped in the middle of a line. */
import { fileError } from "./file_error.ts";
import { PositionedFile } from "./positioned_file.ts";

const CHUNK_BYTES = 1 << 20;
const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/** Bytes of the longest character in UTF-8. */
const LONGEST_CHARACTER = 4;

/** The whole lines of a table. */
export interface WholeLines {
  /** Where the last one ends, in bytes. */
  readonly end: number;
  /** Number of them, with the header. */
  readonly lines: number;
  /** Bytes of the file. */
  readonly size: number;
}

/**
 * Finds the whole lines of a table; line feeds between quotes do not count.
 *
 * @throws {Error} If the file cannot be read; the message names it.
 */
export function endOfLines(path: string): WholeLines {
  using file = new PositionedFile(path);
  const chunk = new Uint8Array(CHUNK_BYTES);
  let end = 0;
  let lines = 0;
  let isQuoted = false;
  for (let offset = 0; offset < file.size;) {
    const length = file.readInto(chunk, offset);
    if (length === 0) break;
    const bytes = chunk.subarray(0, length);
    for (let at = 0; at < length;) {
      const quote = bytes.indexOf(QUOTE, at);
      const stretchEnd = quote < 0 ? length : quote;
      if (!isQuoted) {
        for (let next = bytes.indexOf(LINE_FEED, at); next >= 0 && next < stretchEnd;) {
          end = offset + next + 1;
          lines++;
          next = bytes.indexOf(LINE_FEED, next + 1);
        }
      }
      if (quote >= 0) isQuoted = !isQuoted;
      at = stretchEnd + 1;
    }
    offset += length;
  }
  return { end, lines, size: file.size };
}

/**
 * Cuts off a line that does not end.
 *
 * @param path A table as text.
 * @param found Its whole lines, if they are known.
 * @returns Bytes that were cut off; 0 also if there is no whole line, which leaves the file as it is.
 * @throws {Error} If the file cannot be read or written; the message names it.
 */
export function cutTornLine(path: string, { end, size }: WholeLines = endOfLines(path)): number {
  if (end === 0 || end === size) return 0;
  try {
    Deno.truncateSync(path, end);
  } catch (error) {
    throw fileError("write", path, error);
  }
  return size - end;
}

/**
 * Ends the last line of a log, so that another one can follow: what was written of it stays, but for a character that is
 * not whole.
 *
 * @returns Bytes that were cut off, or null if the log ended with a line.
 * @throws {Error} If the file cannot be read or written; the message names it.
 */
export function endTornLine(path: string): number | null {
  const tail = tailOf(path);
  if (tail.bytes.length === 0 || tail.bytes[tail.bytes.length - 1] === LINE_FEED) return null;
  const torn = tornCharacterBytes(tail.bytes);
  try {
    using file = Deno.openSync(path, { write: true });
    file.truncateSync(tail.size - torn);
    file.seekSync(0, Deno.SeekMode.End);
    file.writeSync(Uint8Array.of(LINE_FEED));
  } catch (error) {
    throw fileError("write", path, error);
  }
  return torn;
}

function tailOf(path: string): { bytes: Uint8Array; size: number } {
  using file = new PositionedFile(path);
  const offset = Math.max(0, file.size - LONGEST_CHARACTER);
  return { bytes: file.read(offset, LONGEST_CHARACTER), size: file.size };
}

/** Bytes at the end that begin a character of UTF-8 and do not finish it. */
function tornCharacterBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? back : 0;
  }
  return 0;
}
