/** Random numbers that can be repeated. */

/** Numbers drawn at a time, so that the generator's state stays in registers. */
const BLOCK_LENGTH = 1024;
const TWO_TO_MINUS_32 = 2 ** -32;
/** Rounds after seeding until the four words of the state have mixed. */
const WARM_UP = 16;

/**
 * Random generator SFC32 (C. Doty-Humphrey, "small fast counting"): 128 bits of state, at least 2^32 numbers before it
 * repeats, about 2^127 on average. Not for secrets. Draws allocate nothing.
 *
 * @example Repeat a sequence
 * ```ts
 * import { Random } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Random("run 7").uniform(), new Random("run 7").uniform());
 * ```
 */
export class Random {
  readonly #state = new Uint32Array(4);
  readonly #block = new Uint32Array(BLOCK_LENGTH);
  #next = BLOCK_LENGTH;
  #spareGaussian = NaN;

  /**
   * Starts a sequence.
   *
   * @param seed Number or text; equal seeds give equal sequences. Without a seed the sequence is different each time.
   */
  constructor(seed?: number | string | null) {
    const state = this.#state;
    if (seed === undefined || seed === null) crypto.getRandomValues(state);
    else seedState(state, `${typeof seed}:${seed}`);
    state[3] = 1;
    for (let i = 0; i < WARM_UP; i++) advance(state, this.#block, 1);
  }

  /** Draws an integer from 0 to 2^32 - 1. */
  uint32(): number {
    if (this.#next === BLOCK_LENGTH) this.#refill();
    return this.#block[this.#next++];
  }

  /** Draws a number from [0, 1) in steps of 2^-32. */
  uniform(): number {
    return this.uint32() * TWO_TO_MINUS_32;
  }

  /** Draws an integer from 0 to `count` - 1. */
  index(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Draws from an exponential distribution with the given mean. */
  exponential(mean = 1): number {
    return -mean * Math.log((this.uint32() + 1) * TWO_TO_MINUS_32);
  }

  /** Draws from the normal distribution with mean 0 and standard deviation 1 (polar method of Marsaglia). */
  gaussian(): number {
    if (!Number.isNaN(this.#spareGaussian)) {
      const spare = this.#spareGaussian;
      this.#spareGaussian = NaN;
      return spare;
    }
    while (true) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt(-2 * Math.log(square) / square);
      this.#spareGaussian = y * scale;
      return x * scale;
    }
  }

  /**
   * Fills an array with uniform noise from (`center` - `width`/2, `center` + `width`/2] in 2^16 steps, two values from
   * each 32-bit number.
   */
  fillUniform(target: Float32Array, { center, width }: { center: number; width: number }): void {
    const top = center + width / 2;
    const step = width / 2 ** 16;
    const length = target.length;
    const pairedEnd = length - 1;
    const block = this.#block;
    let next = this.#next;
    let i = 0;
    while (i < pairedEnd) {
      if (next === BLOCK_LENGTH) {
        this.#refill();
        next = 0;
      }
      const end = Math.min(next + ((length - i) >> 1), BLOCK_LENGTH);
      for (; next < end; next++) {
        const bits = block[next];
        target[i] = top - step * (bits & 0xffff);
        target[i + 1] = top - step * (bits >>> 16);
        i += 2;
      }
    }
    this.#next = next;
    if (i < length) target[i] = top - step * (this.uint32() & 0xffff);
  }

  #refill(): void {
    advance(this.#state, this.#block, BLOCK_LENGTH);
    this.#next = 0;
  }
}

/** Draws `count` numbers into the start of `block`. */
function advance(state: Uint32Array, block: Uint32Array, count: number): void {
  let a = state[0] | 0, b = state[1] | 0, c = state[2] | 0, counter = state[3] | 0;
  for (let i = 0; i < count; i++) {
    const drawn = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + drawn) | 0;
    block[i] = drawn;
  }
  state[0] = a;
  state[1] = b;
  state[2] = c;
  state[3] = counter;
}

/** Spreads a text over the first three words of the state: FNV-1a with three offsets, each finished by MurmurHash3's mix. */
function seedState(state: Uint32Array, text: string): void {
  for (let word = 0; word < 3; word++) {
    let hash = 0x811c9dc5 ^ Math.imul(word, 0x9e3779b9);
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    state[word] = hash ^ (hash >>> 16);
  }
}
