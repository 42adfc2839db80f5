/** Set-up and control of the rings and workers of one run. */
import type { RingBuffer } from "../ring/ring_buffer.ts";
import type { RingStatus } from "../ring/ring_status.ts";
import type { Plan, RingPlan } from "../setup/plan.ts";
import type { LogLevel } from "../worker/logger.ts";
import type { WorkerFailure } from "../worker/messages.ts";
import type { Panel } from "../worker/panel.ts";
import { RunSignal } from "../worker/run_signal.ts";
import { closeLedger, type Ledger, type WorkerBook } from "./ledger.ts";
import { ProgressWatch } from "./progress_watch.ts";
import { RunClock } from "./run_clock.ts";
import { type OwnedRow, rowOf, RunRings } from "./run_rings.ts";
import { mayFollow, type RunState, type StopReason } from "./run_state.ts";
import { type RunFailure, RunWorkers } from "./run_workers.ts";
import { plural } from "./text_format.ts";
import { culprits, describeUnfinished, type UnfinishedWorker, unfinishedWorkers } from "./unfinished_work.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/** Options of {@linkcode BufferControl}. */
export interface BufferControlOptions {
  /** Absolute path of the folder that functions write into. */
  readonly runDirectory: string;
  /** Least level of workers' messages. @default {"info"} */
  readonly logLevel?: LogLevel;
  /** How long loading all modules may take, in ms. @default {60000} */
  readonly loadTimeoutMs?: number;
  /** After stop: how long no event may move before the workers that have not ended count as hung, in ms. @default {30000} */
  readonly drainTimeoutMs?: number;
  /** The same after end, in ms. @default {2000} */
  readonly endTimeoutMs?: number;
  /** While running: how long no event may move while importers wait for space before the run counts as hung, in ms. @default {60000} */
  readonly stallTimeoutMs?: number;
  /** The same, before a warning is given, once in a run. @default {10000} */
  readonly stallWarningMs?: number;
  /** Takes messages; `source` is `run` or function and worker. @default nobody */
  readonly onLog?: (level: LogLevel, source: string, text: string) => void;
  /** Takes what functions put on display. @default nobody */
  readonly onPanel?: (entry: string, workerNumber: number, name: string, panel: Panel) => void;
}

/**
 * Rings and workers of one run. After `setupBuffers()`, `setupWorkers()` and `startWorkers()` somebody must call
 * `supervise()` until `isFinished`. Only the set-up waits for anything; nothing blocks.
 */
export class BufferControl {
  /** What is run. */
  readonly plan: Plan;
  /** Active and paused time of the run. */
  readonly clock: RunClock = new RunClock();
  readonly #options: Required<BufferControlOptions>;
  readonly #signal = new RunSignal();
  readonly #rings: RunRings;
  readonly #workers: RunWorkers;
  readonly #watch = new ProgressWatch();
  readonly #settled = new Set<WorkerHandle>();
  #state: RunState = "Initialized";
  #stopReason: StopReason | null = null;
  #isAborted = false;
  /** What importers had waited for space when the last event moved. */
  #waitedBeforeIdleMs = 0;
  #hasWarnedOfStall = false;
  #hung: readonly UnfinishedWorker[] = [];
  #wake: () => void = () => {};

