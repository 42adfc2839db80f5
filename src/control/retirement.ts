/** Stops single workers by command while the run goes on. */
import type { LogLevel } from "../worker/logger.ts";
import type { HoldWatch } from "./hold_watch.ts";
import type { RunRings } from "./run_rings.ts";
import { describeUnfinished, unfinishedWorker } from "./unfinished_work.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/** A reader group whose last worker was stopped by command: what it has not read is no failure. */
export interface RetiredGroup {
  /** Name of the ring. */
  readonly ring: string;
  /** Name of the group. */
  readonly group: string;
  /** The worker and its function, `Fkt_2/0 (collect)`. */
  readonly worker: string;
}

/** How patient it is, and who is told. */
export interface RetirementOptions {
  /** For how long a worker may stay in one event, or without returning, in ms. */
  readonly deadlineMs: number;
  readonly onLog: (level: LogLevel, text: string) => void;
}

/** Tells workers to end, and ends those that do not. */
export class Retirement {
  readonly #rings: RunRings;
  readonly #holds: HoldWatch;
  readonly #options: RetirementOptions;
  /** Those that have not ended yet, with the time of the order. */
  readonly #leaving = new Map<WorkerHandle, number>();
  readonly #groups: RetiredGroup[] = [];

  /** @param parts Rings of the run, and who knows what workers hold. @param options How patiently, and who is told. */
  constructor(parts: { readonly rings: RunRings; readonly holds: HoldWatch }, options: RetirementOptions) {
    this.#rings = parts.rings;
    this.#holds = parts.holds;
    this.#options = options;
  }

  /** Groups that have nobody left because of it. */
  get groups(): readonly RetiredGroup[] {
    return this.#groups;
  }

  /**
   * Tells a worker to end. A reader finishes the event that it holds and still hands on what comes of it; an importer brings
   * in no more. Does nothing for one that was told before.
   */
  order(worker: WorkerHandle): void {
    if (worker.retiredAt !== null || worker.state === "ended") return;
    const { sourceRows, sinkRows } = worker;
    this.#leaving.set(worker, performance.now());
    this.#options.onLog("info", `${nameOf(worker)} stops by command`);
    // Rings first: who is woken by the signal must not find events that it could still take.
    for (const row of sourceRows.length > 0 ? sourceRows : sinkRows) this.#rings.retire(row);
    worker.retire();
  }

  /** Takes note of a group that has nobody left, by the worker that was its last one. */
  noteGroup(ring: string, group: string, worker: WorkerHandle): void {
    this.#groups.push({ ring, group, worker: nameOf(worker) });
    this.#options.onLog("info", `${group} has no worker left; later events of ${ring} stay unread`);
  }

  /**
   * Kills processes that have not ended in time. A thread cannot be ended; that is said once.
   *
   * @returns True if one was killed: what stands still because of it will go on in a moment.
   */
  look(): boolean {
    let hasKilled = false;
    for (const [worker, orderedMs] of this.#leaving) {
      if (worker.state === "ended") {
        this.#leaving.delete(worker);
        continue;
      }
      const leavingMs = performance.now() - orderedMs;
      if (leavingMs < this.#options.deadlineMs || this.#mayGoOn(worker)) continue;
      this.#leaving.delete(worker);
      const what = describeUnfinished(unfinishedWorker(worker, this.#rings));
      const isKilled = worker.life.kill(leavingMs / 1000);
      hasKilled ||= isKilled;
      const end = isKilled ? "its process is killed" : "a thread cannot be ended; it is given up at the end of the run";
      this.#options.onLog("error", `stopped by command ${(leavingMs / 1000).toFixed(1)} s ago: ${what}; ${end}`);
    }
    return hasKilled;
  }

  /** A worker that waits for space in a sink, or has not been in its event for long, is not to blame. */
  #mayGoOn(worker: WorkerHandle): boolean {
    return this.#rings.heldBy(worker.sourceRows) !== null &&
      1000 * this.#holds.busyS(worker) < this.#options.deadlineMs;
  }
}

function nameOf({ label, plan }: WorkerHandle): string {
  return `${label} (${plan.functionName})`;
}
