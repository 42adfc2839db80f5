/** Notices that nothing moves any more, and ends what does not come to its end. */
import type { RingStatus } from "../ring/ring_status.ts";
import type { LogLevel } from "../worker/logger.ts";
import type { HoldWatch } from "./hold_watch.ts";
import { ProgressWatch } from "./progress_watch.ts";
import type { RunRings } from "./run_rings.ts";
import type { RunState, StopReason } from "./run_state.ts";
import type { RunWorkers } from "./run_workers.ts";
import { culprits, describeUnfinished, type UnfinishedWorker, unfinishedWorker } from "./unfinished_work.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/** How patient a run is; see `BufferControlOptions`. */
export interface Patience {
  readonly drainTimeoutMs: number;
  readonly endTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly stallWarningMs: number;
  readonly loadTimeoutMs: number;
}

/** Who is asked and told. */
export interface StandstillOptions extends Patience {
  readonly onLog: (level: LogLevel, text: string) => void;
  /** No event moves while importers wait for space. */
  readonly onStall: (reason: StopReason) => void;
  /** The drain does not come to its end. */
  readonly onEnd: () => void;
}

/** Watches the movement of events. */
export class Standstill {
  readonly #rings: RunRings;
  readonly #workers: RunWorkers;
  readonly #holds: HoldWatch;
  readonly #options: StandstillOptions;
  readonly #watch = new ProgressWatch();
  /** What importers had waited for space when the last event moved. */
  #waitedBeforeIdleMs = 0;
  #hasWarnedOfStall = false;
  #hung: readonly UnfinishedWorker[] = [];

  /** @param parts What is watched. @param options How patiently, and who is told. */
  constructor(
    parts: { readonly rings: RunRings; readonly workers: RunWorkers; readonly holds: HoldWatch },
    options: StandstillOptions,
  ) {
    this.#rings = parts.rings;
    this.#workers = parts.workers;
    this.#holds = parts.holds;
    this.#options = options;
  }

  /** Threads that were given up. */
  get hung(): readonly UnfinishedWorker[] {
    return this.#hung;
  }

  /** Forgets for how long nothing has moved. */
  reset(): void {
    this.#watch.reset();
  }

  /** Looks whether anything has moved, and acts if it has not for too long. */
  look(
    statuses: ReadonlyMap<string, RingStatus>,
    run: { readonly state: RunState; readonly isAborted: boolean },
  ): void {
    const { drainTimeoutMs, endTimeoutMs } = this.#options;
    // Nobody is to blame while a worker takes the place of another one.
    if (this.#workers.all.some((worker) => this.#isStarting(worker))) this.#watch.reset();
    const idleMs = this.#watch.look(this.#movement(statuses));
    if (run.state === "Running") this.#lookForStall(statuses, idleMs);
    if (run.state !== "Stopped") return;
    if (!run.isAborted && idleMs >= drainTimeoutMs) {
      this.#options.onLog("error", this.#describe(idleMs));
      // Whoever is not hung itself still gets the chance to finish its files.
      if (!this.#killCulprits(idleMs)) this.#options.onEnd();
    } else if (run.isAborted && idleMs >= endTimeoutMs) {
      this.#giveUp(idleMs);
    }
  }

  #lookForStall(statuses: ReadonlyMap<string, RingStatus>, idleMs: number): void {
    const { stallTimeoutMs, stallWarningMs } = this.#options;
    const waitedMs = 1000 * this.#rings.roots.reduce((sum, { name }) => sum + statuses.get(name)!.writerWaitS, 0);
    if (idleMs === 0) this.#waitedBeforeIdleMs = waitedMs;
    // Without importers that wait for space it is only quiet: no event comes, or a function waits for its other source.
    if (waitedMs - this.#waitedBeforeIdleMs <= idleMs / 2) return;
    if (idleMs >= stallTimeoutMs) {
      const text = this.#describe(idleMs);
      if (!this.#killCulprits(idleMs, ({ plan }) => plan.onFailure !== "stop")) {
        this.#options.onStall({ cause: "stalled", text });
      } else {
        this.#options.onLog("error", text);
      }
    } else if (idleMs >= stallWarningMs && !this.#hasWarnedOfStall) {
      this.#hasWarnedOfStall = true;
      this.#options.onLog("warn", this.#describe(idleMs));
    }
  }

  #isStarting({ state, restarts, life }: WorkerHandle): boolean {
    if (state === "restarting") return true;
    return restarts > 0 && state === "loading" && performance.now() - life.beganMs < this.#options.loadTimeoutMs;
  }

  /** Kills the processes among those that hold an event and keep all others waiting. Returns false if there are none. */
  #killCulprits(idleMs: number, mayKill: (worker: WorkerHandle) => boolean = () => true): boolean {
    const killed = this.#culprits().filter((worker) =>
      this.#rings.heldBy(worker.sourceRows) !== null && mayKill(worker) &&
      worker.life.kill(Math.max(this.#holds.busyS(worker), idleMs / 1000))
    );
    if (killed.length > 0) this.#watch.reset();
    return killed.length > 0;
  }

  #giveUp(idleMs: number): void {
    const { unended } = this.#workers;
    const threads = unended.filter((worker) => !worker.life.kill(idleMs / 1000));
    // Processes that were killed are gone in a moment, and reported then.
    if (threads.length < unended.length) return this.#watch.reset();
    this.#hung = threads.map((worker) => unfinishedWorker(worker, this.#rings));
    this.#options.onLog("error", `given up: ${this.#hung.map(describeUnfinished).join("; ")}`);
  }

  #culprits(): readonly WorkerHandle[] {
    const { unended } = this.#workers;
    const busy = unended.filter((worker) => this.#holds.isBusy(worker));
    return busy.length > 0 ? busy : culprits(unended, this.#rings);
  }

  #describe(idleMs: number): string {
    const workers = this.#culprits().map((worker) => describeUnfinished(unfinishedWorker(worker, this.#rings)));
    return `no event has moved for ${(idleMs / 1000).toFixed(1)} s: ${workers.join("; ")}`;
  }

  /** A number that changes whenever an event is moved, or a worker ends or begins. */
  #movement(statuses: ReadonlyMap<string, RingStatus>): number {
    let sum = this.#workers.all.length - this.#workers.unended.length;
    for (const worker of this.#workers.all) sum += worker.restarts;
    for (const ring of statuses.values()) {
      sum += ring.published + ring.voided + ring.discarded;
      for (const { processed, rejected, failed, doubles, saved } of ring.groups) {
        sum += processed + rejected + failed + doubles + saved;
      }
    }
    return sum;
  }
}
