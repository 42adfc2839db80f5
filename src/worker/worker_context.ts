/** The context of a worker that was given a task. */
import type { Observer } from "../ring/observer.ts";
import type { Reader } from "../ring/reader.ts";
import type { Slot } from "../ring/slot.ts";
import type { Writer } from "../ring/writer.ts";
import { AttentiveObserver, AttentiveReader, AttentiveSignal, AttentiveWriter } from "./attentive_ports.ts";
import type { FunctionConfig, FunctionContext } from "./context.ts";
import { Continuation } from "./continuation.ts";
import { EventBooks } from "./event_books.ts";
import type { FailurePhase, FromWorker, WorkerFailure, WorkerTask } from "./messages.ts";
import { Outbox } from "./outbox.ts";
import type { Panel } from "./panel.ts";
import { PanelLine } from "./panel_line.ts";
import { PostedLogger } from "./posted_logger.ts";
import { RecordOrigin } from "./record_origin.ts";
import { userStack } from "./user_stack.ts";
import type { RunSignal } from "./run_signal.ts";

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
  readonly continuation: Continuation;
  readonly #post: (message: FromWorker) => void;
  readonly #outbox = new Outbox();
  readonly #panels: PanelLine;
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
    this.signal = new AttentiveSignal(task.signal, this.#outbox);
    this.books = new EventBooks(task.sinks.length);
    const { recordsBefore = 0, heldBefore = null } = task;
    this.continuation = new Continuation(
      { recordsBefore, heldBefore },
      (records, lost) => post({ type: "continued", records, lost }),
    );
    this.#post = post;
    this.log = new PostedLogger((level, text) => post({ type: "log", level, text }), {
      level: () => this.signal.logLevel,
      onHolding: this.#outbox.begin,
    });
    this.#panels = new PanelLine({
      send: (name, panel) => post({ type: "panel", name, panel }),
      taken: () => this.signal.panelsTaken,
      isBorrowed: (memory) => this.#isBorrowed(memory),
      onError: (text) => this.log.error(text),
      onWaiting: this.#outbox.begin,
    });
    this.#outbox.add(this.log);
    this.#outbox.add(this.#panels);
    try {
      for (const port of task.sources) this.sources.push(new AttentiveReader(port, this.#outbox));
      for (const [sink, port] of task.sinks.entries()) {
        const origin = task.sources.length > 0 ? new RecordOrigin(this.sources, this.name, sink) : null;
        this.sinks.push(new AttentiveWriter(port, { outbox: this.#outbox, origin }));
      }
      const isOver = () => this.signal.retired;
      for (const port of task.observes) {
        this.observes.push(new AttentiveObserver(port, { outbox: this.#outbox, isOver }));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @inheritdoc */
  get ending(): boolean {
    if (this.signal.retired) return true;
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
    this.#panels.put(name, panel);
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
   * then they are handed back and stay unfinished. What was held back of messages and displays is sent.
   */
  release(): void {
    this.sendAll();
    if (this.signal.aborted || this.sinks.some((sink) => sink.ending)) return;
    for (const source of this.sources) {
      if (source.held !== null) source.release();
    }
  }

  /** Closes all rings, sources first: what a sink still holds was never published and becomes void. */
  close(): void {
    this.#outbox.close();
    const unreported = this.#failures - REPORTED_FAILURES;
    if (unreported > 0) this.log.error(`${unreported} more events failed`);
    this.#failures = Math.min(this.#failures, REPORTED_FAILURES);
    this.sendAll();
    for (const ring of [...this.sources, ...this.sinks, ...this.observes]) ring.close();
  }

  /** Sends what was held back of messages and displays. */
  sendAll(): void {
    this.#panels.flush();
    this.log.flush();
  }

  /** True for the memory of rings and of observers' copies. */
  #isBorrowed(memory: ArrayBufferLike): boolean {
    const holds = (slot: Slot | null) => slot !== null && Object.values(slot.data)[0]?.buffer === memory;
    return [...this.sources, ...this.sinks].some((port) => holds(port.slotOfBatch(0))) ||
      this.observes.some((observer) => holds(observer.latest()));
  }
}
