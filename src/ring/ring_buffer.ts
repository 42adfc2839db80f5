/** A ring buffer as its creator sees it. */
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { REDELIVERED_BIT, ROLE_READER, ROLE_WRITER } from "../../drivers/shm_ring/symbols.ts";
import type { RecordLayout } from "../record/record_layout.ts";
import { createSegment, type RingOptions } from "./create_segment.ts";
import type { ObserverPort, ReaderPort, WriterPort } from "./ports.ts";
import type { ProcessIdentity } from "./process_identity.ts";
import { RingCounters } from "./ring_counters.ts";
import { cString, RingHandle } from "./ring_handle.ts";
import type { HeldEvent, Recovery, RingStatus, RingTally } from "./ring_status.ts";
import { sweepStaleSegments } from "./segment_name.ts";
import type { Slot } from "./slot.ts";

export type { RingOptions } from "./create_segment.ts";

/** How often counters that move are read before they are taken as they are. */
const MOST_TALLIES = 10;

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

/** An event that at least one reader group has not finished. */
export interface UnfinishedEvent {
  /** The event in its place, to be read only; valid until the ring is closed. */
  readonly slot: Slot;
  /** Names of the groups that have not finished it. */
  readonly groups: readonly string[];
}

/**
 * A ring buffer in shared memory: made, steered and watched here, written and read through {@linkcode Writer},
 * {@linkcode Reader} and {@linkcode Observer}, usually in workers.
 *
 * None of its methods blocks. See {@linkcode Writer} for an example.
 */
export class RingBuffer implements Disposable {
  readonly #handle: RingHandle;
  readonly #library: string;
  readonly #counters: RingCounters;
  readonly #isCreator: boolean;
  #lastStatus = { timeMs: performance.now(), count: 0, deadtimeSum: 0 };

  private constructor(handle: RingHandle, library: string, isCreator: boolean) {
    this.#handle = handle;
    this.#library = library;
    this.#counters = new RingCounters(handle);
    this.#isCreator = isCreator;
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
    const library = await ringLibraryPath();
    sweepStaleSegments();
    return new RingBuffer(createSegment(openRingLibrary(library), options), library, true);
  }

