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

/** Part of the captured bytes by which memory may grow; a leak of the samples in one of four channels is 0.25. */
const LARGEST_GROWTH = 0.1;
/** Length of the run in which clocks are compared. */
const DRIFT_RUN_MS = 6000;

/** Captures of a set of the unit that is unplugged. */
const PER_SET = 25;

/** Times that its power supply is plugged in or out. */
const GLITCHES = 300;

/** Numbers from 0 to 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

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
  readonly samples?: number;
  readonly keys?: Readonly<Record<string, unknown>>;
}

interface Finished {
  readonly exitCode: number;
  readonly checks: readonly RampCheck[];
  readonly log: string;
  /** Captures that each simulated library completed. */
  readonly captured: readonly number[];
  readonly record: Awaited<ReturnType<RunMimoDAQ["run"]>>["record"];
}

/** Writes a setup, runs it in this process, and reads what it left. `meanwhile` gets the run and the library's knobs. */
async function run(
  setup: TestSetup,
  meanwhile: (parts: { daq: RunMimoDAQ; simulators: readonly Simulator[] }) => Promise<void> = () => Promise.resolve(),
): Promise<Finished> {
  const { devices, events = 0, slots = 64, channels = 2, samples = 200, keys = {} } = setup;
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
      [`RB_${i + 1}`]: { number_of_slots: slots, channel_per_slot: samples, data_type: dataType },
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
    const captured = simulators.map((simulator) => simulator.count("", "captures"));
    return { exitCode, checks, log, captured, record };
  } finally {
    for (const simulator of simulators) simulator.close();
    await Deno.remove(directory, { recursive: true });
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
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
  const [channels, samples] = [4, 500];
  const { exitCode, checks: [check], record } = await run({
    devices: [{ config: { captures_per_set: 40 }, check: { point_every: Math.ceil(CAPTURES / 200) } }],
    events: CAPTURES,
    channels,
    samples,
  });
  assertEquals([exitCode, check.events, check.breaks, check.backwards], [0, CAPTURES, 0, 0]);
  assertEquals(record.ledger[0].published, CAPTURES);
  // Between collections of garbage memory grows in any case: the least of many readings is what is in use.
  const least = (from: number, to: number) =>
    Math.min(
      ...check.points.filter(([events]) => events > from * CAPTURES && events <= to * CAPTURES).map(([, , rss]) => rss),
    );
  const grown = [[0.3, 0.5], [0.5, 0.7], [0.8, 1]].map(([from, to]) => least(from, to));
  const capturedBytes = 0.5 * CAPTURES * channels * samples * 2;
  const growth = (grown[2] - grown[0]) / capturedBytes;
  assert(
    growth < LARGEST_GROWTH,
    `${grown.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(", ")} MB: ${growth.toFixed(3)} of what was captured`,
  );
});

Deno.test("picoscope_source keeps to the clock of the device over the run", async () => {
  /** When the unit had so many captures, as seen from outside. */
  const seen: { captures: number; timeS: number }[] = [];
  const { exitCode, checks: [check] } = await run(
    {
      devices: [{
        simulator: { speed: 1, rate_hz: 2000 },
        config: { captures_per_set: 20 },
        check: { point_every: 20 },
      }],
      slots: 256,
    },
    async ({ daq, simulators: [simulator] }) => {
      await untilOpen(simulator);
      const endMs = performance.now() + DRIFT_RUN_MS;
      while (performance.now() < endMs) {
        const before = simulator.count("", "captures");
        await sleep(1);
        const captures = simulator.count("", "captures");
        if (captures > before) seen.push({ captures, timeS: (performance.timeOrigin + performance.now()) / 1000 });
      }
      daq.stop();
    },
  );
  assertEquals([exitCode, check.breaks, check.backwards], [0, 0, 0]);
  // The set is complete when its last capture is; the unit counts captures when it is asked, a little later.
  const latenesses = check.points.flatMap(([events, timeS]) => {
    const first = seen.find(({ captures }) => captures >= events);
    return first === undefined ? [] : [first.timeS - timeS];
  });
  assert(latenesses.length > 100, `${latenesses.length} sets`);
  const quarter = latenesses.length >> 2;
  const [early, late] = [latenesses.slice(0, quarter), latenesses.slice(-quarter)].map(median);
  const text = `${(1000 * early).toFixed(2)} ms late in the first quarter, ${
    (1000 * late).toFixed(2)
  } ms in the last one`;
  assert(Math.abs(late - early) < 0.015 && early > -0.005 && early < 0.2, text);
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
  const random = randomNumbers(SEED);
  const { exitCode, checks: [check], log, captured, record } = await run(
    { devices: [{ simulator: { speed: 1, rate_hz: 20_000 }, config: { captures_per_set: PER_SET } }], slots: 256 },
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
  // A loss costs the set under way, or the one that was complete and not yet fetched, and nothing else.
  const lost = captured[0] - check.events;
  assert(
    lost >= 0 && lost <= PER_SET * (Number(losses[1]) + 1),
    `${lost} of ${captured[0]} captures in ${losses[1]} losses`,
  );
  // The gaps are in the books: without them the rate is the simulator's, less what is lost until a set is seen to be complete.
  const livedS = record.end.active_s - (record.function_counts.Fkt_1[0].own_counts?.dead_s ?? 0);
  const rate = check.events / livedS;
  assert(rate > 10_000 && rate < 22_000, `${check.events} events in ${livedS} s: ${rate.toFixed(0)} Hz`);
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

for (const mode of ["rapid_block", "streaming"] as const) {
  Deno.test(`picoscope_source survives ${GLITCHES} glitches of its power supply in mode ${mode} (seed ${SEED})`, async () => {
    const random = randomNumbers(SEED);
    const { exitCode, checks: [check], log, record } = await run(
      {
        devices: [{
          simulator: { speed: 1, rate_hz: 20_000, power: "psu" },
          config: { mode, captures_per_set: 10, sample_time_ns: mode === "streaming" ? 1000 : 100 },
          check: { allows_jumps: true },
        }],
        slots: 256,
      },
      async ({ daq, simulators: [simulator] }) => {
        await untilOpen(simulator);
        for (let i = 0; i < GLITCHES; i++) {
          simulator.set("", "power", i % 2 === 0 ? "usb" : "psu");
          // Some follow at once, so that the unit refuses what it just asked for.
          if (random() > 0.3) await sleep(4 * random());
        }
        await sleep(300);
        daq.stop();
      },
    );
    assertEquals([exitCode, check.backwards], [0, 0], log.slice(-2000));
    assertEquals(record.ledger[0].published, check.events);
    const changes = Number(/the power source changed (\d+) times/.exec(log)?.[1]);
    assert(changes >= 20, log.slice(-2000));
    assert(check.events > 100, `${check.events} events`);
    // A change costs the set under way and nothing else: captures within a set follow one another.
    if (mode === "rapid_block") assert(check.breaks <= changes, `${check.breaks} breaks, ${changes} changes`);
  });
}

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
