/** Sample intervals of the simulated instruments against the families' formulas. */
import { assertAlmostEquals, assertEquals } from "../../src/std/assert.js";
import { Bench, SimulatedLibrary } from "./picoscope_simulator_fixture.ts";
import type { SimulatorFamily } from "../../drivers/picoscope/simulator/open_simulator.ts";

const INVALID_TIMEBASE = 0x0E;

interface Case {
  family: SimulatorFamily;
  model?: string;
  resolution?: number;
  /** Interval in ns, or null where there is no such timebase; one channel in use. */
  intervals: Record<number, number | null>;
}

// Computed by hand from the published formulas.
const CASES: readonly Case[] = [
  { family: "ps3000a", model: "3406D", intervals: { 0: 1, 1: 2, 2: 4, 3: 8, 4: 16, 127: 1000, 1252: 10000 } },
  { family: "ps3000a", model: "3204B", intervals: { 0: 2, 1: 4, 2: 8, 3: 16, 4: 32, 127: 2000 } },
  { family: "ps3000a", model: "3204MSO", intervals: { 0: 2, 1: 4, 2: 8, 3: 16, 126: 1000 } },
  { family: "ps2000a", model: "2408B", intervals: { 0: 1, 1: 2, 2: 4, 3: 8, 127: 1000 } },
  { family: "ps2000a", model: "2206B", intervals: { 0: 2, 2: 8, 3: 16, 127: 2000 } },
  { family: "ps2000a", model: "2205MSO", intervals: { 0: 5, 1: 10, 100: 1000 } },
  { family: "ps4000a", model: "4824A", intervals: { 0: 12.5, 1: 25, 79: 1000 } },
  { family: "ps4000a", model: "4444", resolution: 1, intervals: { 0: 2.5, 1: 5, 3: 20, 4: 40, 52: 1000 } },
  { family: "ps4000a", model: "4444", resolution: 2, intervals: { 0: null, 2: null, 3: 20, 4: 40 } },
  { family: "ps5000a", resolution: 0, intervals: { 0: 1, 2: 4, 3: 8, 127: 1000 } },
  { family: "ps5000a", resolution: 1, intervals: { 0: null, 1: 2, 2: 4, 3: 8, 4: 16, 65: 992 } },
  { family: "ps5000a", resolution: 2, intervals: { 2: null, 3: 8, 4: 16, 65: 504 } },
  { family: "ps5000a", resolution: 3, intervals: { 2: null, 3: 8, 65: 504 } },
  { family: "ps5000a", resolution: 4, intervals: { 3: null, 4: 16, 5: 32 } },
  { family: "ps6000a", resolution: 0, intervals: { 0: 0.2, 4: 3.2, 5: 6.4, 6: 12.8 } },
];

for (const { family, model, resolution, intervals } of CASES) {
  const name = `${model ?? family}${resolution === undefined ? "" : ` at resolution ${resolution}`}`;
  Deno.test(`simulated ${name} has the timebases of the formula`, async () => {
    using library = await SimulatedLibrary.open(family, model === undefined ? {} : { devices: `${model}=AB123/0001` });
    const bench = new Bench(
      library,
      resolution === undefined ? {} : { resolution: family === "ps4000a" ? 0 : resolution },
    );
    bench.channels(1);
    if (family === "ps4000a" && resolution !== undefined) bench.ok("SetDeviceResolution", resolution);
    const hasOversample = family === "ps2000a" || family === "ps3000a";
    for (const [timebase, expected] of Object.entries(intervals)) {
      const interval = bench.isE ? new Float64Array(1) : new Float32Array(1);
      const most = bench.counter();
      const status = bench.isE
        ? bench.call("GetTimebase", Number(timebase), 1000n, interval, most, 0n)
        : bench.call("GetTimebase2", Number(timebase), 1000, interval, ...(hasOversample ? [1] : []), most, 0);
      assertEquals(status, expected === null ? INVALID_TIMEBASE : 0, `timebase ${timebase}`);
      if (expected !== null) assertAlmostEquals(interval[0], expected, 1e-6 * expected);
    }
    bench.close();
  });
}

