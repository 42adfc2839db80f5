/** The workers' part in the books of a run. */
import type { OwnerStatus, RingStatus } from "../ring/ring_status.ts";
import type { WorkerBook } from "./ledger.ts";
import { type OwnedRow, rowOf } from "./run_rings.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/**
 * Collects one book for each life of each worker.
 *
 * @param workers All workers of the run.
 * @param statuses Counters of the rings.
 */
export function booksOf(
  workers: readonly WorkerHandle[],
  statuses: ReadonlyMap<string, RingStatus>,
): WorkerBook[] {
  const row = ({ ring, owner }: OwnedRow): OwnerStatus => rowOf(statuses.get(ring)!, owner);
  return workers.flatMap(({ plan, lives }) =>
    lives.map(({ counts, sourceRows, sinkRows }): WorkerBook => ({
      functionName: plan.name,
      sinks: plan.sinks,
      sources: plan.sources,
      counts,
      reading: sourceRows.map(row),
      writing: sinkRows.map(row),
    }))
  );
}
