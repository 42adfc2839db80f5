/**
 * The whole lifetime chain with all its files, and the time from the start of the program to the first event.
 *
 *     simulation -> [RB_1] -> 2 filters -> [RB_2] -> Parquet, waveform plot
 *                                      '-> [RB_3] -> text, histograms
 */
import { parse } from "yaml";
import { readTextTable } from "../../mod.ts";
import { type Figure, figure } from "./figure.ts";

const ROOT = `${import.meta.dirname}/../../`;
const EXAMPLES = `${ROOT}examples`;

interface RunYaml {
  end: { active_s: number; exit_code: number };
  ledger: { ring: string; published: number; residual: number }[];
}

/** Runs a setup in its own process in a fresh folder and returns the run directory. */
async function runSetup(setup: string, options: { cwd: string; args: readonly string[] }): Promise<string> {
  const target = Deno.makeTempDirSync({ prefix: "mimocorb-bench-" });
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `${ROOT}run_daq.ts`, setup, "--output", target, "-v", "1", ...options.args],
    cwd: options.cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const [run] = Array.from(Deno.readDirSync(target), (entry) => entry.name);
  if (!output.success || run === undefined) {
    throw new Error(
      `The run of ${setup} failed: ${new TextDecoder().decode(output.stdout)}` +
        new TextDecoder().decode(output.stderr),
    );
  }
  return `${target}/${run}`;
}

/** The lifetime setup with a source that never waits and a fixed seed. */
function fastSetup(folder: string): string {
  Deno.mkdirSync(`${folder}/config`);
  for (const { name } of Deno.readDirSync(`${EXAMPLES}/config`)) {
    const text = Deno.readTextFileSync(`${EXAMPLES}/config/${name}`);
    Deno.writeTextFileSync(`${folder}/config/${name}`, text.replace(/sleeptime: .*/, "sleeptime: 0\n  seed: 1"));
  }
  const setup = Deno.readTextFileSync(`${EXAMPLES}/lifetime_setup.yaml`);
  Deno.writeTextFileSync(`${folder}/lifetime_setup.yaml`, setup);
  return "lifetime_setup.yaml";
}

async function chainRates(repeats: number, events: number): Promise<number[]> {
  const rates: number[] = [];
  const folder = Deno.makeTempDirSync({ prefix: "mimocorb-bench-" });
  const setup = fastSetup(folder);
  for (let i = 0; i < repeats; i++) {
    const run = await runSetup(setup, { cwd: folder, args: ["--runevents", String(events)] });
    const { end, ledger } = parse(Deno.readTextFileSync(`${run}/run.yaml`)) as RunYaml;
    const { rows } = readTextTable(`${run}/muon_lifetime.txt`);
    const isWhole = ledger[0].published === events && ledger.every((ring) => ring.residual === 0) &&
      ledger[2].published === rows && rows > 0.07 * events;
    if (!isWhole) throw new Error(`Wrong result of the chain: ${JSON.stringify(ledger)}, ${rows} lines of text`);
    rates.push(events / end.active_s);
    Deno.removeSync(run.slice(0, run.lastIndexOf("/")), { recursive: true });
  }
  Deno.removeSync(folder, { recursive: true });
  return rates;
}

async function startTimes(repeats: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < repeats + 1; i++) {
    const began = Date.now() / 1000;
    const run = await runSetup("first_event_setup.yaml", { cwd: `${ROOT}tests/bench`, args: [] });
    const { columns } = readTextTable(`${run}/first_event.txt`);
    const first = columns.get("timestamp")![0];
    // The first run warms the caches of modules and of the compiled helper.
    if (i > 0) times.push(first - began);
    Deno.removeSync(run.slice(0, run.lastIndexOf("/")), { recursive: true });
  }
  return times;
}

/** Measures the lifetime chain. Throws if an event is missing. */
export async function chainBench(repeats: number): Promise<Figure[]> {
  return [
    figure("lifetime_chain", await chainRates(repeats, 100_000), { unit: "events/s", wanted: ">= 15000" }),
    figure("warm_start_to_first_event", await startTimes(repeats), { unit: "s", wanted: "<= 0.7" }),
  ];
}

if (import.meta.main) {
  for (const { name, median, min, max, unit, wanted } of await chainBench(Number(Deno.args[0] ?? 3))) {
    console.log(
      `${name.padEnd(32)} ${median.toPrecision(4)} ${unit} (${min.toPrecision(3)} to ${max.toPrecision(3)}) ${wanted}`,
    );
  }
}
