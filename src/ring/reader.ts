/** Readers: the obligatory way out of a ring. */
import { REDELIVERED_BIT, ROLE_READER } from "../../drivers/shm_ring/symbols.ts";
import type { Columns, RecordLayout } from "../record/record_layout.ts";
import type { ReaderPort } from "./ports.ts";
import { RingHandle, type RingState, stateOfCode, wholeMs } from "./ring_handle.ts";
import type { Slot } from "./slot.ts";
import type { WaitOptions } from "./writer.ts";

/** What became of an event; each is counted apart in the ledger. */
export type Outcome = "processed" | "rejected" | "failed" | "double";

const OUTCOMES: readonly Outcome[] = ["processed", "rejected", "failed", "double"];

/** Answer to the question for a double: another reader has the first one. */
const IN_WORK = 2;

/** For sleeping. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/**
 * Reads the events of a ring as a member of a reader group: each event goes to one reader of each group, and holds its slot
 * until that reader releases it. One thread uses it; open one per worker from the group's port.
 *
 * Events are to be read only; what is written into them would be seen by other groups.
 */
export class Reader implements Disposable {
  readonly #handle: RingHandle;
  readonly #slotCount: number;
  readonly #seenSlots: readonly (Slot | undefined)[];
  readonly #first = new Int32Array(1);
  #slot: Slot | null = null;
  #outcome = 0;
  #deliveries = 0;
  #state: RingState = "ok";

  /**
   * Opens a port; signs on as a reader of its group.
   *
   * @throws {RingError} If the ring is gone.
   */
  constructor(port: ReaderPort) {
    this.#handle = RingHandle.attach(port);
    this.#slotCount = this.#handle.slots;
    this.#seenSlots = this.#handle.seenSlots;
    try {
      this.#handle.takeRole(ROLE_READER, port.group, port.owner);
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

  /** True once a call has found the end: the group has had its last event, is detached, or the ring was shut down. */
  get ending(): boolean {
    return this.#state === "ended";
  }

  /** What became of the event held, for the ledger; "processed" unless set, and again at each new event. */
  get outcome(): Outcome {
    return OUTCOMES[this.#outcome];
  }
  set outcome(value: Outcome) {
    this.#outcome = OUTCOMES.indexOf(value);
  }

  /** How many times this reader was given an event, or a batch of them. */
  get deliveries(): number {
    return this.#deliveries;
  }

  /** The event held, or null. */
  get held(): Slot | null {
    return this.#slot;
  }

  /**
   * Releases the event held and waits for the next one.
   *
   * @returns Its columns, to be used until the next call; null at the end of the run or of the time, see {@linkcode state}.
   */
  get(options: WaitOptions = {}): Columns | null {
    const slot = this.next(options);
    return slot === null ? null : slot.data;
  }

  /** Same as {@linkcode get}, but gives the event with its metadata. */
  next(options: WaitOptions = {}): Slot | null {
    const outcome = this.#outcome;
    this.#slot = null;
    this.#outcome = 0;
    const { symbols, pointer } = this.#handle;
    const index = symbols.shm_ring_next_event(pointer, outcome, wholeMs(options.timeoutMs));
    if (index < 0) {
      this.#state = stateOfCode(this.#handle, index, "read an event");
      return null;
    }
    this.#state = "ok";
    return this.#slot = this.#delivered(index);
  }

  /**
   * All events until the end; each is released when the next one is asked for. An event that is held when the loop is left
   * early stays held: release it, or close the reader to hand it back.
   */
  *[Symbol.iterator](): Generator<Slot, void, undefined> {
    for (let slot = this.next(); slot !== null; slot = this.next()) yield slot;
  }

  /** Counter, timestamp and deadtime of the event held; `[0, -1, -1]` if none is. */
  getMetadata(): [counter: number, timestamp: number, deadtime: number] {
    const slot = this.#slot;
    return slot === null ? [0, -1, -1] : [slot.counter, slot.timestamp, slot.deadtime];
  }

  /** True if an event could be had without waiting. Another reader of the group may take it first. */
  dataAvailable(): boolean {
    return this.#handle.symbols.shm_ring_data_available(this.#handle.pointer) > 0;
  }

  /**
   * Releases what is held and takes up to `most` events in one call; blocks until there is at least one.
   *
   * @returns How many; 0 when there are none, see {@linkcode state}. Look at them through {@linkcode slotOfBatch};
   *   {@linkcode outcome} holds for the whole batch.
   */
  getBatch(most: number, options: WaitOptions = {}): number {
    const outcome = this.#outcome;
    this.#slot = null;
    this.#outcome = 0;
    const { symbols, pointer } = this.#handle;
    const taken = symbols.shm_ring_take(pointer, most, outcome, wholeMs(options.timeoutMs), this.#first);
    if (taken < 0) {
      this.#state = stateOfCode(this.#handle, taken, `read ${most} events`);
      return 0;
    }
    this.#state = "ok";
    this.#slot = this.#delivered(this.#first[0]);
    this.#first[0] &= ~REDELIVERED_BIT;
    return taken;
  }

  /** The i-th event of the batch held, i from 0. */
  slotOfBatch(i: number): Slot {
    const slots = this.#slotCount;
    let index = this.#first[0] + i;
    if (index >= slots) index -= slots;
    const slot = this.#seenSlots[index] ?? this.#handle.slot(index);
    if (i > 0) slot.setHandedBack(false);
    return slot;
  }

  /**
   * True if the reader group is done with a record that was the same as the one held, and still remembers it: then the one
   * held is a double. Needs a ring with `memories`. Blocks while another reader of the group has the other one in hand.
   */
  remembers(): boolean {
    const { symbols, pointer } = this.#handle;
    let found = symbols.shm_ring_remembers(pointer);
    for (; found === IN_WORK; found = symbols.shm_ring_remembers(pointer)) Atomics.wait(NEVER, 0, 0, 1);
    return found > 0;
  }

  /** Has the group remember that it is done with the record held, whatever becomes of this reader. */
  remember(): void {
    this.#handle.symbols.shm_ring_remember(this.#handle.pointer);
  }

  /** Releases what is held now instead of at the next call. */
  release(): void {
    this.#slot = null;
    this.#handle.symbols.shm_ring_release(this.#handle.pointer, this.#outcome);
    this.#outcome = 0;
  }

  /** Signs off. An event still held is handed back: another reader of the group gets it, flagged as redelivered. */
  close(): void {
    this.#slot = null;
    if (this.#handle.close()) this.#state = "ended";
  }

  /** Same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #delivered(index: number): Slot {
    const slot = this.#handle.slot(index & ~REDELIVERED_BIT);
    this.#deliveries++;
    slot.setHandedBack((index & REDELIVERED_BIT) !== 0);
    return slot;
  }
}
