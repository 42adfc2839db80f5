/** Finishing tar archives whose program was stopped. */
import type { FileFault } from "./damaged_file_error.ts";
import { fileError } from "./file_error.ts";
import { PositionedFile } from "./positioned_file.ts";
import { BLOCK_BYTES, END_BYTES, readExtendedHeader, readTarHeader, wholeBlocks } from "./tar_header.ts";

const PARQUET_MAGIC = [0x50, 0x41, 0x52, 0x31];

/** How an archive ends. */
export interface TarEnd {
  /** Where its last whole member ends, in bytes. */
  readonly end: number;
  /** Bytes of the file. */
  readonly size: number;
  /** Whole members. */
  readonly members: number;
  /** True if the end blocks stand behind the last member and nothing else does. */
  readonly isWhole: boolean;
  /** Damage that is no torn end, or null. */
  readonly fault: FileFault | null;
}

/**
 * Goes through the headers of an archive.
 *
 * @param path A plain tar archive.
 * @param onMember Is told the name of each whole member.
 * @throws {Error} If the file cannot be read; the message names it.
 */
export function findTarEnd(path: string, onMember: (name: string) => void = () => {}): TarEnd {
  using file = new PositionedFile(path);
  const { size } = file;
  let members = 0;
  let end = 0;
  let longName: string | null = null;
  let fault: FileFault | null = null;
  let isWhole = false;
  for (let at = end;;) {
    const block = file.read(at, BLOCK_BYTES);
    if (block.length < BLOCK_BYTES) break;
    const header = readTarHeader(block);
    if (header === "zeros") {
      isWhole = size === end + END_BYTES && isZero(file.read(at, END_BYTES));
      break;
    }
    if (header === null) {
      // A header over the end blocks that was not written to its end stands within their room.
      if (size - end > END_BYTES) fault = damagedHeader(path, at, size);
      break;
    }
    const next = at + BLOCK_BYTES + wholeBlocks(header.size);
    if (next > size) break;
    if (header.type === "x" || header.type === "L") {
      longName = nameIn(file.read(at + BLOCK_BYTES, header.size), header.type);
      at = next;
      continue;
    }
    const name = longName ?? header.name;
    longName = null;
    // Behind it there are no end blocks, so it may be torn within the room that they had.
    if (next === size && name.endsWith(".parquet") && !endsAsParquet(file, at + BLOCK_BYTES + header.size)) break;
    at = end = next;
    members++;
    onMember(name);
  }
  return { end, size, members, isWhole, fault };
}

/**
 * Cuts off a member that was not written to its end, and writes the end blocks. Does nothing to a whole archive and to a
 * damaged one.
 *
 * @param onMember Is told the name of each whole member.
 * @throws {Error} If the file cannot be read or written; the message names it.
 */
export function completeTar(path: string, onMember: (name: string) => void = () => {}): TarEnd {
  const found = findTarEnd(path, onMember);
  if (found.isWhole || found.fault !== null) return found;
  try {
    using file = Deno.openSync(path, { write: true });
    file.truncateSync(found.end);
    file.seekSync(found.end, Deno.SeekMode.Start);
    const blocks = new Uint8Array(END_BYTES);
    for (let done = 0; done < blocks.length;) done += file.writeSync(blocks.subarray(done));
  } catch (error) {
    throw fileError("write", path, error);
  }
  return found;
}

function nameIn(data: Uint8Array, type: string): string | null {
  if (type === "x") return readExtendedHeader(data)?.get("path") ?? null;
  const zero = data.indexOf(0);
  return new TextDecoder().decode(zero < 0 ? data : data.subarray(0, zero));
}

function endsAsParquet(file: PositionedFile, end: number): boolean {
  const tail = file.read(end - PARQUET_MAGIC.length, PARQUET_MAGIC.length);
  return PARQUET_MAGIC.every((byte, i) => tail[i] === byte);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.length === END_BYTES && bytes.every((byte) => byte === 0);
}

function damagedHeader(path: string, offset: number, size: number): FileFault {
  const reason = "data that are no header of an archive";
  return { path, offset, byteLength: size - offset, reason, events: null, isTail: false };
}
