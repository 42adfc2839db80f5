/** Writers: the way into a ring. */
import { RING_CODE, ROLE_WRITER } from "../../drivers/shm_ring/symbols.ts";
import type { Columns, RecordLayout } from "../record/record_layout.ts";
import type { WriterPort } from "./ports.ts";
import { RingHandle, type RingState, stateOfCode, wholeMs } from "./ring_handle.ts";
import type { Slot } from "./slot.ts";

/** How long a call may block. */
export interface WaitOptions {
  /** Milliseconds; 0 tries once, a negative number waits for ever. @default {-1} */
  timeoutMs?: number;
}

const FLAG_PAUSED = 1;
const FLAG_CLOSING = 2;
const FLAG_SCRATCH = 16;

/**
 * Writes events into a ring. One thread uses it; open one per worker from the ring's port.
 *
 * A slot is claimed, filled and published. While it is claimed the readers wait for it, so claim when the data are ready.
 *
 * @example Write three events
 * ```ts
 * import { Reader, RingBuffer, Writer } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * using ring = await RingBuffer.create({ name: "numbers", slots: 4, valuesPerSlot: 1, fields: "int32" });
 * using reader = new Reader(ring.newReaderGroup("sum"));
 * {
 *   using writer = new Writer(ring.newWriter());
 *   for (let n = 1; n <= 3; n++) {
 *     const buffer = writer.getNewBuffer();
 *     if (buffer === null) break;
 *     buffer.data[0] = n;
 *   }
 *   writer.processBuffer();
 * }
 * let sum = 0;
 * for (const event of reader) sum += Number(event.data.data[0]);
 * assertEquals(sum, 6);
 * ```
 */
export class Writer implements Disposable {
  readonly #handle: RingHandle;
  readonly #slotCount: number;
  readonly #seenSlots: readonly (Slot | undefined)[];
  readonly #first = new Int32Array(1);
  #slot: Slot | null = null;
  #batch = 0;
  #state: RingState = "ok";

  /**
   * Opens a port; signs on as one of the ring's writers.
   *
   * @throws {RingError} If the ring is gone, or has all the writers it was created for.
   */
  constructor(port: WriterPort) {
    this.#handle = RingHandle.attach(port);
    this.#slotCount = this.#handle.slots;
    this.#seenSlots = this.#handle.seenSlots;
    try {
      this.#handle.takeRole(ROLE_WRITER, 0, port.owner);
    } catch (error) {
      this.#handle.close();
      throw error;
    }
  }

  /** Name of the ring. */
  get name(): string {
    return this.#handle.name;
  }

  /** Layout of the ring's records. */
  get layout(): RecordLayout {
    return this.#handle.layout;
  }

  /** Number of slots of the ring. */
  get slots(): number {
    return this.#handle.slots;
  }

  /** Why the last call gave nothing, "ok" if it gave something. */
  get state(): RingState {
    return this.#state;
  }

