/** Messages between the control and its workers. Each worker gets `load`, answers `ready`, gets `start`, ends with `ended`. */
import type { ObserverPort, ReaderPort, WriterPort } from "../ring/ports.ts";
import type { EventCounts } from "./event_books.ts";
import type { LogLevel } from "./logger.ts";
import type { Panel } from "./panel.ts";

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
  readonly logLevel: LogLevel;
  /** Shared by all workers of a run; see {@linkcode RunSignal}. */
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
  | { readonly type: "start" };

/**
 * Worker to control. `failed` in phase "event" may be followed by further messages; after `ended` nothing comes. `ended`
 * carries the worker's own counts of events, or null if its function used the rings directly.
 */
export type FromWorker =
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly failure: WorkerFailure }
  | { readonly type: "log"; readonly level: LogLevel; readonly text: string }
  | { readonly type: "panel"; readonly name: string; readonly panel: Panel }
  | { readonly type: "ended"; readonly ok: boolean; readonly counts: EventCounts | null };
