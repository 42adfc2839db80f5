/**
 * The index at the end of a journal that was closed: how many events there are, and where some of them are.
 *
 *      0           as every frame; kind 2
 *     16  uint64   events in the file
 *     24  uint64   s: there is an entry for event 0, s, 2s …
 *     32  uint32   number of entries
 *     36  uint32   0
 *     40           entries of 24 bytes: uint64 offset in the file, int64 counter, float64 timestamp
 *    -16  uint32   0
 *    -12  uint32   bytes of the frame once more, by which it is found from the end of the file
 *     -8           "mjix"
 *     -4  uint32   CRC32C of all bytes before
 */
import { crc32cOfWords } from "./crc32c.ts";
import { CRC_BYTES, INDEX_FRAME, PAYLOAD_OFFSET } from "./journal_frame.ts";

/** Last bytes of a file with an index: the length of its frame, the magic word, the checksum. */
export const TRAILER_BYTES = 16;
const TRAILER_MAGIC = 0x78696a6d; // "mjix"

const ENTRY_BYTES = 24;

/** Entries that an index has at most; from 512 on every second one is dropped when it would grow further. */
const MOST_ENTRIES = 1024;

const WORD = 4294967296;

/** Where one event is. */
export interface IndexEntry {
  /** Its place in the file, from 0. */
  readonly number: number;
  /** Where its frame begins. */
  readonly offset: number;
  readonly counter: number;
  readonly timestamp: number;
}

/** Grows with a journal, in memory that stays the same; nothing is allocated per event. */
export class JournalIndex {
  #events = 0;
  #stride = 1;
  #entries = 0;
  readonly #offsets = new Float64Array(MOST_ENTRIES);
  readonly #counters = new Float64Array(MOST_ENTRIES);
  readonly #timestamps = new Float64Array(MOST_ENTRIES);

  /** Events so far: the number of the next one. */
  get events(): number {
    return this.#events;
  }

  /**
   * Counts an event. Numbers grow; those of lost events are left out.
   *
   * @returns True if the event shall get an entry: call {@linkcode JournalIndex.add} then.
   */
  count(number: number): boolean {
    this.#events = number + 1;
    return number % this.#stride === 0;
  }

  /** Makes the entry of an event. */
  add({ number, offset, counter, timestamp }: IndexEntry): void {
    while (number / this.#stride >= MOST_ENTRIES) this.#thinOut();
    if (number % this.#stride !== 0) return;
    const place = number / this.#stride;
    // An entry stands for the event of its place, so one that is lost leaves a place with offset 0.
    while (this.#entries < place) this.#offsets[this.#entries++] = 0;
    this.#offsets[place] = offset;
    this.#counters[place] = counter;
    this.#timestamps[place] = timestamp;
    this.#entries = place + 1;
  }

  /** The last event with an entry at or before the event of that number, or null. */
  before(number: number): { readonly number: number; readonly offset: number } | null {
    for (let i = Math.min(Math.floor(number / this.#stride), this.#entries - 1); i >= 0; i--) {
      if (this.#offsets[i] !== 0) return { number: i * this.#stride, offset: this.#offsets[i] };
    }
    return null;
  }

  /** Writes the frame. */
  encode(marker: number): Uint8Array<ArrayBuffer> {
    const length = PAYLOAD_OFFSET + this.#entries * ENTRY_BYTES + TRAILER_BYTES;
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, marker, true);
    view.setUint32(4, length, true);
    view.setUint8(8, INDEX_FRAME);
    view.setUint32(12, this.#events % WORD, true);
    setInteger(view, 16, this.#events);
    setInteger(view, 24, this.#stride);
    view.setUint32(32, this.#entries, true);
    for (let i = 0; i < this.#entries; i++) {
      const at = PAYLOAD_OFFSET + i * ENTRY_BYTES;
      setInteger(view, at, this.#offsets[i]);
      setInteger(view, at + 8, this.#counters[i]);
      view.setFloat64(at + 16, this.#timestamps[i], true);
    }
    view.setUint32(length - 12, length, true);
    view.setUint32(length - 8, TRAILER_MAGIC, true);
    const words = new Int32Array(bytes.buffer);
    words[words.length - 1] = crc32cOfWords(words, 0, words.length - 1);
    return bytes;
  }

  /** Reads a frame whose checksum is right; null if it says what cannot be. */
  static decode(bytes: Uint8Array): JournalIndex | null {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const index = new JournalIndex();
    index.#events = integerAt(view, 16);
    index.#stride = integerAt(view, 24);
    index.#entries = view.getUint32(32, true);
    const isPossible = index.#stride >= 1 && index.#entries <= MOST_ENTRIES &&
      PAYLOAD_OFFSET + index.#entries * ENTRY_BYTES + TRAILER_BYTES === bytes.length;
    if (!isPossible) return null;
    for (let i = 0; i < index.#entries; i++) {
      const at = PAYLOAD_OFFSET + i * ENTRY_BYTES;
      index.#offsets[i] = integerAt(view, at);
      index.#counters[i] = integerAt(view, at + 8);
      index.#timestamps[i] = view.getFloat64(at + 16, true);
    }
    return index;
  }

  #thinOut(): void {
    this.#stride *= 2;
    this.#entries = Math.ceil(this.#entries / 2);
    for (let i = 0; i < this.#entries; i++) {
      this.#offsets[i] = this.#offsets[2 * i];
      this.#counters[i] = this.#counters[2 * i];
      this.#timestamps[i] = this.#timestamps[2 * i];
    }
  }
}

/** Length of the index by the last {@linkcode TRAILER_BYTES} of a file, or 0 if there is none. */
export function indexLength(trailer: Uint8Array): number {
  const view = new DataView(trailer.buffer, trailer.byteOffset, TRAILER_BYTES);
  const length = view.getUint32(TRAILER_BYTES - CRC_BYTES - 8, true);
  const isIndex = view.getUint32(TRAILER_BYTES - CRC_BYTES - 4, true) === TRAILER_MAGIC;
  return isIndex && isIndexLength(length) ? length : 0;
}

/** Says whether the frame of an index can have that length. */
export function isIndexLength(length: number): boolean {
  const entries = (length - PAYLOAD_OFFSET - TRAILER_BYTES) / ENTRY_BYTES;
  return Number.isInteger(entries) && entries >= 0 && entries <= MOST_ENTRIES;
}

function setInteger(view: DataView, offset: number, value: number): void {
  const high = Math.floor(value / WORD);
  view.setUint32(offset, value - high * WORD, true);
  view.setInt32(offset + 4, high, true);
}

function integerAt(view: DataView, offset: number): number {
  return view.getInt32(offset + 4, true) * WORD + view.getUint32(offset, true);
}
