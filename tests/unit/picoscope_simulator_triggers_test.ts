/** Where the simulated instruments trigger: waveforms of known values, every kind of condition. */
import { assertEquals } from "../../src/std/assert.js";
import { Bench, SimulatedLibrary } from "./picoscope_simulator_fixture.ts";

const [ABOVE, BELOW, RISING, FALLING, EITHER] = [0, 1, 2, 3, 4];
const [POSITIVE_RUNT, NEGATIVE_RUNT] = [9, 10];
const [LEVEL, WINDOW] = [0, 1];
const PRE = 10;
const SAMPLES = 40;
const NONE = -1;

/** A waveform of 100 samples: steps to the values at the indices. */
function steps(...changes: [number, number][]): Int16Array<ArrayBuffer> {
  const wave = new Int16Array(100);
  for (const [index, value] of changes) wave.fill(value, index);
  return wave;
}

interface Properties {
  channel: number;
  upper: number;
  upperHysteresis?: number;
  lower?: number;
  lowerHysteresis?: number;
  direction: number;
  mode?: number;
}

function setProperties(bench: Bench, properties: readonly Properties[]): void {
  const family = bench.library.family;
  const isV2 = family === "ps5000a" || bench.isE;
  const size = isV2 ? 12 : 16;
  const view = new DataView(new ArrayBuffer(size * properties.length));
  properties.forEach((each, index) => {
    view.setInt16(index * size, each.upper, true);
    view.setUint16(index * size + 2, each.upperHysteresis ?? 0, true);
    view.setInt16(index * size + 4, each.lower ?? each.upper, true);
    view.setUint16(index * size + 6, each.lowerHysteresis ?? 0, true);
    view.setUint32(index * size + 8, each.channel, true);
    if (!isV2) view.setUint32(index * size + 12, each.mode ?? LEVEL, true);
  });
  const name = family === "ps5000a" ? "SetTriggerChannelPropertiesV2" : "SetTriggerChannelProperties";
  const more = family === "ps5000a" || family === "psospa" ? [] : [0];
  const auto = family === "ps5000a" ? [0] : [0];
  bench.ok(name, view, properties.length, ...more, ...auto);
  setDirections(bench, properties);
}

function setDirections(bench: Bench, properties: readonly Properties[]): void {
  const family = bench.library.family;
  if (family === "ps2000a" || family === "ps3000a") {
    const directions = [RISING, RISING, RISING, RISING, RISING, RISING];
    for (const { channel, direction } of properties) directions[channel] = direction;
    return bench.ok("SetTriggerChannelDirections", ...directions);
  }
  const size = family === "ps4000a" ? 2 : 3;
  const words = new Uint32Array(size * properties.length);
  properties.forEach((each, index) =>
    words.set([each.channel, each.direction, each.mode ?? LEVEL].slice(0, size), size * index)
  );
  bench.ok(
    family === "ps5000a" ? "SetTriggerChannelDirectionsV2" : "SetTriggerChannelDirections",
    words,
    properties.length,
  );
}

/** Groups of [channel, state], OR-ed. */
function setConditions(bench: Bench, groups: readonly (readonly [number, number])[][]): void {
  const family = bench.library.family;
  if (family === "ps2000a" || family === "ps3000a") {
    const words = family === "ps2000a" ? 8 : 7;
    const states = new Uint32Array(words * groups.length);
    groups.forEach((group, index) => group.forEach(([channel, state]) => states[index * words + channel] = state));
    return bench.ok("SetTriggerChannelConditions", states, groups.length);
  }
  const name = family === "ps5000a" ? "SetTriggerChannelConditionsV2" : "SetTriggerChannelConditions";
  groups.forEach((group, index) => bench.ok(name, Uint32Array.from(group.flat()), group.length, index === 0 ? 3 : 2));
}

/** Index in the waveform at which the trigger fires, found from the data; NONE if it never does. */
function firesAt(bench: Bench, waves: readonly Int16Array<ArrayBuffer>[]): number {
  const data = new Int16Array(100 * waves.length);
  waves.forEach((wave, channel) => data.set(wave, 100 * channel));
  bench.simulator.setWaveforms("", { data, waveforms: 1, channels: waves.length, samples: 100 });
  const [[buffer]] = bench.buffers({ segments: 1, channels: 1, samples: SAMPLES });
  assertEquals(bench.run(PRE, SAMPLES - PRE), 0);
  if (!bench.isReady()) {
    bench.ok("Stop");
    return NONE;
  }
  assertEquals(bench.read({ samples: SAMPLES, to: 0 }), { status: 0, samples: SAMPLES });
  const capture = bench.simulator.capture("", 0);
  assertEquals(capture?.forced, false);
  // What is in the buffer must be the waveform around the trigger, with its first value before and its last after it.
  const first = capture!.firstSample;
  const around = Int16Array.from({ length: SAMPLES }, (_, i) => waves[0][Math.min(99, Math.max(0, first + i))]);
  assertEquals(buffer, around);
  return first + PRE;
}

