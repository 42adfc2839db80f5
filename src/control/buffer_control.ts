/** Set-up and control of the rings and workers of one run. */
import type { RingBuffer } from "../ring/ring_buffer.ts";
import { RingError } from "../ring/ring_error.ts";
import type { RingStatus, RingTally } from "../ring/ring_status.ts";
import type { Plan } from "../setup/plan.ts";
import type { LogLevel } from "../worker/logger.ts";
import type { WorkerFailure } from "../worker/messages.ts";
import { RunSignal } from "../worker/run_signal.ts";
import { type BufferControlOptions, DEFAULT_OPTIONS } from "./buffer_control_options.ts";
import { HoldWatch } from "./hold_watch.ts";
import { closeLedger, type Ledger } from "./ledger.ts";
import { refuseTooLargeRings } from "./memory_check.ts";
import { type RetiredGroup, Retirement } from "./retirement.ts";
import { Rescue } from "./rescue.ts";
import { RingPauses } from "./ring_pauses.ts";
import { RunClock } from "./run_clock.ts";
import type { RecoveredEvents } from "./recorded_troubles.ts";
import { RunRings } from "./run_rings.ts";
import { mayFollow, type RunState, type StopReason } from "./run_state.ts";
import { type RunFailure, RunWorkers } from "./run_workers.ts";
import { Standstill } from "./standstill.ts";
import { Succession } from "./succession.ts";
import { plural } from "./text_format.ts";
import type { UnfinishedWorker } from "./unfinished_work.ts";
import { booksOf } from "./worker_books.ts";
import type { WorkerDeath } from "./worker_death.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/**
 * Rings and workers of one run. After `setupBuffers()`, `setupWorkers()` and `startWorkers()` somebody must call
 * `supervise()` until `isFinished`. Only the set-up waits for anything; nothing blocks.
 */
export class BufferControl {
  /** What is run. */
  readonly plan: Plan;
  /** Active and paused time of the run. */
  readonly clock: RunClock = new RunClock();
  /** Pauses of single root rings. */
  readonly ringPauses: RingPauses = new RingPauses(this.clock);
  readonly #options: Required<BufferControlOptions>;
  readonly #signal = new RunSignal();
  readonly #rings: RunRings;
  readonly #workers: RunWorkers;
  readonly #succession: Succession;
  readonly #holds: HoldWatch;
  readonly #rescue: Rescue;
  readonly #standstill: Standstill;
  readonly #retirement: Retirement;
  #state: RunState = "Initialized";
  #stopReason: StopReason | null = null;
  #isAborted = false;
  /** Somebody wanted the end at once: what is left is not wanted. */
  #leavesRest = false;
  /** Everything that is unfinished was kept in files. */
  #keptAll = false;
  #wake: () => void = () => {};

  /**
   * Only remembers what to run; nothing is made before `setupBuffers()`.
   *
   * @param plan What to run.
   * @param options Where, and how patiently.
   */
  constructor(plan: Plan, options: BufferControlOptions) {
    this.plan = plan;
    this.#options = { ...DEFAULT_OPTIONS, ...options };
    this.#signal.setLogLevel(this.#options.logLevel);
    const rings = new RunRings(plan, options.runDirectory);
    const workers = new RunWorkers(plan, rings, {
      ...this.#options,
      signal: this.#signal,
      onChange: () => this.#wake(),
      onFailure: (worker, failure) => this.#takeFailure(worker, failure),
    });
    const holds = new HoldWatch(rings);
    const onLog = (level: LogLevel, text: string) => this.#log(level, text);
    this.#rings = rings;
    this.#workers = workers;
    this.#holds = holds;
    this.#succession = new Succession(plan, { rings, workers }, {
      ...this.#options,
      stage: () => ({ isStopped: this.#state === "Stopped", isAborted: this.#isAborted }),
      onLog,
      onLoss: (reason) => this.stop(reason),
      onGroupRetired: (ring, group, worker) => this.#retirement.noteGroup(ring, group, worker),
      adopt: (ring, worker) => this.#adopt(ring, worker),
    });
    this.#rescue = new Rescue({ runDirectory: options.runDirectory, run: plan.runName, onLog });
    this.#retirement = new Retirement({ rings, holds }, { deadlineMs: this.#options.drainTimeoutMs, onLog });
    this.#standstill = new Standstill({ rings, workers, holds }, {
      ...this.#options,
      onLog,
      onStall: (reason) => this.stop(reason),
      onEnd: () => this.#abort(this.#stopReason!),
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
    return this.#standstill.hung;
  }

