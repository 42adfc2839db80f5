/** Files as streams of bytes that are read synchronously, packed or not. */
import { Bunzip2 } from "./bunzip2.ts";
import { fileError } from "./file_error.ts";
import { Gunzip } from "./gunzip.ts";

/** A stream of bytes. */
export interface ByteSource {
  /** Fills `target` from its beginning. Returns how many bytes it got: less than asked for only at the end, then 0. */
  read(target: Uint8Array): number;
  /** Gives the file back. Idempotent. */
  close(): void;
}

/** First bytes of the formats that are recognised. */
const PACKERS: readonly { readonly name: string; readonly magic: readonly number[] }[] = [
  { name: "gzip", magic: [0x1f, 0x8b] },
  { name: "bzip2", magic: [0x42, 0x5a, 0x68] },
  { name: "xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { name: "zstd", magic: [0x28, 0xb5, 0x2f, 0xfd] },
];

const LONGEST_MAGIC = 6;

/**
 * Opens a file and unpacks it while it is read. Its first bytes say whether it is packed, its name does not count.
 *
 * @param path The file: plain, gzip or bzip2.
 * @returns The bytes of its unpacked content.
 * @throws {Error} If the file cannot be read, is packed with another program, or turns out to be damaged; the message
 *   names it.
 */
export function openByteSource(path: string): ByteSource {
  const file = new FileSource(path);
  try {
    const start = new Uint8Array(LONGEST_MAGIC);
    const length = file.read(start);
    file.rewind();
    const packer = PACKERS.find(({ magic }) => magic.length <= length && magic.every((byte, i) => byte === start[i]));
    if (packer === undefined) return file;
    if (packer.name === "gzip") return new Gunzip(file, path);
    if (packer.name === "bzip2") return new Bunzip2(file, path);
    throw new Error(
      `Cannot read "${path}": expected a plain, gzip or bzip2 file, found ${packer.name}; unpack it first`,
    );
  } catch (error) {
    file.close();
    throw error;
  }
}

class FileSource implements ByteSource {
  readonly #path: string;
  #file: Deno.FsFile | null;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = Deno.openSync(path);
    } catch (error) {
      throw fileError("read", path, error);
    }
  }

  read(target: Uint8Array): number {
    const file = this.#file;
    if (file === null) throw new TypeError(`Cannot read "${this.#path}": expected an open file, found a closed one`);
    try {
      let length = 0;
      while (length < target.length) {
        const got = file.readSync(length === 0 ? target : target.subarray(length));
        if (got === null) break;
        length += got;
      }
      return length;
    } catch (error) {
      throw fileError("read", this.#path, error);
    }
  }

  rewind(): void {
    this.#file!.seekSync(0, Deno.SeekMode.Start);
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }
}
