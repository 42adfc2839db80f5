/** Finishes the directory of a run that was killed. Needs no function of the user's: what they did not get to see is saved. */
import { join } from "node:path";
import { completeFile } from "../files/complete_file.ts";
import { RingBuffer } from "../ring/ring_buffer.ts";
import { RingError } from "../ring/ring_error.ts";
import type { RingStatus } from "../ring/ring_status.ts";
import { segmentUsers } from "../ring/segment_users.ts";
import { deadTimeOf } from "./dead_time.ts";
import { EventSaver } from "./event_saver.ts";
import { type KilledRunTimes, readRunRecord, RecoveryRefused, timesOfKilledRun } from "./killed_run.ts";
import { closeLedger, type Ledger, type WorkerBook } from "./ledger.ts";
import { ringCounts } from "./run_counts.ts";
import { endRecord, writeRecord } from "./run_record.ts";
import type { BeginRecord, RecordedRecovery, RecordedRing, RecoveredEvents, RunRecord } from "./run_record_format.ts";
import { plural } from "./text_format.ts";

/** Folder in the run directory for the events that were still in shared memory. */
const RECOVERED = "recovered";

/** What became of a killed run. */
export interface RecoveryResult {
  /** The completed record, as in `run.yaml`. */
  readonly record: RunRecord;
  readonly ledger: Ledger;
  /** False if the run had been finished before and nothing was done. */
  readonly wasKilled: boolean;
}

/** A ring of the killed run, or why it cannot be opened. */
interface FoundRing {
  readonly recorded: RecordedRing;
  readonly ring: RingBuffer | null;
  readonly missing: string;
}

/**
 * Finishes the directory of a run whose program was killed: saves the events that are still in shared memory as journals
 * `recovered/<ring>_<reader group>.mjournal`, cuts torn ends off files and completes them, closes the books, writes the
 * end record, and removes the shared memory. May be repeated, also if it was killed itself. Blocks while it writes.
 *
 * @param runDirectory Path of the run directory.
 * @throws {RecoveryRefused} If it is no run directory, or something of the run is still alive; nothing is changed then.
 * @throws {Error} If a file cannot be written; the shared memory is kept then.
 */
export async function recoverRun(runDirectory: string): Promise<RecoveryResult> {
  const begin = readRunRecord(runDirectory);
  if (begin.status !== "running") {
    return { record: begin, ledger: { rings: [], residual: 0, unfinished: 0, failed: 0 }, wasKilled: false };
  }
  refuseIfAlive(runDirectory, begin);
  const times = timesOfKilledRun(runDirectory, begin);
  const found = await openRings(begin.rings);
  try {
    for (const { ring } of found) ring?.recoverAll();
    const saver = new EventSaver({ runDirectory, run: begin.run, folder: RECOVERED });
    for (const { ring } of found) if (ring !== null) saver.saveUnfinished(ring);
    saver.close();
    const { events } = saver;
    const files = completeFiles(runDirectory);
    const notes = found.flatMap(({ missing }) => missing === "" ? [] : [missing]);
    const statuses = new Map(found.flatMap(({ ring }) => ring === null ? [] : [[ring.name, ring.status()] as const]));
    const ledger = closeLedger(statuses, [...statuses].map(booksOf));
    const recovery: RecordedRecovery = { time_utc: new Date().toISOString(), events, files, notes };
    const record: RunRecord = { ...recordOf(begin, { times, statuses, ledger, events }), recovery };
    await writeRecord(join(runDirectory, "run.yaml"), record);
    // Only now: whoever is killed before can begin anew.
    for (const { ring } of found) ring?.removeSegment();
    return { record, ledger, wasKilled: true };
  } finally {
    for (const { ring } of found) ring?.close();
  }
}

function refuseIfAlive(runDirectory: string, { begin, rings }: BeginRecord): void {
  const host = Deno.hostname();
  if (begin.host !== host) {
    throw new RecoveryRefused(
      `Cannot recover "${runDirectory}": expected a run of this machine ("${host}"), found one of "${begin.host}"; ` +
        `its last events are in the memory of that machine`,
    );
  }
  const users = [...new Set(rings.flatMap(({ segment }) => segmentUsers(segment)))];
  if (users.length === 0) return;
  throw new RecoveryRefused(
    `Cannot recover "${runDirectory}": expected all of its program to have ended, found its rings in use by ${
      users.length === 1 ? "process" : "processes"
    } ${users.join(", ")}`,
  );
}

async function openRings(rings: readonly RecordedRing[]): Promise<FoundRing[]> {
  const found: FoundRing[] = [];
  for (const recorded of rings) {
    try {
      found.push({ recorded, ring: await RingBuffer.attach(recorded.segment), missing: "" });
    } catch (error) {
      if (!(error instanceof RingError)) throw error;
      const missing = `Ring ${recorded.name}: what it held is lost: ${error.message}`;
      found.push({ recorded, ring: null, missing });
    }
  }
  return found;
}

/** Completes all files but those that this recovery has written itself. */
function completeFiles(runDirectory: string): RecordedRecovery["files"] {
  return [...filesBelow(runDirectory)].flatMap((name) => {
    const { state, droppedBytes, text } = completeFile(join(runDirectory, name));
    return state === "whole" || state === "unknown" ? [] : [{ name, state, dropped_bytes: droppedBytes, text }];
  });
}

/** Paths relative to the run directory, what a folder holds before the folder itself. */
function* filesBelow(runDirectory: string, folder = ""): Generator<string> {
  for (const { name, isDirectory } of [...Deno.readDirSync(join(runDirectory, folder))]) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (path === RECOVERED || path === "run.yaml") continue;
    if (isDirectory) yield* filesBelow(runDirectory, path);
    yield path;
  }
}

/** The rows of a ring stand for the books of its workers, which died with them. */
function booksOf([ring, { owners }]: readonly [string, RingStatus]): WorkerBook {
  const writing = owners.filter(({ kind }) => kind === "writer");
  const reading = owners.filter(({ kind }) => kind === "reader");
  return {
    functionName: ring,
    sinks: writing.map(() => ring),
    sources: reading.map(() => ring),
    counts: null,
    reading,
    writing,
  };
}

function recordOf(
  begin: BeginRecord,
  run: {
    readonly times: KilledRunTimes;
    readonly statuses: ReadonlyMap<string, RingStatus>;
    readonly ledger: Ledger;
    readonly events: readonly RecoveredEvents[];
  },
): RunRecord {
  const { times, statuses, ledger } = run;
  const saved = run.events.reduce((sum, { events }) => sum + events, 0);
  const importers = begin.rings.filter(({ root }) => root).flatMap(({ name }) =>
    (statuses.get(name)?.owners ?? []).filter(({ kind }) => kind === "writer").map(({ owner, waitS }) => ({
      worker: `${name} owner ${owner}`,
      deadS: waitS,
    }))
  );
  return endRecord(begin, {
    activeS: times.activeS,
    pausedS: times.pausedS,
    deadTime: deadTimeOf(importers, times.activeS),
    ledger,
    stopReason: { cause: "killed", text: `the program was killed; ${plural(saved, "event")} recovered` },
    failures: [],
    failureCount: 0,
    hung: [],
    exitCode: 1,
    ended: times.lastSign,
    functions: {},
    rings: ringCounts(statuses),
  });
}
