/** One life of a worker: from its start to its end, whatever ends it. */
import type { EventCounts } from "../worker/event_books.ts";
import type { LogLevel } from "../worker/logger.ts";
import type { FailurePhase, FromWorker, WorkerFailure, WorkerTask } from "../worker/messages.ts";
import type { Panel } from "../worker/panel.ts";
import { type RunFlags, RunSignal } from "../worker/run_signal.ts";
import type { OwnedRow } from "./run_rings.ts";
import { deathOfHost, failureOfDeath, type HeldByWorker, type LifeDeath } from "./worker_death.ts";
import type { HostEnd, HostListener, WorkerHost } from "./worker_host.ts";

/** How far a life has come; `leaving`: its function has thrown, and it waits for the word to close its rings. */
export type LifeState = "loading" | "ready" | "running" | "leaving" | "ended";

/** Is told what happens in a life; all calls come from the event loop. */
export interface LifeListener {
  /** It has come further. */
  changed(): void;
  /** Something was thrown in it, or it died without a word. */
  failed(failure: WorkerFailure): void;
  /** It has something to say. */
  log(level: LogLevel, text: string): void;
  /** It puts something on display. */
  panel(name: string, panel: Panel): void;
  /** Looks up in the rings which event it holds. */
  heldBy(life: WorkerLife): HeldByWorker | null;
}

/** A function that makes a file of each event would make the record of the run endless. */
const MOST_FILES_KEPT = 1000;

/** A worker that was started once. */
export class WorkerLife {
  /** Its rows in the rings that it reads, in setup order. */
  readonly sourceRows: readonly OwnedRow[];
  /** Its rows in the rings that it writes, in setup order. */
  readonly sinkRows: readonly OwnedRow[];
  /** When it was started; a clock in ms that never goes back. */
  readonly beganMs: number = performance.now();
  readonly #host: WorkerHost;
  readonly #listener: LifeListener;
  /** The run's flags as this worker has them. */
  readonly #signal = new RunSignal();
  #state: LifeState = "loading";
  #counts: EventCounts | null = null;
  #ok = false;
  #hasReturned = false;
  #hasSaidEnded = false;
  /** What the function threw outside of its events, if it said so before it ended. */
  #lastFailure: WorkerFailure | null = null;
  #isLastWord = false;
  #hungForS: number | null = null;
  #isAbandoned = false;
  #files: readonly string[] = [];
  #threadId: number | null = null;
  #continuedRecords: number | null = null;
  #lostRecords = 0;
  #death: LifeDeath | null = null;

