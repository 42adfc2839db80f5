/** Messages between the control and its workers. Each worker gets `load`, answers `ready`, gets `start`, ends with `ended`. */
import type { ObserverPort, ReaderPort, WriterPort } from "../ring/ports.ts";
import type { EventCounts } from "./event_books.ts";
import type { LogLevel } from "./logger.ts";
import type { Panel } from "./panel.ts";
import type { RunFlags } from "./run_signal.ts";

/** Everything a worker needs to run one function; plain data. */
export interface WorkerTask {
  /** Name of the function's entry in the setup (`Fkt_2`). */
  readonly name: string;
  /** The function's name as the setup writes it (`calculate_decay_time`). */
  readonly functionName: string;
  /** URL of the module and name of its exported function. */
  readonly module: string;
  readonly exportName: string;
  /** Which of the function's workers this is, from 0, and how many there are. */
  readonly workerNumber: number;
  readonly workers: number;
  readonly sources: readonly ReaderPort[];
  readonly sinks: readonly WriterPort[];
  readonly observes: readonly ObserverPort[];
  readonly config: Readonly<Record<string, unknown>>;
  /** Absolute paths. */
  readonly runDirectory: string;
  readonly setupDirectory: string;
  /** How often this worker was started anew before. */
  readonly restarts: number;
  /** Records that it published into each sink before it was started anew. */
  readonly publishedBefore: readonly number[];
  /**
   * Records that its file holds, apart from the event that it held when it died; null: not known. @default {0}
   */
  readonly recordsBefore?: number | null;
  /** Identity of the event that it held when it died. @default {null: none} */
  readonly heldBefore?: readonly [low: number, high: number] | null;
  /** If it fails for good another one takes its place: it keeps its rings open until `leave`, so that they do not end. */
  readonly isRestartable: boolean;
  /** Shared with the control; see {@linkcode RunSignal}. */
  readonly signal: SharedArrayBuffer;
}

/** When a worker failed: loading the module, before the first event, in an event, or after the last one. */
export type FailurePhase = "load" | "start" | "event" | "end";

/** An exception in a worker. */
export interface WorkerFailure {
  /** When it was thrown. */
  readonly phase: FailurePhase;
  /** Class and message, `TypeError: …`; `Thrown: …` if it was no error. */
  readonly message: string;
  /** The stack as the engine prints it, its first line the message; the message alone if there is none. */
  readonly stack: string;
  /** The message with those lines of the stack that are in the user's modules. @default {as `stack`} */
  readonly userStack?: string;
  /** Counter of the event that was being processed, or null outside events. */
  readonly eventCounter: number | null;
}

/** Control to worker. */
export type ToWorker =
  | { readonly type: "load"; readonly task: WorkerTask }
  | { readonly type: "start" }
  | { readonly type: "leave" };

/**
 * Worker to control. `ready` names the files that the function is going to write, and the system's number of its thread,
 * if that is known; `writes` names a file that it is about to write. `failed` in phase "event" may be followed by further messages; with `isLast` the worker is about to
 * vanish without `ended`. `continued`: a worker that was started anew goes on with a file of so many records; so many others
 * were taken for it and are not in it. `leaving`: the function has thrown, and the worker waits for `leave` before it closes its rings.
 * After `ended` nothing comes; it carries the worker's own counts of events, or null if its function used the rings
 * directly, and whether the function has returned rather than thrown.
 */
export type FromWorker =
  | { readonly type: "ready"; readonly files?: readonly string[]; readonly threadId?: number | null }
  | { readonly type: "writes"; readonly file: string }
  | { readonly type: "failed"; readonly failure: WorkerFailure; readonly isLast?: true }
  | { readonly type: "log"; readonly level: LogLevel; readonly text: string }
  | { readonly type: "panel"; readonly name: string; readonly panel: Panel }
  | { readonly type: "continued"; readonly records: number; readonly lost: number }
  | { readonly type: "leaving" }
  | {
    readonly type: "ended";
    readonly ok: boolean;
    readonly hasReturned: boolean;
    readonly counts: EventCounts | null;
  };

/**
 * Control to the process of a worker: what its thread gets, but for the shared memory of the run's flags, which are
 * told instead.
 */
export type ToProcess =
  | { readonly type: "load"; readonly task: Omit<WorkerTask, "signal">; readonly flags: RunFlags }
  | { readonly type: "flags"; readonly flags: RunFlags }
  | Exclude<ToWorker, { readonly type: "load" }>;

/** Process of a worker to control: what its thread says, and that it is gone without `ended`. */
export type FromProcess = FromWorker | { readonly type: "vanished"; readonly message: string };