  /** True while the ring is paused. May change at once. */
  get isPaused(): boolean {
    return (this.#flags() & FLAG_PAUSED) !== 0;
  }

  /** True if the slot held is the scratch slot of a discarding pause: what is published is counted and thrown away. */
  get isDiscarding(): boolean {
    return (this.#slot !== null || this.#batch > 0) && (this.#flags() & FLAG_SCRATCH) !== 0;
  }

  /** True if the ring takes no more events (it is closing); also found at the next claim. */
  get ending(): boolean {
    return this.#state === "ended" || (this.#flags() & FLAG_CLOSING) !== 0;
  }

  /** What a paused ring does with new events. */
  get pauseMode(): "wait" | "discard" {
    return this.#handle.discardsInPause ? "discard" : "wait";
  }

  /**
   * Publishes the slot held, then claims the next one; blocks until one is free.
   *
   * @returns The slot's columns, possibly with old content, or null when the ring takes no more events.
   */
  getNewBuffer(): Columns | null {
    if (this.#batch > 0) this.publishBatch();
    if (this.#slot !== null) this.complete(this.#slot);
    const slot = this.#received(this.#handle.symbols.shm_ring_next_slot(this.#handle.pointer, -1));
    return slot === null ? null : slot.data;
  }

  /**
   * Claims a slot; blocks until one is free, the time is over, or the ring ends.
   *
   * @returns The slot, or null: see {@linkcode state} ("ended", "timed out", "paused").
   * @throws {RingError} If a slot is still held.
   */
  claim(options: WaitOptions = {}): Slot | null {
    const { symbols, pointer } = this.#handle;
    const claimed = symbols.shm_ring_claim(pointer, 1, wholeMs(options.timeoutMs), this.#first);
    return this.#received(claimed < 0 ? claimed : this.#first[0]);
  }

  /**
   * Sets the metadata of the slot held; does nothing without a slot. Where it is not called they are the number of
   * events that this writer has published before, the time of publication, and 0.
   *
   * @param counter Number of the event, from 0.
   * @param timestamp UTC seconds; a negative number stands for the time of publication.
   * @param deadtime Fraction of the time since the event before in which no data could be taken.
   */
  setMetadata(counter: number, timestamp: number, deadtime: number): void {
    if (this.#slot === null) return;
    this.#slot.counter = counter;
    this.#slot.timestamp = timestamp;
    this.#slot.deadtime = deadtime;
  }

  /** Publishes the slot held: readers may see it, its data must not be changed any more. Nothing without a slot. */
  processBuffer(): void {
    if (this.#slot === null) return;
    this.complete(this.#slot);
    this.#slot = null;
    this.#handle.symbols.shm_ring_publish(this.#handle.pointer);
  }

  /** Gives what is held back as void: readers skip it, the ledger counts it. */
  abort(): void {
    this.#slot = null;
    this.#batch = 0;
    this.#handle.symbols.shm_ring_abort(this.#handle.pointer);
  }

  /**
   * Claims up to `most` slots in one call; blocks until there is at least one. Fill them through
   * {@linkcode slotOfBatch}, then call {@linkcode publishBatch}.
   *
   * @returns How many were claimed; 0 when nothing was, see {@linkcode state}.
   * @throws {RingError} If slots are still held.
   */
  claimBatch(most: number, options: WaitOptions = {}): number {
    const { symbols, pointer } = this.#handle;
    const claimed = symbols.shm_ring_claim(pointer, most, wholeMs(options.timeoutMs), this.#first);
    if (claimed < 0) {
      this.#state = stateOfCode(this.#handle, claimed, `claim ${most} slots`);
      return 0;
    }
    this.#state = "ok";
    this.#batch = claimed;
    return claimed;
  }

  /** The i-th slot of the batch held, i from 0. */
  slotOfBatch(i: number): Slot {
    const slots = this.#slotCount;
    let index = this.#first[0] + i;
    if (index >= slots && i > 0) index -= slots; // the scratch slot is number `slots`, and alone
    return this.#seenSlots[index] ?? this.#handle.slot(index);
  }

  /** Publishes the whole batch. */
  publishBatch(): void {
    if (this.#batch === 0) return;
    this.#batch = 0;
    this.#handle.symbols.shm_ring_publish(this.#handle.pointer);
  }

  /**
   * Blocks while the ring is paused.
   *
   * @returns True if it is not paused (any more); false: see {@linkcode state}.
   */
  waitWhilePaused(options: WaitOptions = {}): boolean {
    const { symbols, pointer } = this.#handle;
    const code = symbols.shm_ring_wait_paused(pointer, wholeMs(options.timeoutMs));
    this.#state = stateOfCode(this.#handle, code, "wait for the end of the pause");
    return code === 0;
  }

  /** Gives back as void what is held, and signs off: when all its writers have, the ring ends. May be repeated. */
  close(): void {
    this.#slot = null;
    this.#batch = 0;
    if (this.#handle.close()) this.#state = "ended";
  }

  /** Same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Called with a slot that was filled, before it is published. */
  protected complete(_slot: Slot): void {}

  #flags(): number {
    return this.#handle.symbols.shm_ring_flags(this.#handle.pointer);
  }

  #received(index: number): Slot | null {
    if (index >= 0) {
      this.#state = "ok";
      return this.#slot = this.#handle.slot(index);
    }
    if (index !== RING_CODE.misuse) this.#slot = null;
    this.#state = stateOfCode(this.#handle, index, "claim a slot");
    return null;
  }
}