  /**
   * Starts it and has it load its function.
   *
   * @param task What to load and run; its ports have rows of their own.
   * @param options The run's flags now, what it lives in, and who is told what happens.
   */
  constructor(
    task: Omit<WorkerTask, "signal">,
    options: {
      readonly flags: RunFlags;
      readonly openHost: (listener: HostListener) => WorkerHost;
      readonly listener: LifeListener;
    },
  ) {
    this.#signal.take(options.flags);
    this.sourceRows = task.sources.map((port) => ({ ring: port.ring, owner: port.owner! }));
    this.sinkRows = task.sinks.map((port) => ({ ring: port.ring, owner: port.owner! }));
    this.#listener = options.listener;
    this.#host = options.openHost({
      message: (message) => this.#take(message),
      log: (level, text) => this.#listener.log(level, text),
      gone: (end) => this.#gone(end),
    });
    this.#host.post({ type: "load", task: { ...task, signal: this.#signal.memory } });
  }

  /** How far it has come. */
  get state(): LifeState {
    return this.#state;
  }

  /** True if it ended without an exception. */
  get ok(): boolean {
    return this.#ok;
  }

  /** True if its function returned rather than threw. */
  get hasReturned(): boolean {
    return this.#hasReturned;
  }

  /** What it counted itself, once it has said so; null if it kept no books or died. */
  get counts(): EventCounts | null {
    return this.#counts;
  }

  /** Files of the run directory that its function is going to write, as far as its check has said so. */
  get files(): readonly string[] {
    return this.#files;
  }

  /** Number of its process; null for a thread. */
  get pid(): number | null {
    return this.#host.pid;
  }

  /** The system's number of its thread, once it has loaded; null if it is not known. */
  get threadId(): number | null {
    return this.#threadId;
  }

  /** Records that it found in the file that it goes on with; null if it has not said so. */
  get continuedRecords(): number | null {
    return this.#continuedRecords;
  }

  /** Events that earlier lives have taken for that file and that are not in it. */
  get lostRecords(): number {
    return this.#lostRecords;
  }

  /** How it died; null if it did not. */
  get death(): LifeDeath | null {
    return this.#death;
  }

  /** Lets it begin. */
  start(): void {
    this.#state = "running";
    this.#host.post({ type: "start" });
  }

  /** Lets it close its rings after its function has thrown. */
  leave(): void {
    this.#state = "running";
    this.#host.post({ type: "leave" });
  }

  /** Tells it the run's flags. */
  passOn(flags: RunFlags): void {
    this.#signal.take(flags);
    if (this.#state !== "ended") this.#host.passOn(this.#signal.flags);
  }

  /** Tells it to end while the run goes on. Its rows in the rings must have been retired before. */
  retire(): void {
    this.#signal.setRetired();
    if (this.#state !== "ended") this.#host.passOn(this.#signal.flags);
  }

  /**
   * Kills it if it is a process.
   *
   * @param hungForS For how long it has not come back.
   * @returns False for a thread, and for a process that was killed before: the system does not end one that waits for a
   *   broken device.
   */
  kill(hungForS: number): boolean {
    if (this.#host.pid === null || this.#hungForS !== null) return false;
    this.#hungForS = hungForS;
    return this.#host.kill();
  }

  /** Ends it without asking how; a thread in the middle of a call goes on until the program exits. */
  abandon(): void {
    if (this.#state === "ended") return;
    this.#isAbandoned = true;
    if (!this.#host.kill()) this.#host.dismiss();
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case "ready":
        this.#state = "ready";
        this.#files = message.files ?? [];
        this.#threadId = message.threadId ?? null;
        return this.#listener.changed();
      case "writes":
        if (this.#files.length < MOST_FILES_KEPT && !this.#files.includes(message.file)) {
          this.#files = [...this.#files, message.file];
        }
        return;
      case "failed":
        this.#lastFailure = message.failure;
        this.#isLastWord = message.isLast === true;
        return this.#listener.failed(message.failure);
      case "log":
        return this.#listener.log(message.level, message.text);
      case "panel":
        this.#listener.panel(message.name, message.panel);
        return this.#noteTaken();
      case "continued":
        this.#continuedRecords = message.records;
        this.#lostRecords = message.lost;
        return;
      case "leaving":
        this.#state = "leaving";
        return this.#listener.changed();
      case "ended":
        this.#hasSaidEnded = true;
        this.#counts = message.counts;
        this.#ok = message.ok;
        this.#hasReturned = message.hasReturned;
        this.#host.dismiss();
    }
  }

  /** The worker sends the next state of a display only then. */
  #noteTaken(): void {
    this.#signal.notePanelTaken();
    this.#host.passOn(this.#signal.flags);
  }

  #gone(end: HostEnd): void {
    const phase = this.#phase();
    this.#state = "ended";
    if (this.#isAbandoned) return;
    if (!this.#hasReturned) this.#die(end, phase);
    this.#listener.changed();
  }

  #die(end: HostEnd, phase: FailurePhase): void {
    if (this.#lastFailure !== null && (this.#hasSaidEnded || this.#isLastWord)) {
      const { message, eventCounter } = this.#lastFailure;
      const ring = eventCounter === null ? null : this.sourceRows[0]?.ring ?? null;
      this.#death = { cause: "exception", message, signal: null, exitCode: null, eventCounter, ring };
      return;
    }
    this.#death = deathOfHost(end, this.#listener.heldBy(this), this.#hungForS);
    this.#listener.failed(failureOfDeath(this.#death, { phase, lastWords: end.lastWords }));
  }

  #phase(): FailurePhase {
    return this.#state === "loading" ? "load" : this.#state === "ready" ? "start" : "event";
  }
}
