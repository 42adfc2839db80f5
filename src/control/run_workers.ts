/** All workers of a run. */
import type { Plan } from "../setup/plan.ts";
import type { LogLevel } from "../worker/logger.ts";
import type { WorkerFailure, WorkerTask } from "../worker/messages.ts";
import type { Panel } from "../worker/panel.ts";
import type { RunSignal } from "../worker/run_signal.ts";
import { ProcessHost } from "./process_host.ts";
import { recordsBefore } from "./records_before.ts";
import { sharedFiles } from "./shared_files.ts";
import type { RunRings, WorkerPorts } from "./run_rings.ts";
import { SetupRefused } from "./setup_refused.ts";
import { withoutEscapes } from "./text_format.ts";
import { ThreadHost } from "./thread_host.ts";
import { WorkerHandle, type WorkerListener } from "./worker_handle.ts";
import type { HostListener, WorkerHost } from "./worker_host.ts";
import { WorkerLife } from "./worker_life.ts";

/** Failures beyond this number are counted only. */
const MOST_FAILURES_KEPT = 100;

/** How long the other workers may go on loading after one has failed. */
const GRACE_AFTER_FAILURE_MS = 2000;

/** An exception of a worker, with whose it was. */
export interface RunFailure extends WorkerFailure {
  /** The function's entry in the setup (`Fkt_2`). */
  readonly name: string;
  /** The function's name as the setup writes it. */
  readonly functionName: string;
  /** Which of the function's workers it was, from 0. */
  readonly workerNumber: number;
}

/** What workers need to know, and who listens to them. */
export interface RunWorkersOptions {
  readonly runDirectory: string;
  /** Flags of the run. */
  readonly signal: RunSignal;
  /** A worker became ready, failed or ended. */
  readonly onChange: () => void;
  /** A worker failed in the run; not called for failures at loading. */
  readonly onFailure: (worker: WorkerHandle, failure: WorkerFailure) => void;
  readonly onLog: (level: LogLevel, source: string, text: string) => void;
  readonly onPanel: (entry: string, workerNumber: number, name: string, panel: Panel, life: number) => void;
}

/** Starts the workers of a plan and keeps what they report. */
export class RunWorkers {
  readonly all: WorkerHandle[] = [];
  /** Exceptions, the first hundred. */
  readonly failures: RunFailure[] = [];
  readonly #plan: Plan;
  readonly #rings: RunRings;
  readonly #options: RunWorkersOptions;
  #failureCount = 0;
  #firstFailureMs = Infinity;

  /** @param plan Functions to run. @param rings Rings that they use. @param options Where, and who listens. */
  constructor(plan: Plan, rings: RunRings, options: RunWorkersOptions) {
    this.#plan = plan;
    this.#rings = rings;
    this.#options = options;
  }

  /** Number of exceptions, those not kept in `failures` included. */
  get failureCount(): number {
    return this.#failureCount;
  }

  /** Workers that bring events in: they write, and neither read nor observe. */
  get importers(): WorkerHandle[] {
    return this.all.filter(({ plan }) => plan.sinks.length > 0 && plan.sources.length + plan.observes.length === 0);
  }

  /** Workers that have not ended. */
  get unended(): WorkerHandle[] {
    return this.all.filter((worker) => worker.state !== "ended");
  }

