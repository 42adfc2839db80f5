/** Whole runs with a simulated Red Pitaya. */
import { join } from "node:path";
import { RunMimoDAQ } from "../../src/control/run_mimo_daq.ts";
import { assert, assertEquals, assertStringIncludes } from "../../src/std/assert.js";
import { stringify } from "../../src/std/yaml.js";
import { runProgram } from "./run_fixture.ts";

const REPOSITORY = `${import.meta.dirname}/../../`;
const CONFIG = {
  device: "simulated",
  sample_rate: 4,
  trigger_level: 200,
  number_of_samples_before_trigger: 100,
};

/** Writes a setup from a Red Pitaya to a CSV file of pulse heights; `sleep_s` is how long the first reader takes for an event. */
async function writeSetup(directory: string, config: Record<string, unknown>, top: object): Promise<string> {
  const { sleep_s: sleepS = 0, ...source } = config;
  const setup = {
    Buffers: {
      waveforms: { slot_count: 64, data_length: 400, data_dtype: { data: "int16" } },
      slow: { slot_count: 64, data_length: 400, data_dtype: { data: "int16" } },
      heights: { slot_count: 64, data_length: 1, data_dtype: { peak_heights: "float32" } },
    },
    Workers: {
      red_pitaya: {
        function: "importers.redpitaya.waveform",
        sinks: ["waveforms"],
        config: { ...CONFIG, ...source },
      },
      delay: {
        file: join(REPOSITORY, "tests/data/modules/run_functions.ts"),
        function: "everyNth",
        sources: ["waveforms"],
        sinks: ["slow"],
        config: { sleep_s: sleepS },
      },
      analysis: {
        function: "analyzers.pha",
        sources: ["slow"],
        sinks: ["heights"],
        config: { channel: "data", height: 150, distance: 300 },
      },
      table: { function: "exporters.csv", sources: ["heights"] },
    },
    GUI_control: false,
    ...top,
  };
  const path = join(directory, "redpitaya_setup.yaml");
  await Deno.writeTextFile(path, stringify(setup));
  return path;
}

interface Finished {
  readonly exitCode: number;
  readonly log: string;
  readonly record: Awaited<ReturnType<RunMimoDAQ["run"]>>["record"];
  /** Counter, timestamp and dead time of each event. */
  readonly events: readonly (readonly [counter: number, timestamp: number, deadtime: number])[];
}

/** Runs in this process, and reads what the run left. */
async function run(
  config: Record<string, unknown>,
  top: object,
  meanwhile: (daq: RunMimoDAQ) => Promise<void> = () => Promise.resolve(),
): Promise<Finished> {
  const directory = await Deno.makeTempDir({ prefix: "mimocorb_test_" });
  try {
    const daq = new RunMimoDAQ(await writeSetup(directory, config, top), {
      verbose: 0,
      outputDirectory: `${directory}/target`,
    });
    await daq.setup();
    const [{ exitCode, runDirectory, record }] = await Promise.all([daq.run(), meanwhile(daq)]);
    for (const { residual } of record.ledger) assertEquals(residual, 0);
    const [, ...lines] = (await Deno.readTextFile(`${runDirectory}/heights.csv`)).trim().split("\n");
    const events = lines.map((line) => line.split(",").map(Number)).map(([n, t, dead]) => [n, t, dead] as const);
    for (let i = 1; i < events.length; i++) assert(events[i][1] >= events[i - 1][1] - 1e-6, `event ${i} goes back`);
    return { exitCode, log: await Deno.readTextFile(`${runDirectory}/log.txt`), record, events };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("examples/redpitaya_setup.yaml gives the spectrum of a simulated Red Pitaya", async () => {
  const directory = await Deno.makeTempDir({ prefix: "mimocorb_test_" });
  try {
    await Deno.copyFile(join(REPOSITORY, "examples/redpitaya_setup.yaml"), join(directory, "redpitaya_setup.yaml"));
    const { code, stdout, stderr } = await runProgram(["redpitaya_setup.yaml", "--runevents", "1000"], directory);
    assertEquals(code, 0, stdout + stderr);
    const [run] = [...Deno.readDirSync(join(directory, "target"))];
    const folder = join(directory, "target", run.name, "Histograms_heights");
    const bytes = Deno.readFileSync(join(folder, "peak_heights.npy"));
    const counts = new BigInt64Array(bytes.slice(bytes.length - 250 * 8).buffer);
    const total = counts.reduce((sum, n) => sum + Number(n), 0);
    // Bins of 10 counts; the line at 1986 has a width of 60.
    const inLine = counts.subarray(180, 217).reduce((sum, n) => sum + Number(n), 0);
    assert(total >= 900 && inLine > 0.25 * total && inLine < 0.6 * total, `${inLine} of ${total}`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a run goes on behind a Red Pitaya that is gone again and again, and counts the gaps as dead", async () => {
  const simulator = { rate_Hz: 0, disconnect_after: 150, disconnect_within: true };
  const { exitCode, log, record, events } = await run({ simulator }, { runevents: 500 });
  assertEquals([exitCode, record.ledger[0].published], [0, 500]);
  assertStringIncludes(log, "has closed the connection; waiting for it to come back");
  assertStringIncludes(log, "which count as dead time");
  assertEquals(events.map(([counter]) => counter), events.map((_, i) => i));
  // At most 150 events come over a connection; opening one takes longer than all of them.
  assert(events.filter(([, , deadtime]) => deadtime > 0.5).length >= 3);
});

Deno.test("redpitaya_source is paused and resumed, and takes nothing meanwhile", async () => {
  const { exitCode, record, events } = await run(
    { simulator: { rate_Hz: 1000 }, set_size: 10 },
    {},
    async (daq) => {
      await sleep(1500);
      for (let i = 0; i < 2; i++) {
        daq.pause();
        await sleep(400);
        daq.resume();
        await sleep(400);
      }
      daq.stop();
    },
  );
  assertEquals(exitCode, 0);
  assert(record.end.paused_s > 0.7, `${record.end.paused_s} s`);
  assert(events.length > 100, `${events.length} events`);
  const gaps = events.slice(1).filter(([, timestamp], i) => timestamp - events[i][1] > 0.35);
  assertEquals(gaps.length >= 1, true, "the pauses are not seen in the times of the events");
});

Deno.test("redpitaya_source lets a slow reader hold it back, and counts that as dead", async () => {
  const { exitCode, record, events } = await run(
    { simulator: { rate_Hz: 0 }, sleep_s: 0.003 },
    { runevents: 600 },
  );
  assertEquals([exitCode, record.ledger[0].published, events.length], [0, 600, 600]);
  const deadS = events.slice(1).reduce((sum, [, t, dead], i) => sum + dead * (t - events[i][1]), 0);
  const lengthS = events.at(-1)![1] - events[0][1];
  assert(deadS > 0.3 * lengthS && deadS <= lengthS, `${deadS} s of ${lengthS} s`);
});

Deno.test("a run with a Red Pitaya that nobody can reach is refused with the reason", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const { exitCode, log } = await run({ device: null, host: "127.0.0.1", port }, {});
  assertEquals(exitCode, 1);
  assertStringIncludes(log, `Cannot connect to Red Pitaya 127.0.0.1:${port}: expected its DAQ server to run there`);
});
