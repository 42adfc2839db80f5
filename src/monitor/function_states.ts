/** What functions do at a moment, from the counters of the rings. */
import type { OwnerStatus, RingStatus } from "../ring/ring_status.ts";
import type { RawState, RawWorker } from "./messages.ts";
import type { PageFunction, PageFunctionState } from "./protocol.ts";

/** Time over which rates are averaged. */
export const RATE_WINDOW_MS = 2000;

interface Totals {
  readonly takenOf: number[];
  readonly published: number[];
  readonly waitS: number;
}

interface Sample {
  readonly timeMs: number;
  readonly totals: ReadonlyMap<string, Totals>;
}

/** Turns counters into rates, function by function. */
export class FunctionStates {
  readonly #functions: readonly PageFunction[];
  #samples: Sample[] = [];

  /** @param functions In setup order. */
  constructor(functions: readonly PageFunction[]) {
    this.#functions = functions;
  }

  /**
   * Takes the present counters.
   *
   * @param state The run.
   * @param cpuOf Part of a processor that a worker uses; null if unknown.
   */
  update(state: RawState, cpuOf: (worker: RawWorker) => number | null): PageFunctionState[] {
    const sums = new Map(this.#functions.map((fn) => [fn.name, totalsOf(fn, state)]));
    this.#samples.push({ timeMs: state.timeMs, totals: sums });
    while (this.#samples.length > 2 && this.#samples[1].timeMs <= state.timeMs - RATE_WINDOW_MS) this.#samples.shift();
    const [first] = this.#samples;
    const elapsedS = (state.timeMs - first.timeMs) / 1000;
    return this.#functions.map((fn): PageFunctionState => {
      const workers = state.workers.filter(({ name }) => name === fn.name);
      const now = sums.get(fn.name)!;
      const before = first.totals.get(fn.name)!;
      const rate = (a: readonly number[], b: readonly number[]) =>
        a.map((count, i) => elapsedS > 0 && !state.isOver ? Math.max(0, count - b[i]) / elapsedS : 0);
      const running = workers.filter((worker) => worker.state === "running").length;
      const waits = running > 0 && elapsedS > 0;
      const waitShare = (now.waitS - before.waitS) / (elapsedS * running);
      const readings = workers.flatMap(({ sourceRows }) => sourceRows.map((row) => rowOf(state.statuses, row)));
      const sum = (of: (row: OwnerStatus) => number) =>
        readings.reduce((total, row) => total + (row === null ? 0 : of(row)), 0);
      const cpus = workers.map((worker) => worker.state === "ended" ? null : cpuOf(worker));
      return {
        name: fn.name,
        taken: now.takenOf.reduce((a, b) => a + b, 0),
        rejected: sum((row) => row.rejected),
        failed: sum((row) => row.failed),
        doubles: sum((row) => row.doubles),
        published: now.published,
        takenOf: now.takenOf,
        inHz: rate(now.takenOf, before.takenOf),
        outHz: rate(now.published, before.published),
        busy: fn.sources.length === 0 ? meanOf(cpus) : waits ? Math.min(1, Math.max(0, 1 - waitShare)) : null,
        workers: workers.map((worker, i) => ({
          worker: worker.worker,
          state: worker.state,
          ok: worker.ok,
          isStopped: worker.isStopped,
          cpu: cpus[i],
        })),
      };
    });
  }
}

/** An importer also waits for events outside of the rings: it counts as busy while its threads use the processor. */
function meanOf(cpus: readonly (number | null)[]): number | null {
  const known = cpus.filter((cpu) => cpu !== null);
  return known.length === 0 ? null : Math.min(1, known.reduce((sum, cpu) => sum + cpu, 0) / known.length);
}

/** What all workers of a function, also those that have gone, have done. */
function totalsOf(fn: PageFunction, state: RawState): Totals {
  const workers = state.workers.filter(({ name }) => name === fn.name);
  const takenOf = fn.sources.map(() => 0);
  const published = fn.sinks.map(() => 0);
  let waitS = 0;
  for (const { sourceRows, sinkRows } of workers) {
    for (const [i, row] of sourceRows.map((it) => rowOf(state.statuses, it)).entries()) {
      if (row === null) continue;
      takenOf[i] += row.processed + row.rejected + row.failed + row.doubles;
      waitS += row.waitS;
    }
    for (const [i, row] of sinkRows.map((it) => rowOf(state.statuses, it)).entries()) {
      if (row === null) continue;
      published[i] += row.published;
      waitS += row.waitS;
    }
  }
  return { takenOf, published, waitS };
}

function rowOf(
  statuses: ReadonlyMap<string, RingStatus>,
  { ring, owner }: { readonly ring: string; readonly owner: number },
): OwnerStatus | null {
  return statuses.get(ring)?.owners.find((row) => row.owner === owner) ?? null;
}
