/** Finds out what the workers that have not ended are at. */
import type { RunRings } from "./run_rings.ts";
import type { HeldByWorker } from "./worker_death.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/** A worker that did not come to an end in time. */
export interface UnfinishedWorker {
  /** Its function's entry in the setup (`Fkt_2`). */
  readonly name: string;
  /** The function's name as the setup writes it. */
  readonly functionName: string;
  /** Which of the function's workers it is, from 0. */
  readonly workerNumber: number;
  /** Ring and counter of the event that it holds, the oldest of several; null if it holds none. */
  readonly held: HeldByWorker | null;
}

/** Describes a worker that is still at work. */
export function unfinishedWorker(worker: WorkerHandle, rings: RunRings): UnfinishedWorker {
  const { plan, workerNumber, sourceRows } = worker;
  return { name: plan.name, functionName: plan.functionName, workerNumber, held: rings.heldBy(sourceRows) };
}

/** Those of the workers that keep the others from going on: who holds an event; all of them if nobody does. */
export function culprits(workers: readonly WorkerHandle[], rings: RunRings): readonly WorkerHandle[] {
  const holding = workers.filter(({ sourceRows }) => rings.heldBy(sourceRows) !== null);
  return holding.length > 0 ? holding : workers;
}

/** Writes it as a phrase: `Fkt_2/0 (calculate_decay_time) holds event 17 of RB_1`. */
export function describeUnfinished(worker: UnfinishedWorker): string {
  const { held } = worker;
  const what = held === null ? "does not return" : `holds event ${held.counter} of ${held.ring}`;
  return `${worker.name}/${worker.workerNumber} (${worker.functionName}) ${what}`;
}
