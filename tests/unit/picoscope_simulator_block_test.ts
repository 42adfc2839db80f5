/** Block and rapid-block mode of the simulated instruments: data, times, memory segments. */
import { assert, assertAlmostEquals, assertEquals } from "../../src/std/assert.js";
import { Bench, FAMILIES, SimulatedLibrary } from "./picoscope_simulator_fixture.ts";

const SAMPLES = 500;
const PRE = 100;

/** Expected values of what the segments hold, against the buffers. */
function assertData(bench: Bench, buffers: Int16Array<ArrayBuffer>[][], options: { samples?: number } = {}): void {
  const { samples = SAMPLES } = options;
  buffers.forEach((channels, segment) => {
    const held = bench.simulator.capture("", segment);
    assert(held !== null, `segment ${segment} is empty`);
    channels.forEach((buffer, channel) => {
      const { capture, forced } = held;
      const expected = bench.simulator.expected("", { channel, capture, forced, count: samples });
      assertEquals(buffer.subarray(0, samples), expected, `segment ${segment} channel ${channel}`);
    });
  });
}

function triggerInfo(bench: Bench, segments: number) {
  const isOld = !bench.isE;
  const size = isOld ? 32 : 48;
  const view = new DataView(new ArrayBuffer(size * segments));
  if (isOld) bench.ok("GetTriggerInfoBulk", view, 0, segments - 1);
  else bench.ok("GetTriggerInfo", view, 0n, BigInt(segments));
  return Array.from({ length: segments }, (_, i) => {
    const at = i * size;
    return isOld
      ? {
        status: view.getUint32(at, true),
        segment: view.getUint32(at + 4, true),
        index: view.getUint32(at + 8, true),
        time: Number(view.getBigInt64(at + 12, true)),
        units: view.getInt16(at + 20, true),
        missed: 0,
        stamp: view.getBigUint64(at + 24, true),
      }
      : {
        status: view.getUint32(at, true),
        segment: Number(view.getBigUint64(at + 4, true)),
        index: Number(view.getBigUint64(at + 12, true)),
        time: view.getFloat64(at + 20, true),
        units: view.getUint32(at + 28, true),
        missed: Number(view.getBigUint64(at + 32, true)),
        stamp: view.getBigUint64(at + 40, true),
      };
  });
}

for (const family of FAMILIES) {
  Deno.test(`simulated ${family} gives in rapid block mode the samples that it was told to give`, async () => {
    using library = await SimulatedLibrary.open(family, { speed: 0, seed: 5 });
    const bench = new Bench(library);
    for (const [channels, segments, rangeMv, offsetV] of [[1, 7, 500, 0], [2, 40, 200, -0.1], [4, 100, 2000, 0.5]]) {
      bench.channels(channels, { rangeMv, offsetV });
      bench.segments(segments);
      const threshold = Math.round((offsetV * 1000 + 150) / rangeMv * 32512);
      bench.trigger(0, threshold);
      const buffers = bench.buffers({ segments, channels, samples: SAMPLES });
      for (let run = 0; run < 3; run++) {
        assertEquals(bench.run(PRE, SAMPLES - PRE), 0);
        assertEquals(bench.isReady(), true);
        buffers.forEach((each) => each.forEach((buffer) => buffer.fill(-1)));
        assertEquals(bench.read({ samples: SAMPLES, to: segments - 1 }), { status: 0, samples: SAMPLES });
        assertData(bench, buffers);
        for (const [buffer] of buffers) assert(buffer[PRE - 1] < threshold && buffer[PRE] >= threshold);
      }
    }
    const [first, other] = [0, 1].map((segment) => library.simulator.capture("", segment)!);
    assertEquals(first.capture, 3 * 7 + 3 * 40 + 2 * 100);
    assertEquals(other.capture, first.capture + 1);
    assertEquals(library.simulator.count("", "wrong_calls"), 0);
    bench.close();
    assertEquals(library.simulator.count("", "handles"), 0);
  });
}

