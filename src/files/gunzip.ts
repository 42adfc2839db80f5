/**
 * Synchronous unpacking of gzip streams piece by piece. The platform has it only asynchronously or for a whole file at
 * once, and a worker that blocks on rings needs neither.
 */
import { crc32 } from "node:zlib";
import type { ByteSource } from "./byte_source.ts";
import { HuffmanDecoder, LENGTH_BITS } from "./huffman_decoder.ts";

const INPUT_BYTES = 1 << 16;

/** How far back a copy can reach. */
const WINDOW_BYTES = 1 << 15;
const LONGEST_COPY = 258;

/** New output per step; the window stands before it. */
const STEP_BYTES = 1 << 16;

/** Input bytes that one symbol can need at most: 15 + 5 + 15 + 13 bits, and the reserve in the bit register. */
const SYMBOL_BYTES = 12;

/** Whole bytes that the bit register can hold, which may have to go back into the input. */
const REGISTER_BYTES = 4;

const LENGTH_MASK = (1 << LENGTH_BITS) - 1;
const END_OF_BLOCK = 256;

/** RFC 1951, section 3.2.5: base and number of extra bits of lengths (symbols 257 …) and distances. */
const LENGTH_BASE = [
  ...[3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31],
  ...[35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258],
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  ...[1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769],
  ...[1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577],
];
const DISTANCE_EXTRA = DISTANCE_BASE.map((_, i) => i < 2 ? 0 : (i >> 1) - 1);

/** Order in which the lengths of the code-length code are stored (section 3.2.7). */
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Codes of blocks that bring none of their own (section 3.2.6). */
const FIXED_LITERALS = new HuffmanDecoder(
  Uint8Array.from({ length: 288 }, (_, i) => i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8),
);
const FIXED_DISTANCES = new HuffmanDecoder(new Uint8Array(30).fill(5));

type BlockState = "member" | "header" | "stored" | "coded" | "end";

