/**
 * Lets a run go on for long at 80 % of the rate that it could reach, pauses and resumes it, kills its workers, and says
 * whether memory grows, latencies drift or events are missing: `deno run -A scripts/soak.ts [--minutes 60] [--seed N]`.
 * Prints a line a minute and a JSON object at the end. Exit code 1 if the books do not close.
 */
import { join } from "node:path";
import { RunMimoDAQ, type RunResult } from "../src/control/run_mimo_daq.ts";
import type { Panel } from "../src/worker/panel.ts";
import { parseArgs } from "../src/std/parse_args.js";
import { stringify } from "../src/std/yaml.js";

const CALIBRATION_S = 5;
const LOAD = 0.8;
/** Workers that may die in a run: a ring has rows for 512 owners, and each new life takes one. */
const MOST_KILLS = 200;
const PAUSE_EVERY_S = 45;
const PAUSE_S = 1;
const PROCESSES = 2;
const MODULE = new URL("soak/functions.ts", import.meta.url).pathname;

const args = parseArgs(Deno.args, { string: ["minutes", "seed"] });
const minutes = Number(args.minutes ?? 60);
let seed = Number(args.seed ?? Math.floor(Math.random() * 2 ** 31));
const folder = await Deno.makeTempDir({ prefix: "mimocorb_soak_" });

interface Sample {
  readonly timeS: number;
  readonly memoryMB: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

function random(): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
}

/** A chain of three functions; those in the middle run in processes and may die. */
async function writeSetup(name: string, rateHz: number): Promise<string> {
  const ring = { number_of_slots: 512, channel_per_slot: 256, data_type: { 1: ["stamp", "int32"] } };
  const entry = (fkt_name: string, more: object) => ({ file_name: MODULE, fkt_name, ...more });
  const setup = {
    RingBuffer: [{ RB_1: ring }, { RB_2: ring }],
    Functions: [
      { Fkt_main: { KBD_control: false } },
      { Fkt_1: entry("soakSource", { num_process: 1, RB_assign: { RB_1: "write" } }) },
      {
        Fkt_2: entry("soakFilter", {
          num_process: PROCESSES,
          RB_assign: { RB_1: "read", RB_2: "write" },
          isolation: "process",
          on_failure: "restart",
          restart_limit: MOST_KILLS,
        }),
      },
      { Fkt_3: entry("soakSink", { num_process: 1, RB_assign: { RB_2: "read" } }) },
    ],
    FunctionConfigs: { soakSource: { rate_hz: rateHz }, soakFilter: { nothing: 0 }, soakSink: { nothing: 0 } },
  };
  const path = join(folder, `${name}_setup.yaml`);
  await Deno.writeTextFile(path, stringify(setup));
  return path;
}

interface SoakRun {
  readonly result: RunResult;
  readonly samples: readonly Sample[];
  readonly kills: number;
  readonly pauses: number;
}

