/** Counters of a ring. */

/** One reader group. When nobody is at work: published = processed + rejected + failed + doubles + held + unread. */
export interface RingGroupStatus {
  readonly name: string;
  /** Events released, by outcome. */
  readonly processed: number;
  readonly rejected: number;
  readonly failed: number;
  readonly doubles: number;
  /** How often an event was handed back and delivered again. */
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

/** One owner: a writer or a reader, also after it has gone. */
export interface OwnerStatus {
  readonly owner: number;
  readonly kind: "writer" | "reader";
  /** Number of the reader group; 0 for writers. */
  readonly group: number;
  readonly state: "empty" | "reserved" | "active" | "gone";
  readonly published: number;
  readonly voided: number;
  readonly discarded: number;
  readonly processed: number;
  readonly rejected: number;
  readonly failed: number;
  readonly doubles: number;
  readonly redelivered: number;
  /** Seconds it waited: a writer for space (pauses not counted), a reader for data. */
  readonly waitS: number;
}

/** Counters of a ring, its groups and its owners. */
export interface RingStatus {
  readonly slots: number;
  /** Events that readers could see. */
  readonly published: number;
  /** Claims that were given back, by their writer or by `recover`. */
  readonly voided: number;
  /** Events thrown away in a discarding pause. */
  readonly discarded: number;
  /** Slots in use now, and the highest number seen (sampled). */
  readonly filled: number;
  readonly highestFill: number;
  readonly paused: boolean;
  /** No more events are taken. */
  readonly closing: boolean;
  /** All writers have gone. */
  readonly ended: boolean;
  readonly aborted: boolean;
  /** Sum of the dead-time fractions of all published events. */
  readonly deadtimeSum: number;
  /** Seconds that writers waited for space, summed over them. */
  readonly writerWaitS: number;
  readonly groups: readonly RingGroupStatus[];
  readonly owners: readonly OwnerStatus[];
}
