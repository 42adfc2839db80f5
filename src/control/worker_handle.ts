/** The control's side of one worker thread. */
import type { FunctionPlan } from "../setup/plan.ts";
import type { EventCounts } from "../worker/event_books.ts";
import type { LogLevel } from "../worker/logger.ts";
import type { FailurePhase, FromWorker, ToWorker, WorkerFailure, WorkerTask } from "../worker/messages.ts";
import type { Panel } from "../worker/panel.ts";
import type { OwnedRow } from "./run_rings.ts";

/** Module that a worker thread begins with. */
const WORKER_ENTRY = new URL("../worker/worker_entry.ts", import.meta.url).href;

/** What a worker has come to. A worker that failed at loading goes from `loading` to `ended`. */
export type WorkerState = "loading" | "ready" | "running" | "ended";

/** What a worker reports; all calls come from the event loop, never from within a call to the handle. */
export interface WorkerListener {
  changed(worker: WorkerHandle): void;
  failed(worker: WorkerHandle, failure: WorkerFailure): void;
  log(worker: WorkerHandle, level: LogLevel, text: string): void;
  panel(worker: WorkerHandle, name: string, panel: Panel): void;
}

/** One worker: its thread, its state and its part in the books. The run steers it; everybody else only looks. */
export class WorkerHandle {
  /** The function that it runs. */
  readonly plan: FunctionPlan;
  /** Which of the function's workers it is, from 0. */
  readonly workerNumber: number;
  /** Its rows in the rings that it reads, in setup order. */
  readonly sourceRows: readonly OwnedRow[];
  /** Its rows in the rings that it writes, in setup order. */
  readonly sinkRows: readonly OwnedRow[];
  /** What it counted itself, once it has ended. */
  counts: EventCounts | null = null;
  readonly #thread: Worker;
  readonly #listener: WorkerListener;
  #state: WorkerState = "loading";
  #ok = false;

  /**
   * Starts the thread and has it load the function.
   *
   * @param plan The function.
   * @param task What to load and run; its ports have rows of their own.
   * @param listener Is told what happens.
   */
  constructor(plan: FunctionPlan, task: WorkerTask, listener: WorkerListener) {
    this.plan = plan;
    this.workerNumber = task.workerNumber;
    this.sourceRows = task.sources.map((port) => ({ ring: port.ring, owner: port.owner! }));
    this.sinkRows = task.sinks.map((port) => ({ ring: port.ring, owner: port.owner! }));
    this.#listener = listener;
    this.#thread = new Worker(WORKER_ENTRY, { type: "module", name: this.label });
    this.#thread.onmessage = (event: MessageEvent<FromWorker>) => this.#take(event.data);
    this.#thread.onerror = (event) => {
      event.preventDefault();
      this.#vanished(event.message);
    };
    this.#thread.onmessageerror = () => this.#vanished("Error: a message of the worker could not be read");
    this.#post({ type: "load", task });
  }

  /** `Fkt_2/0`: entry of the setup and number of the worker. */
  get label(): string {
    return `${this.plan.name}/${this.workerNumber}`;
  }

  /** How far it has come. */
  get state(): WorkerState {
    return this.#state;
  }

  /** True if it ended without an exception. */
  get ok(): boolean {
    return this.#ok;
  }

  /** Lets a worker that is ready begin. */
  start(): void {
    if (this.#state !== "ready") {
      throw new TypeError(`Cannot start worker ${this.label}: expected it to be ready, found it ${this.#state}`);
    }
    this.#state = "running";
    this.#post({ type: "start" });
  }

  /** Ends the thread if it is at rest. A thread in the middle of a call goes on until the program exits. */
  terminate(): void {
    this.#thread.terminate();
  }

  #post(message: ToWorker): void {
    this.#thread.postMessage(message);
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case "ready":
        this.#state = "ready";
        this.#listener.changed(this);
        break;
      case "failed":
        this.#listener.failed(this, message.failure);
        break;
      case "log":
        this.#listener.log(this, message.level, message.text);
        break;
      case "panel":
        this.#listener.panel(this, message.name, message.panel);
        break;
      case "ended":
        this.counts = message.counts;
        this.#end(message.ok);
        break;
    }
  }

  /** The thread is gone without a word: an exception outside the function's own calls, in a timer for example. */
  #vanished(message: string): void {
    if (this.#state === "ended") return;
    const phase: FailurePhase = this.#state === "loading" ? "load" : this.#state === "ready" ? "start" : "event";
    this.#listener.failed(this, { phase, message, stack: message, eventCounter: null });
    this.#end(false);
  }

  #end(ok: boolean): void {
    this.#ok = ok;
    this.#state = "ended";
    this.#thread.terminate();
    this.#listener.changed(this);
  }
}