/** Unpacks a gzip file (RFC 1952) of one or several members while it is read, and checks lengths and checksums. */
export class Gunzip implements ByteSource {
  readonly #source: ByteSource;
  readonly #path: string;
  readonly #input = new Uint8Array(INPUT_BYTES);
  #inputAt = 0;
  #inputEnd = 0;
  #hasAllInput = false;
  #bits = 0;
  #bitCount = 0;
  readonly #output = new Uint8Array(WINDOW_BYTES + STEP_BYTES + LONGEST_COPY);
  /** Output from `given` to `outputEnd` has not been read yet. */
  #given = WINDOW_BYTES;
  #outputEnd = WINDOW_BYTES;
  #state: BlockState = "member";
  #isFirstMember = true;
  #isLastBlock = false;
  #storedLeft = 0;
  #literals = FIXED_LITERALS;
  #distances = FIXED_DISTANCES;
  #memberBytes = 0;
  #memberCrc = 0;

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
      if (this.#given === this.#outputEnd && !this.#produce()) break;
      const part = Math.min(target.length - length, this.#outputEnd - this.#given);
      target.set(this.#output.subarray(this.#given, this.#given + part), length);
      this.#given += part;
      length += part;
    }
    return length;
  }

  close(): void {
    this.#source.close();
  }

  /** Unpacks some more. Returns false at the end of the file. */
  #produce(): boolean {
    this.#output.copyWithin(0, this.#outputEnd - WINDOW_BYTES, this.#outputEnd);
    this.#given = WINDOW_BYTES;
    this.#outputEnd = WINDOW_BYTES;
    while (this.#outputEnd === WINDOW_BYTES && this.#state !== "end") {
      if (this.#state === "member") this.#beginMember();
      else if (this.#state === "header") this.#beginBlock();
      else if (this.#state === "stored") this.#copyStored();
      else this.#decodeBlock();
      this.#memberCrc = crc32(this.#output.subarray(WINDOW_BYTES, this.#outputEnd), this.#memberCrc);
      this.#memberBytes = this.#memberBytes + this.#outputEnd - WINDOW_BYTES >>> 0;
      if (this.#state === "header" && this.#isLastBlock) this.#endMember();
    }
    return this.#outputEnd > WINDOW_BYTES;
  }

  #beginMember(): void {
    if (this.#inputEnd - this.#inputAt < SYMBOL_BYTES) this.#refill();
    const isEnd = this.#inputAt >= this.#inputEnd;
    // Archives are often padded with zeros, for example on tapes.
    const isPadding = !this.#isFirstMember && this.#input[this.#inputAt] === 0;
    if (!this.#isFirstMember && (isEnd || isPadding)) {
      this.#state = "end";
      return;
    }
    if (this.#take(8) !== 0x1f || this.#take(8) !== 0x8b || this.#take(8) !== 8) throw this.#damage("a gzip header");
    const flags = this.#take(8);
    this.#skip(6);
    if ((flags & 4) !== 0) this.#skip(this.#take(16));
    for (const flag of [8, 16]) {
      if ((flags & flag) !== 0) { while (this.#take(8) !== 0); }
    }
    if ((flags & 2) !== 0) this.#skip(2);
    this.#isFirstMember = false;
    this.#isLastBlock = false;
    this.#memberBytes = 0;
    this.#memberCrc = 0;
    this.#state = "header";
  }

  #endMember(): void {
    this.#take(this.#bitCount & 7);
    const crc = (this.#take(16) | this.#take(16) << 16) >>> 0;
    const bytes = (this.#take(16) | this.#take(16) << 16) >>> 0;
    if (crc !== this.#memberCrc || bytes !== this.#memberBytes) throw this.#damage("the checksum of its content");
    this.#giveBackBits();
    this.#state = "member";
  }

  #beginBlock(): void {
    this.#isLastBlock = this.#take(1) === 1;
    const kind = this.#take(2);
    if (kind === 0) {
      this.#take(this.#bitCount & 7);
      this.#storedLeft = this.#take(16);
      if ((this.#take(16) ^ 0xffff) !== this.#storedLeft) throw this.#damage("the length of a stored block");
      this.#giveBackBits();
      this.#state = "stored";
    } else if (kind === 1) {
      this.#literals = FIXED_LITERALS;
      this.#distances = FIXED_DISTANCES;
      this.#state = "coded";
    } else if (kind === 2) {
      this.#readCodes();
      this.#state = "coded";
    } else {
      throw this.#damage("a block of a known kind");
    }
  }

  #readCodes(): void {
    const literals = this.#take(5) + 257;
    const distances = this.#take(5) + 1;
    const codeLengths = this.#take(4) + 4;
    const lengthsOfLengths = new Uint8Array(19);
    for (let i = 0; i < codeLengths; i++) lengthsOfLengths[CODE_LENGTH_ORDER[i]] = this.#take(3);
    try {
      const lengthCode = new HuffmanDecoder(lengthsOfLengths);
      const lengths = new Uint8Array(literals + distances);
      for (let i = 0; i < lengths.length;) {
        const symbol = this.#symbol(lengthCode);
        if (symbol < 16) {
          lengths[i++] = symbol;
          continue;
        }
        if (symbol === 16 && i === 0) throw this.#damage("a code length to repeat");
        const value = symbol === 16 ? lengths[i - 1] : 0;
        const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
        if (i + times > lengths.length) throw this.#damage("as many code lengths as announced");
        lengths.fill(value, i, i + times);
        i += times;
      }
      this.#literals = new HuffmanDecoder(lengths.subarray(0, literals));
      this.#distances = new HuffmanDecoder(lengths.subarray(literals));
    } catch (error) {
      throw error instanceof RangeError ? this.#damage("a prefix code") : error;
    }
  }

  #copyStored(): void {
    if (this.#inputAt >= this.#inputEnd) this.#refill();
    const part = Math.min(this.#storedLeft, this.#inputEnd - this.#inputAt, STEP_BYTES);
    if (part === 0 && this.#storedLeft > 0) throw this.#endsEarly();
    this.#output.set(this.#input.subarray(this.#inputAt, this.#inputAt + part), this.#outputEnd);
    this.#inputAt += part;
    this.#outputEnd += part;
    this.#storedLeft -= part;
    if (this.#storedLeft === 0) this.#state = "header";
  }

  /** Decodes symbols until the step is full, the block ends or the input must be refilled. */
  #decodeBlock(): void {
    if (this.#inputEnd - this.#inputAt < SYMBOL_BYTES) this.#refill();
    // Behind the end of the file stand zeros, so that the last symbols can be decoded in the same loop.
    const inputLimit = Math.max(this.#inputEnd - SYMBOL_BYTES, this.#inputAt);
    const outputLimit = WINDOW_BYTES + STEP_BYTES;
    const input = this.#input;
    const output = this.#output;
    const literals = this.#literals;
    const distances = this.#distances;
    let at = this.#inputAt;
    let end = this.#outputEnd;
    let bits = this.#bits;
    let count = this.#bitCount;
    while (at <= inputLimit && end < outputLimit) {
      for (; count <= 24; count += 8) bits |= input[at++] << count;
      const entry = literals.decode(bits);
      const length = entry & LENGTH_MASK;
      const symbol = entry >>> LENGTH_BITS;
      if (length === 0) throw this.#damage("a known code");
      bits >>>= length;
      count -= length;
      if (symbol < END_OF_BLOCK) {
        output[end++] = symbol;
        continue;
      }
      if (symbol === END_OF_BLOCK) {
        this.#state = "header";
        break;
      }
      const lengthIndex = symbol - END_OF_BLOCK - 1;
      if (lengthIndex >= LENGTH_BASE.length) throw this.#damage("a known length");
      const lengthExtra = LENGTH_EXTRA[lengthIndex];
      const copied = LENGTH_BASE[lengthIndex] + (bits & (1 << lengthExtra) - 1);
      bits >>>= lengthExtra;
      count -= lengthExtra;
      for (; count <= 24; count += 8) bits |= input[at++] << count;
      const distanceEntry = distances.decode(bits);
      const distanceLength = distanceEntry & LENGTH_MASK;
      const distanceIndex = distanceEntry >>> LENGTH_BITS;
      if (distanceLength === 0 || distanceIndex >= DISTANCE_BASE.length) throw this.#damage("a known distance");
      bits >>>= distanceLength;
      count -= distanceLength;
      for (; count <= 24; count += 8) bits |= input[at++] << count;
      const distanceExtra = DISTANCE_EXTRA[distanceIndex];
      const distance = DISTANCE_BASE[distanceIndex] + (bits & (1 << distanceExtra) - 1);
      bits >>>= distanceExtra;
      count -= distanceExtra;
      if (distance >= copied) {
        output.copyWithin(end, end - distance, end - distance + copied);
        end += copied;
      } else {
        for (const stop = end + copied; end < stop; end++) output[end] = output[end - distance];
      }
    }
    this.#inputAt = at;
    this.#outputEnd = end;
    this.#bits = bits;
    this.#bitCount = count;
    this.#checkNotBehindEnd();
  }

  #symbol(code: HuffmanDecoder): number {
    this.#fill(15);
    const entry = code.decode(this.#bits);
    if (entry === 0) throw this.#damage("a known code");
    this.#drop(entry & LENGTH_MASK);
    return entry >>> LENGTH_BITS;
  }

  /** Takes up to 16 bits. */
  #take(count: number): number {
    this.#fill(count);
    const value = this.#bits & (1 << count) - 1;
    this.#drop(count);
    return value;
  }

  #skip(bytes: number): void {
    for (let i = 0; i < bytes; i++) this.#take(8);
  }

  #fill(count: number): void {
    if (this.#bitCount >= count) return;
    if (this.#inputEnd - this.#inputAt < SYMBOL_BYTES) this.#refill();
    for (; this.#bitCount <= 24; this.#bitCount += 8) this.#bits |= this.#input[this.#inputAt++] << this.#bitCount;
  }

  #drop(count: number): void {
    this.#bits >>>= count;
    this.#bitCount -= count;
    this.#checkNotBehindEnd();
  }

  /** Whole bytes that wait in the bit register go back into the input; the rest of a begun byte is dropped. */
  #giveBackBits(): void {
    this.#inputAt -= this.#bitCount >> 3;
    this.#bits = 0;
    this.#bitCount = 0;
  }

  #refill(): void {
    const shift = Math.max(Math.min(this.#inputAt, this.#inputEnd) - REGISTER_BYTES, 0);
    this.#input.copyWithin(0, shift, this.#inputEnd);
    this.#inputAt -= shift;
    this.#inputEnd -= shift;
    if (this.#hasAllInput) return;
    const room = this.#input.subarray(this.#inputEnd, INPUT_BYTES - 2 * SYMBOL_BYTES);
    const length = this.#source.read(room);
    this.#inputEnd += length;
    this.#hasAllInput = length < room.length;
    this.#input.fill(0, this.#inputEnd);
  }

  /** The zeros behind the end of the file may be looked at, but not used. */
  #checkNotBehindEnd(): void {
    if (this.#inputAt - (this.#bitCount >> 3) > this.#inputEnd) throw this.#endsEarly();
  }

  #endsEarly(): Error {
    return new Error(
      `Cannot read "${this.#path}": expected the rest of its gzip data, found the end of the file; it was not ` +
        `copied or written to its end`,
    );
  }

  #damage(expected: string): Error {
    return new Error(`Cannot read "${this.#path}": expected ${expected}, found damaged gzip data; get another copy`);
  }
}
