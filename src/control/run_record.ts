/** `run.yaml`: what a run was, written at its begin and again at its end. */
import { fileError } from "../files/file_error.ts";
import { processOfPid } from "../ring/process_identity.ts";
import { stringify } from "../std/yaml.js";
import type { Plan } from "../setup/plan.ts";
import type { RunFailure } from "./run_workers.ts";
import type { DeadTime } from "./dead_time.ts";
import type { Ledger } from "./ledger.ts";
import type { RecordedRingCounts, RecordedWorker } from "./recorded_counts.ts";
import type { RecoveredEvents } from "./recorded_troubles.ts";
import type { StopReason } from "./run_state.ts";
import type { BeginRecord, RecordedMoment, RunRecord, RunRecordBasis } from "./run_record_format.ts";
import { formatLocalTime } from "./text_format.ts";
import type { UnfinishedWorker } from "./unfinished_work.ts";
import { VERSION } from "./version.ts";
import type { WorkerDeath } from "./worker_death.ts";

/** What the begin record needs to know. */
export interface RunBegin {
  readonly plan: Plan;
  readonly runDirectory: string;
  readonly began: Date;
  readonly commandLine: readonly string[];
  /** Names of the copies in the run directory, by path of the original. */
  readonly copies: ReadonlyMap<string, string>;
  /** Names of the rings' shared-memory segments by ring. */
  readonly segments: ReadonlyMap<string, string>;
  /** Files in the run directory that functions write. @default {[]} */
  readonly files?: readonly string[];
}

/** What the end record needs to know. */
export interface RunEnd {
  readonly ended: Date;
  readonly activeS: number;
  readonly pausedS: number;
  readonly stopReason: StopReason;
  readonly exitCode: number;
  readonly deadTime: DeadTime;
  readonly ledger: Ledger;
  readonly failures: readonly RunFailure[];
  readonly failureCount: number;
  readonly hung: readonly UnfinishedWorker[];
  /** @default {[]} */
  readonly deaths?: readonly WorkerDeath[];
  /** How often workers were started anew. @default {0} */
  readonly restarts?: number;
  /** Unfinished events that were saved. @default {[]} */
  readonly saved?: readonly RecoveredEvents[];
  /** Counts of each function, by its name in the setup. */
  readonly functions: Readonly<Record<string, readonly RecordedWorker[]>>;
  /** Counters of each ring that are not in the ledger, by its name. */
  readonly rings: Readonly<Record<string, RecordedRingCounts>>;
}

/** Makes the record of a run that has begun. */
export function beginRecord(begin: RunBegin): BeginRecord {
  const { plan } = begin;
  return {
    run: plan.runName,
    directory: begin.runDirectory,
    status: "running",
    begin: {
      ...moment(begin.began),
      command_line: [...begin.commandLine],
      working_directory: Deno.cwd(),
      process_id: Deno.pid,
      process_start: processOfPid(Deno.pid)?.start ?? 0,
      host: Deno.hostname(),
      system: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
      processors: navigator.hardwareConcurrency,
      memory_bytes: Deno.systemMemoryInfo().total,
      versions: { "@mimocorb/daq": VERSION, ...Deno.version },
    },
    setup: {
      file: plan.setupFile,
      dialect: plan.dialect,
      copies: Object.fromEntries(begin.copies),
    },
    goals: { runevents: plan.runEvents, runtime_s: plan.runtimeS },
    rings: plan.rings.map((ring) => ({
      name: ring.name,
      slots: ring.slots,
      values_per_slot: ring.layout.valuesPerSlot,
      record_bytes: ring.layout.recordBytes,
      fields: ring.layout.fields.map((field) => `${field.name}: ${field.type.name}`),
      root: ring.isRoot,
      pause: ring.pause,
      segment: begin.segments.get(ring.name) ?? "",
    })),
    functions: plan.functions.map((fn) => ({
      name: fn.name,
      function: fn.functionName,
      module: fn.module,
      workers: fn.workers,
      isolation: fn.isolation,
      on_failure: fn.onFailure,
      sources: [...fn.sources],
      sinks: [...fn.sinks],
      observes: [...fn.observes],
      config: fn.config,
    })),
    files: [...begin.files ?? []],
  };
}

