/** What went wrong and what was saved, in `run.yaml`; names are those of the file. */
import type { FailurePhase } from "../worker/messages.ts";
import type { DeathCause } from "./worker_death.ts";

/** An exception of a worker. */
export interface RecordedFailure {
  /** The function's entry in the setup (`Fkt_2`). */
  readonly name: string;
  /** The function's name as the setup writes it. */
  readonly function: string;
  /** Which of the function's workers it was, from 0. */
  readonly worker: number;
  /** When it was thrown. */
  readonly phase: FailurePhase;
  /** Counter of the event that was being processed; null outside events. */
  readonly event: number | null;
  /** Class and message. */
  readonly message: string;
  /** The stack as the engine prints it. */
  readonly stack: string;
}

/** The death of a worker: an exception outside of its events, or a process that ended otherwise than by returning. */
export interface RecordedDeath {
  /** When the control saw it, in ISO 8601, UTC. */
  readonly time_utc: string;
  /** The function's entry in the setup (`Fkt_2`). */
  readonly name: string;
  /** The function's name as the setup writes it. */
  readonly function: string;
  /** Which of the function's workers it was, from 0. */
  readonly worker: number;
  /** What kind of death it was. */
  readonly cause: DeathCause;
  /** Signal that ended the process; null without one. */
  readonly signal: string | null;
  /** Exit code of a process that ended by itself; null otherwise. */
  readonly exit_code: number | null;
  /** Ring of the event that it was in; null outside events. */
  readonly ring: string | null;
  /** Counter of that event. */
  readonly event: number | null;
  /** What was thrown, or what became of the process. */
  readonly message: string;
  /** True if another worker took its place. */
  readonly restarted: boolean;
}

/** A worker that was given up. */
export interface RecordedHang {
  /** The function's entry in the setup (`Fkt_2`). */
  readonly name: string;
  /** The function's name as the setup writes it. */
  readonly function: string;
  /** Which of the function's workers it was, from 0. */
  readonly worker: number;
  /** Ring of the event that it held; null if it held none. */
  readonly ring: string | null;
  /** Counter of that event. */
  readonly event: number | null;
}

/** Events that a reader group did not come to see, and that were saved for later. */
export interface RecoveredEvents {
  /** The ring's name in the setup. */
  readonly ring: string;
  /** The reader group that had not finished them. */
  readonly group: string;
  /** How many. */
  readonly events: number;
  /** Journal that they were written to; path in the run directory. */
  readonly file: string;
}

/** A file that was not whole when a killed run was recovered. */
export interface RecoveredFile {
  /** Path in the run directory. */
  readonly name: string;
  /** Completed, or damaged inside and left as it was. */
  readonly state: "completed" | "damaged";
  /** Bytes of an unfinished end that were cut off. */
  readonly dropped_bytes: number;
  /** What was done, as a phrase. */
  readonly text: string;
}

/** How the directory of a killed run was finished. */
export interface RecordedRecovery {
  /** When, in ISO 8601, UTC. */
  readonly time_utc: string;
  /** Events that were saved, by ring and reader group. */
  readonly events: readonly RecoveredEvents[];
  /** Files that had to be looked after. */
  readonly files: readonly RecoveredFile[];
  /** True if the shared memory was on another machine, where it can still be recovered. */
  readonly files_only: boolean;
  /** What could not be saved, one sentence each. */
  readonly notes: readonly string[];
}
