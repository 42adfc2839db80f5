/** Counters in `run.yaml`; names are those of the file. */
import type { EventCounts } from "../worker/event_books.ts";

/** Counters of a reader group that are not in the account. */
export interface RecordedGroupCounts {
  /** Events that were offered a second time, because a worker had gone with them. */
  readonly redelivered: number;
  /** True if the ring no longer waited for the group. */
  readonly detached: boolean;
  /** Seconds that its readers waited for events, summed over readers. */
  readonly reader_wait_s: number;
}

/** Counters of a ring that are not in the account. */
export interface RecordedRingCounts {
  /** Events that its readers could see. */
  readonly published: number;
  /** Most slots in use at any time. */
  readonly highest_fill: number;
  /** Mean dead time fraction of its events; null without events. */
  readonly mean_deadtime: number | null;
  /** Seconds that its writers waited for space, summed over writers. */
  readonly writer_wait_s: number;
  /** Its reader groups by name. */
  readonly groups: Readonly<Record<string, RecordedGroupCounts>>;
}

/** What a worker did with the events of one of its sources, by the ring's counters. */
export interface RecordedReading {
  /** The ring's name. */
  readonly ring: string;
  /** Events released as processed. */
  readonly processed: number;
  /** Events that it refused. */
  readonly rejected: number;
  /** Events whose processing failed. */
  readonly failed: number;
  /** Events dropped because they had been seen before. */
  readonly doubles: number;
  /** Events that it handed back. */
  readonly redelivered: number;
  /** Seconds that it waited for events. */
  readonly wait_s: number;
}

/** What a worker wrote into one of its sinks, by the ring's counters. */
export interface RecordedWriting {
  /** The ring's name. */
  readonly ring: string;
  /** Events published. */
  readonly published: number;
  /** Slots given back without an event. */
  readonly voided: number;
  /** Events thrown away in pauses. */
  readonly discarded: number;
  /** Seconds that it waited for space. */
  readonly wait_s: number;
}

/** A worker's own counts, kept apart from those of the rings. */
export interface RecordedOwnCounts extends Omit<EventCounts, "deadS" | "isOneToOne"> {
  /** Seconds in which an importer could not take data. */
  readonly dead_s: number;
}

/** Counts of one worker. */
export interface RecordedWorker {
  /** Which of the function's workers it is, from 0. */
  readonly worker: number;
  /** How its last life came to its end. */
  readonly ended: "ok" | "failed" | "hung";
  /** When somebody stopped it while the run went on, in ISO 8601, UTC; null if nobody did. */
  readonly stopped_by_command_utc: string | null;
  /** How often it was started anew. */
  readonly restarts: number;
  /** Each of its sources. */
  readonly sources: readonly RecordedReading[];
  /** Each of its sinks. */
  readonly sinks: readonly RecordedWriting[];
  /** Rings that it observes. */
  readonly observes: readonly string[];
  /** Events that it released as processed before it died, and that are not in its file: they were in its memory. */
  readonly lost_from_file: number;
  /** Its own counts; null if it kept none or did not live to report them. */
  readonly own_counts: RecordedOwnCounts | null;
}