async function withBench(
  family: "ps3000a" | "ps5000a" | "ps4000a" | "ps2000a" | "ps6000a" | "psospa",
  play: (bench: Bench) => void,
) {
  using library = await SimulatedLibrary.open(family, { speed: 0 });
  const bench = new Bench(library, bench12(family));
  bench.channels(2);
  play(bench);
  bench.close();
}

function bench12(family: string) {
  return family === "ps5000a" || family === "ps6000a" ? { resolution: 1 } : {};
}

Deno.test("simulated simple trigger fires where the signal crosses the level in its direction", async () => {
  for (const family of ["ps2000a", "ps3000a", "ps4000a", "ps5000a", "ps6000a", "psospa"] as const) {
    await withBench(family, (bench) => {
      const up = steps([0, -5120], [30, 5120], [60, -5120]);
      const expected = [[RISING, 30], [FALLING, 60], [EITHER, 30], [ABOVE, 30], [BELOW, 0]];
      for (const [direction, at] of expected) {
        bench.trigger(0, 0, { direction });
        assertEquals(firesAt(bench, [up]), at, `${family} direction ${direction}`);
      }
      bench.trigger(0, 5121);
      assertEquals(firesAt(bench, [up]), NONE);
      bench.trigger(0, 5120);
      assertEquals(firesAt(bench, [up]), 30);
    });
  }
});

Deno.test("simulated trigger delay moves the window behind the trigger", async () => {
  await withBench("ps5000a", (bench) => {
    bench.trigger(0, 1000, { delay: 7 });
    assertEquals(firesAt(bench, [steps([50, 2000])]), 57);
  });
});

Deno.test("simulated edge needs the signal to come from beyond the hysteresis", async () => {
  for (const family of ["ps3000a", "ps4000a", "ps5000a", "ps6000a"] as const) {
    await withBench(family, (bench) => {
      // Up from just below the threshold at 20, and from far below at 40.
      const wave = steps([0, 3000], [10, 1800], [20, 3000], [30, 0], [40, 3000]);
      setConditions(bench, [[[0, 1]]]);
      setProperties(bench, [{ channel: 0, upper: 2000, upperHysteresis: 100, direction: RISING }]);
      assertEquals(firesAt(bench, [wave]), 20);
      setProperties(bench, [{ channel: 0, upper: 2000, upperHysteresis: 500, direction: RISING }]);
      assertEquals(firesAt(bench, [wave]), 40);
      const other = steps([0, 1000], [10, 2300], [20, 1000], [30, 4000], [40, 1000]);
      setProperties(bench, [{ channel: 0, upper: 2000, upperHysteresis: 500, direction: FALLING }]);
      assertEquals(firesAt(bench, [other]), 40);
    });
  }
});

Deno.test("simulated window triggers fire at entering, leaving, inside and outside", async () => {
  for (const family of ["ps3000a", "ps5000a", "ps6000a", "psospa"] as const) {
    await withBench(family, (bench) => {
      const wave = steps([0, 10000], [20, 1000], [40, -10000], [60, 0]);
      const window = { channel: 0, upper: 2000, lower: -2000, mode: WINDOW };
      setConditions(bench, [[[0, 1]]]);
      for (const [direction, at] of [[ABOVE, 20], [RISING, 20], [FALLING, 40], [EITHER, 20]]) {
        setProperties(bench, [{ ...window, direction }]);
        assertEquals(firesAt(bench, [wave]), at, `${family} direction ${direction}`);
      }
      setProperties(bench, [{ ...window, direction: BELOW }]);
      assertEquals(firesAt(bench, [steps([30, 2001])]), 30);
      assertEquals(firesAt(bench, [steps([30, 2000])]), NONE);
      // Back inside, but not clear of the hysteresis: no second entering.
      setProperties(bench, [{ ...window, upperHysteresis: 500, direction: RISING }]);
      assertEquals(firesAt(bench, [steps([0, 0], [20, 2400], [30, 0], [50, 2600], [70, 0])]), 70);
    });
  }
});

