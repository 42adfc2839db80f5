/** One file of a journal, read frame by frame. */
import { type Columns, type RecordLayout, viewColumns } from "../record/record_layout.ts";
import { crc32cOfWords } from "./crc32c.ts";
import type { FileFault } from "./damaged_file_error.ts";
import { fileError } from "./file_error.ts";
import {
  COUNTER_HIGH_WORD,
  COUNTER_LOW_WORD,
  DEADTIME_DOUBLE,
  EVENT_FRAME,
  FRAME_ALIGNMENT_BYTES,
  INDEX_FRAME,
  KIND_WORD,
  LENGTH_WORD,
  MARKER_WORD,
  NUMBER_WORD,
  packedOffsets,
  PAYLOAD_OFFSET,
  REDELIVERED_FLAG,
  SMALL_COLUMN_BYTES,
  TIMESTAMP_DOUBLE,
} from "./journal_frame.ts";
import type { JournalHeader } from "./journal_header.ts";
import { findHeader } from "./journal_header_search.ts";
import { indexLength, isIndexLength, JournalIndex, TRAILER_BYTES } from "./journal_index.ts";

/** What is at a place of a file. */
export type FrameState = "event" | "index" | "end" | "damaged";

/** Bytes that are read in one go; more if a frame is longer. */
const WINDOW_BYTES = 1 << 20;

const COLUMN_AREA_ALIGNMENT = 64;

/**
 * Reads the frames of one journal file at any place. Nothing is allocated per frame. All calls are synchronous.
 *
 * The columns of the event looked at last are copied into memory of its own when `columns()` is called; it is the same
 * memory each time.
 */
export class JournalFile implements Disposable {
  readonly path: string;
  readonly header: JournalHeader;
  /** Bytes of the file when it was opened. */
  readonly size: number;
  /** Where the first frame begins. */
  readonly firstFrame: number;
  /** One copy of the header as it stands in the file. */
  readonly headerImage: Uint8Array;
  /** What is wrong with the header; one of its two copies is whole. */
  readonly headerFaults: readonly FileFault[];
  readonly #file: Deno.FsFile;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Int32Array<ArrayBuffer>;
  readonly #doubles: Float64Array<ArrayBuffer>;
  readonly #data: Columns;
  /** The window lies behind the columns in the same memory, so that a copy needs no views. */
  readonly #windowAt: number;
  readonly #packed: readonly number[];
  /** The part of the file in the window. */
  #start = 0;
  #length = 0;
  /** Where in memory the frame begins that was looked at last. */
  #at = 0;
  #isOpen = true;

  /**
   * Opens a file and reads its header.
   *
   * @throws {DamagedFileError} If it is no journal, or both copies of its header are damaged.
   * @throws {Error} If it cannot be read or is of a later version.
   */
  constructor(path: string) {
    this.path = path;
    try {
      this.#file = Deno.openSync(path);
    } catch (error) {
      throw fileError("read", path, error);
    }
    try {
      this.size = this.#stat();
      const { header, image, faults } = findHeader((offset, length) => this.#readExact(offset, length), {
        path,
        size: this.size,
      });
      this.header = header;
      this.headerImage = image;
      this.headerFaults = faults;
    } catch (error) {
      this.#file.close();
      throw error;
    }
    this.firstFrame = 2 * this.header.headerBytes;
    const { layout, frameBytes } = this.header;
    this.#packed = packedOffsets(layout);
    this.#windowAt = alignUp(layout.recordBytes, COLUMN_AREA_ALIGNMENT);
    // Whole frames fit, so that none is read twice.
    const windowBytes = Math.max(1, Math.floor(WINDOW_BYTES / frameBytes)) * frameBytes;
    const memory = new ArrayBuffer(this.#windowAt + Math.min(windowBytes, alignUp(this.size, FRAME_ALIGNMENT_BYTES)));
    this.#bytes = new Uint8Array(memory);
    this.#words = new Int32Array(memory);
    this.#doubles = new Float64Array(memory);
    this.#data = viewColumns(layout, memory, 0);
  }

