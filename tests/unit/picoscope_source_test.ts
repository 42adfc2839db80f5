/** The PicoScope source with simulated devices, in one thread: rings that take all events. */
import type { FamilyName } from "../../drivers/picoscope/families.ts";
import { Scope } from "../../drivers/picoscope/scope.ts";
import type { SimulatedCapture } from "../../drivers/picoscope/simulator/open_simulator.ts";
import { picoscopeSource } from "../../src/functions/picoscope_source.ts";
import { readWaveformScale } from "../../src/functions/waveform_scale.ts";
import { Reader } from "../../src/ring/reader.ts";
import type { RingBuffer } from "../../src/ring/ring_buffer.ts";
import type { EventCounts } from "../../src/worker/event_books.ts";
import { RunSignal } from "../../src/worker/run_signal.ts";
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "../../src/std/assert.js";
import { logLines, withDirectory } from "./functions_fixture.ts";
import { MODELS, SERIAL, simulate, type Simulated } from "./picoscope_fixture.ts";
import { type EventCopy, makeContext, makeRing, takeAll } from "./worker_fixture.ts";

const CONFIG = {
  device: "simulated",
  sample_time_ns: 100,
  sample_time_tolerance: 0.1,
  channel_range_mV: 500,
  trigger_channel: "A",
  trigger_level_mV: 60,
  pre_trigger_samples: 50,
};

interface Result {
  readonly events: EventCopy[];
  readonly counts: EventCounts;
  readonly lines: string[];
  readonly startS: number;
  readonly endS: number;
}

/** Captures and streamed samples that are remembered of a unit. */
const KEPT = { captures: 64, streamed: 20_000 };

/** What a unit must have given; the simulator forgets it when the unit is closed, so it is asked just before. */
class Truth {
  readonly #counts: (Int16Array | null)[] = [];
  readonly #stream: (Int16Array | null)[] = [];
  /** All captures that were read, by their number. */
  readonly captures: SimulatedCapture[] = [];

  take({ simulator }: Simulated): void {
    for (let channel = 0; channel < 2; channel++) {
      for (let capture = 0; capture < KEPT.captures; capture++) {
        this.#counts[2 * capture + channel] = simulator.expected(SERIAL, { channel, capture, count: 200 });
      }
      this.#stream[channel] = simulator.expectedStream(SERIAL, { channel, first: 0, count: KEPT.streamed });
    }
  }