Deno.test("simulated runt triggers fire for pulses that stay below the second threshold", async () => {
  await withBench("ps5000a", (bench) => {
    const levels = { channel: 0, upper: 6000, lower: 2000 };
    setConditions(bench, [[[0, 1]]]);
    setProperties(bench, [{ ...levels, direction: POSITIVE_RUNT }]);
    assertEquals(firesAt(bench, [steps([10, 8000], [20, 0], [30, 4000], [45, 0])]), 45);
    assertEquals(firesAt(bench, [steps([10, 8000], [20, 0])]), NONE);
    setProperties(bench, [{ ...levels, direction: NEGATIVE_RUNT }]);
    assertEquals(firesAt(bench, [steps([0, 8000], [10, 0], [20, 8000], [30, 4000], [45, 8000])]), 45);
  });
});

Deno.test("simulated conditions of several channels are AND-ed within a group and OR-ed between groups", async () => {
  for (const family of ["ps2000a", "ps3000a", "ps4000a", "ps5000a", "ps6000a", "psospa"] as const) {
    await withBench(family, (bench) => {
      const both = [
        { channel: 0, upper: 2000, upperHysteresis: 100, direction: RISING },
        { channel: 1, upper: 2000, upperHysteresis: 100, direction: RISING },
      ];
      const [early, late] = [steps([20, 4000], [60, 0]), steps([35, 4000], [80, 0])];
      const never = steps();
      setConditions(bench, [[[0, 1], [1, 1]]]);
      setProperties(bench, both);
      assertEquals(firesAt(bench, [early, late]), 35, family);
      assertEquals(firesAt(bench, [early, never]), NONE, family);
      assertEquals(firesAt(bench, [steps([20, 4000], [30, 0]), late]), NONE, "pulses that do not overlap");
      setConditions(bench, [[[0, 1]], [[1, 1]]]);
      assertEquals(firesAt(bench, [late, early]), 20, family);
      assertEquals(firesAt(bench, [never, late]), 35, family);
      setConditions(bench, [[[0, 1], [1, 2]]]); // A and not B
      assertEquals(firesAt(bench, [late, early]), 60, family);
      assertEquals(firesAt(bench, [early, late]), 20, family);
    });
  }
});

Deno.test("simulated external trigger comes with the event", async () => {
  await withBench("ps3000a", (bench) => {
    bench.trigger(4, 8000);
    assertEquals(firesAt(bench, [steps([30, 5120])]), 0);
    bench.trigger(4, 20000);
    assertEquals(firesAt(bench, [steps([30, 5120])]), NONE);
  });
});

Deno.test("simulated automatic trigger forces a capture after its time", async () => {
  using library = await SimulatedLibrary.open("ps3000a", { speed: 0, triggers: "off" });
  const bench = new Bench(library);
  bench.channels(1);
  bench.trigger(0, 5000);
  bench.run(10, 30);
  assertEquals(bench.isReady(), false);
  bench.ok("Stop");
  bench.segments(3);
  bench.trigger(0, 5000, { autoMs: 20 });
  bench.run(10, 30, { timebase: 127 }); // 1 us
  assertEquals(bench.isReady(), true);
  const captures = [0, 1, 2].map((segment) => library.simulator.capture("", segment)!);
  assertEquals(captures.map(({ forced }) => forced), [true, true, true]);
  // Each waits 20 ms from the time when it has its 10 samples; then 30 samples and a dead time of 1 us.
  assertEquals(captures[1].triggerSample - captures[0].triggerSample, 30 + 1 + 10 + 20000);
  assertEquals(captures[2].triggerSample - captures[1].triggerSample, 30 + 1 + 10 + 20000);
  bench.close();
});

Deno.test("simulated trigger takes some waveforms only, in their order", async () => {
  using library = await SimulatedLibrary.open("ps3000a", { speed: 0 });
  const bench = new Bench(library);
  bench.channels(1);
  const heights = [1024, 5120, 2048, 7168, 512];
  const data = new Int16Array(500);
  heights.forEach((height, index) => data.fill(height, index * 100 + 50, index * 100 + 60));
  library.simulator.setWaveforms("", { data, waveforms: 5, channels: 1, samples: 100 });
  bench.segments(5);
  const buffers = bench.buffers({ segments: 5, channels: 1, samples: 40 });
  bench.trigger(0, 2048);
  bench.run(10, 30);
  assertEquals(bench.isReady(), true);
  bench.read({ samples: 40, to: 4 });
  assertEquals(buffers.map(([buffer]) => buffer[10]), [5120, 2048, 7168, 5120, 2048]);
  assertEquals(buffers.map(([buffer]) => buffer[9]), [0, 0, 0, 0, 0]);
  // Without a trigger: all of them, from their first sample.
  bench.noTrigger();
  bench.run(0, 60);
  assertEquals(bench.isReady(), true);
  assertEquals([0, 1, 2, 3, 4].map((segment) => library.simulator.capture("", segment)!.waveform), [0, 1, 2, 3, 4]);
  bench.close();
});
