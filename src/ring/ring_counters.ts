/** Puts the counters of a ring together. Not for users. */
import { COUNTS_LENGTH, MAX_OWNERS, OWNER_COUNTS_LENGTH, ROLE_WRITER } from "../../drivers/shm_ring/symbols.ts";
import type { RingHandle } from "./ring_handle.ts";
import type { HeldEvent, OwnerStatus, RingGroupStatus, RingStatus } from "./ring_status.ts";

const ROW_STATES = ["empty", "reserved", "active", "gone"] as const;

/** Reads the counters of one opened ring. */
export class RingCounters {
  readonly #handle: RingHandle;
  readonly #counts = new Float64Array(COUNTS_LENGTH);
  readonly #ownerCounts = new Float64Array(OWNER_COUNTS_LENGTH);
  readonly #held = new Float64Array(2 * MAX_OWNERS);

  /** @param handle The ring's handle in this thread. */
  constructor(handle: RingHandle) {
    this.#handle = handle;
  }

  /** The ring's own counters, in the order of `struct shm_ring_counts`; valid until the next call of any method. */
  totals(): Float64Array {
    this.#handle.symbols.shm_ring_status(this.#handle.pointer, this.#counts);
    return this.#counts;
  }

  /** All counters. */
  status(): RingStatus {
    const owners = this.owners();
    // After the owners: no reader can have processed more than what is counted as published then.
    const [published, voided, discarded, filled, highestFill, deadtimeSum, writerWaitS, ...flags] = this.totals();
    const [paused, closing, ended, aborted, groupCount, , detached] = flags;
    const groups = Array.from({ length: groupCount }, (_, group) => {
      const readers = owners.filter((owner) => owner.kind === "reader" && owner.group === group);
      return this.#groupStatus(group, published, (detached >> group & 1) !== 0, readers);
    });
    return {
      slots: this.#handle.slots,
      published,
      voided,
      discarded,
      filled,
      highestFill,
      paused: paused !== 0,
      closing: closing !== 0,
      ended: ended !== 0,
      aborted: aborted !== 0,
      deadtimeSum,
      writerWaitS,
      groups,
      owners,
    };
  }

  /** Counters of all rows in use. */
  owners(): OwnerStatus[] {
    const rows = this.totals()[12];
    return Array.from({ length: rows }, (_, row) => this.owner(row));
  }

  /** Counters of one row. Throws a `RingError` if there is no such row. */
  owner(row: number): OwnerStatus {
    const counts = this.#ownerCounts;
    const { symbols, pointer } = this.#handle;
    this.#handle.unwrap(symbols.shm_ring_owner_status(pointer, row, counts), `look up owner ${row}`);
    const [state, role, group, published, voided, discarded, redelivered, waitS] = counts;
    const [processed, rejected, failed, doubles, saves] = counts.subarray(8);
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
      isSaver: saves !== 0,
    };
  }

  /** What each owner holds now, the oldest of a batch. */
  heldEvents(): HeldEvent[] {
    const rows = this.#handle.symbols.shm_ring_held_events(this.#handle.pointer, this.#held);
    const events: HeldEvent[] = [];
    for (let owner = 0; owner < rows; owner++) {
      const sequence = this.#held[2 * owner];
      if (sequence >= 0) events.push({ owner, sequence, counter: this.#held[2 * owner + 1] });
    }
    return events;
  }

  #groupStatus(
    group: number,
    published: number,
    detached: boolean,
    readers: readonly OwnerStatus[],
  ): RingGroupStatus {
    const sum = (of: (reader: OwnerStatus) => number) => readers.reduce((total, reader) => total + of(reader), 0);
    const processed = sum((reader) => reader.isSaver ? 0 : reader.processed);
    const saved = sum((reader) => reader.isSaver ? reader.processed : 0);
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
      saved,
      redelivered: sum((reader) => reader.redelivered),
      held,
      unread: Math.max(0, published - processed - rejected - failed - doubles - saved - held),
      detached,
      readerWaitS: sum((reader) => reader.waitS),
    };
  }
}
