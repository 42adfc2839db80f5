/** Counters of a run for its record, beyond those in the ledger. */
import type { RingStatus } from "../ring/ring_status.ts";
import type { EventCounts } from "../worker/event_books.ts";
import type { BufferControl } from "./buffer_control.ts";
import type { RecordedOwnCounts, RecordedRingCounts, RecordedWorker } from "./run_record_format.ts";
import { rowOf } from "./run_rings.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/** What each worker of each function took and wrote, by the rings' rows and by its own counts. */
export function functionCounts(
  control: BufferControl,
  statuses: ReadonlyMap<string, RingStatus>,
): Record<string, RecordedWorker[]> {
  const countsOf = ({ plan, workerNumber, state, ok, sourceRows, sinkRows, counts }: WorkerHandle): RecordedWorker => ({
    worker: workerNumber,
    ended: state !== "ended" ? "hung" : ok ? "ok" : "failed",
    sources: sourceRows.map(({ ring, owner }) => {
      const { processed, rejected, failed, doubles, redelivered, waitS } = rowOf(statuses.get(ring)!, owner);
      return { ring, processed, rejected, failed, doubles, redelivered, wait_s: waitS };
    }),
    sinks: sinkRows.map(({ ring, owner }) => {
      const { published, voided, discarded, waitS } = rowOf(statuses.get(ring)!, owner);
      return { ring, published, voided, discarded, wait_s: waitS };
    }),
    observes: [...plan.observes],
    own_counts: counts === null ? null : ownCounts(counts),
  });
  return Object.fromEntries(
    control.plan.functions.map((fn) => [fn.name, control.workers.filter(({ plan }) => plan === fn).map(countsOf)]),
  );
}

function ownCounts({ deadS, ...events }: EventCounts): RecordedOwnCounts {
  return { ...events, dead_s: deadS };
}

/** How full the rings were, how long was waited for them, and what was delivered twice. */
export function ringCounts(statuses: ReadonlyMap<string, RingStatus>): Record<string, RecordedRingCounts> {
  return Object.fromEntries([...statuses].map(([name, status]) => [name, {
    published: status.published,
    highest_fill: status.highestFill,
    mean_deadtime: status.published > 0 ? status.deadtimeSum / status.published : null,
    writer_wait_s: status.writerWaitS,
    groups: Object.fromEntries(status.groups.map((group) => [group.name, {
      redelivered: group.redelivered,
      detached: group.detached,
      reader_wait_s: group.readerWaitS,
    }])),
  }]));
}
