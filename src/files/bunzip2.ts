/** Synchronous unpacking of bzip2 streams block by block; the platform has none. */
import type { ByteSource } from "./byte_source.ts";

const INPUT_BYTES = 1 << 16;

/** A block holds up to level × 100,000 bytes; the level is a digit of the header. */
const LEVEL_BYTES = 100_000;

/** Binary-coded decimals of π and of its square root begin a block and the end of a stream. */
const BLOCK_MAGIC = [0x314159, 0x265359] as const;
const END_MAGIC = [0x177245, 0x385090] as const;

const SYMBOLS_PER_SELECTOR = 50;
const LONGEST_CODE = 20;

/** The first two symbols write the length of a run in bijective base 2. */
const RUN_B = 1;

/** After so many equal bytes, one byte says how often more they are repeated. */
const RUN_BYTES = 4;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc << 1 ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc;
});

/** One of the up to six Huffman codes of a block, highest bit first. */
interface BlockCode {
  /** Per length: what must be subtracted from a code to get its place among the symbols, and the largest code. */
  readonly base: Int32Array;
  readonly limit: Int32Array;
  readonly symbols: Uint16Array;
  readonly shortest: number;
}

/** Unpacks a bzip2 file of one or several streams while it is read, and checks the checksum of every block. */
export class Bunzip2 implements ByteSource {
  readonly #source: ByteSource;
  readonly #path: string;
  readonly #input = new Uint8Array(INPUT_BYTES);
  #inputAt = 0;
  #inputEnd = 0;
  #bits = 0;
  #bitCount = 0;
  /** 0 before the header of a stream. */
  #blockLimit = 0;
  #isFirstStream = true;
  #isEnd = false;
  /** The block's bytes in the low 8 bits and, above them, the position of the byte that follows each. */
  #block = new Uint32Array(0);
  #blockLeft = 0;
  #position = 0;
  #wantedCrc = 0;
  #crc = 0;
  #lastByte = -1;
  #equalBytes = 0;
  #repeats = 0;

  /**
   * @param source The packed bytes.
   * @param path Name of the file, for messages.
   */
  constructor(source: ByteSource, path: string) {
    this.#source = source;
    this.#path = path;
  }

