/** Whole runs with simulated PicoScopes: data, endurance, and what instruments do to a run. */
import { join } from "node:path";
import type { FamilyName } from "../../drivers/picoscope/families.ts";
import { Simulator, simulatorLibraryPath } from "../../drivers/picoscope/simulator/open_simulator.ts";
import { RunMimoDAQ } from "../../src/control/run_mimo_daq.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../src/std/assert.js";
import { stringify } from "../../src/std/yaml.js";
import type { RampCheck } from "../data/modules/picoscope_check.ts";
import { runProgram } from "./run_fixture.ts";

const REPOSITORY = `${import.meta.dirname}/../../`;
const SERIAL = "RUN/0001";
const MODEL: Readonly<Partial<Record<FamilyName, string>>> = {
  ps5000a: "5444D",
  ps3000a: "3406D",
  ps6000a: "6404E",
  ps2000a: "2406B",
};

/** Captures of the endurance test. */
const CAPTURES = Number(Deno.env.get("MIMOCORB_PICOSCOPE_CAPTURES") || 100_000);
/** Times that the device is unplugged. */
const UNPLUGS = Number(Deno.env.get("MIMOCORB_PICOSCOPE_UNPLUGS") || 200);
const SEED = Number(Deno.env.get("MIMOCORB_STRESS_SEED") || crypto.getRandomValues(new Uint32Array(1))[0]);

/** One device with a ring and a function that looks at every sample. */
interface TestDevice {
  readonly family?: FamilyName;
  readonly serial?: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly simulator?: Readonly<Record<string, unknown>>;
  readonly check?: Readonly<Record<string, unknown>>;
}

interface TestSetup {
  readonly devices: readonly TestDevice[];
  readonly events?: number;
  readonly slots?: number;
  readonly channels?: number;
  readonly keys?: Readonly<Record<string, unknown>>;
}

interface Finished {
  readonly exitCode: number;
  readonly checks: readonly RampCheck[];
  readonly log: string;
  readonly record: Awaited<ReturnType<RunMimoDAQ["run"]>>["record"];
}