  /** Starts all threads and processes and has them load their functions. */
  create(): void {
    if (Deno.build.standalone) this.#refuseProcesses();
    for (const plan of this.#plan.functions) {
      for (let workerNumber = 0; workerNumber < plan.workers; workerNumber++) {
        const worker = new WorkerHandle(plan, workerNumber, this.#listener);
        this.begin(worker, this.#rings.portsFor(plan));
        this.all.push(worker);
      }
    }
  }

  /** Begins a life of a worker, on ports with rows of their own. What its lives before have published must be final. */
  begin(worker: WorkerHandle, ports: WorkerPorts): void {
    const { plan, workerNumber, lives } = worker;
    const task: Omit<WorkerTask, "signal"> = {
      name: plan.name,
      functionName: plan.functionName,
      module: plan.module,
      exportName: plan.exportName,
      workerNumber,
      workers: plan.workers,
      ...ports,
      config: plan.config,
      runDirectory: this.#options.runDirectory,
      setupDirectory: this.#plan.setupDirectory,
      restarts: lives.length,
      publishedBefore: plan.sinks.map((_, sink) => this.#rings.publishedBy(lives.map((life) => life.sinkRows[sink]))),
      ...this.#leftBy(lives),
      isRestartable: plan.onFailure === "restart",
    };
    const { flags } = this.#options.signal;
    const openHost = (host: HostListener) => this.#openHost(worker, host);
    worker.begin((listener) => new WorkerLife(task, { flags, openHost, listener }));
    if (worker.pid !== null) this.#options.onLog("info", worker.label, `is process ${worker.pid}`);
  }

  /** Tells the run's flags to all workers. */
  passOnFlags(): void {
    const { flags } = this.#options.signal;
    for (const { life } of this.all) life.passOn(flags);
  }

  /** How long one may still wait for workers to load, in ms; 0 if all have done so. */
  loadingTimeLeft(deadlineMs: number): number {
    if (!this.all.some((worker) => worker.state === "loading")) return 0;
    const deadline = Math.min(deadlineMs, this.#firstFailureMs + GRACE_AFTER_FAILURE_MS);
    return Math.max(0, deadline - performance.now());
  }

  /** Throws `SetupRefused` if a worker failed to load or is loading still. */
  refuseIfNotReady(): void {
    const problems = new Set(
      this.failures.map((failure) => `${this.#placeOf(failure.name)}${describeLoadFailure(failure)}`),
    );
    for (const { plan, state } of problems.size > 0 ? [] : this.all) {
      if (state !== "loading") continue;
      problems.add(
        `${plan.place}: ${plan.name} (${plan.functionName}): Cannot load module ${plan.module}: expected it to be loaded by now, ` +
          `found it still at it; look for an endless loop or an await outside of its functions`,
      );
    }
    if (problems.size === 0) { for (const text of sharedFiles(this.all)) problems.add(text); }
    if (problems.size > 0) throw new SetupRefused([...problems]);
  }

  /** Lets all workers begin, the last consumers first. */
  start(): void {
    for (const worker of this.all.toReversed()) if (worker.state === "ready") worker.start();
  }

  /** True if no worker of a function is left. */
  hasEnded(entry: string): boolean {
    return this.all.every((worker) => worker.plan.name !== entry || worker.state === "ended");
  }

  /** Ends all processes, and the threads that are at rest. */
  terminate(): void {
    for (const { life } of this.all) life.abandon();
  }

  /** What the lives of a worker before have left, for its file. */
  #leftBy(lives: readonly WorkerLife[]): Pick<WorkerTask, "recordsBefore" | "heldBefore"> {
    const rows = lives.map(({ sourceRows }) => sourceRows.at(0));
    const row = rows.at(-1);
    if (row === undefined) return {};
    return {
      recordsBefore: recordsBefore(
        lives.map(({ continuedRecords }, life) => ({
          found: life === 0 ? 0 : continuedRecords,
          processed: this.#rings.processedBy(rows[life]!),
          heldAny: this.#rings.heldAtEnd(rows[life]!) !== null,
        })),
      ),
      heldBefore: this.#rings.heldAtEnd(row),
    };
  }

  #openHost(worker: WorkerHandle, listener: HostListener): WorkerHost {
    return worker.plan.isolation === "process"
      ? new ProcessHost(this.#options.signal.flags, listener)
      : new ThreadHost(worker.label, listener);
  }

  /** A compiled program has no command to start another module with. */
  #refuseProcesses(): void {
    const problems = this.#plan.functions.filter(({ isolation }) => isolation === "process").map((plan) =>
      `${
        this.#placeOf(plan.name)
      }${plan.name} (${plan.functionName}): Cannot run in a process of its own: expected the ` +
      `program to be started by deno, found a compiled one; use isolation "thread"`
    );
    if (problems.length > 0) throw new SetupRefused(problems);
  }

  #placeOf(entry: string): string {
    const place = this.#plan.functions.find(({ name }) => name === entry)?.place ?? "";
    return place === "" ? "" : `${place}: `;
  }

  readonly #listener: WorkerListener = {
    changed: (worker) => {
      // The run is under way already for a worker that takes the place of another one.
      if (worker.restarts > 0 && worker.state === "ready") worker.start();
      this.#options.onChange();
    },
    heldBy: (life) => this.#rings.heldBy([...life.sourceRows]),
    failed: (worker, reported) => {
      const { message, stack, userStack = stack } = reported;
      const failure = {
        ...reported,
        message: withoutEscapes(message),
        stack: withoutEscapes(stack),
        userStack: withoutEscapes(userStack),
      };
      this.#failureCount++;
      this.#firstFailureMs = Math.min(this.#firstFailureMs, performance.now());
      const { name, functionName } = worker.plan;
      if (this.failures.length < MOST_FAILURES_KEPT) {
        this.failures.push({ name, functionName, workerNumber: worker.workerNumber, ...failure });
      }
      if (failure.phase !== "load" || worker.restarts > 0) this.#options.onFailure(worker, failure);
      this.#options.onChange();
    },
    log: (worker, level, text) => this.#options.onLog(level, worker.label, text),
    panel: ({ plan, workerNumber, restarts }, name, panel) =>
      this.#options.onPanel(plan.name, workerNumber, name, panel, restarts),
  };
}

/** Without the stack and what every such message begins with. */
function describeLoadFailure({ name, functionName, message }: RunFailure): string {
  return `${name} (${functionName}): ${message.replace(/^\w*Error: (?=Cannot )/, "")}`;
}