  /** Deaths of workers, the first thousand; `deathCount` counts those not kept, too. */
  get deaths(): readonly WorkerDeath[] {
    return this.#succession.deaths;
  }

  /** Number of all deaths of workers: exceptions outside of events, and processes that ended otherwise than by returning. */
  get deathCount(): number {
    return this.#succession.deathCount;
  }

  /** How often workers were started anew. */
  get restarts(): number {
    return this.workers.reduce((sum, worker) => sum + worker.restarts, 0);
  }

  /** Reader groups that have nobody left because their workers were stopped by command. */
  get retiredGroups(): readonly RetiredGroup[] {
    return this.#retirement.groups;
  }

  /** Rings by name, in setup order; none before `setupBuffers()`. */
  get rings(): ReadonlyMap<string, RingBuffer> {
    return this.#rings.byName;
  }

  /** All workers in setup order; none before `setupWorkers()`. */
  get workers(): readonly WorkerHandle[] {
    return this.#workers.all;
  }

  /** Files of the run directory that functions write, as far as they have named them. */
  get files(): readonly string[] {
    return [...new Set(this.workers.flatMap(({ lives }) => lives.flatMap(({ files }) => files)))].sort();
  }

  /** Those of the workers that bring events in: they write, and neither read nor observe. */
  get importers(): readonly WorkerHandle[] {
    return this.#workers.importers;
  }

  /** True when nothing is left to supervise: every worker has ended or was given up. */
  get isFinished(): boolean {
    return this.hung.length > 0 || this.#workers.unended.length === 0 && this.#rescue.isIdle;
  }

  /**
   * Makes all rings with their reader groups.
   *
   * @throws {SetupRefused} If there is not as much free memory.
   * @throws {RingError} If a ring cannot be made.
   */
  async setupBuffers(): Promise<void> {
    this.#enter("BuffersSet");
    refuseTooLargeRings(this.plan.rings);
    await this.#rings.create();
  }