  read(target: Uint8Array): number {
    let length = 0;
    while (length < target.length) {
      if (this.#blockLeft === 0 && this.#repeats === 0 && !this.#nextBlock()) break;
      length = this.#unrun(target, length);
    }
    return length;
  }

  close(): void {
    this.#source.close();
  }

  /** Follows the block's chain of bytes and expands the runs of four and more. */
  #unrun(target: Uint8Array, from: number): number {
    const block = this.#block;
    let length = from;
    let crc = this.#crc;
    while (length < target.length) {
      if (this.#repeats > 0) {
        this.#repeats--;
      } else if (this.#blockLeft === 0) {
        break;
      } else {
        const entry = block[this.#position];
        this.#position = entry >>> 8;
        this.#blockLeft--;
        const byte = entry & 0xff;
        if (this.#equalBytes === RUN_BYTES) {
          this.#repeats = byte;
          this.#equalBytes = 0;
          continue;
        }
        this.#equalBytes = byte === this.#lastByte ? this.#equalBytes + 1 : 1;
        this.#lastByte = byte;
      }
      target[length++] = this.#lastByte;
      crc = crc << 8 ^ CRC_TABLE[crc >>> 24 ^ this.#lastByte];
    }
    this.#crc = crc;
    if (this.#blockLeft === 0 && this.#repeats === 0 && (~crc >>> 0) !== this.#wantedCrc) {
      throw this.#damage("the checksum of a block");
    }
    return length;
  }

  /** Reads a block, or the end of a stream and what follows. Returns false at the end of the file. */
  #nextBlock(): boolean {
    while (!this.#isEnd) {
      if (this.#blockLimit === 0 && !this.#beginStream()) break;
      const magic = [this.#take(24), this.#take(24)];
      if (magic[0] === END_MAGIC[0] && magic[1] === END_MAGIC[1]) {
        // The checksum of the whole stream is made of those of its blocks, which have been compared.
        this.#take(16);
        this.#take(16);
        this.#take(this.#bitCount & 7);
        this.#blockLimit = 0;
        continue;
      }
      if (magic[0] !== BLOCK_MAGIC[0] || magic[1] !== BLOCK_MAGIC[1]) throw this.#damage("the beginning of a block");
      this.#readBlock();
      if (this.#blockLeft > 0) return true;
    }
    this.#isEnd = true;
    return false;
  }

  #beginStream(): boolean {
    if (!this.#isFirstStream && this.#bitCount === 0 && !this.#hasInput()) return false;
    const isBzip2 = this.#take(8) === 0x42 && this.#take(8) === 0x5a && this.#take(8) === 0x68;
    const level = isBzip2 ? this.#take(8) - 0x30 : 0;
    if (level < 1 || level > 9) {
      if (this.#isFirstStream) throw this.#damage("a bzip2 header");
      return false;
    }
    this.#isFirstStream = false;
    this.#blockLimit = level * LEVEL_BYTES;
    if (this.#block.length < this.#blockLimit) this.#block = new Uint32Array(this.#blockLimit);
    return true;
  }

  #readBlock(): void {
    this.#wantedCrc = (this.#take(16) << 16 | this.#take(16)) >>> 0;
    this.#crc = -1;
    this.#lastByte = -1;
    this.#equalBytes = 0;
    if (this.#take(1) === 1) throw this.#damage("a block without randomisation, which bzip2 gave up in 1997");
    const origin = this.#take(24);
    const bytes = this.#readByteSet();
    const symbols = bytes.length + 2;
    const codes = this.#take(3);
    const selectors = this.#readSelectors(codes);
    const tables = Array.from({ length: codes }, () => this.#readCode(symbols));
    const counts = new Uint32Array(256);
    const block = this.#block;
    const endOfBlock = symbols - 1;
    let length = 0;
    let run = 0;
    let runWeight = 1;
    for (let group = 0, left = 0, code = tables[0];;) {
      if (left === 0) {
        if (group === selectors.length) throw this.#damage("an end of the block");
        code = tables[selectors[group++]];
        left = SYMBOLS_PER_SELECTOR;
      }
      left--;
      const symbol = this.#symbol(code);
      if (symbol <= RUN_B) {
        run += runWeight << symbol;
        runWeight <<= 1;
        if (run > this.#blockLimit) throw this.#damage("a run that fits into its block");
        continue;
      }
      if (run > 0) {
        if (length + run > this.#blockLimit) throw this.#damage("a run that fits into its block");
        block.fill(bytes[0], length, length + run);
        counts[bytes[0]] += run;
        length += run;
        run = 0;
        runWeight = 1;
      }
      if (symbol === endOfBlock) break;
      if (length === this.#blockLimit) throw this.#damage("an end of the block");
      const byte = bytes[symbol - 1];
      bytes.copyWithin(1, 0, symbol - 1);
      bytes[0] = byte;
      block[length++] = byte;
      counts[byte]++;
    }
    if (origin >= length && length > 0) throw this.#damage("a beginning inside the block");
    this.#chain(length, counts, origin);
  }

  /** Undoes the Burrows-Wheeler transform: writes behind each byte where the next one stands. */
  #chain(length: number, counts: Uint32Array, origin: number): void {
    const block = this.#block;
    for (let byte = 0, sum = 0; byte < 256; byte++) {
      const count = counts[byte];
      counts[byte] = sum;
      sum += count;
    }
    for (let i = 0; i < length; i++) block[counts[block[i] & 0xff]++] |= i << 8;
    this.#blockLeft = length;
    this.#position = length > 0 ? block[origin] >>> 8 : 0;
  }

  /** The bytes that occur in the block, as a map of 16 × 16 bits. */
  #readByteSet(): Uint8Array {
    const rows = this.#take(16);
    const bytes: number[] = [];
    for (let row = 0; row < 16; row++) {
      if ((rows >> 15 - row & 1) === 0) continue;
      const columns = this.#take(16);
      for (let column = 0; column < 16; column++) if ((columns >> 15 - column & 1) === 1) bytes.push(row * 16 + column);
    }
    if (bytes.length === 0) throw this.#damage("a byte that occurs in the block");
    return Uint8Array.from(bytes);
  }

  /** Which code is used for each 50 symbols, stored as places in a list whose used entry moves to the front. */
  #readSelectors(codes: number): Uint8Array {
    if (codes < 2 || codes > 6) throw this.#damage("2 to 6 codes in a block");
    const selectors = new Uint8Array(this.#take(15));
    const order = Uint8Array.from({ length: codes }, (_, i) => i);
    for (let i = 0; i < selectors.length; i++) {
      let place = 0;
      while (this.#take(1) === 1) {
        if (++place === codes) throw this.#damage("the number of a code");
      }
      const selector = order[place];
      order.copyWithin(1, 0, place);
      order[0] = selector;
      selectors[i] = selector;
    }
    return selectors;
  }

  /** The lengths are stored as steps up and down from the one before. */
  #readCode(symbols: number): BlockCode {
    const lengths = new Uint8Array(symbols);
    let length = this.#take(5);
    for (let symbol = 0; symbol < symbols; symbol++) {
      while (this.#take(1) === 1) length += this.#take(1) === 1 ? -1 : 1;
      if (length < 1 || length > LONGEST_CODE) throw this.#damage("a code length of 1 to 20 bits");
      lengths[symbol] = length;
    }
    const base = new Int32Array(LONGEST_CODE + 1);
    const limit = new Int32Array(LONGEST_CODE + 1).fill(-1);
    const sorted = new Uint16Array(symbols);
    let code = 0;
    let placed = 0;
    for (let bits = 1; bits <= LONGEST_CODE; bits++) {
      base[bits] = code - placed;
      for (let symbol = 0; symbol < symbols; symbol++) {
        if (lengths[symbol] !== bits) continue;
        sorted[placed++] = symbol;
        limit[bits] = code++;
      }
      code <<= 1;
    }
    return { base, limit, symbols: sorted, shortest: lengths.reduce((a, b) => Math.min(a, b)) };
  }

  #symbol({ base, limit, symbols, shortest }: BlockCode): number {
    let bits = shortest;
    for (let code = this.#take(bits); bits <= LONGEST_CODE; bits++) {
      if (code <= limit[bits]) return symbols[code - base[bits]];
      code = code << 1 | this.#take(1);
    }
    throw this.#damage("a known code");
  }

  /** Takes up to 24 bits, highest first. */
  #take(count: number): number {
    while (this.#bitCount < count) {
      if (!this.#hasInput()) throw this.#endsEarly();
      this.#bits = this.#bits << 8 | this.#input[this.#inputAt++];
      this.#bitCount += 8;
    }
    this.#bitCount -= count;
    return this.#bits >>> this.#bitCount & (1 << count) - 1;
  }

  #hasInput(): boolean {
    if (this.#inputAt < this.#inputEnd) return true;
    this.#inputEnd = this.#source.read(this.#input);
    this.#inputAt = 0;
    return this.#inputEnd > 0;
  }

  #endsEarly(): Error {
    return new Error(
      `Cannot read "${this.#path}": expected the rest of its bzip2 data, found the end of the file; it was not ` +
        `copied or written to its end`,
    );
  }

  #damage(expected: string): Error {
    return new Error(`Cannot read "${this.#path}": expected ${expected}, found damaged bzip2 data; get another copy`);
  }
}
