/** Keeps the files that say what a run was: `run.yaml`, `stats.csv`, and the report at its end. */
import { join } from "node:path";
import type { RingStatus } from "../ring/ring_status.ts";
import type { BufferControl } from "./buffer_control.ts";
import { type DeadTime, deadTimeOf } from "./dead_time.ts";
import { describeEnd } from "./end_report.ts";
import { functionCounts, ringCounts } from "./run_counts.ts";
import { RateMeter } from "./rate_meter.ts";
import type { RunLog } from "./run_log.ts";
import { runProgress } from "./run_progress.ts";
import { beginRecord, endRecord, keepRoomForRecord, type RunBegin, writeRecord } from "./run_record.ts";
import type { BeginRecord, RunRecord } from "./run_record_format.ts";
import { rowOf } from "./run_rings.ts";
import type { RingSnapshot, RunSnapshot } from "./run_snapshot.ts";
import { ReportPanels } from "./report_panels.ts";
import { judgeRun, type RunVerdict } from "./run_verdict.ts";
import { writeReport } from "./write_report.ts";
import { StatsFile } from "./stats_file.ts";
import type { WorkerLife } from "./worker_life.ts";

const STATS_INTERVAL_MS = 1000;

/** Result of a run, and the report about it. */
export interface RunOutcome {
  readonly result: { exitCode: 0 | 1; runDirectory: string; record: RunRecord; isHung: boolean };
  readonly text: string;
}

/** Observes a run and writes about it; changes nothing. */
export class RunReporter {
  /** What functions have put on display, for the report at the end. */
  readonly panels: ReportPanels = new ReportPanels();
  readonly #control: BufferControl;
  readonly #log: RunLog;
  readonly #begin: RunBegin;
  readonly #meters = new Map<string, RateMeter>();
  #startMs = performance.now();
  #record: BeginRecord;
  /** Writing of the record while the run goes on. */
  #writing: Promise<void> = Promise.resolve();
  #stats: StatsFile | null = null;
  #nextStatsMs = -Infinity;
  #statuses: ReadonlyMap<string, RingStatus> = new Map();

  /** @param control The run. @param log Its log. @param begin What is known at its begin. */
  constructor(control: BufferControl, log: RunLog, begin: RunBegin) {
    this.#control = control;
    this.#log = log;
    this.#begin = begin;
    this.#record = beginRecord(begin);
    for (const ring of begin.plan.rings) this.#meters.set(ring.name, new RateMeter());
  }