Deno.test("simulated captures are quantised to the resolution and clip at full scale with an overflow bit", async () => {
  const bits = [[0, 8, 32512], [1, 12, 32767], [2, 14, 32767], [3, 15, 32767], [4, 16, 32767]];
  using library = await SimulatedLibrary.open("ps5000a", { speed: 0 });
  for (const [resolution, width, max] of bits) {
    const bench = new Bench(library, { resolution });
    const value = new Int16Array(1);
    bench.ok("MaximumValue", value);
    assertEquals(value[0], max);
    bench.ok("MinimumValue", value);
    assertEquals(value[0], -max);
    bench.channels(1, { rangeMv: 500 });
    const mv = Float32Array.from({ length: 100 }, (_, i) => (i - 50) * 11);
    library.simulator.setWaveforms("", { data: mv, waveforms: 1, channels: 1, samples: 100 });
    bench.noTrigger();
    const [[buffer]] = bench.buffers({ segments: 1, channels: 1, samples: 100 });
    bench.run(0, 100, { timebase: 6 });
    assertEquals(bench.isReady(), true);
    const overflow = new Int16Array(1);
    bench.read({ samples: 100, to: 0, overflow });
    assertEquals(overflow[0], 1);
    const step = 2 ** (16 - width);
    for (let i = 0; i < 100; i++) {
      const exact = Math.min(Math.max(mv[i], -500), 500) * max / 500;
      assertAlmostEquals(buffer[i], exact, step / 2 + 0.01);
      assert(Math.abs(buffer[i]) === max || buffer[i] % step === 0);
    }
    // A part without clipped samples has no overflow.
    const count = Uint32Array.of(20);
    bench.ok("GetValues", 40, count, 1, 0, 0, overflow);
    assertEquals([overflow[0], count[0]], [0, 20]);
    bench.close();
  }
});

Deno.test("simulated offset is added before digitising, and AC coupling takes the baseline away", async () => {
  using library = await SimulatedLibrary.open("ps3000a", { speed: 0, noise_mv: 0, baseline_mv: 100, triggers: "off" });
  const bench = new Bench(library);
  bench.noTrigger();
  const expected = [[0, 1, 100], [-0.15, 1, -50], [0.1, 1, 200], [0, 0, 0], [0.05, 0, 50]];
  for (const [offsetV, coupling, mv] of expected) {
    bench.channels(1, { rangeMv: 200, offsetV, coupling });
    const [[buffer]] = bench.buffers({ segments: 1, channels: 1, samples: 10 });
    bench.run(0, 10);
    assertEquals(bench.isReady(), true);
    bench.read({ samples: 10, to: 0 });
    assertEquals(buffer[3], Math.round(mv / 200 * 127) * 256);
  }
  bench.close();
});

for (const family of ["ps3000a", "ps5000a", "ps6000a", "psospa"] as const) {
  Deno.test(`simulated ${family} has time stamps that tell of dead time, and trigger offsets within a sample`, async () => {
    const origin = 2 ** 56 - 2048;
    using library = await SimulatedLibrary.open(family, { speed: 0, rate_hz: 1e5, stamp_origin: origin });
    const bench = new Bench(library);
    bench.channels(1);
    bench.segments(1000);
    bench.trigger(0, 3000);
    const interval = 8; // ns of timebase 3, at 6000a 1.6 ns
    bench.run(PRE, SAMPLES - PRE, { timebase: 3 });
    assertEquals(bench.isReady(), true);
    const info = triggerInfo(bench, 1000);
    assertEquals(info.map(({ status }) => status), [0x01000000, ...new Array(999).fill(0)]);
    assertEquals(info.map(({ segment }) => segment), Array.from({ length: 1000 }, (_, i) => i));
    if (family !== "ps3000a") assertEquals(info[5].index, PRE);
    const mask = (1n << 56n) - 1n;
    const gaps = info.slice(1).map(({ stamp }, i) => Number((stamp - info[i].stamp) & mask));
    const dt = bench.isE ? 1.6 : interval;
    const least = SAMPLES + Math.floor(1000 / dt);
    assert(gaps.every((gap) => gap >= least), `${Math.min(...gaps)}`);
    // The mean time from re-arming to the trigger is 10 us.
    const accepted = gaps.reduce((sum, gap) => sum + gap - least, 0) / gaps.length * dt;
    assert(accepted > 8500 && accepted < 13000, `${accepted} ns`);
    assert(info.every(({ stamp }) => stamp <= mask));
    const start = BigInt(origin);
    for (const [segment, { stamp }] of info.entries()) {
      assertEquals((stamp - start) & mask, BigInt(library.simulator.capture("", segment)!.triggerSample));
    }
    const times = new BigInt64Array(1000);
    const units = new Uint32Array(1000);
    const name = bench.isE ? "GetValuesTriggerTimeOffsetBulk" : "GetValuesTriggerTimeOffsetBulk64";
    bench.ok(name, times, units, bench.count(0), bench.count(999));
    assert(units.every((unit) => unit === 1));
    assert(times.every((time) => time >= 0n && time < BigInt(dt * 1000)));
    assert(new Set(times).size > 10);
    assertEquals(info.map(({ time }) => time), Array.from(times, Number));
    bench.close();
  });
}