  /** Layout of the records. */
  get layout(): RecordLayout {
    return this.header.layout;
  }

  /**
   * Looks at a place of the file.
   *
   * @returns `event` or `index` if a whole frame with the right checksum begins there; its parts can then be asked for.
   * @throws {Error} If the file cannot be read.
   */
  look(offset: number): FrameState {
    const left = this.size - offset;
    if (left <= 0) return "end";
    if (left < PAYLOAD_OFFSET || !this.#fetch(offset, PAYLOAD_OFFSET)) return "damaged";
    const words = this.#words;
    const at = this.#at >> 2;
    if (words[at + MARKER_WORD] >>> 0 !== this.header.marker) return "damaged";
    const length = words[at + LENGTH_WORD] >>> 0;
    const kind = words[at + KIND_WORD];
    const isEvent = length === this.header.frameBytes && (kind & ~(REDELIVERED_FLAG << 8)) === EVENT_FRAME;
    if (!isEvent && !(kind === INDEX_FRAME && isIndexLength(length))) return "damaged";
    if (left < length || !this.#fetch(offset, length)) return "damaged";
    const begin = this.#at >> 2;
    const last = begin + (length >> 2) - 1;
    if (words[last] !== crc32cOfWords(words, begin, last)) return "damaged";
    return isEvent ? "event" : "index";
  }

  /** Place of the event in the file, modulo 2^32; of the index: events in the file. */
  get number(): number {
    return this.#words[(this.#at >> 2) + NUMBER_WORD] >>> 0;
  }

  /** Counter of the event. */
  get counter(): number {
    const at = this.#at >> 2;
    return this.#words[at + COUNTER_HIGH_WORD] * 4294967296 + (this.#words[at + COUNTER_LOW_WORD] >>> 0);
  }

  /** Timestamp of the event. */
  get timestamp(): number {
    return this.#doubles[(this.#at >> 3) + TIMESTAMP_DOUBLE];
  }

  /** Dead time of the event. */
  get deadtime(): number {
    return this.#doubles[(this.#at >> 3) + DEADTIME_DOUBLE];
  }

  /** Whether the event was delivered before to a worker that died. */
  get redelivered(): boolean {
    return ((this.#words[(this.#at >> 2) + KIND_WORD] >> 8) & REDELIVERED_FLAG) !== 0;
  }

  /** Bytes of the frame. */
  get length(): number {
    return this.#words[(this.#at >> 2) + LENGTH_WORD] >>> 0;
  }

  /** The columns of the event, in memory that is used again for the next one. */
  columns(): Columns {
    const bytes = this.#bytes;
    const { fields } = this.header.layout;
    const payload = this.#at + PAYLOAD_OFFSET;
    for (let i = 0; i < fields.length; i++) {
      const { columnOffset, columnBytes } = fields[i];
      const from = payload + this.#packed[i];
      if (columnBytes > SMALL_COLUMN_BYTES) {
        bytes.copyWithin(columnOffset, from, from + columnBytes);
      } else {
        for (let byte = 0; byte < columnBytes; byte++) bytes[columnOffset + byte] = bytes[from + byte];
      }
    }
    return this.#data;
  }

  /** The index that was looked at, or null if it says what cannot be. */
  index(): JournalIndex | null {
    return JournalIndex.decode(this.#bytes.slice(this.#at, this.#at + this.length));
  }

  /** Where the index begins by what the end of the file says, or null if that names none. */
  findIndex(): number | null {
    if (this.size < this.firstFrame + TRAILER_BYTES) return null;
    const length = indexLength(this.#readExact(this.size - TRAILER_BYTES, TRAILER_BYTES));
    return length > 0 && length <= this.size - this.firstFrame ? this.size - length : null;
  }

  /**
   * Looks for the next whole frame.
   *
   * @param offset A place where {@linkcode look} found damage.
   * @returns Where the frame begins; the file's size if there is none.
   */
  findFrame(offset: number): number {
    const next = offset + this.header.frameBytes;
    if (next < this.size && isFrame(this.look(next))) return next;
    const first = this.header.marker & 255;
    for (let place = offset + 1; place < this.size; place++) {
      if (!this.#fetchByte(place)) break;
      const end = this.#windowAt + this.#length;
      const found = this.#bytes.subarray(0, end).indexOf(first, this.#at);
      if (found < 0) {
        place = this.#start + this.#length - 1;
        continue;
      }
      place += found - this.#at;
      if (isFrame(this.look(place))) return place;
    }
    return this.size;
  }

  /** Says what is wrong at a place where {@linkcode look} found damage. */
  reasonAt(offset: number): { readonly reason: string; readonly isTail: boolean } {
    const left = this.size - offset;
    if (this.isZeroFrom(offset)) {
      return { reason: "only zeros up to the end, as a machine leaves them that went down", isTail: true };
    }
    const { frameBytes, marker } = this.header;
    const hasBegin = left >= PAYLOAD_OFFSET && this.#fetch(offset, PAYLOAD_OFFSET);
    const hasMarker = hasBegin && this.#words[this.#at >> 2] >>> 0 === marker;
    const isIndex = hasMarker && this.#words[(this.#at >> 2) + KIND_WORD] === INDEX_FRAME;
    if (this.findIndex() === offset || (isIndex && this.length <= left)) {
      return { reason: "an index with a wrong checksum", isTail: false };
    }
    if (isIndex) return { reason: `the first ${left} bytes of the index`, isTail: true };
    if (left < frameBytes) return { reason: `${left} of the ${frameBytes} bytes of a record`, isTail: true };
    const isRecord = hasMarker && this.length === frameBytes;
    return { reason: isRecord ? "a record with a wrong checksum" : "other data", isTail: false };
  }

  /** Says whether the file has only zeros from a place on. */
  isZeroFrom(offset: number): boolean {
    for (let place = offset; place < this.size; place = this.#start + this.#length) {
      if (!this.#fetchByte(place)) break;
      const end = this.#windowAt + this.#length;
      for (let i = this.#at; i < end; i++) if (this.#bytes[i] !== 0) return false;
    }
    return true;
  }

  /** Closes the file. Idempotent. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#file.close();
  }

  /** Same as {@linkcode JournalFile.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Sees to it that bytes of the file are in the window, words at whole addresses. False if the file has become shorter. */
  #fetch(offset: number, length: number): boolean {
    const from = offset - this.#start;
    const isThere = from >= 0 && from + length <= this.#length && from % FRAME_ALIGNMENT_BYTES === 0;
    if (isThere) {
      this.#at = this.#windowAt + from;
      return true;
    }
    this.#load(offset);
    return length <= this.#length;
  }

  /** The same for one byte, wherever it comes to lie. */
  #fetchByte(offset: number): boolean {
    const from = offset - this.#start;
    if (from >= 0 && from < this.#length) this.#at = this.#windowAt + from;
    else this.#load(offset);
    return this.#length > 0;
  }

  #load(offset: number): void {
    this.#start = offset;
    this.#at = this.#windowAt;
    this.#length = this.#read(offset, this.#bytes.subarray(this.#windowAt));
  }

  #readExact(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(Math.min(length, Math.max(0, this.size - offset)));
    return bytes.subarray(0, this.#read(offset, bytes));
  }

  #read(offset: number, target: Uint8Array): number {
    if (!this.#isOpen) {
      throw new TypeError(`Cannot read "${this.path}": expected an open journal, found a closed one`);
    }
    try {
      this.#file.seekSync(offset, Deno.SeekMode.Start);
      let length = 0;
      while (length < target.length) {
        const got = this.#file.readSync(target.subarray(length));
        if (got === null) break;
        length += got;
      }
      return length;
    } catch (error) {
      throw fileError("read", this.path, error);
    }
  }

  #stat(): number {
    const { size, isDirectory } = this.#file.statSync();
    if (!isDirectory) return size;
    throw new Error(`Cannot read "${this.path}": expected a journal, found a folder`);
  }
}

function isFrame(state: FrameState): boolean {
  return state === "event" || state === "index";
}

function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
