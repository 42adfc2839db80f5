/** Lines of a text table, cell by cell, with the bytes at which they begin. */
import { type ByteSource, openByteSource } from "./byte_source.ts";
import { cellsOf } from "./text_cells.ts";

const CHUNK_BYTES = 1 << 18;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;

/** One line; its cells are those of the last call of {@linkcode TextRows.next}. */
export interface TextRow {
  /** Byte of the file where it begins, and its length with the line's end. */
  readonly offset: number;
  readonly byteLength: number;
  readonly cells: readonly string[];
  /** False for a last line without line end: it may be torn. */
  readonly isWhole: boolean;
}

/**
 * Reads a text table line by line, with quoted cells (RFC 4180) that may hold line ends. The first line says whether tabs,
 * commas or semicolons stand between the cells. Synchronous.
 */
export class TextRows implements Disposable {
  readonly #source: ByteSource;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #buffer = new Uint8Array(CHUNK_BYTES);
  /** The part of the buffer that is not used up. */
  #at = 0;
  #end = 0;
  #isAtEnd = false;
  #offset = 0;
  #separator: string | null = null;

  /** @throws {Error} If the file cannot be opened; the message names it. */
  constructor(path: string) {
    this.#source = openByteSource(path);
  }

  /** Bytes that were read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** What stands between cells, once the first line is read. */
  get separator(): string {
    return this.#separator ?? ",";
  }

  /** Reads the next line; null at the end. */
  next(): TextRow | null {
    const length = this.#lineLength();
    if (length === 0) return null;
    const line = this.#buffer.subarray(this.#at, this.#at + length);
    const isWhole = line[length - 1] === LINE_FEED;
    let textLength = isWhole ? length - 1 : length;
    if (isWhole && textLength > 0 && line[textLength - 1] === CARRIAGE_RETURN) textLength--;
    const text = this.#decoder.decode(line.subarray(0, textLength));
    this.#separator ??= separatorOf(text);
    const row = { offset: this.#offset, byteLength: length, cells: cellsOf(text, this.#separator), isWhole };
    this.#at += length;
    this.#offset += length;
    return row;
  }

  /** Closes the file. Idempotent. */
  close(): void {
    this.#source.close();
  }

  /** Same as {@linkcode TextRows.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Bytes up to the next line feed that is not between quotes; to the end of the file if there is none. */
  #lineLength(): number {
    let from = this.#at;
    let isQuoted = false;
    for (;;) {
      const bytes = this.#buffer.subarray(0, this.#end);
      while (from < this.#end) {
        const quote = bytes.indexOf(QUOTE, from);
        const stretchEnd = quote < 0 ? this.#end : quote;
        const lineFeed = isQuoted ? -1 : bytes.subarray(0, stretchEnd).indexOf(LINE_FEED, from);
        if (lineFeed >= 0) return lineFeed + 1 - this.#at;
        if (quote >= 0) isQuoted = !isQuoted;
        from = stretchEnd + (quote < 0 ? 0 : 1);
      }
      const searched = from - this.#at;
      if (!this.#fill()) return this.#end - this.#at;
      from = this.#at + searched;
    }
  }

  #fill(): boolean {
    if (this.#isAtEnd) return false;
    this.#buffer.copyWithin(0, this.#at, this.#end);
    this.#end -= this.#at;
    this.#at = 0;
    if (this.#end === this.#buffer.length) {
      const larger = new Uint8Array(2 * this.#buffer.length);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    const wanted = this.#buffer.subarray(this.#end);
    const length = this.#source.read(wanted);
    this.#isAtEnd = length < wanted.length;
    this.#end += length;
    return length > 0;
  }
}

/** The first mark outside of quotes. */
function separatorOf(header: string): string {
  return /[\t,;]/.exec(header.replaceAll(/"(?:[^"]|"")*"/g, ""))?.[0] ?? "\t";
}
