/** The context of a worker that was given a task. */
import { Observer } from "../ring/observer.ts";
import { Reader } from "../ring/reader.ts";
import { Writer } from "../ring/writer.ts";
import type { FunctionConfig, FunctionContext } from "./context.ts";
import { EventBooks } from "./event_books.ts";
import type { FailurePhase, FromWorker, WorkerFailure, WorkerTask } from "./messages.ts";
import type { Panel } from "./panel.ts";
import { PostedLogger } from "./posted_logger.ts";
import { userStack } from "./user_stack.ts";
import { RunSignal } from "./run_signal.ts";

/** Failed events that are reported one by one; of further ones only the number. */
const REPORTED_FAILURES = 20;

/** Describes what was thrown. */
export function workerFailure(error: unknown, phase: FailurePhase, eventCounter: number | null): WorkerFailure {
  const isError = error instanceof Error;
  const message = isError ? `${error.name}: ${error.message}` : `Thrown: ${Deno.inspect(error)}`;
  const stack = isError ? error.stack ?? message : message;
  return { phase, message, stack, userStack: userStack(stack), eventCounter };
}

/**
 * Context of one worker; opens its rings and closes them. What user functions call of it does not need its `this`, so that
 * they can take it apart: `({ log, publish }) => …`.
 */
export class WorkerContext implements FunctionContext {
  readonly name: string;
  readonly functionName: string;
  readonly workerNumber: number;
  readonly workers: number;
  readonly restarts: number;
  readonly publishedBefore: readonly number[];
  readonly sources: Reader[] = [];
  readonly sinks: Writer[] = [];
  readonly observes: Observer[] = [];
  readonly config: FunctionConfig;
  readonly log: PostedLogger;
  readonly runDirectory: string;
  readonly setupDirectory: string;
  readonly signal: RunSignal;
  readonly books: EventBooks;
  readonly #post: (message: FromWorker) => void;
  #failures = 0;

  /**
   * Opens all rings of a task.
   *
   * @param task What the worker shall do.
   * @param post Sends messages to the control.
   * @throws {RingError} If a ring cannot be opened; those that were opened are closed again.
   */
  constructor(task: WorkerTask, post: (message: FromWorker) => void) {
    this.name = task.name;
    this.functionName = task.functionName;
    this.workerNumber = task.workerNumber;
    this.workers = task.workers;
    this.restarts = task.restarts;
    this.publishedBefore = task.publishedBefore;
    this.config = task.config;
    this.runDirectory = task.runDirectory;
    this.setupDirectory = task.setupDirectory;
    this.signal = new RunSignal(task.signal);
    this.books = new EventBooks(task.sinks.length);
    this.#post = post;
    this.log = new PostedLogger((level, text) => post({ type: "log", level, text }), { level: task.logLevel });
    try {
      for (const port of task.sources) this.sources.push(new Reader(port));
      for (const port of task.sinks) this.sinks.push(new Writer(port));
      for (const port of task.observes) this.observes.push(new Observer(port));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @inheritdoc */
  get ending(): boolean {
    if (this.sources.length > 0 || this.observes.length > 0) return this.signal.aborted;
    return this.signal.ending || this.sinks.some((sink) => sink.ending);
  }

  /** True if the function has reported failed events. */
  get hasFailed(): boolean {
    return this.#failures > 0;
  }

  /** Counter of the event held, or of the one that is being brought in or shown; null if there is none. */
  get eventCounter(): number | null {
    const held = this.sources.find((source) => source.held !== null)?.held;
    return held?.counter ?? (this.sources.length === 0 ? this.books.current : null);
  }

  /** @inheritdoc */
  readonly publish = (name: string, panel: Panel): void => {
    this.#post({ type: "panel", name, panel });
  };

  /** @inheritdoc */
  readonly failed = (error: unknown): void => {
    const { eventCounter } = this;
    this.markFailed();
    this.#failures++;
    if (this.#failures > REPORTED_FAILURES) return;
    this.#post({ type: "failed", failure: workerFailure(error, "event", eventCounter) });
  };

  /** Marks the events held as failed. */
  markFailed(): void {
    for (const source of this.sources) {
      if (source.held === null) continue;
      source.outcome = "failed";
      this.books.failed++;
    }
  }

  /**
   * Releases the events held, with their outcome, unless the run was aborted before what was made of them could be written:
   * then they are handed back and stay unfinished.
   */
  release(): void {
    if (this.signal.aborted || this.sinks.some((sink) => sink.ending)) return;
    for (const source of this.sources) {
      if (source.held !== null) source.release();
    }
  }

  /** Closes all rings, sources first: what a sink still holds was never published and becomes void. */
  close(): void {
    const unreported = this.#failures - REPORTED_FAILURES;
    if (unreported > 0) this.log.error(`${unreported} more events failed`);
    this.#failures = Math.min(this.#failures, REPORTED_FAILURES);
    for (const ring of [...this.sources, ...this.sinks, ...this.observes]) ring.close();
    this.log.flush();
  }
}
