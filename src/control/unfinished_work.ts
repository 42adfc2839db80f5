/** Finds out what the workers that have not ended are at. */
import type { RingBuffer } from "../ring/ring_buffer.ts";
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
  readonly held: { readonly ring: string; readonly counter: number } | null;
}

/**
 * Describes the workers that are still at work.
 *
 * @param workers Workers that have not ended.
 * @param rings The run's rings by name.
 */
export function unfinishedWorkers(
  workers: readonly WorkerHandle[],
  rings: ReadonlyMap<string, RingBuffer>,
): UnfinishedWorker[] {
  return workers.map((worker) => {
    const holding = worker.sourceRows
      .map(({ ring, owner }) => ({ ring, counter: rings.get(ring)!.heldCounter(owner) }))
      .find(({ counter }) => counter !== null);
    return {
      name: worker.plan.name,
      functionName: worker.plan.functionName,
      workerNumber: worker.workerNumber,
      held: holding === undefined ? null : { ring: holding.ring, counter: holding.counter! },
    };
  });
}

/** Those of the workers that keep the others from going on: who holds an event; all of them if nobody does. */
export function culprits(workers: readonly UnfinishedWorker[]): readonly UnfinishedWorker[] {
  const holding = workers.filter(({ held }) => held !== null);
  return holding.length > 0 ? holding : workers;
}

/** Writes it as a phrase: `Fkt_2/0 (calculate_decay_time) holds event 17 of RB_1`. */
export function describeUnfinished(worker: UnfinishedWorker): string {
  const { held } = worker;
  const what = held === null ? "does not return" : `holds event ${held.counter} of ${held.ring}`;
  return `${worker.name}/${worker.workerNumber} (${worker.functionName}) ${what}`;
}