Deno.test("simulated run that is stopped keeps the captures that it has", async () => {
  using library = await SimulatedLibrary.open("ps3000a", { speed: 0 });
  const bench = new Bench(library);
  bench.channels(2);
  bench.segments(10, 4);
  bench.trigger(0, 3000);
  const buffers = bench.buffers({ segments: 10, channels: 2, samples: SAMPLES });
  bench.run(PRE, SAMPLES - PRE);
  assertEquals(bench.isReady(), true);
  library.simulator.set("", "triggers", "off");
  bench.ok("SetNoOfCaptures", 6);
  bench.run(PRE, SAMPLES - PRE, { segment: 4 });
  assertEquals(bench.isReady(), false);
  const count = new Uint32Array(1);
  bench.ok("GetNoOfCaptures", count);
  assertEquals(count[0], 0);
  assertEquals(bench.read({ samples: SAMPLES, to: 3 }).status, 0x24);
  assertEquals(bench.call("PingUnit"), 0x27);
  bench.ok("Stop");
  assertEquals(bench.call("IsReady", new Int16Array(1)), 0x3A);
  assertEquals(bench.read({ samples: SAMPLES, to: 3 }).status, 0);
  assertData(bench, buffers.slice(0, 4));
  assertEquals(bench.read({ samples: SAMPLES, to: 4 }).status, 0x3B);
  assertEquals(bench.read({ samples: SAMPLES, from: 4, to: 4 }).status, 0x25);
  bench.close();
});

Deno.test("simulated read-out honours start, shorter buffers, absent buffers and unregistered ones", async () => {
  using library = await SimulatedLibrary.open("ps5000a", { speed: 0 });
  const bench = new Bench(library);
  bench.channels(2);
  bench.trigger(0, 3000);
  bench.run(PRE, SAMPLES - PRE);
  assertEquals(bench.isReady(), true);
  assertEquals(bench.read({ samples: SAMPLES, to: 0 }).status, 0x46);
  const buffer = new Int16Array(SAMPLES).fill(-7);
  bench.ok("SetDataBuffer", 0, buffer, 50, 0, 0);
  assertEquals(bench.read({ samples: SAMPLES + 1000, to: 0 }), { status: 0, samples: SAMPLES });
  const { capture } = library.simulator.capture("", 0)!;
  assertEquals(buffer.subarray(0, 50), library.simulator.expected("", { channel: 0, capture, count: 50 }));
  assert(buffer.subarray(50).every((value) => value === -7));
  bench.ok("SetDataBuffer", 0, buffer, SAMPLES, 0, 0);
  const count = Uint32Array.of(SAMPLES);
  bench.ok("GetValues", 90, count, 1, 0, 0, null);
  assertEquals(count[0], SAMPLES - 90);
  assertEquals(
    buffer.subarray(0, SAMPLES - 90),
    library.simulator.expected("", { channel: 0, capture, first: 90, count: SAMPLES - 90 }),
  );
  assertEquals(bench.call("GetValues", SAMPLES, count, 1, 0, 0, null), 0x28);
  bench.ok("SetDataBuffer", 0, null, 0, 0, 0);
  assertEquals(bench.read({ samples: SAMPLES, to: 0 }).status, 0x46);
  bench.ok("SetDataBuffer", 1, buffer, SAMPLES, 0, 0);
  assertEquals(bench.read({ samples: SAMPLES, to: 0 }).status, 0);
  bench.ok("SetChannel", 1, 1, 1, 6, 0);
  assertEquals(bench.read({ samples: SAMPLES, to: 0 }).status, 0x25);
  bench.close();
});

