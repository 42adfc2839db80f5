/** Reader of tar archives, member by member and without holding more than one of them in memory. */
import { type ByteSource, openByteSource } from "./byte_source.ts";
import { BLOCK_BYTES, readExtendedHeader, readTarHeader, type TarHeader, wholeBlocks } from "./tar_header.ts";

/** One file of an archive. */
export interface TarMember {
  readonly name: string;
  /** Its content; the memory is used again for the next member. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** Where its header begins, in bytes of the unpacked archive. */
  readonly offset: number;
}

/** Options of {@linkcode TarReader}. */
export interface TarReaderOptions {
  /**
   * Gets every stretch of the unpacked archive in which no header is where one should be; reading then goes on with the next
   * header behind it. @default {such damage is an error}
   */
  onDamage?: (place: { readonly offset: number; readonly byteLength: number }) => void;
}

const FIRST_CAPACITY = 1 << 17;

/** A member is read into memory as a whole. */
const LARGEST_MEMBER = 1 << 30;

/**
 * Reads the files of a tar archive in their order; folders and links are passed over. Archives packed with gzip or bzip2
 * are unpacked while they are read. All calls are synchronous.
 *
 * An archive that just stops, because the program that wrote it was killed, is read as far as it goes;
 * {@linkcode TarReader.notice} then says so.
 */
export class TarReader implements Iterable<TarMember>, Disposable {
  /** Path of the archive, as given. */
  readonly path: string;
  readonly #source: ByteSource;
  /** A member's blocks and the header block behind them, which come in one read. */
  #buffer = new Uint8Array(FIRST_CAPACITY);
  readonly #headerBlock = new Uint8Array(BLOCK_BYTES);
  #hasHeaderBlock = false;
  /** Bytes of the archive before the header block that comes next. */
  #offset = 0;
  #isAtEnd = false;
  #notice: string | null = null;
  readonly #onDamage: TarReaderOptions["onDamage"];

  /** @throws {Error} If the file cannot be opened; the message names it. */
  constructor(path: string, options: TarReaderOptions = {}) {
    this.path = path;
    this.#onDamage = options.onDamage;
    this.#source = openByteSource(path);
  }

  /** Bytes of the unpacked archive that were read; at its end, where it ends. */
  get offset(): number {
    return this.#offset;
  }

  /** What was wrong with the archive's end, once it is reached, or null. */
  get notice(): string | null {
    return this.#notice;
  }

  /**
   * Reads the next file.
   *
   * @returns The member, valid until the next call, or null at the end.
   * @throws {Error} If the archive is damaged or cannot be read; the message names it and the byte.
   */
  next(): TarMember | null {
    let extendedName: string | null = null;
    while (!this.#isAtEnd) {
      const offset = this.#offset;
      const header = this.#readHeader();
      if (header === null) break;
      if (!this.#readData(header)) break;
      const data = this.#buffer.subarray(0, header.size);
      switch (header.type) {
        case "0":
        case "7":
          return { name: extendedName ?? header.name, data, offset };
        case "x":
          extendedName = this.#extendedValues(data, offset).get("path") ?? extendedName;
          break;
        case "L":
          extendedName = new TextDecoder().decode(data.subarray(0, zeroOf(data)));
          break;
        case "g":
        case "K":
          break;
        default:
          extendedName = null;
      }
    }
    return null;
  }

  /** Closes the file. Idempotent. */
  close(): void {
    this.#isAtEnd = true;
    this.#source.close();
  }

  /** Same as {@linkcode TarReader.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Iterates over the files that are left; each is valid until the next one. */
  *[Symbol.iterator](): Generator<TarMember, void, void> {
    for (let member = this.next(); member !== null; member = this.next()) yield member;
  }

  #readHeader(): TarHeader | null {
    const block = this.#headerBlock;
    const length = this.#hasHeaderBlock ? BLOCK_BYTES : this.#source.read(block);
    if (length < BLOCK_BYTES) {
      if (this.#offset === 0 && length > 0) throw this.#noArchive();
      return this.#end(
        this.#offset === 0
          ? `Archive "${this.path}" is an empty file`
          : `Archive "${this.path}" has no end mark at byte ${this.#offset}; the program that wrote it was stopped`,
      );
    }
    let header = readTarHeader(block);
    if (header === "zeros") return this.#end(null);
    if (header === null && this.#offset === 0) throw this.#noArchive();
    header ??= this.#findHeader();
    if (header === null) return null;
    this.#offset += BLOCK_BYTES;
    return header;
  }

  /** Goes on to the next header behind a block that is none. Blocks of zeros may be data of the member that has lost its own. */
  #findHeader(): TarHeader | null {
    const offset = this.#offset;
    if (this.#onDamage === undefined) throw this.#damage(offset);
    for (;;) {
      this.#offset += BLOCK_BYTES;
      const isWhole = this.#source.read(this.#headerBlock) === BLOCK_BYTES;
      const header = isWhole ? readTarHeader(this.#headerBlock) : null;
      if (isWhole && (header === null || header === "zeros")) continue;
      this.#onDamage({ offset, byteLength: this.#offset - offset });
      return isWhole ? header as TarHeader : this.#end(null);
    }
  }

  /** Reads a member's blocks and the next header. Returns false if the archive ends before them. */
  #readData({ name, size }: TarHeader): boolean {
    if (size > LARGEST_MEMBER) {
      throw new Error(
        `Cannot read "${this.path}": expected files of at most ${LARGEST_MEMBER} bytes, found ${size} in "${name}"`,
      );
    }
    const bytes = wholeBlocks(size);
    if (this.#buffer.length < bytes + BLOCK_BYTES) this.#buffer = new Uint8Array(bytes + BLOCK_BYTES);
    const length = this.#source.read(this.#buffer.subarray(0, bytes + BLOCK_BYTES));
    if (length < size) {
      this.#end(
        `Archive "${this.path}" ends inside "${name}" at byte ${this.#offset + length}: ${length} of its ${size} ` +
          `bytes are there; it is left out`,
      );
      return false;
    }
    this.#offset += bytes;
    this.#hasHeaderBlock = length === bytes + BLOCK_BYTES;
    if (this.#hasHeaderBlock) this.#headerBlock.set(this.#buffer.subarray(bytes, bytes + BLOCK_BYTES));
    return true;
  }

  #extendedValues(data: Uint8Array, offset: number): ReadonlyMap<string, string> {
    const values = readExtendedHeader(data);
    if (values === null) throw this.#damage(offset);
    return values;
  }

  #end(notice: string | null): null {
    this.#isAtEnd = true;
    this.#notice = notice;
    return null;
  }

  #noArchive(): Error {
    return new Error(
      `Cannot read "${this.path}": expected a tar archive, found other data at byte 0; was it renamed?`,
    );
  }

  #damage(offset: number): Error {
    return new Error(
      `Cannot read "${this.path}": expected a tar header at byte ${offset} of the unpacked archive, found damaged ` +
        `data; what stands before can be extracted with tar`,
    );
  }
}

function zeroOf(data: Uint8Array): number {
  const zero = data.indexOf(0);
  return zero < 0 ? data.length : zero;
}
