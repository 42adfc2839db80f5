/** What stands in `run.yaml`, part by part; names are those of the file. */
import type { FailurePolicy, Isolation, PauseMode } from "../setup/plan.ts";
import type { LedgerRing } from "./ledger.ts";
import type { RecordedRingCounts, RecordedWorker } from "./recorded_counts.ts";
import type {
  RecordedDeath,
  RecordedFailure,
  RecordedHang,
  RecordedRecovery,
  RecoveredEvents,
} from "./recorded_troubles.ts";
import type { StopCause } from "./run_state.ts";

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
  /** Active seconds of the run in which its ring was paused alone: neither live nor dead. */
  readonly paused_s: number;
  /** Dead seconds as part of the active time that is left. */
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
export interface RecordedAccount extends Omit<LedgerRing, "name" | "disagreements"> {
  /** The ring's name in the setup. */
  readonly ring: string;
  /** One sentence for each comparison that does not agree; absent if there is none. */
  readonly disagreements?: readonly string[];
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
  /** Files that the functions write, as far as they have named them; journals and tables may consist of several. */
  readonly files: readonly string[];
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