/** Completes a begin record with what came of the run. */
export function endRecord(begin: RunRecordBasis, end: RunEnd): RunRecord {
  return {
    ...begin,
    status: end.exitCode === 0 ? "complete" : "failed",
    end: {
      ...moment(end.ended),
      active_s: round(end.activeS),
      paused_s: round(end.pausedS),
      stop_cause: end.stopReason.cause,
      stop_reason: end.stopReason.text,
      exit_code: end.exitCode,
    },
    dead_time: {
      fraction: round(end.deadTime.fraction),
      dead_s: round(end.deadTime.deadS),
      live_s: round(end.deadTime.liveS),
      importers: end.deadTime.importers.map(({ worker, deadS, pausedS, fraction }) => ({
        worker,
        dead_s: round(deadS),
        paused_s: round(pausedS),
        fraction: round(fraction),
      })),
    },
    ledger: end.ledger.rings.map((ring) => ({
      ring: ring.name,
      produced: ring.produced,
      published: ring.published,
      voided: ring.voided,
      discarded: ring.discarded,
      late: ring.late,
      invalid: ring.invalid,
      groups: ring.groups.map((group) => ({ ...group })),
      residual: ring.residual,
      ...(ring.disagreements.length > 0 ? { disagreements: [...ring.disagreements] } : {}),
    })),
    ring_counts: end.rings,
    function_counts: end.functions,
    failures: end.failures.map((failure) => ({
      name: failure.name,
      function: failure.functionName,
      worker: failure.workerNumber,
      phase: failure.phase,
      event: failure.eventCounter,
      message: failure.message,
      stack: failure.stack,
    })),
    failure_count: end.failureCount,
    deaths: (end.deaths ?? []).map((death) => ({
      time_utc: death.time.toISOString(),
      name: death.name,
      function: death.functionName,
      worker: death.workerNumber,
      cause: death.cause,
      signal: death.signal,
      exit_code: death.exitCode,
      ring: death.ring,
      event: death.eventCounter,
      message: death.message,
      restarted: death.isRestarted,
    })),
    restarts: end.restarts ?? 0,
    saved: [...(end.saved ?? [])],
    hung: end.hung.map((worker) => ({
      name: worker.name,
      function: worker.functionName,
      worker: worker.workerNumber,
      ring: worker.held?.ring ?? null,
      event: worker.held?.counter ?? null,
    })),
  };
}

/** Room for an end record with a hundred failures and their stacks. */
const ROOM_BYTES = 1 << 18;

/**
 * Writes a record so that a reader, or the next start after a crash, finds the old or the new one and nothing between.
 *
 * @throws {Error} If that cannot be done; the message names the file, and nothing half-written is left.
 */
export async function writeRecord(path: string, record: BeginRecord | RunRecord): Promise<void> {
  const temporary = `${path}.new`;
  const bytes = new TextEncoder().encode(stringify(plain(record), { lineWidth: 120, skipInvalid: true }));
  try {
    // Written over the room that was kept, if there is any, which needs no new one.
    using file = await Deno.open(temporary, { write: true, create: true });
    for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
    await file.truncate(bytes.length);
    await file.sync();
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw fileError("write", path, error);
  }
}

/**
 * Keeps room on the disk for the end record, in the file in which it will be written, so that it can be written also when
 * the disk is full by then. Does without if there is no room.
 */
export async function keepRoomForRecord(path: string): Promise<void> {
  const temporary = `${path}.new`;
  try {
    await Deno.writeFile(temporary, new Uint8Array(ROOM_BYTES));
  } catch {
    await Deno.remove(temporary).catch(() => {});
  }
}

function moment(date: Date): RecordedMoment {
  return { time_utc: date.toISOString(), time_local: formatLocalTime(date) };
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Copies values so that none occurs twice: the writer of YAML would make anchors and aliases of shared ones. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (typeof value === "bigint") return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}
