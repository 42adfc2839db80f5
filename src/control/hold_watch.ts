/** Sees which events workers hold, and for how long they have been at work on them. */
import type { RingStatus } from "../ring/ring_status.ts";
import { holdKey, type RunRings } from "./run_rings.ts";
import type { HeldByWorker } from "./worker_death.ts";
import type { WorkerHandle } from "./worker_handle.ts";
import type { WorkerLife } from "./worker_life.ts";

/** Time between two looks. */
const INTERVAL_MS = 250;

/** Part of the time that looking may take: rings with millions of slots are looked at less often. */
const LOOKING_PART = 1 / 50;

/** Most that one look adds, so that a suspended program does not count as a hanging function. */
const LONGEST_STEP_MS = 1000;

/** An event that a worker holds, and for how long it has been in it without waiting for another ring. */
interface Hold extends HeldByWorker {
  readonly sequence: number;
  busyMs: number;
  isReported: boolean;
}

/** Compares from look to look which events are held. */
export class HoldWatch {
  readonly #rings: RunRings;
  readonly #now: () => number;
  readonly #holds = new Map<WorkerLife, Hold>();
  #lastLookMs: number;
  #nextLookMs: number;

  /** @param rings Rings of the run. @param now A clock in ms that never goes back. */
  constructor(rings: RunRings, now: () => number = () => performance.now()) {
    this.#rings = rings;
    this.#now = now;
    this.#lastLookMs = now();
    this.#nextLookMs = this.#lastLookMs + INTERVAL_MS;
  }

  /**
   * Looks again, if it is time to.
   *
   * @param workers All workers of the run.
   * @param statuses Present counters of the rings.
   * @returns Workers that have been in one event for longer than their function's `watchdog_s`; each event once.
   */
  look(
    workers: readonly WorkerHandle[],
    statuses: ReadonlyMap<string, RingStatus>,
  ): { readonly worker: WorkerHandle; readonly held: HeldByWorker }[] {
    const nowMs = this.#now();
    if (nowMs < this.#nextLookMs) return [];
    const stepMs = Math.min(nowMs - this.#lastLookMs, LONGEST_STEP_MS);
    this.#lastLookMs = nowMs;
    const held = this.#rings.heldEvents();
    const late = workers.filter((worker) => this.#takeNote(worker, { held, statuses, stepMs }));
    const tookMs = this.#now() - nowMs;
    this.#nextLookMs = nowMs + Math.max(INTERVAL_MS, tookMs / LOOKING_PART);
    return late.map((worker) => ({ worker, held: this.#holds.get(worker.life)! }));
  }

  /** True if a worker holds an event and is, as far as can be seen, not waiting for a ring. */
  isBusy(worker: WorkerHandle): boolean {
    return (this.#holds.get(worker.life)?.busyMs ?? 0) > 0;
  }

  /** For how long a worker has been in its event, in seconds. */
  busyS(worker: WorkerHandle): number {
    return (this.#holds.get(worker.life)?.busyMs ?? 0) / 1000;
  }

  #takeNote(
    worker: WorkerHandle,
    { held, statuses, stepMs }: {
      readonly held: ReadonlyMap<string, HeldByWorker & { readonly sequence: number }>;
      readonly statuses: ReadonlyMap<string, RingStatus>;
      readonly stepMs: number;
    },
  ): boolean {
    const { life, plan } = worker;
    const present = life.sourceRows.map(({ ring, owner }) => held.get(holdKey(ring, owner))).find((it) =>
      it !== undefined
    );
    if (life.state === "ended" || present === undefined) {
      this.#holds.delete(life);
      return false;
    }
    const known = this.#holds.get(life);
    if (known === undefined || known.ring !== present.ring || known.sequence !== present.sequence) {
      this.#holds.set(life, { ...present, busyMs: 0, isReported: false });
      return false;
    }
    if (!isWaiting(worker, present, statuses)) known.busyMs += stepMs;
    if (known.isReported || plan.watchdogS === 0 || known.busyMs < 1000 * plan.watchdogS) return false;
    known.isReported = true;
    return true;
  }
}

/** A worker may wait for space in a full sink, and for an event of another source that has none. */
function isWaiting(
  { plan, sourceRows }: WorkerHandle,
  held: HeldByWorker,
  statuses: ReadonlyMap<string, RingStatus>,
): boolean {
  if (plan.sinks.some((ring) => statuses.get(ring)!.filled >= statuses.get(ring)!.slots)) return true;
  return sourceRows.some(({ ring, owner }) => {
    if (ring === held.ring) return false;
    const { groups, owners } = statuses.get(ring)!;
    return groups[owners.find((row) => row.owner === owner)!.group].unread === 0;
  });
}
