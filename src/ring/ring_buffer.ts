/** A ring buffer as its creator sees it. */
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import {
  COUNTS_LENGTH,
  MAX_OWNERS,
  MAX_SLOTS,
  NAME_BYTES,
  OWNER_COUNTS_LENGTH,
  PAUSE_DISCARD,
  PAUSE_WAIT,
  ROLE_READER,
  ROLE_WRITER,
  SPEC_BYTES,
} from "../../drivers/shm_ring/symbols.ts";
import { type FieldSpecification, layoutToJson, type RecordLayout, recordLayout } from "../record/record_layout.ts";
import type { ObserverPort, ReaderPort, WriterPort } from "./ports.ts";
import { RingError } from "./ring_error.ts";
import { cString, RingHandle } from "./ring_handle.ts";
import type { OwnerStatus, RingGroupStatus, RingStatus } from "./ring_status.ts";
import { newSegmentName, sweepStaleSegments } from "./segment_name.ts";

/** What a new ring shall be. */
export interface RingOptions {
  /** Name of the ring, for messages and displays; at most 63 bytes. */
  name: string;
  /** Number of slots, 1 to 2^30. */
  slots: number;
  /** Values of each field per slot: samples of a waveform, 1 for parameters. */
  valuesPerSlot: number;
  /** One type, or types by field name. */
  fields: FieldSpecification;
  /** Writers that will sign on; the ring ends when all of them have signed off; at most 512. @default {1} */
  writers?: number;
  /** Events after which the ring takes no more; 0 = without limit. @default {0} */
  limit?: number;
  /** What writers do while the ring is paused: wait, or go on into nothing, counted. @default {"wait"} */
  pause?: "wait" | "discard";
}

/** Short state of a ring, as in the seed of this system. */
export interface BufferStatus {
  /** Events published so far. */
  readonly count: number;
  /** Slots in use. */
  readonly filled: number;
  /** Events per second since the last call. */
  readonly rateHz: number;
  /** Mean dead time of the events since the last call, as a fraction; 0 if there were none. */
  readonly deadtime: number;
}

const ROW_STATES = ["empty", "reserved", "active", "gone"] as const;

/**
 * A ring buffer in shared memory: made, steered and watched here, written and read through {@linkcode Writer},
 * {@linkcode Reader} and {@linkcode Observer}, usually in workers.
 *
 * None of its methods blocks. See {@linkcode Writer} for an example.
 */
export class RingBuffer implements Disposable {
  readonly #handle: RingHandle;
  readonly #library: string;
  readonly #counts = new Float64Array(COUNTS_LENGTH);
  readonly #ownerCounts = new Float64Array(OWNER_COUNTS_LENGTH);
  #lastStatus = { timeMs: performance.now(), count: 0, deadtimeSum: 0 };

  private constructor(handle: RingHandle, library: string) {
    this.#handle = handle;
    this.#library = library;
  }

  /**
   * Makes a ring. At first use compiles the C helper (about a second), and removes what dead programs left in /dev/shm.
   *
   * @throws {TypeError} If a field has an unknown type.
   * @throws {RangeError} If a number is out of bounds.
   * @throws {RingError} If the shared memory cannot be had (/dev/shm full, no permission …).
   * @throws {Error} If the helper cannot be compiled; says what to install.
   */
  static async create(options: RingOptions): Promise<RingBuffer> {
    const { name, slots, writers = 1, limit = 0, pause = "wait" } = options;
    const bounds: [what: string, value: number, least: number, most: number][] = [
      ["slots", slots, 1, MAX_SLOTS],
      ["writers", writers, 1, MAX_OWNERS],
      ["limit", limit, 0, Number.MAX_SAFE_INTEGER],
      ["the bytes of its name", cString(name).length - 1, 1, NAME_BYTES - 1],
    ];
    for (const [what, value, least, most] of bounds) {
      if (Number.isSafeInteger(value) && value >= least && value <= most) continue;
      throw new RangeError(
        `Cannot create ring "${name}": expected ${what} to be an integer from ${least} to ${most}, found ${value}`,
      );
    }
    const layout = recordLayout(options.fields, options.valuesPerSlot);
    const library = await ringLibraryPath();
    const symbols = openRingLibrary(library);
    sweepStaleSegments();
    const spec = new DataView(new ArrayBuffer(SPEC_BYTES));
    spec.setBigUint64(0, BigInt(slots), true);
    spec.setBigUint64(8, BigInt(layout.recordBytes), true);
    spec.setBigUint64(16, BigInt(limit), true);
    spec.setUint32(24, writers, true);
    spec.setUint32(28, pause === "discard" ? PAUSE_DISCARD : PAUSE_WAIT, true);
    const segment = newSegmentName(name);
    const error = new Int32Array(1);
    const handle = symbols.shm_ring_create(
      cString(segment),
      cString(name),
      cString(layoutToJson(layout)),
      new Uint8Array(spec.buffer),
      error,
    );
    if (handle === null) {
      const megabytes = (slots * (layout.recordBytes + 64) / 1e6).toFixed(1);
      throw new RingError(`create ring "${name}" of ${slots} slots, ${megabytes} MB`, error[0]);
    }
    return new RingBuffer(new RingHandle(symbols, handle, segment), library);
  }