Deno.test("simulated 5444D limits timebases by channels and resolution", async () => {
  using library = await SimulatedLibrary.open("ps5000a");
  const bench = new Bench(library);
  const status = (timebase: number) => bench.call("GetTimebase2", timebase, 0, new Float32Array(1), null, 0);
  for (const [channels, fastest] of [[1, 0], [2, 1], [3, 2], [4, 2]]) {
    bench.channels(channels);
    if (fastest > 0) assertEquals(status(fastest - 1), INVALID_TIMEBASE, `${channels} channels`);
    assertEquals(status(fastest), 0, `${channels} channels`);
  }
  assertEquals(bench.call("SetDeviceResolution", 4), 0x121);
  assertEquals(bench.call("SetDeviceResolution", 3), 0x121);
  assertEquals(bench.call("SetDeviceResolution", 7), 0x120);
  bench.ok("SetDeviceResolution", 1);
  assertEquals(status(2), INVALID_TIMEBASE);
  assertEquals(status(3), 0);
  bench.channels(1);
  bench.ok("SetDeviceResolution", 4);
  assertEquals(bench.call("SetChannel", 1, 1, 1, 6, 0), 0x121);
});

Deno.test("simulated ps5000a and ps4000a find the nearest interval and the fastest timebase", async () => {
  using library = await SimulatedLibrary.open("ps5000a");
  const bench = new Bench(library);
  const timebase = new Uint32Array(1);
  const interval = new Float64Array(1);
  bench.ok("GetMinimumTimebaseStateless", 0b1111, timebase, interval, 1);
  assertEquals([timebase[0], interval[0]], [3, 8e-9]);
  const nearest = [[0, 3, 8e-9], [20e-9, 4, 16e-9], [25e-9, 5, 32e-9], [1e-6, 66, 1.008e-6], [0.9e-6, 59, 0.896e-6]];
  for (const [wanted, index, seconds] of nearest) {
    bench.ok("NearestSampleIntervalStateless", 0b1111, wanted, 1, 0, timebase, interval);
    assertEquals(timebase[0], index);
    assertAlmostEquals(interval[0], seconds, 1e-15);
  }
  assertEquals(bench.call("NearestSampleIntervalStateless", 0b111, 1e-6, 4, 0, timebase, interval), 0x121);
  assertEquals(bench.call("NearestSampleIntervalStateless", 0x10, 1e-6, 1, 0, timebase, interval), 0x10);
});

Deno.test("simulated psospa rounds to the faster interval when told so", async () => {
  using library = await SimulatedLibrary.open("psospa");
  const bench = new Bench(library);
  const timebase = new Uint32Array(1);
  const interval = new Float64Array(1);
  for (const [faster, wanted, index, seconds] of [[0, 12e-9, 6, 12.8e-9], [1, 12e-9, 5, 6.4e-9], [1, 0, 2, 0.8e-9]]) {
    bench.ok("NearestSampleIntervalStateless", 0b1111, wanted, faster, 0, timebase, interval);
    assertEquals(timebase[0], index);
    assertAlmostEquals(interval[0], seconds, 1e-15);
  }
  bench.ok("GetMinimumTimebaseStateless", 1, timebase, interval, 10);
  assertEquals([timebase[0], interval[0]], [1, 0.4e-9]);
  bench.close();
});

Deno.test("simulated memory is shared by the segments and the channels in use", async () => {
  using library = await SimulatedLibrary.open("ps3000a", { devices: "3406D=AB123/0001" });
  const bench = new Bench(library);
  const most = new Int32Array(1);
  bench.ok("MemorySegments", 1000, most);
  assertEquals(most[0], 512_000);
  for (const [channels, expected] of [[1, 512_000], [2, 256_000], [3, 128_000], [4, 128_000]]) {
    bench.channels(channels);
    bench.ok("GetTimebase2", 4, 0, new Float32Array(1), 1, most, 999);
    assertEquals(most[0], expected);
  }
  assertEquals(bench.call("GetTimebase2", 4, 128_001, new Float32Array(1), 1, most, 0), 0x1D);
  assertEquals(bench.call("GetTimebase2", 4, 0, new Float32Array(1), 1, most, 1000), 0x26);
});
