/** What stands in `run.yaml`, part by part; names are those of the file. */
import type { FailurePhase } from "../worker/messages.ts";
import type { FailurePolicy, Isolation, PauseMode } from "../setup/plan.ts";
import type { LedgerGroup } from "./ledger.ts";
import type { StopCause } from "./run_state.ts";
import type { DeathCause } from "./worker_death.ts";

/** A moment. */
export interface RecordedMoment {
  /** ISO 8601 in UTC. */
  readonly time_utc: string;
  /** ISO 8601 in the machine's own zone. */
  readonly time_local: string;
}

/** When, how and where the run was started. */
export interface RecordedBegin extends RecordedMoment {
  /** Arguments of the program. */
  readonly command_line: readonly string[];
  /** Folder that the program was started in. */
  readonly working_directory: string;
  /** Number of the process. */
  readonly process_id: number;
  /** When the process began, in clock ticks since the machine did: numbers of processes are used again. */
  readonly process_start: number;
  /** Name of the machine. */
  readonly host: string;
  /** Operating system, its release, and the processor's architecture. */
  readonly system: string;
  /** Number of processors. */
  readonly processors: number;
  /** Memory of the machine in bytes. */
  readonly memory_bytes: number;
  /** Versions of this package, of Deno and of its parts, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The files that said what to run. */
export interface RecordedSetup {
  /** Absolute path of the setup. */
  readonly file: string;
  /** What it is written in. */
  readonly dialect: "v1" | "v2";
  /** Names of the copies in the run directory, by path of the original. */
  readonly copies: Readonly<Record<string, string>>;
}

/** What ends the run; 0 = without limit. */
export interface RecordedGoals {
  /** Events in the first ring. */
  readonly runevents: number;
  /** Active seconds. */
  readonly runtime_s: number;
}

/** A ring as it was set up. */
export interface RecordedRing {
  /** Name in the setup. */
  readonly name: string;
  /** Number of slots. */
  readonly slots: number;
  /** Values of each field in a slot. */
  readonly values_per_slot: number;
  /** Size of a record in bytes. */
  readonly record_bytes: number;
  /** `name: type` of each field. */
  readonly fields: readonly string[];
  /** True if importers feed it. */
  readonly root: boolean;
  /** What it does with new events in a pause. */
  readonly pause: PauseMode;
  /** Name of its shared-memory segment. */
  readonly segment: string;
}

/** A function as it was set up. */
export interface RecordedFunction {
  /** Entry in the setup (`Fkt_2`). */
  readonly name: string;
  /** The function's name as the setup writes it. */
  readonly function: string;
  /** URL of its module. */
  readonly module: string;
  /** Number of its workers. */
  readonly workers: number;
  /** Where they ran. */
  readonly isolation: Isolation;
  /** What the death of one of them meant for the run. */
  readonly on_failure: FailurePolicy;
  /** Rings that it reads. */
  readonly sources: readonly string[];
  /** Rings that it writes. */
  readonly sinks: readonly string[];
  /** Rings that it observes. */
  readonly observes: readonly string[];
  /** Its configuration after all precedence rules. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** When and why the run ended. */
export interface RecordedEnd extends RecordedMoment {
  /** Seconds in which importers were allowed to work. */
  readonly active_s: number;
  /** Seconds in which the run was paused, or the program suspended. */
  readonly paused_s: number;
  /** Why importers were stopped, as one word. */
  readonly stop_cause: StopCause;
  /** The same as a phrase. */
  readonly stop_reason: string;
  /** 0 if all that was accepted was processed and no worker failed, otherwise 1. */
  readonly exit_code: number;
}

/** Dead time of one importer's worker. */
export interface RecordedImporter {
  /** Function and worker (`Fkt_1/0`). */
  readonly worker: string;
  /** Seconds in which it could not take data. */
  readonly dead_s: number;
  /** The same as part of its active time. */
  readonly fraction: number;
}

/** Dead time of the run: the mean of its importers' workers. */
export interface RecordedDeadTime {
  /** Part of the active time, 0 to 1. */
  readonly fraction: number;
  /** Dead seconds. */
  readonly dead_s: number;
  /** Active seconds without the dead ones. */
  readonly live_s: number;
  /** Each worker by itself. */
  readonly importers: readonly RecordedImporter[];
}

/** The closed account of one ring. */
export interface RecordedAccount {
  /** The ring's name in the setup. */
  readonly ring: string;
  /** Events that its writers had for it: published + discarded + late + invalid. */
  readonly produced: number;
  /** Events that its readers could see. */
  readonly published: number;
  /** Slots that were claimed and given back without an event. */
  readonly voided: number;
  /** Events thrown away in pauses. */
  readonly discarded: number;
  /** Events that importers had when the ring took no more. */
  readonly late: number;
  /** Events of importers that did not fit into the ring. */
  readonly invalid: number;
  /** Its reader groups; each accounts for all events published. */
  readonly groups: readonly LedgerGroup[];
  /** Events that the books disagree on; 0 if everything agrees. */
  readonly residual: number;
  /** One sentence for each comparison that does not agree; absent if there is none. */
  readonly disagreements?: readonly string[];
}

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
export interface RecordedOwnCounts {
  /** Events taken from its sources. */
  readonly taken: number;
  /** Records published, per sink. */
  readonly published: readonly number[];
  /** Events that the function refused. */
  readonly rejected: number;
  /** Events that made the function throw. */
  readonly failed: number;
  /** Events dropped because they had been seen before. */
  readonly doubles: number;
  /** Events thrown away in pauses. */
  readonly discarded: number;
  /** Events that an importer's source gave. */
  readonly produced: number;
  /** Events that it gave when the ring took no more. */
  readonly late: number;
  /** Seconds in which an importer could not take data. */
  readonly dead_s: number;
}

/** Counts of one worker. */
export interface RecordedWorker {
  /** Which of the function's workers it is, from 0. */
  readonly worker: number;
  /** How its last life came to its end. */
  readonly ended: "ok" | "failed" | "hung";
  /** How often it was started anew. */
  readonly restarts: number;
  /** Each of its sources. */
  readonly sources: readonly RecordedReading[];
  /** Each of its sinks. */
  readonly sinks: readonly RecordedWriting[];
  /** Rings that it observes. */
  readonly observes: readonly string[];
  /** Its own counts; null if it kept none or did not live to report them. */
  readonly own_counts: RecordedOwnCounts | null;
}

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
  /** What could not be saved, one sentence each. */
  readonly notes: readonly string[];
}

/** What is known at the begin of a run, and stays true. */
export interface RunRecordBasis {
  /** Stem of the run directory's name. */
  readonly run: string;
  /** Absolute path of the run directory. */
  readonly directory: string;
  /** When, how and where the run was started. */
  readonly begin: RecordedBegin;
  /** The files that said what to run. */
  readonly setup: RecordedSetup;
  /** What ends the run. */
  readonly goals: RecordedGoals;
  /** All rings, in setup order. */
  readonly rings: readonly RecordedRing[];
  /** All functions, in setup order. */
  readonly functions: readonly RecordedFunction[];
}

/** The record of a run that has begun; also of one that was killed. */
export interface BeginRecord extends RunRecordBasis {
  /** How the run stands. */
  readonly status: "running";
}

/** The record of a run that is over. */
export interface RunRecord extends RunRecordBasis {
  /** How the run came out. */
  readonly status: "complete" | "failed";
  /** When and why it ended. */
  readonly end: RecordedEnd;
  /** How much of the active time was dead. */
  readonly dead_time: RecordedDeadTime;
  /** The closed account of every ring, in setup order. */
  readonly ledger: readonly RecordedAccount[];
  /** Further counters of the rings, by name. */
  readonly ring_counts: Readonly<Record<string, RecordedRingCounts>>;
  /** Counts of every worker, by its function's entry in the setup. */
  readonly function_counts: Readonly<Record<string, readonly RecordedWorker[]>>;
  /** Exceptions, the first hundred. */
  readonly failures: readonly RecordedFailure[];
  /** Number of all exceptions reported. */
  readonly failure_count: number;
  /** Deaths of workers, the first thousand. */
  readonly deaths: readonly RecordedDeath[];
  /** How often workers were started anew, over all functions. */
  readonly restarts: number;
  /** Workers that were given up. */
  readonly hung: readonly RecordedHang[];
  /** Events that were left unfinished and saved. */
  readonly saved: readonly RecoveredEvents[];
  /** Only of a run that was killed: what was saved of it afterwards. */
  readonly recovery?: RecordedRecovery;
}