Deno.test("simulated reduction: extremes, first of each, mean", async () => {
  for (const family of ["ps3000a", "ps6000a"] as const) {
    using library = await SimulatedLibrary.open(family, { speed: 0, signal: "ramp" });
    const bench = new Bench(library);
    bench.channels(1);
    bench.noTrigger();
    const [raw, most, least] = [new Int16Array(103), new Int16Array(11), new Int16Array(11)];
    bench.setBuffer(0, { data: Deno.UnsafePointer.of(raw), samples: 103, isFirst: true });
    bench.run(3, 100);
    assertEquals(bench.isReady(), true);
    bench.read({ samples: 103, to: 0 });
    const groups = Array.from({ length: 11 }, (_, i) => Array.from(raw.subarray(10 * i, 10 * i + 10)));
    const expected: Record<number, number[][]> = {
      1: [groups.map((each) => Math.max(...each)), groups.map((each) => Math.min(...each))],
      2: [groups.map((each) => each[0])],
      4: [groups.map((each) => Math.floor(each.reduce((sum, value) => sum + value, 0) / each.length + 0.5))],
    };
    for (const mode of [1, 2, 4]) {
      if (bench.isE) bench.ok("SetDataBuffers", 0, most, least, 11, 1, 0n, mode, 2);
      else bench.ok("SetDataBuffers", 0, most, least, 11, 0, mode);
      const count = bench.counter(103);
      if (bench.isE) bench.ok("GetValues", 0n, count, 10n, mode, 0n, null);
      else bench.ok("GetValues", 0, count, 10, mode, 0, null);
      assertEquals(Number(count[0]), 11);
      assertEquals(Array.from(most), expected[mode][0]);
      assertEquals(Array.from(least), expected[mode][1] ?? expected[mode][0]);
    }
    assertEquals(bench.read({ samples: 103, to: 0, ratio: 0, mode: 2 }).status, 0x40);
    assertEquals(bench.read({ samples: 103, to: 0, ratio: 104, mode: 2 }).status, 0x40);
    bench.close();
  }
});

Deno.test("simulated ps6000a writes other data types", async () => {
  using library = await SimulatedLibrary.open("ps6000a", { speed: 0, signal: "ramp" });
  const bench = new Bench(library);
  bench.channels(1);
  bench.noTrigger();
  bench.run(0, 50);
  assertEquals(bench.isReady(), true);
  const expected = Array.from({ length: 50 }, (_, i) => (i - 100) * 256);
  const outputs = [
    new Int8Array(50),
    new Int16Array(50),
    new Int32Array(50),
    new Uint32Array(50),
    new BigInt64Array(50),
  ];
  for (const [type, output] of outputs.entries()) {
    bench.ok("SetDataBuffer", 0, output, 50, type, 0n, 0x80000000, 3);
    bench.read({ samples: 50, to: 0 });
    const values = Array.from(output as Int16Array, (value) => Number(value) | 0);
    assertEquals(values, type === 0 ? expected.map((value) => value >> 8) : expected);
  }
  bench.close();
});

