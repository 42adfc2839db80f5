/** Counters of a run for its record, beyond those in the ledger. */
import type { OwnerStatus, RingStatus } from "../ring/ring_status.ts";
import type { EventCounts } from "../worker/event_books.ts";
import type { BufferControl } from "./buffer_control.ts";
import type { RecordedOwnCounts, RecordedRingCounts, RecordedWorker } from "./recorded_counts.ts";
import { type OwnedRow, rowOf } from "./run_rings.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/** What each worker of each function took and wrote in all its lives, by the rings' rows and by its own counts. */
export function functionCounts(
  control: BufferControl,
  statuses: ReadonlyMap<string, RingStatus>,
): Record<string, RecordedWorker[]> {
  const sumOver = (rows: readonly OwnedRow[], pick: (row: OwnerStatus) => number) =>
    rows.reduce((sum, { ring, owner }) => sum + pick(rowOf(statuses.get(ring)!, owner)), 0);
  const countsOf = ({ plan, workerNumber, state, ok, restarts, lives, retiredAt }: WorkerHandle): RecordedWorker => ({
    worker: workerNumber,
    ended: state !== "ended" ? "hung" : ok ? "ok" : "failed",
    stopped_by_command_utc: retiredAt?.toISOString() ?? null,
    restarts,
    sources: plan.sources.map((ring, i) => {
      const rows = lives.map((life) => life.sourceRows[i]);
      return {
        ring,
        processed: sumOver(rows, (row) => row.processed),
        rejected: sumOver(rows, (row) => row.rejected),
        failed: sumOver(rows, (row) => row.failed),
        doubles: sumOver(rows, (row) => row.doubles),
        redelivered: sumOver(rows, (row) => row.redelivered),
        wait_s: sumOver(rows, (row) => row.waitS),
      };
    }),
    sinks: plan.sinks.map((ring, i) => {
      const rows = lives.map((life) => life.sinkRows[i]);
      return {
        ring,
        published: sumOver(rows, (row) => row.published),
        voided: sumOver(rows, (row) => row.voided),
        discarded: sumOver(rows, (row) => row.discarded),
        wait_s: sumOver(rows, (row) => row.waitS),
      };
    }),
    observes: [...plan.observes],
    lost_from_file: lives.reduce((sum, { lostRecords }) => sum + lostRecords, 0),
    own_counts: ownCounts(lives.map(({ counts }) => counts)),
  });
  return Object.fromEntries(
    control.plan.functions.map((fn) => [fn.name, control.workers.filter(({ plan }) => plan === fn).map(countsOf)]),
  );
}

/** Sums over all lives of a worker; null if one of them left none. */
function ownCounts(lives: readonly (EventCounts | null)[]): RecordedOwnCounts | null {
  const known = lives.filter((counts) => counts !== null);
  if (known.length < lives.length) return null;
  const sum = (pick: (counts: EventCounts) => number) => known.reduce((total, counts) => total + pick(counts), 0);
  return {
    taken: sum(({ taken }) => taken),
    published: known[0].published.map((_, sink) => sum(({ published }) => published[sink])),
    rejected: sum(({ rejected }) => rejected),
    failed: sum(({ failed }) => failed),
    doubles: sum(({ doubles }) => doubles),
    discarded: sum(({ discarded }) => discarded),
    produced: sum(({ produced }) => produced),
    late: sum(({ late }) => late),
    dead_s: sum(({ deadS }) => deadS),
  };
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
