/** A worker of a run through all its lives. */
import type { FunctionPlan } from "../setup/plan.ts";
import type { EventCounts } from "../worker/event_books.ts";
import type { LogLevel } from "../worker/logger.ts";
import type { WorkerFailure } from "../worker/messages.ts";
import type { Panel } from "../worker/panel.ts";
import type { OwnedRow } from "./run_rings.ts";
import type { HeldByWorker } from "./worker_death.ts";
import type { LifeListener, WorkerLife } from "./worker_life.ts";

/** What a worker has come to. `restarting`: it has died, and another one will take its place. */
export type WorkerState = "loading" | "ready" | "running" | "restarting" | "ended";

/** What a worker reports; all calls come from the event loop, never from within a call to the handle. */
export interface WorkerListener {
  changed(worker: WorkerHandle): void;
  failed(worker: WorkerHandle, failure: WorkerFailure): void;
  log(worker: WorkerHandle, level: LogLevel, text: string): void;
  panel(worker: WorkerHandle, name: string, panel: Panel): void;
  heldBy(life: WorkerLife): HeldByWorker | null;
}

/** One worker: its threads or processes one after the other, its state and its part in the books. The run steers it; everybody else only looks. */
export class WorkerHandle {
  /** The function that it runs. */
  readonly plan: FunctionPlan;
  /** Which of the function's workers it is, from 0. */
  readonly workerNumber: number;
  readonly #lives: WorkerLife[] = [];
  readonly #listener: LifeListener;
  #isSuccessorExpected = false;
  #retiredAt: Date | null = null;

  /**
   * Nothing is started yet; see {@linkcode begin}.
   *
   * @param plan The function.
   * @param workerNumber Which of its workers.
   * @param listener Is told what happens.
   */
  constructor(plan: FunctionPlan, workerNumber: number, listener: WorkerListener) {
    this.plan = plan;
    this.workerNumber = workerNumber;
    this.#listener = {
      changed: () => listener.changed(this),
      failed: (failure) => listener.failed(this, failure),
      log: (level, text) => listener.log(this, level, text),
      panel: (name, panel) => listener.panel(this, name, panel),
      heldBy: (life) => listener.heldBy(life),
    };
  }

  /** `Fkt_2/0`: entry of the setup and number of the worker. */
  get label(): string {
    return `${this.plan.name}/${this.workerNumber}`;
  }

  /** How far it has come. */
  get state(): WorkerState {
    if (this.#isSuccessorExpected) return "restarting";
    const { state } = this.life;
    return state === "leaving" ? "running" : state;
  }

  /** True if its last life ended without an exception. */
  get ok(): boolean {
    return this.life.ok;
  }

  /** When somebody told it to stop while the run went on; null if nobody did. Nobody takes its place then. */
  get retiredAt(): Date | null {
    return this.#retiredAt;
  }

  /** How often it was started anew. */
  get restarts(): number {
    return Math.max(0, this.#lives.length - 1);
  }

  /** Its lives so far, the present one last. */
  get lives(): readonly WorkerLife[] {
    return this.#lives;
  }

  /** The present life, or the last one. */
  get life(): WorkerLife {
    return this.#lives[this.#lives.length - 1];
  }

  /** Number of its process; null for a thread. */
  get pid(): number | null {
    return this.life.pid;
  }

  /** Rows of the present life in the rings that it reads, in setup order. */
  get sourceRows(): readonly OwnedRow[] {
    return this.life.sourceRows;
  }

  /** Rows of the present life in the rings that it writes, in setup order. */
  get sinkRows(): readonly OwnedRow[] {
    return this.life.sinkRows;
  }

  /** What its present life counted itself, once it has ended; null if it kept no books or died. */
  get counts(): EventCounts | null {
    return this.life.counts;
  }

  /**
   * Begins a life, which loads the function.
   *
   * @param open Starts it.
   */
  begin(open: (listener: LifeListener) => WorkerLife): void {
    this.#isSuccessorExpected = false;
    this.#lives.push(open(this.#listener));
  }

  /** Lets a worker that is ready begin. */
  start(): void {
    if (this.state !== "ready") {
      throw new TypeError(`Cannot start worker ${this.label}: expected it to be ready, found it ${this.state}`);
    }
    this.life.start();
  }

  /** Tells it to end while the run goes on. Its rows in the rings must have been retired before. */
  retire(): void {
    this.#retiredAt ??= new Date();
    this.life.retire();
  }

  /** Says whether another life will follow the one that has ended. */
  expectSuccessor(isExpected: boolean): void {
    this.#isSuccessorExpected = isExpected;
  }
}
