/** What becomes of workers that have ended: what they held is handed on, and another one takes the place of the dead. */
import type { Plan } from "../setup/plan.ts";
import type { LogLevel } from "../worker/logger.ts";
import type { RunRings, WorkerPorts } from "./run_rings.ts";
import type { StopReason } from "./run_state.ts";
import type { RunWorkers } from "./run_workers.ts";
import { plural } from "./text_format.ts";
import type { WorkerDeath } from "./worker_death.ts";
import type { WorkerHandle } from "./worker_handle.ts";
import type { WorkerLife } from "./worker_life.ts";

/** Deaths beyond this number are counted only. */
const MOST_DEATHS_KEPT = 1000;

/** Longest time between a death and the next start. A worker that lived longer is started again as after its first death. */
const LONGEST_DELAY_MS = 10_000;

/** How far a run has come, for the question whether it is worth while to start a worker anew. */
export interface RunStage {
  /** Importers are not needed any more. */
  readonly isStopped: boolean;
  /** Nobody is needed any more. */
  readonly isAborted: boolean;
}

/** Options of {@linkcode Succession}. */
export interface SuccessionOptions {
  /** Time between the first death of a worker and its next start, doubled with each further one, in ms. */
  readonly restartDelayMs: number;
  /** How long the start of a worker may take, in ms. */
  readonly loadTimeoutMs: number;
  readonly stage: () => RunStage;
  readonly onLog: (level: LogLevel, text: string) => void;
  /** The run cannot go on without a worker that has died. */
  readonly onLoss: (reason: StopReason) => void;
  /** A group has nobody left because its last worker was stopped by command. */
  readonly onGroupRetired: (ring: string, group: string, worker: WorkerHandle) => void;
  /** Lets somebody read for a group whose workers have died; false if nobody will. */
  readonly adopt: (ring: string, worker: WorkerHandle) => boolean;
}

/** A worker that is to be started anew. */
interface Successor {
  readonly ports: WorkerPorts;
  readonly dueMs: number;
}

/** Looks after the dead. */
export class Succession {
  readonly #plan: Plan;
  readonly #rings: RunRings;
  readonly #workers: RunWorkers;
  readonly #options: SuccessionOptions;
  readonly #settled = new Set<WorkerLife>();
  readonly #successors = new Map<WorkerHandle, Successor>();
  /** Number of starts without a long life in between. */
  readonly #attempts = new Map<WorkerHandle, number>();
  readonly #deaths: WorkerDeath[] = [];
  #deathCount = 0;

  /** @param plan What is run. @param parts Rings and workers of the run. @param options Who decides and who is told. */
  constructor(
    plan: Plan,
    parts: { readonly rings: RunRings; readonly workers: RunWorkers },
    options: SuccessionOptions,
  ) {
    this.#plan = plan;
    this.#rings = parts.rings;
    this.#workers = parts.workers;
    this.#options = options;
  }

  /** Deaths, the first thousand. */
  get deaths(): readonly WorkerDeath[] {
    return this.#deaths;
  }

  /** Number of all deaths. */
  get deathCount(): number {
    return this.#deathCount;
  }

  /** Settles what workers that have ended held, and starts those anew whose time has come. */
  look(): void {
    for (const worker of this.#workers.all) {
      const { life } = worker;
      if (life.state === "leaving") this.#letGo(worker);
      else if (life.state === "ended" && !this.#settled.has(life)) this.#settle(worker);
      else if (life.state === "loading" && worker.restarts > 0) this.#endLoading(life);
      this.#startWhenDue(worker);
    }
  }

  /** Its function has thrown and it still has its rings open. They must not end before there is a successor. */
  #letGo(worker: WorkerHandle): void {
    this.#reserve(worker);
    worker.life.leave();
  }

  /** A process that does not come back from loading has died; a thread is given up with the run. */
  #endLoading(life: WorkerLife): void {
    const loadingMs = performance.now() - life.beganMs;
    if (loadingMs > this.#options.loadTimeoutMs) life.kill(loadingMs / 1000);
  }

  #settle(worker: WorkerHandle): void {
    const { life } = worker;
    this.#settled.add(life);
    if (life.death !== null && !this.#successors.has(worker)) this.#reserve(worker);
    this.#recover(worker);
    const successor = this.#successors.get(worker);
    worker.expectSuccessor(successor !== undefined);
    if (life.death !== null) this.#noteDeath(worker, successor);
    if (successor === undefined) this.#leaveGroups(worker);
  }