Deno.test("simulated overlapped read-out fills the buffers when the run is over, until it is switched off", async () => {
  for (const family of ["ps3000a", "ps6000a"] as const) {
    using library = await SimulatedLibrary.open(family, { speed: 0 });
    const bench = new Bench(library);
    bench.channels(1);
    bench.segments(5);
    bench.trigger(0, 3000);
    const buffers = bench.buffers({ segments: 5, channels: 1, samples: SAMPLES });
    const wanted = bench.counter(SAMPLES);
    const overflow = new Int16Array(5).fill(-1);
    if (bench.isE) bench.ok("GetValuesOverlapped", 0n, wanted, 1n, 0x80000000, 0n, 4n, overflow);
    else bench.ok("GetValuesOverlappedBulk", 0, wanted, 1, 0, 0, 4, overflow);
    for (let run = 0; run < 3; run++) {
      buffers.forEach(([buffer]) => buffer.fill(-1));
      wanted[0] = bench.count(1) as never;
      bench.run(PRE, SAMPLES - PRE);
      assertEquals(bench.isReady(), true);
      assertEquals(Number(wanted[0]), SAMPLES);
      assertEquals(Array.from(overflow), [0, 0, 0, 0, 0]);
      assertData(bench, buffers);
      const processed = bench.counter();
      bench.ok("GetNoOfProcessedCaptures", processed);
      assertEquals(Number(processed[0]), 5);
    }
    bench.ok(bench.isE ? "StopUsingGetValuesOverlapped" : "Stop");
    buffers.forEach(([buffer]) => buffer.fill(-1));
    bench.run(PRE, SAMPLES - PRE);
    assertEquals(bench.isReady(), true);
    assert(buffers.every(([buffer]) => buffer.every((value) => value === -1)));
    bench.close();
  }
});

