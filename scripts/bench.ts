/**
 * Measures what the project promises, and checks the results while doing so. `deno task bench` prints a table,
 * `deno task bench --json` one JSON object.
 */
import { chainBench } from "../tests/bench/chain_bench.ts";
import type { Figure } from "../tests/bench/figure.ts";
import { filesBench } from "../tests/bench/files_bench.ts";
import { journalBench } from "../tests/bench/journal_bench.ts";
import { monitorBench } from "../tests/bench/monitor_bench.ts";
import { picoscopeBench } from "../tests/bench/picoscope_bench.ts";
import { pulsesBench } from "../tests/bench/pulses_bench.ts";
import { ringBench } from "../tests/bench/ring_bench.ts";

const REPEATS = 7;

const figures: Figure[] = [
  ...await ringBench(REPEATS),
  ...pulsesBench(REPEATS),
  ...filesBench(REPEATS),
  ...journalBench(REPEATS),
  ...await chainBench(5),
  ...await monitorBench(5),
  ...await picoscopeBench(5),
];

if (Deno.args.includes("--json")) {
  const report = {
    host: { processors: navigator.hardwareConcurrency, target: Deno.build.target, loadavg: Deno.loadavg() },
    versions: Deno.version,
    figures: Object.fromEntries(figures.map(({ name, ...rest }) => [name, rest])),
  };
  console.log(JSON.stringify(report, null, 2));
} else {
  for (const { name, median, min, max, unit, wanted } of figures) {
    const spread = `${min.toPrecision(3)} to ${max.toPrecision(3)}`;
    console.log(
      `${name.padEnd(34)} ${median.toPrecision(4).padStart(9)} ${unit.padEnd(11)} ${spread.padEnd(22)} ${wanted}`,
    );
  }
}