  /** Name of the ring. */
  get name(): string {
    return this.#handle.name;
  }

  /** Number of slots. */
  get slots(): number {
    return this.#handle.slots;
  }

  /** Layout of the records. */
  get layout(): RecordLayout {
    return this.#handle.layout;
  }

  /** Name of the shared-memory segment (a file below /dev/shm). */
  get segment(): string {
    return this.#handle.segment;
  }

  /** A port for writers; may be shared by as many as the ring was created for. */
  newWriter(): WriterPort {
    return { kind: "writer", ring: this.name, segment: this.segment, library: this.#library, owner: null };
  }

  /**
   * Adds a reader group: it will see every event, shared among its readers.
   *
   * @param name Name of the group.
   * @returns A port that any number of readers may share.
   * @throws {RingError} If events have been written already, or there are 16 groups.
   */
  newReaderGroup(name: string): ReaderPort {
    const { symbols, pointer } = this.#handle;
    const group = this.#handle.unwrap(symbols.shm_ring_new_group(pointer, cString(name)), `add reader group "${name}"`);
    return {
      kind: "reader",
      ring: this.name,
      segment: this.segment,
      library: this.#library,
      group,
      groupName: name,
      owner: null,
    };
  }

  /** A port for observers; any number may share it. */
  newObserver(): ObserverPort {
    return { kind: "observer", ring: this.name, segment: this.segment, library: this.#library };
  }

  /**
   * Reserves an owner for one worker, so that {@linkcode recover} can be told whose slots to hand on.
   *
   * @param port A port of this ring; it may be reserved from again and again.
   * @returns The same port with `owner` set.
   * @throws {RingError} If there are more writers than the ring was created for, or no free owner row.
   */
  reserve<P extends WriterPort | ReaderPort>(port: P): P {
    const { symbols, pointer } = this.#handle;
    const reserved = port.kind === "writer"
      ? symbols.shm_ring_reserve(pointer, ROLE_WRITER, 0)
      : symbols.shm_ring_reserve(pointer, ROLE_READER, port.group);
    return { ...port, owner: this.#handle.unwrap(reserved, `reserve a ${port.kind}`) };
  }

  /** All counters; exact when nobody is at work, else each number is right for some moment during the call. */
  status(): RingStatus {
    const { symbols, pointer } = this.#handle;
    const counts = this.#counts;
    symbols.shm_ring_status(pointer, counts);
    const owners = Array.from({ length: counts[12] }, (_, row) => this.#ownerStatus(row));
    // Once more after the owners: no reader can have processed more than what is counted as published then.
    symbols.shm_ring_status(pointer, counts);
    const [published, voided, discarded, filled, highestFill, deadtimeSum, writerWaitS] = counts;
    const groups = Array.from(
      { length: counts[11] },
      (_, group) => this.#groupStatus(group, published, owners.filter((o) => o.kind === "reader" && o.group === group)),
    );
    return {
      slots: this.slots,
      published,
      voided,
      discarded,
      filled,
      highestFill,
      paused: counts[7] !== 0,
      closing: counts[8] !== 0,
      ended: counts[9] !== 0,
      aborted: counts[10] !== 0,
      deadtimeSum,
      writerWaitS,
      groups,
      owners,
    };
  }

  /** Count, slots in use, and rate and mean dead time since the last call. */
  bufferStatus(): BufferStatus {
    this.#handle.symbols.shm_ring_status(this.#handle.pointer, this.#counts);
    const [count, , , filled, , deadtimeSum] = this.#counts;
    const timeMs = performance.now();
    const last = this.#lastStatus;
    this.#lastStatus = { timeMs, count, deadtimeSum };
    const events = count - last.count;
    return {
      count,
      filled,
      rateHz: timeMs > last.timeMs ? 1000 * events / (timeMs - last.timeMs) : 0,
      deadtime: events > 0 ? (deadtimeSum - last.deadtimeSum) / events : 0,
    };
  }

  /** Pauses the ring; what writers then do was said at its creation. */
  pause(): void {
    this.#handle.symbols.shm_ring_pause(this.#handle.pointer, 1);
  }

  /** Ends the pause. */
  resume(): void {
    this.#handle.symbols.shm_ring_pause(this.#handle.pointer, 0);
  }

  /** Takes no more events: claims give "ended", readers get what is in the ring, then the end. */
  setEnding(): void {
    this.#handle.symbols.shm_ring_set_closing(this.#handle.pointer);
  }

  /** Ends everything at once: writers and readers get the end, what is unread stays so and is counted. */
  shutdown(): void {
    this.#handle.symbols.shm_ring_set_aborted(this.#handle.pointer);
  }

  /**
   * Hands on what an owner held that has ended for good without signing off: its claims become void, its events go to other
   * readers of its group, and it counts as signed off. Must not be called while the owner may still run, nor by two callers at the same time.
   *
   * @param owner The `owner` of a reserved port.
   * @returns How many claims became void, and how many events were handed back.
   */
  recover(owner: number): { voided: number; redelivered: number } {
    const { symbols, pointer } = this.#handle;
    const voidedBefore = this.#ownerStatus(owner).voided;
    const redelivered = this.#handle.unwrap(symbols.shm_ring_recover(pointer, owner), `recover owner ${owner}`);
    return { voided: this.#ownerStatus(owner).voided - voidedBefore, redelivered };
  }

  /**
   * The counter of the event that an owner holds now, the oldest one of a batch.
   *
   * @returns The counter, or null if it holds none.
   */
  heldCounter(owner: number): number | null {
    const { symbols, pointer } = this.#handle;
    const slot = symbols.shm_ring_held_slot(pointer, owner);
    return slot < 0 ? null : this.#handle.slot(slot).counter;
  }

  /**
   * Detaches a group that has no living reader: it no longer holds slots back; what it did not read is counted as unread.
   *
   * @throws {TypeError} If there is no group of this name.
   */
  detachGroup(name: string): void {
    const { symbols, pointer } = this.#handle;
    const names = Array.from({ length: this.#handle.info("groups") }, (_, group) => this.#handle.groupName(group));
    const group = names.indexOf(name);
    if (group < 0) {
      throw new TypeError(
        `Cannot detach reader group "${name}" of ring "${this.name}": expected one of ${names.join(", ")}`,
      );
    }
    symbols.shm_ring_detach_group(pointer, group);
  }

  /** Removes the segment and closes it here; who has it open keeps it until closing it, too. May be repeated. */
  close(): void {
    const { symbols, segment } = this.#handle;
    if (this.#handle.close()) symbols.shm_ring_unlink(cString(segment));
  }

  /** Same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #ownerStatus(row: number): OwnerStatus {
    const counts = this.#ownerCounts;
    this.#handle.unwrap(
      this.#handle.symbols.shm_ring_owner_status(this.#handle.pointer, row, counts),
      `look up owner ${row}`,
    );
    const [state, role, group, published, voided, discarded, redelivered, waitS] = counts;
    const [processed, rejected, failed, doubles] = counts.subarray(8);
    return {
      owner: row,
      kind: role === ROLE_WRITER ? "writer" : "reader",
      group,
      state: ROW_STATES[state],
      published,
      voided,
      discarded,
      processed,
      rejected,
      failed,
      doubles,
      redelivered,
      waitS,
    };
  }

  #groupStatus(group: number, published: number, readers: readonly OwnerStatus[]): RingGroupStatus {
    const sum = (of: (reader: OwnerStatus) => number) => readers.reduce((total, reader) => total + of(reader), 0);
    const processed = sum((reader) => reader.processed);
    const rejected = sum((reader) => reader.rejected);
    const failed = sum((reader) => reader.failed);
    const doubles = sum((reader) => reader.doubles);
    const held = this.#handle.symbols.shm_ring_held_by_group(this.#handle.pointer, group);
    return {
      name: this.#handle.groupName(group),
      processed,
      rejected,
      failed,
      doubles,
      redelivered: sum((reader) => reader.redelivered),
      held,
      unread: Math.max(0, published - processed - rejected - failed - doubles - held),
      detached: (this.#counts[13] >> group & 1) !== 0,
      readerWaitS: sum((reader) => reader.waitS),
    };
  }
}