/** Writes a setup, runs it in this process, and reads what it left. `meanwhile` gets the run and the library's knobs. */
async function run(
  setup: TestSetup,
  meanwhile: (parts: { daq: RunMimoDAQ; simulators: readonly Simulator[] }) => Promise<void> = () => Promise.resolve(),
): Promise<Finished> {
  const { devices, events = 0, slots = 64, channels = 2, keys = {} } = setup;
  const directory = await Deno.makeTempDir({ prefix: "mimocorb_test_" });
  const dataType = Object.fromEntries(
    ["chA", "chB", "chC", "chD"].slice(0, channels).map((name, i) => [i + 1, [name, "int16"]]),
  );
  const functions = devices.flatMap(({ family = "ps5000a", serial = SERIAL, config, simulator, check }, i) => [
    {
      [`Fkt_${2 * i + 1}`]: {
        file_name: "picoscope_source",
        fkt_name: "picoscope_source",
        config_file: `source_${i}.yaml`,
        RB_assign: { [`RB_${i + 1}`]: "write" },
        ...keys,
      },
      source: {
        device: "simulated",
        family,
        sample_time_ns: 100,
        sample_time_tolerance: 0.1,
        channel_range_mV: 500,
        trigger_channel: "A",
        trigger_level_mV: 60,
        pre_trigger_samples: 50,
        simulator: { devices: `${MODEL[family]}=${serial}`, signal: "ramp", speed: 0, ...simulator },
        ...config,
      },
    },
    {
      [`Fkt_${2 * i + 2}`]: {
        file_name: join(REPOSITORY, "tests/data/modules/picoscope_check"),
        fkt_name: "checkRamp",
        config_file: `check_${i}.yaml`,
        RB_assign: { [`RB_${i + 1}`]: "read" },
      },
      source: { sleep_ms: 0, ...check },
    },
  ]);
  for (const { source, ...entry } of functions) {
    const [fields] = Object.values(entry) as { config_file: string }[];
    await Deno.writeTextFile(join(directory, fields.config_file), stringify(source));
  }
  const text = stringify({
    RingBuffer: devices.map((_, i) => ({
      [`RB_${i + 1}`]: { number_of_slots: slots, channel_per_slot: 200, data_type: dataType },
    })),
    Functions: [{ Fkt_main: { runevents: events } }, ...functions.map(({ source: _, ...entry }) => entry)],
    GUI_control: false,
  });
  await Deno.writeTextFile(join(directory, "test_setup.yaml"), text);
  const families = [...new Set(devices.map(({ family = "ps5000a" }) => family))];
  const simulators = await Promise.all(
    families.map(async (family) => new Simulator(await simulatorLibraryPath(family))),
  );
  try {
    const daq = new RunMimoDAQ(join(directory, "test_setup.yaml"), {
      verbose: 0,
      outputDirectory: `${directory}/target`,
    });
    await daq.setup();
    const [{ exitCode, runDirectory, record }] = await Promise.all([daq.run(), meanwhile({ daq, simulators })]);
    for (const simulator of simulators) assertEquals(simulator.get("", "handles"), "0", "handles were left open");
    const log = await Deno.readTextFile(`${runDirectory}/log.txt`);
    const checks = await Promise.all(
      devices.map(async (_, i) =>
        JSON.parse(await Deno.readTextFile(`${runDirectory}/check_Fkt_${2 * i + 2}.json`)) as RampCheck
      ),
    );
    for (const { residual } of record.ledger) assertEquals(residual, 0);
    return { exitCode, checks, log, record };
  } finally {
    for (const simulator of simulators) simulator.close();
    await Deno.remove(directory, { recursive: true });
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until units are open. */
async function untilOpen(simulator: Simulator, units = 1): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (simulator.get("", "handles") !== String(units)) {
    if (performance.now() > endMs) throw new Error("the unit was not opened in time");
    await sleep(5);
  }
}

Deno.test("the PicoScope example runs on the simulated device", async () => {
  const folder = await Deno.makeTempDir({ prefix: "mimocorb_test_" });
  try {
    const setup = join(REPOSITORY, "examples/picoscope_setup.yaml");
    const { code, stdout, stderr } = await runProgram(["--runevents", "300", setup], folder);
    assertEquals(code, 0, stdout + stderr);
    assertMatch(stdout, /RB_1 +300 .* 300 +0\n/);
    const [target] = [...Deno.readDirSync(`${folder}/target`)].map(({ name }) => `${folder}/target/${name}`);
    const lines = (await Deno.readTextFile(`${target}/pulses.txt`)).trim().split("\n");
    assertEquals(lines.length > 250, true, `${lines.length} lines`);
    assertStringIncludes(await Deno.readTextFile(`${target}/RB_1_scale.yaml`), "source: PicoScope 5444D");
    assertStringIncludes(await Deno.readTextFile(`${target}/log.txt`), "one sample per 8 ns (timebase 3)");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test(`picoscope_source takes ${CAPTURES} captures without a leak, and each sample is right`, async () => {
  // A short run first: what is made once is made then.
  await run({ devices: [{}], events: 2000 });
  const beforeMb = Deno.memoryUsage().rss / 2 ** 20;
  const { exitCode, checks: [check], record } = await run({
    devices: [{ config: { captures_per_set: 40 } }],
    events: CAPTURES,
    channels: 4,
  });
  const afterMb = Deno.memoryUsage().rss / 2 ** 20;
  assertEquals([exitCode, check.events, check.breaks, check.backwards], [0, CAPTURES, 0, 0]);
  assertEquals(record.ledger[0].published, CAPTURES);
  assert(afterMb - beforeMb < 200, `${beforeMb.toFixed(0)} MB before, ${afterMb.toFixed(0)} MB after`);
});

Deno.test("picoscope_source keeps its times within the run, by the device's counter", async () => {
  const beganS = Date.now() / 1000;
  const { checks: [check] } = await run({
    devices: [{ simulator: { speed: 1, rate_hz: 2000 }, config: { captures_per_set: 20 } }],
    events: 2000,
  });
  assertEquals([check.events, check.backwards], [2000, 0]);
  assert(check.firstS > beganS - 0.05 && check.lastS < Date.now() / 1000 + 0.05);
  // 2000 events at 2 kHz, less what was missed in gaps and captures.
  const livedS = check.lastS - check.firstS - check.deadS;
  assert(livedS > 0.7 && livedS < 1.3, `${livedS} s alive, ${check.deadS} s dead`);
});

Deno.test("picoscope_source lets a slow reader hold it back, and loses nothing", async () => {
  const { exitCode, checks: [check], record } = await run({
    devices: [{ config: { captures_per_set: 30 }, check: { sleep_ms: 1 } }],
    events: 300,
    slots: 8,
  });
  assertEquals([exitCode, check.events, check.breaks], [0, 300, 0]);
  assertEquals(record.ledger[0].groups[0].processed, 300);
});

Deno.test("picoscope_source is paused and resumed without a break", async () => {
  const { exitCode, checks: [check], record } = await run(
    { devices: [{ simulator: { speed: 1, rate_hz: 1000 }, config: { captures_per_set: 10 } }], keys: {} },
    async ({ daq, simulators: [simulator] }) => {
      await untilOpen(simulator);
      for (let i = 0; i < 3; i++) {
        await sleep(100);
        daq.pause();
        await sleep(100);
        daq.resume();
      }
      await sleep(100);
      daq.stop();
    },
  );
  assertEquals([exitCode, check.breaks, check.backwards], [0, 0, 0]);
  assert(check.events > 20, `${check.events} events`);
  assert(record.end.paused_s > 0.25, `${record.end.paused_s} s`);
});

Deno.test(`picoscope_source loses nothing but the gaps when it is unplugged ${UNPLUGS} times (seed ${SEED})`, async () => {
  let state = SEED;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const { exitCode, checks: [check], log, record } = await run(
    { devices: [{ simulator: { speed: 1, rate_hz: 20_000 }, config: { captures_per_set: 25 } }], slots: 256 },
    async ({ daq, simulators: [simulator] }) => {
      await untilOpen(simulator);
      for (let i = 0; i < UNPLUGS; i++) {
        await sleep(2 + 30 * random());
        simulator.set("", "unplug", "now");
        await sleep(10 * random());
        simulator.set("", "replug", "now");
        await untilOpen(simulator);
      }
      await sleep(50);
      daq.stop();
    },
  );
  assertEquals([exitCode, check.backwards], [0, 0]);
  const losses = /the device was lost (\d+) times/.exec(log);
  assert(losses !== null && Number(losses[1]) >= 0.9 * UNPLUGS, log.slice(-500));
  // Every break in the captures is a loss; a loss before the first set of a connection makes none.
  assert(check.breaks <= Number(losses[1]) && check.breaks > 0.3 * UNPLUGS, `${check.breaks} breaks`);
  assertEquals(record.ledger[0].published, check.events);
  assertStringIncludes(log, "PICO_NOT_RESPONDING (0x07)");
  assertStringIncludes(log, "is back after");
  // The gaps are in the books: without them the rate is the simulator's.
  const livedS = record.end.active_s - (record.function_counts.Fkt_1[0].own_counts?.dead_s ?? 0);
  const rate = check.events / livedS;
  assert(rate > 10_000 && rate < 30_000, `${check.events} events in ${livedS} s: ${rate.toFixed(0)} Hz`);
});

for (const mode of ["streaming", "block"] as const) {
  Deno.test(`picoscope_source goes on after it was unplugged in mode ${mode}`, async () => {
    const { exitCode, checks: [check], log } = await run(
      {
        devices: [{
          simulator: { speed: 1, rate_hz: 20_000 },
          config: { mode, sample_time_ns: 1000 },
          check: { allows_jumps: true },
        }],
        slots: 256,
      },
      async ({ daq, simulators: [simulator] }) => {
        for (let i = 0; i < 3; i++) {
          await untilOpen(simulator);
          await sleep(100);
          simulator.set("", "unplug", "now");
          await sleep(20);
          simulator.set("", "replug", "now");
        }
        await untilOpen(simulator);
        await sleep(100);
        daq.stop();
      },
    );
    assertEquals([exitCode, check.backwards], [0, 0]);
    assert(check.events > 50, `${check.events} events`);
    assertMatch(log, /the device was lost [23] times/);
  });
}

Deno.test("picoscope_source goes on when its power supply is pulled and plugged in", async () => {
  const { exitCode, checks: [check], log } = await run(
    {
      devices: [{
        simulator: { speed: 1, rate_hz: 5000, power: "psu" },
        config: { captures_per_set: 10 },
        check: { allows_jumps: true },
      }],
    },
    async ({ daq, simulators: [simulator] }) => {
      await untilOpen(simulator);
      await sleep(200);
      simulator.set("", "power", "usb");
      await sleep(200);
      simulator.set("", "power", "psu");
      await sleep(200);
      daq.stop();
    },
  );
  assertEquals([exitCode, check.backwards], [0, 0]);
  assert(check.events > 100 && check.breaks <= 2, `${check.events} events, ${check.breaks} breaks`);
  assertStringIncludes(log, "it is powered by USB alone");
  assertStringIncludes(log, "its power supply was connected; it is set up anew");
  assertStringIncludes(log, "the power source changed 2 times");
});

Deno.test("picoscope_source waits for the power supply when channels C and D need it", async () => {
  const { exitCode, checks: [check], log } = await run(
    {
      devices: [{ simulator: { speed: 1, rate_hz: 5000, power: "psu" }, config: { captures_per_set: 10 } }],
      channels: 4,
    },
    async ({ daq, simulators: [simulator] }) => {
      await untilOpen(simulator);
      await sleep(200);
      simulator.set("", "power", "usb");
      await sleep(300);
      simulator.set("", "power", "psu");
      await sleep(900);
      daq.stop();
    },
  );
  assertEquals([exitCode, check.backwards], [0, 0]);
  assertStringIncludes(log, "connect the power supply of the unit");
  assertStringIncludes(log, "is back after");
  assert(check.longestS > 0.2, `${check.longestS} s`);
});

Deno.test("two picoscope_sources in threads of one process share the vendor's library", async () => {
  const devices = `5444D=${SERIAL},5242D=RUN/0002`;
  const { exitCode, checks, record } = await run(
    {
      devices: [SERIAL, "RUN/0002"].map((serial) => ({
        serial,
        simulator: { devices, concurrent: "refuse", speed: 1, rate_hz: 5000 },
        config: { captures_per_set: 20 },
      })),
    },
    async ({ daq, simulators: [simulator] }) => {
      await untilOpen(simulator, 2);
      await sleep(400);
      daq.stop();
    },
  );
  assertEquals(exitCode, 0);
  for (const { events, breaks } of checks) assert(events > 100 && breaks === 0, `${events} events, ${breaks} breaks`);
  assertEquals(record.ledger.map(({ residual }) => residual), [0, 0]);
});

Deno.test("picoscope_source runs in a process of its own", async () => {
  const { exitCode, checks: [check] } = await run({
    devices: [{ config: { captures_per_set: 20 } }],
    events: 500,
    keys: { isolation: "process" },
  });
  assertEquals([exitCode, check.events, check.breaks], [0, 500, 0]);
});

for (const family of ["ps3000a", "ps6000a", "ps2000a"] as const) {
  Deno.test(`picoscope_source runs with a ${family}`, async () => {
    const { exitCode, checks: [check] } = await run({
      devices: [{ family, config: { captures_per_set: 20, mode: "rapid_block" } }],
      events: 1000,
    });
    assertEquals([exitCode, check.events, check.breaks], [0, 1000, 0]);
  });
}
