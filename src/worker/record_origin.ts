/** Identity of records that are made of events: the same when the event is delivered, and the record made, a second time. */
import type { Reader } from "../ring/reader.ts";
import type { Slot } from "../ring/slot.ts";

const GOLDEN = 0x9e3779b1 | 0; // odd, from the golden ratio: consecutive numbers become far apart

/** Keys of the four rounds, of which each has its own odd step. */
const STEPS = [0x7feb352d | 0, 0x846ca68b | 0, 0x2c1b3c6d | 0, 0x297a2d39 | 0] as const;

/** A function of 32 bits in which each bit of the result depends on all bits of the argument. */
function mixed(value: number): number {
  let x = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

/** Hash of a text, 32 bits; different seeds give independent ones. */
export function textHash(text: string, seed: number): number {
  let hash = seed | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mixed(hash);
}

/**
 * Identities of the records that one function makes for one of its sinks. They are those of the events, sent through four
 * rounds of a Feistel network with keys of the function's name, the sink, and the number of the record among those of its
 * event. For given keys that is a permutation of all 64-bit numbers: two events never give the same identity. Records of
 * different functions, or with different numbers, agree with a probability of 2^-64.
 *
 * Nothing is allocated per record.
 */
export class RecordOrigin {
  readonly #sources: readonly Reader[];
  readonly #first: number;
  readonly #second: number;
  #deliveries = 0;
  #records = 0;
  /** Lower and upper half of the last identity. */
  low = 0;
  high = 0;

  /**
   * For one sink.
   *
   * @param sources Readers of the function: records are made of what they hold.
   * @param name Name of the function's entry in the setup.
   * @param sink Number of the sink.
   */
  constructor(sources: readonly Reader[], name: string, sink: number) {
    this.#sources = sources;
    this.#first = textHash(`${name} ${sink}`, 0x811c9dc5);
    this.#second = textHash(`${sink} ${name}`, 0x2f0b4c47);
  }

  /**
   * Notes in a record that is about to be published of which event it was made: its identity, and whether the event was
   * delivered before. Without an event the record keeps the identity that the ring gave it.
   */
  mark(slot: Slot): void {
    let low = 0;
    let high = 0;
    let isAny = false;
    let deliveries = 0;
    for (let i = 0; i < this.#sources.length; i++) {
      const event = this.#sources[i].held;
      deliveries += this.#sources[i].deliveries;
      if (event === null) continue;
      if (event.redelivered) slot.redelivered = true;
      if (isAny) this.mix(low ^ event.originLow, high ^ event.originHigh, i);
      low = isAny ? this.low : event.originLow;
      high = isAny ? this.high : event.originHigh;
      isAny = true;
    }
    if (!isAny) return;
    // Not by the identity of the event: it may come twice, one right after the other.
    if (deliveries !== this.#deliveries) this.#records = 0;
    this.#deliveries = deliveries;
    this.mix(low, high, this.#records++);
    slot.setOrigin(this.low, this.high);
  }

  /**
   * Computes the identity of a record; it is then in {@linkcode low} and {@linkcode high}.
   *
   * @param low,high Identity of the event.
   * @param record Number of the record among those of the event.
   */
  mix(low: number, high: number, record: number): void {
    const key = Math.imul(record, GOLDEN);
    const first = this.#first ^ key;
    const second = this.#second + key | 0;
    let left = low;
    let right = high;
    left ^= mixed(right + first + STEPS[0]);
    right ^= mixed(left + second + STEPS[1]);
    left ^= mixed(right ^ first + STEPS[2]);
    right ^= mixed(left ^ second + STEPS[3]);
    this.low = left;
    this.high = right;
  }
}
