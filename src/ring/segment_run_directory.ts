/** Reads a segment's run directory from its file, without opening the ring. */

const MAGIC = "mimoCoRB";
const ABI = 8; // bytes from the begin of the segment, see docs/ring.md; the same in all later versions
const READY = 12;
const OFFSET = 112;
const BYTES = 120;
const HEADER_BYTES = 128;
const FIRST_ABI = 2; // version 1 had no run directory
const MOST_BYTES = 65536;

/**
 * The run directory that a ring was created for.
 *
 * @param path The segment's file.
 * @returns Null if the ring has none, or the file is no finished ring or cannot be read.
 */
export function segmentRunDirectory(path: string): string | null {
  try {
    using file = Deno.openSync(path);
    const header = readAt(file, 0, HEADER_BYTES);
    if (new TextDecoder().decode(header.subarray(0, MAGIC.length)) !== MAGIC) return null;
    const view = new DataView(header.buffer);
    if (view.getUint32(ABI, true) < FIRST_ABI || view.getUint32(READY, true) === 0) return null;
    const bytes = Number(view.getBigUint64(BYTES, true));
    if (bytes === 0 || bytes > MOST_BYTES) return null;
    return new TextDecoder("utf-8", { fatal: true }).decode(
      readAt(file, Number(view.getBigUint64(OFFSET, true)), bytes),
    );
  } catch {
    return null;
  }
}

function readAt(file: Deno.FsFile, offset: number, bytes: number): Uint8Array<ArrayBuffer> {
  file.seekSync(offset, Deno.SeekMode.Start);
  const content = new Uint8Array(bytes);
  for (let done = 0; done < bytes;) {
    const read = file.readSync(content.subarray(done));
    if (read === null) {
      throw new RangeError(`Cannot read ${bytes} bytes at ${offset}: the file ends after ${done} of them`);
    }
    done += read;
  }
  return content;
}