  #reserve(worker: WorkerHandle): void {
    if (!this.#isNeeded(worker) || worker.restarts >= worker.plan.restartLimit) return;
    const ports = this.#rings.portsForSuccessor(worker.plan);
    if (ports === null) return;
    const livedMs = performance.now() - worker.life.beganMs;
    const attempts = livedMs > LONGEST_DELAY_MS ? 0 : this.#attempts.get(worker) ?? 0;
    const delayMs = Math.min(LONGEST_DELAY_MS, this.#options.restartDelayMs * 2 ** attempts);
    this.#attempts.set(worker, attempts + 1);
    this.#successors.set(worker, { ports, dueMs: performance.now() + delayMs });
  }

  /** An importer is not needed once the run is stopped, nor is a display; nor is who was stopped by command. */
  #isNeeded({ plan, retiredAt }: WorkerHandle): boolean {
    if (retiredAt !== null) return false;
    const { isStopped, isAborted } = this.#options.stage();
    return plan.onFailure === "restart" && !isAborted && (!isStopped || plan.sources.length > 0);
  }

  #recover(worker: WorkerHandle): void {
    const { sourceRows, sinkRows } = worker.life;
    for (const row of [...sourceRows, ...sinkRows]) {
      const { voided, redelivered, failed } = this.#rings.recover(row);
      const parts = [
        ...(voided > 0 ? [`${plural(voided, "slot")} voided`] : []),
        ...(redelivered > 0 ? [`${plural(redelivered, "event")} offered again`] : []),
        ...(failed > 0 ? [`${plural(failed, "event")} failed for good, it was the second death in it`] : []),
      ];
      if (parts.length > 0) this.#options.onLog("warn", `${worker.label} left ${row.ring}: ${parts.join(", ")}`);
    }
  }

  #noteDeath(worker: WorkerHandle, successor: Successor | undefined): void {
    const { plan, workerNumber, label, restarts, life } = worker;
    const isRestarted = successor !== undefined;
    this.#deathCount++;
    if (this.#deaths.length < MOST_DEATHS_KEPT) {
      const { name, functionName } = plan;
      this.#deaths.push({ ...life.death!, time: new Date(), name, functionName, workerNumber, isRestarted });
    }
    if (successor !== undefined) {
      const inMs = Math.max(0, successor.dueMs - performance.now());
      const which = `restart ${restarts + 1} of at most ${plan.restartLimit}`;
      this.#options.onLog(
        "warn",
        `${label} (${plan.functionName}) begins anew in ${(inMs / 1000).toFixed(1)} s, ${which}`,
      );
    } else if (plan.onFailure === "restart" && this.#isNeeded(worker)) {
      const { eventCounter } = life.death!;
      const where = eventCounter === null ? "" : ` in event ${eventCounter}`;
      const why = restarts >= plan.restartLimit
        ? `after ${plural(restarts, "restart")}`
        : "and its ring takes no other worker";
      this.#options.onLoss({ cause: "failure", text: `${label} (${plan.functionName}) failed${where} ${why}` });
    }
  }

  #startWhenDue(worker: WorkerHandle): void {
    const successor = this.#successors.get(worker);
    if (successor === undefined || worker.life.state !== "ended") return;
    if (!this.#isNeeded(worker)) {
      this.#successors.delete(worker);
      this.#rings.giveBack(successor.ports);
      worker.expectSuccessor(false);
      this.#leaveGroups(worker);
      return;
    }
    // Nobody waits for the end of a pause between two starts when the run shall come to its end.
    if (performance.now() < successor.dueMs && !this.#options.stage().isStopped) return;
    this.#successors.delete(worker);
    this.#workers.begin(worker, successor.ports);
  }

  /** Lets go of the groups that nobody reads any more. */
  #leaveGroups(worker: WorkerHandle): void {
    for (const ring of this.#plan.rings) {
      const group = ring.groups.find(({ functions }) => functions.includes(worker.plan.name));
      if (group === undefined || !group.functions.every((name) => this.#workers.hasEnded(name))) continue;
      const isRetired = worker.retiredAt !== null;
      if (!worker.ok && !isRetired && this.#options.adopt(ring.name, worker)) continue;
      const wasGoingOn = this.#rings.detach(ring.name, group.name);
      if (isRetired) this.#options.onGroupRetired(ring.name, group.name, worker);
      else if (wasGoingOn && worker.ok) {
        this.#options.onLog("warn", `${group.name} ended before ${ring.name} did; later events stay unread`);
      }
    }
  }
}