async function take(setupFile: string, seconds: number, isDisturbed: boolean): Promise<SoakRun> {
  const samples: Sample[] = [];
  let kills = 0;
  let pauses = 0;
  let latency = { p50Ms: 0, p99Ms: 0 };
  const onPanel = (_entry: string, _worker: number, _name: string, panel: Panel) => {
    if (panel.kind !== "table") return;
    const [row] = panel.rows;
    latency = { p50Ms: Number(row.p50_ms), p99Ms: Number(row.p99_ms) };
  };
  const daq = new RunMimoDAQ(setupFile, { verbose: 0, outputDirectory: folder, runtimeS: seconds, onPanel });
  await daq.setup();
  const beganMs = performance.now();
  const timers: ReturnType<typeof setTimeout>[] = [];
  const every = (intervalS: number, act: () => void) => timers.push(setInterval(act, 1000 * intervalS));
  every(1, () => {
    const timeS = (performance.now() - beganMs) / 1000;
    const pids = daq.control!.workers.flatMap(({ pid }) => pid === null ? [] : [pid]);
    // While one begins anew, and at the end, there are fewer.
    if (pids.length < PROCESSES) return;
    samples.push({ timeS, memoryMB: memoryMB([Deno.pid, ...pids]), ...latency });
  });
  if (isDisturbed) {
    every(Math.max(10, seconds / MOST_KILLS), () => {
      const pids = daq.control!.workers.flatMap(({ pid, state }) => pid !== null && state === "running" ? [pid] : []);
      if (pids.length === 0) return;
      Deno.kill(pids[Math.floor(random() * pids.length)], "SIGKILL");
      kills++;
    });
    every(PAUSE_EVERY_S, () => {
      pauses++;
      daq.pause();
      timers.push(setTimeout(() => daq.resume(), 1000 * PAUSE_S));
    });
    every(60, () => {
      const { timeS, memoryMB, p50Ms, p99Ms } = samples.at(-1)!;
      const published = daq.control!.rings.get("RB_1")!.status().published;
      console.log(
        `${(timeS / 60).toFixed(0).padStart(3)} min  ${published} events  ${memoryMB.toFixed(1)} MB  ` +
          `p50 ${p50Ms.toFixed(3)} ms  p99 ${p99Ms.toFixed(3)} ms  ${kills} kills  ${pauses} pauses`,
      );
    });
  }
  const result = await daq.run();
  for (const timer of timers) clearTimeout(timer);
  return { result, samples, kills, pauses };
}

/** Memory that processes have for themselves (`RssAnon`), so that the rings do not count many times. */
function memoryMB(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) => {
    try {
      return Number(/RssAnon:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? 0);
    } catch {
      return 0;
    }
  });
  return kilobytes.reduce((sum, n) => sum + n, 0) / 1024;
}

/** Slope of the straight line through points, by least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (pick: 0 | 1) => points.reduce((sum, point) => sum + point[pick], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const sxy = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return sxy / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const firstSeed = seed;
const calibration = await take(await writeSetup("calibration", 0), CALIBRATION_S, false);
const fullRateHz = calibration.result.record.ledger[0].published / calibration.result.record.end.active_s;
const rateHz = Math.floor(LOAD * fullRateHz);
console.log(
  `seed ${firstSeed}; full rate ${fullRateHz.toFixed(0)} events/s, soak at ${rateHz} events/s for ${minutes} min`,
);

const { result, samples, kills, pauses } = await take(await writeSetup("soak", rateHz), 60 * minutes, true);
// The first fifth is warm-up: compilers and heaps settle.
const settled = samples.slice(Math.floor(samples.length / 5));
const quarter = Math.ceil(settled.length / 4);
const p99 = (part: readonly Sample[]) => median(part.map(({ p99Ms }) => p99Ms));
const { record } = result;
const residual = record.ledger.reduce((sum, account) => sum + account.residual, 0);
const groups = record.ledger.flatMap((account) => account.groups.map((group) => ({ ring: account.ring, ...group })));
console.log(JSON.stringify(
  {
    seed: firstSeed,
    minutes,
    rate_hz: rateHz,
    published: record.ledger.map(({ ring, published, voided }) => ({ ring, published, voided })),
    groups,
    residual,
    kills,
    pauses,
    memory_mb: { first: settled[0]?.memoryMB, last: settled.at(-1)?.memoryMB },
    memory_slope_mb_per_hour: slope(settled.map(({ timeS, memoryMB }) => [timeS / 3600, memoryMB])),
    p99_ms: { first_quarter: p99(settled.slice(0, quarter)), last_quarter: p99(settled.slice(-quarter)) },
    status: record.status,
    stop: record.end.stop_reason,
  },
  null,
  2,
));
const lost = groups.reduce((sum, { unfinished, failed }) => sum + unfinished + failed, 0);
await Deno.remove(folder, { recursive: true });
Deno.exit(residual === 0 && lost === 0 ? 0 : 1);