  /** ADC values of a capture. */
  counts(channel: number, capture: number): number[] {
    return Array.from(this.#counts[2 * capture + channel]!);
  }

  /** ADC values of 200 streamed samples. */
  streamed(channel: number, first: number): number[] {
    return Array.from(this.#stream[channel]!.subarray(first, first + 200));
  }

  /** Remembers a unit whenever one is closed, until it is disposed. */
  static listen(simulated: Simulated): { truth: Truth } & Disposable {
    const truth = new Truth();
    const { close, readTriggerTimes } = Scope.prototype;
    Scope.prototype.close = function (this: Scope): Promise<void> {
      truth.take(simulated);
      return close.call(this);
    };
    Scope.prototype.readTriggerTimes = function (this: Scope, count: number): Float64Array | null {
      for (let i = 0; i < count; i++) {
        const capture = simulated.simulator.capture(SERIAL, i);
        if (capture !== null) truth.captures[capture.capture] = capture;
      }
      return readTriggerTimes.call(this, count);
    };
    return { truth, [Symbol.dispose]: () => void Object.assign(Scope.prototype, { close, readTriggerTimes }) };
  }
}

interface SourceRun {
  readonly family?: FamilyName;
  readonly knobs?: Readonly<Record<string, string | number>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly fields?: Readonly<Record<string, string>>;
  readonly limit?: number;
  readonly slots?: number;
  /** Called when the source is about to start. */
  readonly meanwhile?: (parts: { ring: RingBuffer; signal: RunSignal; simulated: Simulated }) => void;
  readonly check?: (parts: { truth: Truth; directory: string; result: Result }) => void | Promise<void>;
}

/** Runs a source until its ring is full of events, and gives what it wrote. */
async function runSource(run: SourceRun): Promise<Result> {
  const { family = "ps5000a", knobs = {}, config = {}, limit = 20, slots = 64 } = run;
  const fields = run.fields ?? { chA: "int16", chB: "int16" };
  using simulated = await simulate(family, knobs);
  using listening = Truth.listen(simulated);
  using ring = await makeRing("RB_1", { slots, valuesPerSlot: 200, fields, limit });
  using reader = new Reader(ring.newReaderGroup("check"));
  return await withDirectory(async (directory) => {
    const signal = new RunSignal();
    const { context, posted } = makeContext({
      sinks: [ring],
      config: { ...CONFIG, family, simulator: { devices: `${MODELS[family]}=${SERIAL}`, ...knobs }, ...config },
      signal,
      task: { runDirectory: directory, functionName: "picoscope_source" },
    });
    const startS = Date.now() / 1000;
    run.meanwhile?.({ ring, signal, simulated });
    try {
      await picoscopeSource(context);
    } finally {
      context.close();
    }
    const events = takeAll(reader);
    const result = {
      events,
      counts: context.books.counts()!,
      lines: logLines(posted),
      startS,
      endS: Date.now() / 1000,
    };
    await run.check?.({ truth: listening.truth, directory, result });
    return result;
  });
}

for (const family of ["ps2000a", "ps3000a", "ps4000a", "ps5000a", "ps6000a", "psospa"] as const) {
  Deno.test(`picoscope_source writes ADC counts of a ${family} into int16 fields, each sample as it must be`, () =>
    runSource({
      family,
      config: { captures_per_set: 8 },
      check: ({ truth, result: { events, counts } }) => {
        assertEquals(events.map(({ counter }) => counter), Array.from({ length: 20 }, (_, i) => i));
        for (const { counter, data } of events) {
          assertEquals(data.chA, truth.counts(0, counter));
          assertEquals(data.chB, truth.counts(1, counter));
        }
        assertEquals([counts.published, counts.produced, counts.late, counts.failed], [[20], 24, 4, 0]);
      },
    }).then(() => {}));

  Deno.test(`picoscope_source writes mV of a ${family} into float fields, as its scale says`, () =>
    runSource({
      family,
      config: { captures_per_set: 7, analogue_offset_mV: 30 },
      fields: { chA: "float64", chB: "float32" },
      check: ({ truth, directory, result: { events } }) => {
        const scale = readWaveformScale({ runDirectory: directory }, "RB_1");
        assertEquals(scale.fields.chA, { mvPerCount: 1, offsetMv: 0, rangeMv: 500 });
        const maxCount = ["ps4000a"].includes(family) ? 32767 : 32512;
        for (const { counter, data } of events) {
          const counts = truth.counts(0, counter);
          assertEquals(data.chA, counts.map((count) => count * (500 / maxCount) - 30));
          const other = truth.counts(1, counter);
          assertEquals(data.chB, other.map((count) => Math.fround(count * (500 / maxCount) - 30)));
        }
      },
    }).then(() => {}));
}

Deno.test("picoscope_source fills raw and mV fields of one ring", () =>
  runSource({
    fields: { chB: "float32", chA: "int16" },
    check: ({ truth, result: { events } }) => {
      for (const { counter, data } of events) {
        assertEquals(data.chA, truth.counts(0, counter));
        const counts = truth.counts(1, counter);
        assertEquals(data.chB, counts.map((count) => Math.fround(count * (500 / 32512))));
      }
    },
  }).then(() => {}));

Deno.test("picoscope_source takes single blocks", async () => {
  const { events, lines } = await runSource({
    config: { mode: "block" },
    check: ({ truth, result: { events } }) => {
      for (const { counter, data } of events) assertEquals(data.chA, truth.counts(0, counter));
    },
  });
  assertEquals(events.length, 20);
  assert(lines.some((line) => /^2[01] captures in 2[01] sets/.test(line)), lines.join("\n"));
});

Deno.test("picoscope_source writes the scale of raw data, and readWaveformScale() reads it", () =>
  runSource({
    config: { analogue_offset_mV: 30, resolution_bits: 12 },
    check: async ({ directory }) => {
      const scale = readWaveformScale({ runDirectory: directory }, "RB_1");
      assertEquals(scale.source, `PicoScope 5444D ${SERIAL}`);
      assertEquals([scale.preTriggerSamples, scale.sampleTimeNs], [50, 96]);
      assertEquals(scale.fields.chB, { mvPerCount: 500 / 32767, offsetMv: 30, rangeMv: 500 });
      const text = await Deno.readTextFile(`${directory}/RB_1_scale.yaml`);
      for (const line of ["family: ps5000a", "max_count: 32767", "resolution_bits: 12", "timebase: 9"]) {
        assertStringIncludes(text, line);
      }
    },
  }).then(() => {}));

Deno.test("picoscope_source keeps the offset in the data with mimoCoRB2's key", () =>
  runSource({
    config: { analogue_offset: 0.03 },
    fields: { chA: "float32" },
    check: ({ truth, result: { events: [event] } }) => {
      const counts = truth.counts(0, event.counter);
      assertEquals(event.data.chA, counts.map((count) => Math.fround(count * (500 / 32512))));
    },
  }).then(() => {}));

Deno.test("picoscope_source takes times from the device's trigger counter", () =>
  runSource({
    knobs: { speed: 1, rate_hz: 2000 },
    config: { captures_per_set: 10 },
    limit: 30,
    check: ({ truth, result: { events, startS, endS } }) => {
      const last = events.slice(20);
      const triggers = last.map(({ counter }) => truth.captures[counter]);
      last.forEach(({ timestamp }, i) => {
        const sinceFirstS = (triggers[i].triggerSample - triggers[0].triggerSample) * 96e-9;
        // UTC in seconds is exact to a quarter of a microsecond.
        assertAlmostEquals(timestamp - last[0].timestamp, sinceFirstS, 1e-6);
      });
      for (const { timestamp } of events) assert(timestamp > startS - 0.01 && timestamp < endS + 0.01);
      events.slice(1).forEach(({ timestamp }, i) => assert(timestamp >= events[i].timestamp));
    },
  }).then(() => {}));

Deno.test("picoscope_source spreads times evenly where the device does not tell, and says so", async () => {
  const { events, lines } = await runSource({
    family: "ps2000a",
    knobs: { speed: 1, rate_hz: 2000 },
    config: { captures_per_set: 10 },
    limit: 10,
    check: async ({ directory }) => {
      assertStringIncludes(await Deno.readTextFile(`${directory}/RB_1_scale.yaml`), "spread evenly over each set");
    },
  });
  const steps = events.slice(1).map(({ timestamp }, i) => timestamp - events[i].timestamp);
  steps.forEach((step) => assertAlmostEquals(step, steps[0], 2e-6));
  assert(lines.some((line) => line.includes("spread evenly")), lines.join("\n"));
});

Deno.test("picoscope_source counts captures, gaps and the time before the first set as dead", async () => {
  const { events, counts } = await runSource({
    knobs: { speed: 1, rate_hz: 5000 },
    config: { captures_per_set: 10 },
    limit: 40,
  });
  // 200 samples of 96 ns are 19.2 us of the 200 us between events.
  const within = events.filter((_, i) => i % 10 !== 0);
  const meanS = (events[9].timestamp - events[0].timestamp) / 9;
  for (const { deadtime } of within) assert(deadtime > 0 && deadtime <= 1, `${deadtime}`);
  const firstS = (events[1].timestamp - events[0].timestamp) * events[1].deadtime;
  assertAlmostEquals(firstS, 20.2e-6, 2e-6);
  assert(meanS > 20e-6);
  assert(counts.deadS > 40 * 19.2e-6, `${counts.deadS} s`);
});

Deno.test("picoscope_source ends a set that takes too long and publishes what there is", async () => {
  const { events, lines } = await runSource({
    knobs: { speed: 1, rate_hz: 200, seed: 3 },
    config: { captures_per_set: 50, longest_set_s: 0.02 },
    limit: 20,
    check: ({ truth, result: { events } }) => {
      for (const { counter, data } of events) assertEquals(data.chA, truth.counts(0, counter));
    },
  });
  assertEquals(events.length, 20);
  const sets = /captures in (\d+) sets/.exec(lines.join("\n"));
  assert(sets !== null && Number(sets[1]) > 3, lines.join("\n"));
  events.slice(1).forEach(({ timestamp }, i) => assert(timestamp >= events[i].timestamp));
});

Deno.test("picoscope_source ends while it waits for a trigger when the run ends", async () => {
  const { events, counts } = await runSource({
    knobs: { speed: 1, triggers: "off" },
    meanwhile: ({ ring, signal }) => {
      const timer = new Worker(
        `data:text/javascript,${
          encodeURIComponent(`
            self.onmessage = ({ data }) => {
              Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
              const words = new Int32Array(data);
              Atomics.store(words, 0, 1);
              Atomics.notify(words, 0);
              self.close();
            };
          `)
        }`,
        { type: "module" },
      );
      timer.postMessage(signal.memory);
      assertEquals(ring.slots, 64);
    },
  });
  assertEquals([events.length, counts.published[0], counts.late], [0, 0, 0]);
  assert(counts.deadS > 0.05, `${counts.deadS} s`);
});

Deno.test("picoscope_source warns once that a ring holds counts, before it opens the device", async () => {
  const fields = { chA: "int16", chB: "float32" };
  const knobs = { unplug: "captures:12", replug: "after:0.01" };
  const { lines } = await runSource({ fields, knobs, config: { captures_per_set: 5, foo_bar: 1 } });
  assert(lines.some((line) => line.includes("is back after")), lines.join("\n"));
  const warnings = lines.filter((line) => line.includes("counts, not mV"));
  assertEquals(warnings, [
    'ring "RB_1" holds ADC counts, not mV, in chA: functions with thresholds in mV, histograms of mV and plots see counts; ' +
    "the mV of a count are in RB_1_scale.yaml in the run directory; for mV give these fields the type float32",
  ]);
  assertEquals(lines.indexOf(warnings[0]), 1);
  assertEquals(lines[0], 'picoscope_source does not know, and ignores, "foo_bar"');
  const { lines: inMv } = await runSource({ fields: { chA: "float64", chB: "float32" } });
  assertEquals(inMv.filter((line) => line.includes("not mV")), []);
});

Deno.test("picoscope_source tells of overflows", async () => {
  const { lines } = await runSource({ knobs: { overflow: 2 } });
  assert(lines.includes("channel B was over its range of ±500 mV in event 0"), lines.join("\n"));
  assert(lines.includes("over range: channel B in 20 events"), lines.join("\n"));
});

const FIRST_CALLS = ["SetChannel", "SetDeviceResolution", "MaximumValue", "MemorySegments", "SetNoOfCaptures"];
const CALLS = [...FIRST_CALLS, "GetTimebase2", "SetSimpleTrigger", "GetDeviceResolution", "SetDataBuffer", "RunBlock"];

for (const call of [...CALLS, "IsReady", "GetValuesBulk", "GetTriggerInfoBulk"]) {
  for (const type of ["int16", "float32"] as const) {
    Deno.test(`picoscope_source sets the device up anew when ${call} tells of another power source, ${type}`, async () => {
      // The unit has its supply, so it wants 0x119 confirmed when it is told 0x11A.
      const { events, lines } = await runSource({
        knobs: { fail: `${call}=0x11A*3` },
        config: { captures_per_set: 8, resolution_bits: 8 },
        fields: { chA: type, chB: type },
      });
      assertEquals(events.length, 20);
      assert(
        lines.some((line) => line.endsWith("its power supply was connected; it is set up anew")),
        lines.join("\n"),
      );
      // The third set is the last one: what happens to the device after it does not matter.
      assert(lines.some((line) => /^the power source changed [23] times$/.test(line)), lines.join("\n"));
    });
  }
}

Deno.test("picoscope_source streams on when its start tells of another power source", async () => {
  const { events, lines } = await runSource({ config: { mode: "streaming" }, knobs: { fail: "RunStreaming=0x11A*3" } });
  assertEquals(events.length, 20);
  assert(lines.includes("the power source changed 3 times"), lines.join("\n"));
});

Deno.test("picoscope_source ends with an error when the power source never rests at the beginning", async () => {
  const error = await assertRejects(() => runSource({ knobs: { fail: "SetChannel=0x119*100000" } }), Error);
  assertStringIncludes(error.message, "it changed 100 times in a row; check the plug of the power supply");
});

for (const [mode, call] of [["rapid_block", "RunBlock"], ["streaming", "RunStreaming"]]) {
  Deno.test(`picoscope_source takes a device whose power source never rests for lost in mode ${mode}`, async () => {
    const { events, lines } = await runSource({ knobs: { fail: `${call}=0x119*150` }, config: { mode } });
    assertEquals(events.length, 20);
    assert(lines.some((line) => line.includes("it changed 100 times in a row")), lines.join("\n"));
    assert(lines.some((line) => line.includes("is back after")), lines.join("\n"));
  });
}

Deno.test("picoscope_source asks for trigger times after the samples, as the vendor does", async () => {
  const { read, arm, readTriggerTimes } = Scope.prototype;
  for (const type of ["int16", "float32"] as const) {
    const order: string[] = [];
    Object.assign(Scope.prototype, {
      arm(this: Scope) {
        order.push("arm");
        return arm.call(this);
      },
      read(this: Scope, from: number, count: number) {
        order.push("read");
        return read.call(this, from, count);
      },
    });
    const { readTriggerTimes: listened } = Scope.prototype;
    Scope.prototype.readTriggerTimes = function (this: Scope, count: number): Float64Array | null {
      order.push("times");
      return listened.call(this, count);
    };
    try {
      await runSource({ config: { captures_per_set: 5 }, fields: { chA: type, chB: type }, limit: 10 });
    } finally {
      Object.assign(Scope.prototype, { read, arm, readTriggerTimes });
    }
    assertEquals(order.slice(0, 6), ["arm", "read", "times", "arm", "read", "times"]);
  }
});

Deno.test("picoscope_source tells when the memory holds fewer captures than wanted", async () => {
  const { lines } = await runSource({ family: "ps2000a", config: { captures_per_set: 2_000_000 }, limit: 1 })
    .catch((error: Error) => ({ lines: [error.message] }));
  assert(lines.some((line) => line.includes("the memory holds only")), lines.join("\n"));
});

for (const [type, what] of [["int16", "ADC counts"], ["float32", "mV"]] as const) {
  Deno.test(`picoscope_source publishes all ${what} that were read, at whichever call it is unplugged`, async () => {
    const { read } = Scope.prototype;
    let unplugged = 0;
    for (let calls = 21; calls <= 60; calls++) {
      let events = 0;
      Scope.prototype.read = function (this: Scope, from: number, count: number): void {
        const reading = read.call(this, from, count);
        assertEquals(reading, undefined);
        events += count;
      };
      try {
        const { counts, lines } = await runSource({
          knobs: { unplug: `calls:${calls}`, replug: "after:0.001" },
          config: { captures_per_set: 5 },
          fields: { chA: type, chB: type },
          limit: 60,
          slots: 128, // slots that were given back take room, too, as nobody reads
        });
        // ADC counts are not read if the ring has no room for them.
        const late = type === "int16" ? 0 : counts.late;
        assertEquals(counts.published[0] + late, events, `unplugged at call ${calls}: ${lines.join("\n")}`);
        assertEquals(counts.published[0], 60);
        if (lines.some((line) => line.includes("is back after"))) unplugged++;
      } finally {
        Scope.prototype.read = read;
      }
    }
    assert(unplugged > 20, `${unplugged} times`);
  });
}

Deno.test("picoscope_source streams records that follow one another, each sample as it must be", () =>
  runSource({
    knobs: { speed: 1, signal: "ramp" },
    config: { mode: "streaming", sample_time_ns: 2000 },
    limit: 60,
    check: ({ truth, result: { events, counts } }) => {
      assertEquals(events.length, 60);
      events.forEach(({ data }, i) => {
        for (const [channel, name] of ["chA", "chB"].entries()) {
          assertEquals(data[name], truth.streamed(channel, 200 * i), `record ${i}`);
        }
      });
      // 200 samples of 2 us: a record each 0.4 ms.
      const steps = events.slice(2).map(({ timestamp }, i) => timestamp - events[i + 1].timestamp);
      steps.forEach((step) => assertAlmostEquals(step, 0.4e-3, 0.1e-3));
      assertEquals(counts.published, [60]);
    },
  }).then(() => {}));

for (const lost of ["stall", "marker"] as const) {
  Deno.test(`picoscope_source gives a record with a hole back as void when the stream shows a ${lost}`, async () => {
    const { events, lines } = await runSource({
      knobs: { speed: 1, signal: "ramp", lost, lose: 500 },
      config: { mode: "streaming", sample_time_ns: 2000 },
      limit: 40,
    });
    assertEquals(events.length, 40);
    for (const { data } of events) {
      const [a, b] = data.chA;
      const step = 256;
      data.chA.forEach((value, i) => {
        const expected = ((a / step + 100 + i) % 201 - 100) * step;
        assertEquals(value, expected, `${a}, ${b}, sample ${i}`);
      });
    }
    assert(lines.some((line) => line.includes("streamed samples were lost")), lines.join("\n"));
  });
}

Deno.test("picoscope_source ends with an error when there is no device at the beginning", async () => {
  await assertRejects(
    () => runSource({ config: { simulator: { devices: "none" } } }),
    Error,
    "Cannot open PicoScope of family ps5000a",
  );
});

Deno.test("picoscope_source ends with an error when the device refuses the settings", async () => {
  await assertRejects(
    () => runSource({ config: { sample_time_ns: 1, sample_time_tolerance: 0.01, resolution_bits: 12 } }),
    RangeError,
    "the nearest one is",
  );
});

Deno.test("picoscope_source finds the device by its serial number and in a library that was named", async () => {
  using simulated = await simulate("ps3000a");
  const { lines } = await runSource({
    family: "ps3000a",
    config: { device: SERIAL, library_path: simulated.path, simulator: {} },
  });
  assert(lines.some((line) => line.startsWith(`PicoScope 3406D ${SERIAL} (ps3000a`)), lines.join("\n"));
});