  /**
   * Opens a ring that another program has made, usually one that was killed. To finish it: make sure that
   * {@linkcode creator} and all its workers are dead, then {@linkcode recoverAll}, take what is in
   * {@linkcode unfinished}, and {@linkcode removeSegment}.
   *
   * @param segment Name of the segment, as {@linkcode segment} gave it there.
   * @throws {RingError} If there is no such segment, it is no ring, was cut, or is of another version of this software.
   * @throws {Error} If the helper cannot be compiled; says what to install.
   */
  static async attach(segment: string): Promise<RingBuffer> {
    const library = await ringLibraryPath();
    return new RingBuffer(RingHandle.attach({ library, segment, ring: segment }), library, false);
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

  /** Directory of the run that the ring belongs to, or null if it was created without. */
  get runDirectory(): string | null {
    return this.#handle.runDirectory;
  }

  /** Names of the reader groups, in the order of their making. */
  get groups(): readonly string[] {
    return this.#handle.groupNames();
  }

  /** The process that made the ring; `isProcessAlive` tells whether it still lives. */
  get creator(): ProcessIdentity {
    return { pid: this.#handle.info("creatorPid"), start: this.#handle.info("creatorStart") };
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

  /**
   * Adds a writer to those that the ring was created for, in place of one that died: the ring ends when this one has
   * signed off, too. Call it before {@linkcode recover} of the dead one, or the ring may end in between.
   *
   * @returns A port with its own reserved `owner`.
   * @throws {RingError} If the ring has ended, or has had 512 writers and readers.
   */
  addWriter(): WriterPort {
    const { symbols, pointer } = this.#handle;
    return { ...this.newWriter(), owner: this.#handle.unwrap(symbols.shm_ring_add_writer(pointer), "add a writer") };
  }

  /** All counters; exact when nobody is at work, else each number is right for some moment during the call. */
  status(): RingStatus {
    return this.#counters.status();
  }

  /**
   * Counters of a ring in which nobody is at work, and beside them what can be counted in its words: two accounts of the same
   * events, which must agree. Of workers that were given up one may still move; then the counters are read again.
   */
  tally(): RingTally {
    for (let attempt = 1;; attempt++) {
      const status = this.status();
      const left = new Map(status.groups.map(({ name, detached }) => [name, detached ? null : 0]));
      for (const { groups } of this.unfinished()) {
        for (const name of groups) left.set(name, left.get(name)! + 1);
      }
      const isWritten = status.owners.some(({ kind, state }) => kind === "writer" && state === "active");
      const claimed = isWritten ? null : this.#handle.info("head");
      const groups = status.groups.map((group) => ({ ...group, left: left.get(group.name)! }));
      const isStill = JSON.stringify(this.status().owners) === JSON.stringify(status.owners);
      if (isStill || attempt === MOST_TALLIES) return { ...status, claimed, groups };
    }
  }

  /** Count, slots in use, and rate and mean dead time since the last call. */
  bufferStatus(): BufferStatus {
    const [count, , , filled, , deadtimeSum] = this.#counters.totals();
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
   * readers of its group, and it counts as signed off. An event with which a reader has died before is not offered a third
   * time but counted as failed. Must not be called while the owner may still run, nor by two callers at the same time; may
   * be repeated.
   *
   * @param owner The `owner` of a reserved port.
   * @returns What was done with what it held; zeros if it had signed off itself.
   */
  recover(owner: number): Recovery {
    const { symbols, pointer } = this.#handle;
    const voidedBefore = this.#counters.owner(owner).voided;
    const failed = new Int32Array(1);
    const code = symbols.shm_ring_recover(pointer, owner, failed);
    const redelivered = this.#handle.unwrap(code, `recover owner ${owner}`);
    return { voided: this.#counters.owner(owner).voided - voidedBefore, redelivered, failed: failed[0] };
  }

  /**
   * Notes that the owner of a reserved port only saves events in place of dead readers, before it reads any: whatever becomes
   * of this program, they count as `saved` and not as processed.
   */
  markSaver(owner: number): void {
    const { symbols, pointer } = this.#handle;
    this.#handle.unwrap(symbols.shm_ring_mark_saver(pointer, owner), `mark owner ${owner}`);
  }

  /** Recovers all owners that have not signed off, when all of them have ended for good. Returns the sums. */
  recoverAll(): Recovery {
    const sums = { voided: 0, redelivered: 0, failed: 0 };
    for (const { owner, state } of this.#counters.owners()) {
      if (state === "gone" || state === "empty") continue;
      const { voided, redelivered, failed } = this.recover(owner);
      sums.voided += voided;
      sums.redelivered += redelivered;
      sums.failed += failed;
    }
    return sums;
  }

  /**
   * The events that at least one reader group has not finished, in the order in which they were published. Of a ring in
   * which nobody is at work, and whose dead owners were recovered; detached groups do not count. `slot.redelivered` says
   * that one of the groups may have begun with the event.
   */
  *unfinished(): Generator<UnfinishedEvent, void, undefined> {
    const names = this.#handle.groupNames();
    const sequence = new Float64Array(1);
    const mask = new Uint32Array(1);
    for (;;) {
      const index = this.#handle.symbols.shm_ring_unfinished(this.#handle.pointer, sequence, mask);
      if (index < 0) return;
      const slot = this.#handle.slot(index & ~REDELIVERED_BIT);
      slot.setHandedBack((index & REDELIVERED_BIT) !== 0);
      yield { slot, groups: names.filter((_, group) => (mask[0] >> group & 1) !== 0) };
    }
  }

  /** What each owner holds now, the oldest of a batch; who holds nothing is left out. Looks at each slot once. */
  heldEvents(): HeldEvent[] {
    return this.#counters.heldEvents();
  }

  /**
   * The counter of the event that an owner holds now, the oldest one of a batch.
   *
   * @returns The counter, or null if it holds none.
   */
  heldCounter(owner: number): number | null {
    return this.heldEvents().find((event) => event.owner === owner)?.counter ?? null;
  }

  /**
   * Identity of the event that an owner holds now, the oldest one of a batch: `originLow` and `originHigh` of its slot.
   * Null if it holds none.
   */
  heldOrigin(owner: number): readonly [low: number, high: number] | null {
    const held = this.heldEvents().filter((event) => event.owner === owner);
    if (held.length === 0) return null;
    const slot = this.#handle.slot(Math.min(...held.map(({ sequence }) => sequence)) % this.slots);
    return [slot.originLow, slot.originHigh];
  }

  /**
   * Detaches a group that has no living reader: it no longer holds slots back; what it did not read is counted as unread.
   *
   * @throws {TypeError} If there is no group of this name.
   */
  detachGroup(name: string): void {
    const { symbols, pointer } = this.#handle;
    const names = this.groups;
    const group = names.indexOf(name);
    if (group < 0) {
      throw new TypeError(
        `Cannot detach reader group "${name}" of ring "${this.name}": expected one of ${names.join(", ")}`,
      );
    }
    symbols.shm_ring_detach_group(pointer, group);
  }

  /**
   * Tells one worker to sign off while the ring goes on: its claims, or its reads, give the end from now on, also one that is
   * waiting. What a reader holds then is still its own; what it has not read stays for the other readers of its group.
   *
   * @param owner The `owner` of a reserved port.
   */
  retire(owner: number): void {
    const { symbols, pointer } = this.#handle;
    this.#handle.unwrap(symbols.shm_ring_retire(pointer, owner), `retire owner ${owner}`);
  }

  /** Removes the segment from /dev/shm; who has it open keeps it until closing it. */
  removeSegment(): void {
    this.#handle.symbols.shm_ring_unlink(cString(this.segment));
  }

  /**
   * Closes the ring here, and removes the segment if it was created here; a ring that was only attached stays in /dev/shm
   * unless {@linkcode removeSegment} was called. May be repeated.
   */
  close(): void {
    if (this.#handle.close() && this.#isCreator) this.removeSegment();
  }

  /** Same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}
