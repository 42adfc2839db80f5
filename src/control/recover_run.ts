/** Finishes the directory of a run that was killed. Needs no function of the user's: what they did not get to see is saved. */
import { join } from "node:path";
import { completeFile } from "../files/complete_file.ts";
import { RingBuffer } from "../ring/ring_buffer.ts";
import { RingError } from "../ring/ring_error.ts";
import type { RingTally } from "../ring/ring_status.ts";
import { deadSegmentsOf } from "../ring/segment_name.ts";
import { deadTimeOf } from "./dead_time.ts";
import { EventSaver } from "./event_saver.ts";
import { HeldSegments, refuseIfWriting } from "./held_segments.ts";
import { type KilledRunTimes, readRunRecord, timesOfKilledRun } from "./killed_run.ts";
import { closeLedger, type Ledger, type WorkerBook } from "./ledger.ts";
import type { RecordedRecovery, RecoveredEvents } from "./recorded_troubles.ts";
import { ringCounts } from "./run_counts.ts";
import { isFileOfRun } from "./run_files.ts";
import { endRecord, writeRecord } from "./run_record.ts";
import type { BeginRecord, RunRecord } from "./run_record_format.ts";
import { SavedEvents } from "./saved_events.ts";
import { tableLosses } from "./table_losses.ts";
import { plural } from "./text_format.ts";

/** Folder in the run directory for the events that were still in shared memory. */
const RECOVERED = "recovered";

/** What became of a run directory. */
export type RecoveryResult =
  | {
    readonly kind: "recovered";
    /** The completed record, as in `run.yaml`. */
    readonly record: RunRecord;
    readonly ledger: Ledger;
  }
  | {
    /** The run had come to its end, or had been recovered before. */
    readonly kind: "finished before";
    readonly record: RunRecord;
    /** Segments of shared memory that were left and were removed now. */
    readonly freed: number;
  }
  | {
    /** The run was killed while it was set up; it has taken nothing. */
    readonly kind: "never began";
    readonly runDirectory: string;
    readonly freed: number;
  };

/** A ring of the killed run, or why it cannot be opened. */
interface FoundRing {
  readonly ring: RingBuffer | null;
  readonly missing: string;
}

/**
 * Finishes the directory of a run whose program was killed: saves the events that are still in shared memory as journals
 * `recovered/<ring>_<reader group>.mjournal`, cuts torn ends off the run's files and completes them, closes the books, writes
 * the end record, and removes the shared memory. May be repeated, also if it was killed itself. Blocks while it writes.
 *
 * @param runDirectory Path of the run directory.
 * @throws {RecoveryRefused} If it is no run directory, or something of the run is still alive; nothing is changed then.
 * @throws {Error} If a file cannot be written; the shared memory is kept then.
 */
export async function recoverRun(runDirectory: string): Promise<RecoveryResult> {
  const begin = readRunRecord(runDirectory);
  if (begin === null) return { kind: "never began", runDirectory, freed: freeDead(deadSegmentsOf(runDirectory)) };
  if (begin.status !== "running" && begin.recovery?.files_only !== true) return freeFinished(runDirectory, begin);
  using segments = new HeldSegments(runDirectory, begin);
  const isElsewhere = segments.length === 0 && begin.begin.host !== Deno.hostname();
  if (isElsewhere) {
    if (begin.status !== "running") return { kind: "finished before", record: begin, freed: 0 };
    await refuseIfWriting(runDirectory, begin);
  }
  const times = begin.status === "running" ? timesOfKilledRun(runDirectory, begin) : timesOfRecord(begin);
  const found = await openRings(begin, isElsewhere);
  try {
    for (const { ring } of found) ring?.recoverAll();
    const tallies = new Map(found.flatMap(({ ring }) => ring === null ? [] : [[ring.name, ring.tally()] as const]));
    const before = new SavedEvents(runDirectory, tallies);
    const saver = new EventSaver({ runDirectory, run: begin.run, folder: RECOVERED });
    for (const { ring } of found) {
      if (ring !== null) saver.saveUnfinished(ring, (group, event) => before.takes(ring.name, group, event));
    }
    saver.close();
    const { events } = saver;
    const ledger = closeLedger(tallies, [...tallies].map(booksOf), [...before.events, ...events]);
    const files = completeFiles(runDirectory, begin.files);
    const lacking = tableLosses(runDirectory, [...filesBelow(runDirectory)], tallies);
    const notes = [...found.map(({ missing }) => missing), ...before.notes, ...lacking].filter((note) => note !== "");
    const time_utc = new Date().toISOString();
    const recovery: RecordedRecovery = { time_utc, events, files, files_only: isElsewhere, notes };
    const saved = before.events;
    const record: RunRecord = { ...recordOf(begin, { times, tallies, ledger, events, saved }), recovery };
    await writeRecord(join(runDirectory, "run.yaml"), record);
    // Only now: whoever is killed before can begin anew.
    for (const { ring } of found) ring?.removeSegment();
    return { kind: "recovered", record, ledger };
  } finally {
    for (const { ring } of found) ring?.close();
  }
}

