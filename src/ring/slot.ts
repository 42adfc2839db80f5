/** One slot of a ring: the columns of its record and its metadata. */
import type { Columns } from "../record/record_layout.ts";

const COUNTER_LOW = 0; // words of 4 bytes in the slot header, see ring.h
const COUNTER_HIGH = 1;
const FLAGS = 6;
const ORIGIN_LOW = 8;
const ORIGIN_HIGH = 9;
const TIMESTAMP = 1; // words of 8 bytes
const DEADTIME = 2;
const DERIVED_FROM_REDELIVERED = 1;

/**
 * An event in a ring, seen in place: nothing is copied, and one `Slot` object serves all events that pass through its slot.
 * Use it only until the next `get`, `next` or `release` of its reader (or until a writer publishes it).
 */
export class Slot {
  /** Number of the slot in the ring. */
  readonly index: number;
  /** The record: one typed array per field. */
  readonly data: Columns;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  #wasHandedBack = false;

  /** Views a slot that begins at `byteOffset` of `memory`; made by the ring only. */
  constructor(index: number, memory: ArrayBuffer, byteOffset: number, data: Columns) {
    this.index = index;
    this.data = data;
    this.#words = new Int32Array(memory, byteOffset, 10);
    this.#doubles = new Float64Array(memory, byteOffset, 3);
  }

  /** Number of the event, from 0, given by its importer. Exact up to 2^53. */
  get counter(): number {
    return this.#words[COUNTER_HIGH] * 4294967296 + (this.#words[COUNTER_LOW] >>> 0);
  }
  set counter(value: number) {
    const high = value < 4294967296 && value >= 0 ? 0 : Math.floor(value / 4294967296);
    this.#words[COUNTER_LOW] = value - high * 4294967296;
    this.#words[COUNTER_HIGH] = high;
  }

  /** When the event's data were ready, in UTC seconds. */
  get timestamp(): number {
    return this.#doubles[TIMESTAMP];
  }
  set timestamp(value: number) {
    this.#doubles[TIMESTAMP] = value;
  }

  /** Fraction of the time since the event before in which the importer could not take data. */
  get deadtime(): number {
    return this.#doubles[DEADTIME];
  }
  set deadtime(value: number) {
    this.#doubles[DEADTIME] = value;
  }

  /** True if this event, or the one it was derived from, was delivered to a reader before that died or gave it back. */
  get redelivered(): boolean {
    return this.#wasHandedBack || (this.#words[FLAGS] & DERIVED_FROM_REDELIVERED) !== 0;
  }
  set redelivered(value: boolean) {
    this.#words[FLAGS] = value ? DERIVED_FROM_REDELIVERED : 0;
  }

  /**
   * Identity of the record, lower half, as a 32-bit integer with sign. Two records of a ring have the same one only if they
   * were made of the same event by the same function, because a worker died in between; the second one is a double. Set when
   * the record is published.
   */
  get originLow(): number {
    return this.#words[ORIGIN_LOW];
  }

  /** Upper half of {@linkcode originLow}. */
  get originHigh(): number {
    return this.#words[ORIGIN_HIGH];
  }

  /** Sets the identity of the record; functions need not do so. */
  setOrigin(low: number, high: number): void {
    this.#words[ORIGIN_LOW] = low;
    this.#words[ORIGIN_HIGH] = high;
  }

  /** Called by a reader at each delivery: readers of another group may see the same slot for the first time. */
  setHandedBack(value: boolean): void {
    this.#wasHandedBack = value;
  }
}