  /**
   * Only remembers what to run; nothing is made before `setupBuffers()`.
   *
   * @param plan What to run.
   * @param options Where, and how patiently.
   */
  constructor(plan: Plan, options: BufferControlOptions) {
    this.plan = plan;
    this.#options = {
      logLevel: "info",
      loadTimeoutMs: 60_000,
      drainTimeoutMs: 30_000,
      endTimeoutMs: 2_000,
      stallTimeoutMs: 60_000,
      stallWarningMs: 10_000,
      onLog: () => {},
      onPanel: () => {},
      ...options,
    };
    this.#rings = new RunRings(plan);
    this.#workers = new RunWorkers(plan, this.#rings, {
      ...this.#options,
      signal: this.#signal.memory,
      onChange: () => this.#wake(),
      onFailure: (worker, failure) => this.#takeFailure(worker, failure),
    });
  }

  /** Where the run stands. */
  get state(): RunState {
    return this.#state;
  }

  /** Why importers were stopped; null while they are not. */
  get stopReason(): StopReason | null {
    return this.#stopReason;
  }

  /** Exceptions that workers reported, the first hundred; `failureCount` counts those not kept, too. */
  get failures(): readonly RunFailure[] {
    return this.#workers.failures;
  }

  /** Exceptions that workers reported: of failed events the first 20 of each worker; the ledger counts them all. */
  get failureCount(): number {
    return this.#workers.failureCount;
  }

  /** Workers that were given up. Their threads may go on until the program exits. */
  get hung(): readonly UnfinishedWorker[] {
    return this.#hung;
  }

  /** Rings by name, in setup order; none before `setupBuffers()`. */
  get rings(): ReadonlyMap<string, RingBuffer> {
    return this.#rings.byName;
  }

  /** All workers in setup order; none before `setupWorkers()`. */
  get workers(): readonly WorkerHandle[] {
    return this.#workers.all;
  }

  /** Those of the workers that bring events in: they write, and neither read nor observe. */
  get importers(): readonly WorkerHandle[] {
    return this.#workers.importers;
  }

  /** True when nothing is left to supervise: every worker has ended or was given up. */
  get isFinished(): boolean {
    return this.#hung.length > 0 || this.#workers.unended.length === 0;
  }

  /** Makes all rings with their reader groups. Throws a `RingError` if there is no room for them. */
  async setupBuffers(): Promise<void> {
    this.#enter("BuffersSet");
    await this.#rings.create();
  }

  /**
   * Starts the threads of all workers, has them load their modules and check their functions, and waits for that.
   *
   * @param options `signal` ends the waiting.
   * @throws {SetupRefused} If a worker cannot load its function, or does not come back from loading in time.
   */
  async setupWorkers(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#enter("WorkersSet");
    const { signal } = options;
    signal?.addEventListener("abort", () => this.#wake());
    this.#workers.create();
    const deadlineMs = performance.now() + this.#options.loadTimeoutMs;
    for (let leftMs = 1; leftMs > 0 && !signal?.aborted; leftMs = this.#workers.loadingTimeLeft(deadlineMs)) {
      await this.waitForChange(leftMs);
    }
    signal?.throwIfAborted();
    this.#workers.refuseIfNotReady();
  }

  /** Lets all workers begin. */
  startWorkers(): void {
    this.#enter("Running");
    this.clock.run();
    this.#workers.start();
    if (this.failureCount > 0) this.stop({ cause: "failure", text: "a worker failed before the start" });
  }

  /** Keeps importers from bringing in events. Does nothing unless the run is running. */
  pause(): void {
    if (this.#state !== "Running") return;
    this.#enter("Paused");
    this.clock.pause();
    this.#log("info", "paused");
    this.#signal.setPaused(true);
    for (const ring of this.#rings.roots) ring.pause();
  }

  /** Ends a pause. Does nothing unless the run is paused. */
  resume(): void {
    if (this.#state !== "Paused") return;
    this.#enter("Running");
    this.clock.run();
    this.#log("info", "resumed");
    this.#signal.setPaused(false);
    for (const ring of this.#rings.roots) ring.resume();
    this.#watch.reset();
  }

  /** Stops the importers; all events in the rings are still processed. Does nothing unless the run is running or paused. */
  stop(reason: StopReason): void {
    if (this.#state !== "Running" && this.#state !== "Paused") return;
    this.#enter("Stopped");
    this.#stopReason = reason;
    this.clock.stop();
    this.#log("info", `stopped: ${reason.text}`);
    this.#signal.setPaused(false);
    this.#signal.setEnding();
    for (const ring of this.#rings.roots) ring.setEnding();
    this.#watch.reset();
    this.#wake();
  }

  /** Ends everything at once; what is unread stays unread and is counted. The second call does nothing. */
  end(reason: StopReason): void {
    if (this.#isAborted || (this.#state !== "Stopped" && !mayFollow(this.#state, "Stopped"))) return;
    this.#isAborted = true;
    this.stop(reason);
    this.#stopReason = reason;
    this.#log("info", "ended: what is left in the rings stays unfinished");
    // Rings first: who is woken by the signal must not find events that it could still take.
    for (const ring of this.rings.values()) ring.shutdown();
    this.#signal.setAborted();
    this.#watch.reset();
    this.#wake();
  }

  /**
   * Takes note that the program was suspended: time in which the run was running becomes paused time.
   *
   * @param suspendedMs For how long.
   * @param before Where the run stood before.
   */
  noteSuspension(suspendedMs: number, before: RunState): void {
    if (before === "Running") this.clock.discount(suspendedMs);
    this.#log("warn", `program was suspended for ${(suspendedMs / 1000).toFixed(1)} s`);
  }

  /** Waits until a worker reports something or somebody stops or ends the run, at most for some time. */
  waitForChange(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#wake = done;
    });
  }

  /**
   * Looks after the run: settles what ended workers held, notices the end of the input and of the limit, and gives up
   * workers that do not come to an end. To be called again and again while the run lasts.
   *
   * @returns The rings' present counters.
   */
  supervise(): Map<string, RingStatus> {
    for (const worker of this.workers) {
      if (worker.state === "ended" && !this.#settled.has(worker)) this.#settle(worker);
    }
    const statuses = this.#rings.statuses();
    if (this.#state === "Running" || this.#state === "Paused") this.#noticeEndOfInput(statuses);
    if (!this.isFinished) this.#noticeStandstill(statuses);
    return statuses;
  }

  /** Closes the books with the counters that the rings have now. They agree only when nobody is at work any more. */
  closeLedger(statuses: ReadonlyMap<string, RingStatus>): Ledger {
    const row = ({ ring, owner }: OwnedRow) => rowOf(statuses.get(ring)!, owner);
    const books = this.workers.map(({ plan, sourceRows, sinkRows, counts }): WorkerBook => ({
      functionName: plan.name,
      sinks: plan.sinks,
      counts,
      released: sourceRows.map(row).map((r) => r.processed + r.rejected + r.failed + r.doubles),
      published: sinkRows.map((sink) => row(sink).published),
    }));
    const readers = this.plan.rings.map((ring): [string, RingPlan["groups"]] => [ring.name, ring.groups]);
    return closeLedger(statuses, new Map(readers), books);
  }

  /** Ends the threads that are at rest and removes the rings. Allowed in every state, also twice. */
  close(): void {
    if (this.#state === "Shutdown") return;
    this.clock.stop();
    this.#workers.terminate();
    this.#rings.close();
    this.#state = "Shutdown";
  }

  #enter(state: RunState): void {
    if (!mayFollow(this.#state, state)) {
      throw new TypeError(`Cannot bring the run to state ${state}: expected a state before it, found ${this.#state}`);
    }
    this.#state = state;
  }

  #log(level: LogLevel, text: string): void {
    this.#options.onLog(level, "run", text);
  }

  #takeFailure(worker: WorkerHandle, failure: WorkerFailure): void {
    const { functionName, onFailure } = worker.plan;
    const event = failure.eventCounter === null ? "" : ` in event ${failure.eventCounter}`;
    this.#options.onLog("error", worker.label, `${functionName} failed${event}: ${failure.stack}`);
    if (onFailure === "continue") return;
    this.stop({ cause: "failure", text: `${worker.label} (${functionName}) failed${event}` });
  }

  /** Hands on what a worker held that has ended, and lets go of groups that nobody reads any more. */
  #settle(worker: WorkerHandle): void {
    this.#settled.add(worker);
    for (const row of [...worker.sourceRows, ...worker.sinkRows]) {
      const { voided, redelivered } = this.#rings.recover(row);
      if (voided + redelivered === 0) continue;
      this.#log(
        "warn",
        `${worker.label} left ${row.ring}: ${plural(voided, "slot")} voided, ${
          plural(redelivered, "event")
        } offered again`,
      );
    }
    for (const ring of this.plan.rings) {
      const group = ring.groups.find(({ functions }) => functions.includes(worker.plan.name));
      if (group === undefined || !group.functions.every((name) => this.#workers.hasEnded(name))) continue;
      if (this.#rings.detach(ring.name, group.name) && worker.ok) {
        this.#log("warn", `${group.name} ended before ${ring.name} did; later events stay unread`);
      }
    }
  }

  #noticeEndOfInput(statuses: ReadonlyMap<string, RingStatus>): void {
    const { runEvents, rings } = this.plan;
    const { importers } = this;
    if (runEvents > 0 && statuses.get(rings[0].name)!.published >= runEvents) {
      this.stop({ cause: "runevents", text: `${plural(runEvents, "event")} reached` });
    } else if (importers.length > 0 && importers.every((worker) => worker.state === "ended")) {
      this.stop({ cause: "input", text: "end of input" });
    } else if (this.#workers.unended.length === 0) {
      this.stop({ cause: "input", text: "all functions have ended" });
    }
  }

  #noticeStandstill(statuses: ReadonlyMap<string, RingStatus>): void {
    const { drainTimeoutMs, endTimeoutMs, stallTimeoutMs, stallWarningMs } = this.#options;
    const idleMs = this.#watch.look(this.#movement(statuses));
    const waitedMs = 1000 * this.#rings.roots.reduce((sum, { name }) => sum + statuses.get(name)!.writerWaitS, 0);
    if (idleMs === 0) this.#waitedBeforeIdleMs = waitedMs;
    if (this.#state === "Running") {
      // Without importers that wait for space it is only quiet: no event comes, or a function waits for its other source.
      const isStuck = waitedMs - this.#waitedBeforeIdleMs > idleMs / 2;
      if (idleMs >= stallTimeoutMs && isStuck) {
        this.stop({ cause: "stalled", text: this.#standstill(idleMs) });
      } else if (idleMs >= stallWarningMs && isStuck && !this.#hasWarnedOfStall) {
        this.#hasWarnedOfStall = true;
        this.#log("warn", this.#standstill(idleMs));
      }
    } else if (this.#state === "Stopped" && !this.#isAborted && idleMs >= drainTimeoutMs) {
      // Whoever is not hung itself still gets the chance to finish its files.
      this.#log("error", this.#standstill(idleMs));
      this.end(this.#stopReason!);
    } else if (this.#state === "Stopped" && this.#isAborted && idleMs >= endTimeoutMs) {
      this.#hung = this.#unfinished();
      this.#log("error", `given up: ${this.#hung.map(describeUnfinished).join("; ")}`);
    }
  }

  #standstill(idleMs: number): string {
    const workers = culprits(this.#unfinished()).map(describeUnfinished);
    return `no event has moved for ${(idleMs / 1000).toFixed(1)} s: ${workers.join("; ")}`;
  }

  #unfinished(): UnfinishedWorker[] {
    return unfinishedWorkers(this.#workers.unended, this.rings);
  }

  /** A number that changes whenever an event is moved or a worker ends. */
  #movement(statuses: ReadonlyMap<string, RingStatus>): number {
    let sum = this.workers.length - this.#workers.unended.length;
    for (const ring of statuses.values()) {
      sum += ring.published + ring.voided + ring.discarded;
      for (const group of ring.groups) sum += group.processed + group.rejected + group.failed + group.doubles;
    }
    return sum;
  }
}
