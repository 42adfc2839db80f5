/** Counters of a ring. */

/** One reader group. When nobody is at work: published = processed + rejected + failed + doubles + saved + held + unread. */
export interface RingGroupStatus {
  /** Name of the group, as given to `newReaderGroup`. */
  readonly name: string;
  /** Events released as processed, the outcome of those for which no other was set. */
  readonly processed: number;
  /** Events released that a filter had refused. */
  readonly rejected: number;
  /** Events released whose processing had failed. */
  readonly failed: number;
  /** Events released unprocessed because they had been seen before. */
  readonly doubles: number;
  /** Events that nobody processed: they were read in place of dead readers, and saved. */
  readonly saved: number;
  /** How often an event was handed back, to be delivered again. */
  readonly redelivered: number;
  /** Events that readers hold now. */
  readonly held: number;
  /** Events not taken yet. */
  readonly unread: number;
  /** True if the group no longer holds slots back. */
  readonly detached: boolean;
  /** Seconds that its readers waited for data, summed over them. */
  readonly readerWaitS: number;
}

/** One owner: a writer or a reader, also after it has gone. Counts that are not of its kind are 0. */
export interface OwnerStatus {
  /** Row of the owner table, the `owner` of a reserved port. */
  readonly owner: number;
  /** What it takes from the ring: slots to write into, or events. */
  readonly kind: "writer" | "reader";
  /** Number of the reader group; 0 for writers. */
  readonly group: number;
  /** `reserved` until it is opened, `active` until it signs off or is recovered, then `gone`; `empty`: not used yet. */
  readonly state: "empty" | "reserved" | "active" | "gone";
  /** Events that a writer published. */
  readonly published: number;
  /** Claims of a writer that were given back, by itself or by `recover`. */
  readonly voided: number;
  /** Events of a writer that were thrown away in a discarding pause. */
  readonly discarded: number;
  /** Events that a reader released as processed. */
  readonly processed: number;
  /** Events that a reader released as refused by a filter. */
  readonly rejected: number;
  /** Events that a reader released as failed. */
  readonly failed: number;
  /** Events that a reader released unprocessed because they had been seen before. */
  readonly doubles: number;
  /** Events that were handed back while this reader held them. */
  readonly redelivered: number;
  /** Seconds it waited: a writer for space (pauses not counted), a reader for data. */
  readonly waitS: number;
  /** True of a reader that only saves events in place of dead ones; what it `processed` is unfinished. */
  readonly isSaver: boolean;
}

/** Counters of a ring, its groups and its owners. */
export interface RingStatus {
  /** Number of slots. */
  readonly slots: number;
  /** Events that readers could see. */
  readonly published: number;
  /** Claims that were given back, by their writer or by `recover`. */
  readonly voided: number;
  /** Events thrown away in a discarding pause. */
  readonly discarded: number;
  /** Slots in use: claimed, or with an event that some group has not released. */
  readonly filled: number;
  /** Most slots in use at a time; sampled, so that a short peak may have been higher. */
  readonly highestFill: number;
  /** True between `pause()` and `resume()`. */
  readonly paused: boolean;
  /** True from `setEnding()` or `shutdown()` on: no more events are taken. */
  readonly closing: boolean;
  /** True once no event can come any more: all writers have signed off, or it is closing and none is open. */
  readonly ended: boolean;
  /** True from `shutdown()` on: readers get the end, whatever is left. */
  readonly aborted: boolean;
  /** Sum of the dead-time fractions of all published events. */
  readonly deadtimeSum: number;
  /** Seconds that writers waited for space, summed over them. */
  readonly writerWaitS: number;
  /** All reader groups, in the order of their making. */
  readonly groups: readonly RingGroupStatus[];
  /** All writers and readers so far, by row. */
  readonly owners: readonly OwnerStatus[];
}

/** Counters of a ring in which nobody is at work, beside what the words of its slots and events say, which is kept apart. */
export interface RingTally extends RingStatus {
  /** Places in the stream that writers have claimed: published + voided. Null while a writer is still open. */
  readonly claimed: number | null;
  /** All reader groups, in the order of their making. */
  readonly groups: readonly GroupTally[];
}

/** Counters of a reader group, and what its words say. */
export interface GroupTally extends RingGroupStatus {
  /** Events in the ring that it has not released: held + unread. Null if it is detached: the ring goes over them. */
  readonly left: number | null;
}

/** An event or slot that an owner holds. */
export interface HeldEvent {
  /** Row of the owner table. */
  readonly owner: number;
  /** Place in the endless stream of the ring; another one for each event, while counters may repeat. */
  readonly sequence: number;
  /** The event's counter; of a claimed slot what its writer has set so far. */
  readonly counter: number;
}

/** What `RingBuffer.recover` did. */
export interface Recovery {
  /** Claims that became void. */
  readonly voided: number;
  /** Events that are offered to the group again. */
  readonly redelivered: number;
  /** Events that are not, because a reader had died with them before; released and counted as failed. */
  readonly failed: number;
}