  /**
   * Starts the threads and processes of all workers, has them load their modules and check their functions, and waits for that.
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
    this.#setSignal((signal) => signal.setPaused(true));
    for (const ring of this.#rings.roots) ring.pause();
  }

  /** Ends a pause. Does nothing unless the run is paused. */
  resume(): void {
    if (this.#state !== "Paused") return;
    this.#enter("Running");
    this.clock.run();
    this.#log("info", "resumed");
    this.#setSignal((signal) => signal.setPaused(false));
    for (const ring of this.#rings.roots) ring.resume();
    this.ringPauses.noteResumed();
    this.#standstill.reset();
  }

  /** Stops the importers; all events in the rings are still processed. Does nothing unless the run is running or paused. */
  stop(reason: StopReason): void {
    if (this.#state !== "Running" && this.#state !== "Paused") return;
    this.#enter("Stopped");
    this.#stopReason = reason;
    this.clock.stop();
    this.#log("info", `stopped: ${reason.text}`);
    this.#setSignal((signal) => {
      signal.setPaused(false);
      signal.setEnding();
    });
    for (const ring of this.#rings.roots) ring.setEnding();
    this.#standstill.reset();
    this.#wake();
  }

  /**
   * Stops single workers while the run goes on: importers bring in no more; readers finish the event that they hold, and what
   * they have not read is left to the others of their group. Nobody takes their place. A process that does not come back in
   * the time that a drain may stand still is killed. Does nothing for workers that have ended, nor before the start.
   */
  stopWorkers(workers: readonly WorkerHandle[]): void {
    if (this.#state !== "Running" && this.#state !== "Paused" && this.#state !== "Stopped") return;
    for (const worker of workers) this.#retirement.order(worker);
  }

  /** Sets the least level of messages that workers send, from now on. */
  setLogLevel(level: LogLevel): void {
    this.#setSignal((signal) => signal.setLogLevel(level));
  }

  /** Ends everything at once; what is unread stays unread and is counted. The second call does nothing. */
  end(reason: StopReason): void {
    this.#leavesRest ||= !this.#isAborted;
    this.#abort(reason);
  }

  #abort(reason: StopReason): void {
    if (this.#isAborted || (this.#state !== "Stopped" && !mayFollow(this.#state, "Stopped"))) return;
    // All has been processed: nothing is left to end.
    if (this.#state === "Stopped" && this.isFinished) return;
    this.#isAborted = true;
    this.stop(reason);
    this.#stopReason = reason;
    this.#log("info", "ended: what is left in the rings stays unfinished");
    // Rings first: who is woken by the signal must not find events that it could still take.
    for (const ring of this.rings.values()) ring.shutdown();
    this.#setSignal((signal) => signal.setAborted());
    this.#standstill.reset();
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
   * Looks after the run: settles what ended workers held, starts those anew that shall be, notices the end of the input and
   * of the limit, reports workers that stay in an event, and gives up those that do not come to an end. To be called again
   * and again while the run lasts.
   *
   * @returns The rings' present counters.
   */
  supervise(): Map<string, RingStatus> {
    this.#succession.look();
    this.#rescue.look();
    const statuses = this.#rings.statuses();
    if (this.#state === "Running" || this.#state === "Paused") this.#noticeEndOfInput(statuses);
    if (this.isFinished) return statuses;
    for (const { worker, held } of this.#holds.look(this.workers, statuses)) {
      const { functionName, watchdogS } = worker.plan;
      const text = `${functionName} has been in event ${held.counter} of ${held.ring} for ${watchdogS} s`;
      this.#options.onLog("warn", worker.label, text);
    }
    if (this.#retirement.look()) this.#standstill.reset();
    this.#standstill.look(statuses, { state: this.#state, isAborted: this.#isAborted });
    return statuses;
  }

  /**
   * Keeps the events that nobody has read to the end, unless somebody wanted the end at once. To be called when the run is
   * finished and before it is closed.
   *
   * @returns What could not be kept, one sentence each.
   */
  saveUnfinished(): string[] {
    const problems = this.#rescue.finish(this.#leavesRest ? [] : this.rings.values());
    // Whoever was given up may still come back and process the event that it holds.
    this.#keptAll = !this.#leavesRest && problems.length === 0 && this.hung.length === 0;
    return problems;
  }

  /** Unfinished events that were kept. */
  get saved(): readonly RecoveredEvents[] {
    return this.#rescue.events;
  }

  /** The rings' counters, beside what their words say. To be called when nobody is at work any more. */
  tally(): Map<string, RingTally> {
    return this.#rings.tally();
  }

  /** Closes the books with what {@linkcode tally} gave after {@linkcode saveUnfinished}. */
  closeLedger(tallies: ReadonlyMap<string, RingTally>): Ledger {
    return closeLedger(tallies, booksOf(this.workers, tallies), this.#keptAll ? this.saved : null);
  }

  /** Ends all processes and the threads that are at rest, and removes the rings. Allowed in every state, also twice. */
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

  #setSignal(change: (signal: RunSignal) => void): void {
    change(this.#signal);
    this.#workers.passOnFlags();
  }

  #log(level: LogLevel, text: string): void {
    this.#options.onLog(level, "run", text);
  }

  #takeFailure(worker: WorkerHandle, failure: WorkerFailure): void {
    const { functionName, onFailure } = worker.plan;
    const event = failure.eventCounter === null ? "" : ` in event ${failure.eventCounter}`;
    const text = (stack: string) => `${functionName} failed${event}: ${stack}`;
    this.#options.onLog("error", worker.label, text(failure.stack), text(failure.userStack ?? failure.stack));
    // Nothing depends any more on who was stopped by command.
    if (onFailure !== "stop" || worker.retiredAt !== null) return;
    this.stop({ cause: "failure", text: `${worker.label} (${functionName}) failed${event}` });
  }

  /** Whoever wants a run to stop at a failure wants to keep what the others bring until then. */
  #adopt(ring: string, { plan }: WorkerHandle): boolean {
    if (this.#isAborted || plan.onFailure === "continue") return false;
    try {
      this.#rescue.adopt(this.rings.get(ring)!, this.#rings.portInPlaceOf(ring, plan.name));
      return true;
    } catch (error) {
      if (!(error instanceof RingError)) throw error;
      this.#log("error", error.message);
      return false;
    }
  }

  #noticeEndOfInput(statuses: ReadonlyMap<string, RingStatus>): void {
    const { runEvents, rings } = this.plan;
    const { importers } = this;
    if (runEvents > 0 && statuses.get(rings[0].name)!.published >= runEvents) {
      this.stop({ cause: "runevents", text: `${plural(runEvents, "event")} reached` });
    } else if (importers.length > 0 && importers.every((worker) => worker.state === "ended")) {
      this.stop(retired(importers) ?? { cause: "input", text: "end of input" });
    } else if (this.#workers.unended.length === 0) {
      this.stop(retired(this.workers) ?? { cause: "input", text: "all functions have ended" });
    }
  }
}

/** Why a run stops whose workers have all ended, if somebody has stopped one of them. */
function retired(workers: readonly WorkerHandle[]): StopReason | null {
  const stopped = workers.filter(({ retiredAt }) => retiredAt !== null).map(({ label }) => label);
  return stopped.length === 0 ? null : { cause: "user", text: `${stopped.join(", ")} stopped by command` };
}
