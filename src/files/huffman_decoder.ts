/** Canonical Huffman codes as DEFLATE packs them: lowest bit first. */

/** Codes up to this length are found with one look into a table. */
const FAST_BITS = 10;

const LONGEST_CODE = 15;

/** Low bits of a table entry: the code's length. The symbol stands above them. */
export const LENGTH_BITS = 4;

/**
 * Decoder of one Huffman code. {@linkcode HuffmanDecoder.decode} takes the next bits of the stream and returns
 * `symbol << 4 | length of its code`, or 0 if no code begins so.
 */
export class HuffmanDecoder {
  readonly #fast: Uint16Array;
  /** Symbols in the order of their codes, and per length how many there are. */
  readonly #symbols: Uint16Array;
  readonly #counts: Uint16Array;

  /**
   * @param lengths Length of each symbol's code in bits, 0 for symbols that do not occur.
   * @throws {RangeError} If more codes are given than such lengths allow.
   */
  constructor(lengths: Uint8Array) {
    this.#counts = new Uint16Array(LONGEST_CODE + 1);
    for (const length of lengths) this.#counts[length]++;
    this.#counts[0] = 0;
    const nextSymbol = new Uint16Array(LONGEST_CODE + 2);
    const nextCode = new Uint32Array(LONGEST_CODE + 2);
    for (let length = 1; length <= LONGEST_CODE; length++) {
      nextSymbol[length + 1] = nextSymbol[length] + this.#counts[length];
      nextCode[length + 1] = nextCode[length] + this.#counts[length] << 1;
      if (nextCode[length] + this.#counts[length] > 1 << length) {
        throw new RangeError("Cannot build a Huffman code: expected a prefix code, found too many codes");
      }
    }
    this.#symbols = new Uint16Array(nextSymbol[LONGEST_CODE + 1]);
    this.#fast = new Uint16Array(1 << FAST_BITS);
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol];
      if (length === 0) continue;
      this.#symbols[nextSymbol[length]++] = symbol;
      const code = nextCode[length]++;
      if (length > FAST_BITS) continue;
      const entry = symbol << LENGTH_BITS | length;
      for (let i = reverseBits(code, length); i < this.#fast.length; i += 1 << length) this.#fast[i] = entry;
    }
  }

  /** @param bits At least 15 bits of the stream, the next one lowest; zeros may stand behind its end. */
  decode(bits: number): number {
    const entry = this.#fast[bits & (1 << FAST_BITS) - 1];
    return entry !== 0 ? entry : this.#decodeLong(bits);
  }

  /** Walks the lengths: codes of one length are consecutive numbers. */
  #decodeLong(bits: number): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= LONGEST_CODE; length++) {
      code |= bits >>> length - 1 & 1;
      const count = this.#counts[length];
      if (code - first < count) return this.#symbols[index + code - first] << LENGTH_BITS | length;
      index += count;
      first = first + count << 1;
      code <<= 1;
    }
    return 0;
  }
}

function reverseBits(code: number, length: number): number {
  let reversed = 0;
  for (let i = 0; i < length; i++) reversed |= (code >>> i & 1) << length - 1 - i;
  return reversed;
}