Deno.test("simulated runs take the time that they take on the wall clock", async () => {
  using library = await SimulatedLibrary.open("ps3000a", { rate_hz: 1e9, rearm_ns: 0 });
  const bench = new Bench(library);
  bench.channels(1);
  bench.segments(10);
  bench.trigger(0, 3000);
  const timed = (samples: number) => {
    const start = performance.now();
    bench.run(0, samples, { timebase: 1252 }); // 10 us
    while (!bench.isReady()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    return performance.now() - start;
  };
  assert(timed(1000) >= 99);
  library.simulator.set("", "speed", 10);
  assert(timed(10_000) >= 99);
  bench.close();
});

Deno.test("simulated ps5000a counts 10^5 captures without losing or doubling one", async () => {
  using library = await SimulatedLibrary.open("ps5000a", { speed: 0, signal: "ramp", rate_hz: 1e6 });
  const bench = new Bench(library);
  bench.channels(2);
  const segments = 1000;
  bench.segments(segments);
  bench.trigger(0, 0);
  const samples = 32;
  const buffers = bench.buffers({ segments, channels: 2, samples });
  let wrong = 0;
  for (let run = 0; run < 100; run++) {
    bench.run(8, 24);
    bench.isReady();
    bench.read({ samples, to: segments - 1 });
    for (let segment = 0; segment < segments; segment++) {
      const capture = run * segments + segment;
      for (let channel = 0; channel < 2; channel++) {
        const buffer = buffers[segment][channel];
        for (let i = 0; i < samples; i += 31) {
          if (buffer[i] !== 256 * ((37 * capture + 101 * channel + i) % 201 - 100)) wrong++;
        }
      }
    }
  }
  assertEquals(wrong, 0);
  assertEquals(library.simulator.count("", "captures"), 100_000);
  assertEquals(library.simulator.count("", "wrong_calls"), 0);
  bench.close();
});

Deno.test("simulated asynchronous read-out calls back from another thread", async () => {
  for (const family of ["ps3000a", "psospa"] as const) {
    using library = await SimulatedLibrary.open(family, { speed: 0 });
    const bench = new Bench(library);
    bench.channels(1);
    bench.trigger(0, 3000);
    const buffers = bench.buffers({ segments: 1, channels: 1, samples: SAMPLES });
    bench.run(PRE, SAMPLES - PRE);
    assertEquals(bench.isReady(), true);
    let resolve: (value: unknown[]) => void = () => {};
    const called = new Promise<unknown[]>((done) => resolve = done);
    const callback = Deno.UnsafeCallback.threadSafe(
      { parameters: ["i16", "u32", bench.isE ? "u64" : "u32", "i16", "pointer"], result: "void" } as const,
      (handle, status, samples, overflow) => resolve([handle, status, Number(samples), overflow]),
    );
    if (bench.isE) bench.ok("GetValuesAsync", 0n, BigInt(SAMPLES), 1n, 0x80000000, 0n, callback.pointer, null);
    else bench.ok("GetValuesAsync", 0, SAMPLES, 1, 0, 0, callback.pointer, null);
    assertEquals(await called, [bench.handle, 0, SAMPLES, 0]);
    assertData(bench, buffers);
    for (let i = 0; i < 1000 && library.simulator.get("", "threads") !== "0"; i++) {
      await new Promise((done) => setTimeout(done, 1));
    }
    callback.close();
    bench.close();
  }
});

Deno.test("simulated trigger offsets are the same in one number and in two halves", async () => {
  using library = await SimulatedLibrary.open("ps4000a", { speed: 0, pulse_ns: 1e9 });
  const bench = new Bench(library);
  bench.channels(1);
  bench.segments(20);
  bench.trigger(0, 3000);
  bench.run(PRE, SAMPLES - PRE, { timebase: 800_000 }); // 10 ms: offsets of more than 32 bits
  assertEquals(bench.isReady(), true);
  const times = new BigInt64Array(20);
  const [upper, lower, units] = [0, 0, 0].map(() => new Uint32Array(20));
  bench.ok("GetValuesTriggerTimeOffsetBulk64", times, units, 0, 19);
  bench.ok("GetValuesTriggerTimeOffsetBulk", upper, lower, units, 0, 19);
  assertEquals(Array.from(upper, (high, i) => BigInt(high) * 2n ** 32n + BigInt(lower[i])), Array.from(times));
  assert(upper.some((high) => high > 0));
  bench.close();
});

Deno.test("simulated captures are the same for the same seed and serial number, others for another", async () => {
  const first: Int16Array[] = [];
  for (const [seed, serial] of [[1, "A/1"], [1, "A/1"], [2, "A/1"], [1, "A/2"]] as const) {
    using library = await SimulatedLibrary.open("ps5000a", { speed: 0, seed, devices: `5242D=B/0,5242D=${serial}` });
    const bench = new Bench(library, { serial });
    bench.channels(1);
    bench.trigger(0, 3000);
    const [[buffer]] = bench.buffers({ segments: 1, channels: 1, samples: SAMPLES });
    bench.run(PRE, SAMPLES - PRE);
    assertEquals(bench.isReady(), true);
    bench.read({ samples: SAMPLES, to: 0 });
    first.push(buffer.slice());
    bench.close();
  }
  assertEquals(first[0], first[1]);
  assert(first[0].join() !== first[2].join());
  assert(first[0].join() !== first[3].join());
});

Deno.test("simulated muons decay: double pulses with the muon's lifetime", async () => {
  using library = await SimulatedLibrary.open("ps3000a", {
    speed: 0,
    waveforms: 4000,
    decay_probability: 1,
    noise_mv: 0,
  });
  const bench = new Bench(library);
  bench.channels(4);
  const segments = 2000;
  const samples = 3000; // of 8 ns
  bench.segments(segments);
  bench.trigger(0, 1000);
  const buffers = bench.buffers({ segments, channels: 4, samples });
  bench.run(PRE, samples - PRE, { timebase: 3 });
  assertEquals(bench.isReady(), true);
  bench.read({ samples, to: segments - 1 });
  const times: number[] = [];
  for (const [upper, , lower] of buffers) {
    for (const channel of [upper, lower]) {
      const second = channel.findIndex((value, i) => i > PRE + 60 && value > 1500);
      if (second > 0) times.push((second - PRE) * 8);
    }
  }
  const late = times.filter((time) => time >= 1000);
  const mean = late.reduce((sum, time) => sum + time - 1000, 0) / late.length;
  assert(late.length > 500, `${late.length} decays`);
  assert(Math.abs(mean - 2197) < 5 * 2197 / Math.sqrt(late.length), `${mean} ns from ${late.length}`);
  bench.close();
});