/** What an earlier recovery found, before it touched any file. */
function timesOfRecord({ end }: RunRecord): KilledRunTimes {
  return { lastSign: new Date(end.time_utc), activeS: end.active_s, pausedS: end.paused_s };
}

/** A program that is killed after it has written its end record leaves its rings. While it lives they are its own. */
function freeFinished(runDirectory: string, record: RunRecord): RecoveryResult {
  const names = new Set(record.rings.map(({ segment }) => segment));
  const freed = freeDead(deadSegmentsOf(runDirectory).filter((segment) => names.has(segment)));
  return { kind: "finished before", record, freed };
}

/** Removes segments; returns how many. */
function freeDead(segments: readonly string[]): number {
  for (const segment of segments) Deno.removeSync(`/dev/shm${segment}`);
  return segments.length;
}

async function openRings({ rings, begin }: BeginRecord | RunRecord, isElsewhere: boolean): Promise<FoundRing[]> {
  const found: FoundRing[] = [];
  for (const { name, segment } of rings) {
    try {
      found.push({ ring: await RingBuffer.attach(segment), missing: "" });
    } catch (error) {
      if (!(error instanceof RingError)) throw error;
      const missing = isElsewhere
        ? `Ring ${name}: the run was taken on "${begin.host}", and what the ring held is in that machine's memory, if it was ` +
          `not started anew since; to save it, recover the run there`
        : `Ring ${name}: what it held is lost: ${error.message}`;
      found.push({ ring: null, missing });
    }
  }
  return found;
}

/** Completes all files of the run but those that this recovery has written itself. */
function completeFiles(runDirectory: string, claimed: readonly string[]): RecordedRecovery["files"] {
  return [...filesBelow(runDirectory)].filter((name) => isFileOfRun(name, claimed)).flatMap((name) => {
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
function booksOf([ring, { owners }]: readonly [string, RingTally]): WorkerBook {
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
  begin: BeginRecord | RunRecord,
  run: {
    readonly times: KilledRunTimes;
    readonly tallies: ReadonlyMap<string, RingTally>;
    readonly ledger: Ledger;
    readonly events: readonly RecoveredEvents[];
    /** What the program had saved itself. */
    readonly saved: readonly RecoveredEvents[];
  },
): RunRecord {
  const { times, tallies, ledger, saved } = run;
  const recovered = run.events.reduce((sum, { events }) => sum + events, 0);
  const importers = begin.rings.filter(({ root }) => root).flatMap(({ name }) =>
    (tallies.get(name)?.owners ?? []).filter(({ kind }) => kind === "writer").map(({ owner, waitS }) => ({
      worker: `${name} owner ${owner}`,
      deadS: waitS,
    }))
  );
  return endRecord(begin, {
    activeS: times.activeS,
    pausedS: times.pausedS,
    deadTime: deadTimeOf(importers, times.activeS),
    ledger,
    stopReason: { cause: "killed", text: `the program was killed; ${plural(recovered, "event")} recovered` },
    failures: [],
    failureCount: 0,
    hung: [],
    saved,
    exitCode: 1,
    ended: times.lastSign,
    functions: {},
    rings: ringCounts(tallies),
  });
}