  /** Writes the begin record, so that a run that is killed has one, and opens the statistics. */
  async begin(): Promise<void> {
    await writeRecord(this.#path("run.yaml"), this.#record);
    await keepRoomForRecord(this.#path("run.yaml"));
    this.#stats = new StatsFile(this.#path("stats.csv"), this.#begin.plan.rings.map((ring) => ring.name));
    this.#log.add("info", "run", `started: ${this.#control.workers.length} workers`);
    this.#startMs = performance.now();
  }

  /**
   * Takes note of the run's present state, in the statistics once a second.
   *
   * @param statuses The rings' present counters.
   * @returns What displays show.
   */
  report(statuses: ReadonlyMap<string, RingStatus>): RunSnapshot {
    const nowMs = performance.now();
    this.#statuses = statuses;
    const snapshot = this.#snapshot(nowMs);
    this.#recordFiles();
    if (nowMs >= this.#nextStatsMs) {
      this.#nextStatsMs = nowMs + STATS_INTERVAL_MS;
      this.#addStats(snapshot, nowMs);
    }
    return snapshot;
  }

  /**
   * Closes the books and writes the end record.
   *
   * @param width Characters that fit into a line of the report; null: any number.
   */
  async end(width: number | null): Promise<RunOutcome> {
    const control = this.#control;
    const wallS = (performance.now() - this.#startMs) / 1000;
    this.#nextStatsMs = -Infinity;
    this.report(control.supervise());
    await this.#writing;
    const problems = control.saveUnfinished();
    this.#stats?.close();
    const tallies = control.tally();
    this.#statuses = tallies;
    const { clock, failures, failureCount, hung, deaths, restarts, saved, retiredGroups } = control;
    const ledger = control.closeLedger(tallies);
    const facts = {
      stopReason: control.stopReason!,
      failures,
      failureCount,
      hung,
      restarts,
      ledger,
      saved,
      retiredGroups,
    };
    const { runDirectory } = this.#begin;
    const outcome = { activeS: clock.activeS, pausedS: clock.pausedS, deadTime: this.#deadTime(), ledger };
    const record = endRecord(this.#record, {
      ...outcome,
      ...facts,
      deaths,
      exitCode: judgeRun(facts).exitCode,
      ended: new Date(),
      functions: functionCounts(control, this.#statuses),
      rings: ringCounts(this.#statuses),
    });
    const verdict = judgeRun({ ...facts, problems: [...problems, ...await this.#tryToWrite(record)] });
    for (const line of [verdict.headline, ...verdict.complaints, ...verdict.remarks ?? []]) {
      this.#log.add("info", "run", line);
    }
    this.#log.add("info", "run", `finished with exit code ${verdict.exitCode}`);
    await this.#tryToReport(record, verdict);
    const files = filesIn(runDirectory);
    const text = describeEnd({ ...outcome, verdict, runDirectory, files, wallS }, width);
    return { result: { exitCode: verdict.exitCode, runDirectory, record, isHung: hung.length > 0 }, text };
  }

  /** Whoever finishes a killed run must know which files are the run's, also those that functions name after the start. */
  #recordFiles(): void {
    const { files } = this.#control;
    if (this.#stats === null || files.length === this.#record.files.length) return;
    this.#record = { ...this.#record, files };
    const record = this.#record;
    this.#writing = this.#writing.then(async () => {
      await writeRecord(this.#path("run.yaml"), record);
      await keepRoomForRecord(this.#path("run.yaml"));
    }).catch((error) => this.#log.add("warn", "run", error instanceof Error ? error.message : String(error)));
  }

  /** A record that cannot be written (a full disk) must not keep the report from whoever waits for it. */
  async #tryToWrite(record: RunRecord): Promise<string[]> {
    try {
      await writeRecord(this.#path("run.yaml"), record);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  }

  /** Nor must a report for the logbook that cannot be written change how the run came out. */
  async #tryToReport(record: RunRecord, verdict: RunVerdict): Promise<void> {
    try {
      await writeReport(this.#begin, { record, verdict, panels: this.panels.all() });
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error);
      this.#log.add("warn", "run", `Cannot write report.html: ${found}`);
    }
  }

  /** Closes the statistics. May be repeated. */
  close(): void {
    this.#stats?.close();
  }

  #path(name: string): string {
    return join(this.#begin.runDirectory, name);
  }

  #snapshot(nowMs: number): RunSnapshot {
    const { state, clock, workers, failureCount, restarts, plan } = this.#control;
    const rings = [...this.#statuses].map(([name, status]): RingSnapshot => {
      const meter = this.#meters.get(name)!;
      meter.add(nowMs, status.published, status.deadtimeSum);
      const { slots, published, discarded, filled } = status;
      return { name, slots, published, discarded, filled, rateHz: meter.rateHz, deadtime: meter.deadtime };
    });
    return {
      state,
      activeS: clock.activeS,
      pausedS: clock.pausedS,
      progress: runProgress(plan, { published: rings[0]?.published ?? 0, activeS: clock.activeS }),
      rings,
      workersLeft: workers.filter((worker) => worker.state !== "ended").length,
      workers: workers.length,
      failures: failureCount,
      restarts,
    };
  }

  /** Statistics that cannot be written (a full disk) must not end the run that they describe. */
  #addStats(snapshot: RunSnapshot, nowMs: number): void {
    const sums = new Map([...this.#statuses].map(([name, status]) => [name, status.deadtimeSum]));
    try {
      this.#stats?.add(snapshot, sums, { date: new Date(), nowMs });
    } catch (error) {
      this.#stats?.close();
      this.#stats = null;
      this.#log.add("error", "run", error instanceof Error ? error.message : String(error));
    }
  }

  #deadTime(): DeadTime {
    const importers = this.#control.importers.map((worker) => ({
      worker: worker.label,
      deadS: worker.lives.reduce((sum, life) => sum + this.#deadSOf(life), 0),
      pausedS: Math.max(0, ...worker.plan.sinks.map((ring) => this.#control.ringPauses.pausedS(ring))),
    }));
    return deadTimeOf(importers, this.#control.clock.activeS);
  }

  /** An importer that died, or uses its ring directly, left no books; then at least the time that it waited is known. */
  #deadSOf({ counts, sinkRows }: WorkerLife): number {
    return counts?.deadS ??
      sinkRows.reduce((sum, { ring, owner }) => sum + rowOf(this.#statuses.get(ring)!, owner).waitS, 0);
  }
}

function filesIn(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)].map((entry) => entry.name).sort();
  } catch {
    return [];
  }
}
