/** Reader of mimoCoRB2's `.mimo` files. */
import { allocateColumns, type Columns, type RecordLayout } from "../record/record_layout.ts";
import { type ByteSource, openByteSource } from "./byte_source.ts";
import { DamagedFileError, type FileFault } from "./damaged_file_error.ts";
import type { EventReader, StoredEvent } from "./event_reader.ts";
import { fileError } from "./file_error.ts";
import { LONGEST_MIMO_HEADER, type MimoHeader, type MimoStructure, readMimoHeader } from "./mimo_header.ts";
import { copyColumns, ReusedEvent } from "./stored_event.ts";
import { StridedCopy } from "./strided_copy.ts";

/** Metadata of an event where the file has no such field. */
const UNKNOWN = -1;

/** Bytes that are read for the header of a small file. */
const FIRST_BYTES = 4096;

/** Events may be larger than the file that is empty of them, or packed, up to this. */
const LARGEST_UNSEEN_EVENT = 1 << 26;

/** Moves one field of the event's structures into its column. */
interface FieldMove {
  readonly copy: StridedCopy;
  readonly target: ReturnType<StridedCopy["targetOf"]>;
}

/**
 * Reads the events of a `.mimo` file as mimoCoRB2's `data.export` writes it: a pickled dictionary with NumPy's dtypes, then
 * the bytes of each event and its metadata. Of the pickle only what such a header needs is understood, and nothing in it is
 * ever executed. The format has no checksums: of damage, only a file that ends within an event is noticed. All calls are
 * synchronous.
 */
export class MimoReader implements EventReader, Iterable<StoredEvent> {
  /** Path of the file, as given. */
  readonly path: string;
  readonly byteLength: number;
  readonly #header: MimoHeader;
  readonly #source: ByteSource;
  /** What was read behind the header while it was looked for. */
  #ahead: Uint8Array;
  /** One event as it is in the file, its metadata behind its values. */
  readonly #record: Uint8Array<ArrayBuffer>;
  readonly #metadata: DataView<ArrayBuffer>;
  readonly #data: Columns;
  readonly #moves: readonly FieldMove[];
  readonly #event = new ReusedEvent();
  readonly #faults: FileFault[] = [];
  #position: number;
  #number = 0;
  #isOpen = true;

  /**
   * Opens a file and reads its header.
   *
   * @throws {DamagedFileError} If it has no such header; the message has the byte.
   * @throws {TypeError} If its events are of types that this package does not have.
   * @throws {Error} If it cannot be read; the message names it.
   */
  constructor(path: string) {
    this.path = path;
    this.#source = openByteSource(path);
    try {
      this.byteLength = sizeOf(path);
      const begin = new Uint8Array(Math.min(LONGEST_MIMO_HEADER, FIRST_BYTES + 8 * this.byteLength));
      const length = this.#source.read(begin);
      this.#header = readMimoHeader(begin.subarray(0, length), path);
      this.#ahead = begin.subarray(this.#header.byteLength, length);
      this.#checkLength();
    } catch (error) {
      this.#source.close();
      throw error;
    }
    const { layout, data, metadata, byteLength } = this.#header;
    this.#position = byteLength;
    const dataBytes = layout.valuesPerSlot * data.byteLength;
    this.#record = new Uint8Array(dataBytes + metadata.byteLength);
    this.#metadata = new DataView(this.#record.buffer, dataBytes);
    this.#data = allocateColumns(layout);
    this.#moves = movesOf(this.#record.buffer, data, this.#data);
  }

  /** Layout of the events. */
  get layout(): RecordLayout {
    return this.#header.layout;
  }

  /** The event that the file ends in, once it is reached. */
  get faults(): readonly FileFault[] {
    return this.#faults;
  }

  /** Bytes that were read so far. */
  get position(): number {
    return this.#position;
  }

  /**
   * Reads the next event; see {@linkcode EventReader.next}.
   *
   * @throws {Error} If the file cannot be read.
   */
  next(target?: Columns): StoredEvent | null {
    const length = this.#fill();
    if (length < this.#record.length) {
      if (length > 0) this.#cut(length);
      this.close();
      return null;
    }
    this.#position += length;
    for (const { copy, target: words } of this.#moves) copy.copy(words);
    if (target !== undefined) copyColumns(this.layout, this.#data, target);
    const event = this.#event;
    event.data = target ?? this.#data;
    event.counter = this.#metadataOf("counter", this.#number++);
    event.timestamp = this.#metadataOf("timestamp", UNKNOWN);
    event.deadtime = this.#metadataOf("deadtime", UNKNOWN);
    return event;
  }

  /** Iterates over the events that are left; each is valid until the next one. */
  *[Symbol.iterator](): Generator<StoredEvent, void, void> {
    for (let event = this.next(); event !== null; event = this.next()) yield event;
  }

  /** Closes the file; nothing more can be read. Idempotent. */
  close(): void {
    this.#source.close();
    this.#ahead = new Uint8Array();
    this.#isOpen = false;
  }

  /** Same as {@linkcode MimoReader.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** A damaged length must not fill the memory. */
  #checkLength(): void {
    const { layout, data, metadata } = this.#header;
    const bytes = layout.valuesPerSlot * data.byteLength + metadata.byteLength;
    if (bytes <= Math.max(this.byteLength, LARGEST_UNSEEN_EVENT)) return;
    const { path } = this;
    const reason = `events of ${bytes} bytes in a file of ${this.byteLength}`;
    throw new DamagedFileError(
      { path, offset: 0, byteLength: this.#header.byteLength, reason, events: null, isTail: false },
      "the header of a .mimo file",
    );
  }

  #fill(): number {
    if (!this.#isOpen) return 0;
    const record = this.#record;
    const ahead = this.#ahead.subarray(0, record.length);
    record.set(ahead);
    this.#ahead = this.#ahead.subarray(ahead.length);
    return ahead.length === record.length
      ? record.length
      : ahead.length + this.#source.read(ahead.length === 0 ? record : record.subarray(ahead.length));
  }

  #cut(length: number): void {
    this.#faults.push({
      path: this.path,
      offset: this.#position,
      byteLength: length,
      reason: `${length} of the ${this.#record.length} bytes of an event`,
      events: null,
      isTail: true,
    });
  }

  #metadataOf(name: string, absent: number): number {
    const field = this.#header.metadata.fields.get(name);
    if (field === undefined) return absent;
    if (field.type.name === "int64") return Number(this.#metadata.getBigInt64(field.offset, true));
    return field.type.name === "float64" ? this.#metadata.getFloat64(field.offset, true) : absent;
  }
}

function movesOf(memory: ArrayBuffer, data: MimoStructure, columns: Columns): FieldMove[] {
  return Array.from(data.fields, ([name, field]) => {
    const copy = new StridedCopy(memory, field, data.byteLength);
    return { copy, target: copy.targetOf(columns[name]) };
  });
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    throw fileError("read", path, error);
  }
}
