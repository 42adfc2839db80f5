/** Streaming of the simulated instruments. */
import { assert, assertEquals } from "../../src/std/assert.js";
import { A_FAMILIES, Bench, pointerTo, SimulatedLibrary } from "./picoscope_simulator_fixture.ts";

const RAW = 0x80000000;
const [PS, NS, US] = [1, 2, 3];
const LOST = -32768;

interface Chunk {
  samples: number;
  start: number;
  overflow: number;
  triggerAt: number;
  triggered: number;
  autoStop: number;
}

/** A scope of an A family that streams from `channels` channels into overview buffers of `length` values. */
class Stream {
  readonly bench: Bench;
  readonly buffers: Int16Array<ArrayBuffer>[];
  readonly chunks: Chunk[] = [];
  /** What came, by channel. */
  readonly received: number[][];
  readonly #callback;

  constructor(bench: Bench, channels: number, length: number) {
    this.bench = bench;
    this.buffers = Array.from({ length: channels }, () => new Int16Array(length));
    this.received = this.buffers.map(() => []);
    this.buffers.forEach((buffer, channel) => bench.ok("SetDataBuffer", channel, buffer, length, 0, 0));
    this.#callback = new Deno.UnsafeCallback(
      { parameters: ["i16", "i32", "u32", "i16", "u32", "i16", "i16", "pointer"], result: "void" },
      (handle, samples, start, overflow, triggerAt, triggered, autoStop) => {
        assertEquals(handle, bench.handle);
        this.chunks.push({ samples, start, overflow, triggerAt, triggered, autoStop });
        this.buffers.forEach((buffer, channel) =>
          this.received[channel].push(...buffer.subarray(start, start + samples))
        );
      },
    );
  }

  run(
    options: { interval?: number; units?: number; pre?: number; post?: number; autoStop?: number; overview?: number } =
      {},
  ): { status: number; interval: number } {
    const { interval = 10, units = US, pre = 0, post = 1000, autoStop = 0, overview = this.buffers[0].length } =
      options;
    const chosen = Uint32Array.of(interval);
    const status = this.bench.call("RunStreaming", chosen, units, pre, post, autoStop, 1, 0, overview);
    return { status, interval: chosen[0] };
  }

  poll(): number {
    return this.bench.call("GetStreamingLatestValues", this.#callback.pointer, null);
  }

  assertReceived(): void {
    this.received.forEach((values, channel) => {
      const expected = this.bench.simulator.expectedStream("", { channel, first: 0, count: values.length });
      assertEquals(Int16Array.from(values), expected);
    });
  }

  [Symbol.dispose](): void {
    this.#callback.close();
  }
}

async function open(family: "ps2000a" | "ps3000a" | "ps4000a" | "ps5000a", knobs: Record<string, string | number>) {
  const library = await SimulatedLibrary.open(family, knobs);
  const bench = new Bench(library);
  bench.channels(2);
  bench.noTrigger();
  return { library, bench, [Symbol.dispose]: () => library[Symbol.dispose]() };
}

for (const family of A_FAMILIES) {
  Deno.test(`simulated ${family} streams without a gap into its overview buffers`, async () => {
    using scope = await open(family as "ps3000a", { speed: 0, rate_hz: 20_000, pulse_ns: 4000, stream_chunk: 777 });
    using stream = new Stream(scope.bench, 2, 5000);
    assertEquals(stream.run({ interval: 200, units: NS }), { status: 0, interval: 200 });
    for (let i = 0; i < 40; i++) assertEquals(stream.poll(), 0);
    stream.assertReceived();
    assertEquals(stream.chunks.slice(0, 8).map(({ start }) => start), [0, 777, 1554, 2331, 3108, 3885, 4662, 0]);
    assertEquals(stream.chunks.slice(5, 8).map(({ samples }) => samples), [777, 338, 777]);
    const pulses = stream.received[0].filter((value, i) => value > 800 && stream.received[0][i - 1] <= 800).length;
    assert(pulses > 30, `${pulses} pulses`); // 5.8 ms at 20 kHz
    scope.bench.ok("Stop");
    const count = new Uint32Array(1);
    scope.bench.ok("NoOfStreamingValues", count);
    assertEquals(count[0], stream.received[0].length);
    assertEquals(stream.poll(), 0x3C);
  });
}

Deno.test("simulated stream follows the wall clock", async () => {
  using scope = await open("ps3000a", {});
  using stream = new Stream(scope.bench, 1, 100_000);
  const start = performance.now();
  stream.run({ interval: 1, units: US });
  while (stream.received[0].length < 50_000) {
    assertEquals(stream.poll(), 0);
    const most = (performance.now() - start) * 1000 + 1000;
    assert(stream.received[0].length <= most, "faster than the clock");
  }
  assert(performance.now() - start >= 49);
  stream.assertReceived();
});

Deno.test("simulated stream stops by itself after the samples asked for", async () => {
  using scope = await open("ps5000a", { speed: 0, stream_chunk: 300 });
  using stream = new Stream(scope.bench, 2, 1000);
  stream.run({ pre: 50, post: 1200, autoStop: 1 });
  for (let i = 0; i < 10; i++) assertEquals(stream.poll(), 0);
  assertEquals(stream.chunks.map(({ samples }) => samples), [300, 300, 300, 100, 250]);
  assertEquals(stream.chunks.map(({ autoStop }) => autoStop), [0, 0, 0, 0, 1]);
  stream.assertReceived();
});

Deno.test("simulated stream reports its trigger and ends after it", async () => {
  using scope = await open("ps5000a", { speed: 0, stream_chunk: 300 });
  const data = new Int16Array(2000);
  data.fill(10_240, 700, 750);
  scope.library.simulator.setWaveforms("", { data, waveforms: 1, channels: 1, samples: 2000 });
  scope.bench.trigger(0, 5000);
  using stream = new Stream(scope.bench, 2, 1000);
  stream.run({ pre: 100, post: 400, autoStop: 1 });
  for (let i = 0; i < 10; i++) assertEquals(stream.poll(), 0);
  assertEquals(stream.chunks.map(({ triggered }) => triggered), [0, 0, 1, 0, 0]);
  assertEquals(stream.chunks[2].triggerAt, 100);
  assertEquals(stream.received[0].length, 1100);
  assertEquals(stream.chunks.at(-1)?.autoStop, 1);
  assertEquals(stream.received[0].slice(698, 702), [0, 0, 10_240, 10_240]);
});

Deno.test("simulated stream reduces: extremes of every so many samples", async () => {
  using scope = await open("ps3000a", { speed: 0, signal: "ramp" });
  const [most, least] = [new Int16Array(50), new Int16Array(50)];
  scope.bench.ok("SetDataBuffers", 0, most, least, 50, 0, 1);
  scope.bench.ok("RunStreaming", Uint32Array.of(10), US, 0, 1005, 1, 10, 1, 50);
  const callback = new Deno.UnsafeCallback(
    { parameters: ["i16", "i32", "u32", "i16", "u32", "i16", "i16", "pointer"], result: "void" },
    (_handle, samples) => counts.push(samples),
  );
  const counts: number[] = [];
  scope.bench.ok("GetStreamingLatestValues", callback.pointer, null);
  const ramp = (i: number) => 256 * (i % 201 - 100);
  assertEquals(Array.from(most.subarray(0, 20)), Array.from({ length: 20 }, (_, i) => ramp(10 * i + 9)));
  assertEquals(Array.from(least.subarray(0, 20)), Array.from({ length: 20 }, (_, i) => ramp(10 * i)));
  scope.bench.ok("GetStreamingLatestValues", callback.pointer, null);
  scope.bench.ok("GetStreamingLatestValues", callback.pointer, null);
  assertEquals(counts, [50, 50, 1]);
  callback.close();
});

Deno.test("simulated stream that is not fetched in time loses data: a status, or marks in their place", async () => {
  using scope = await open("ps3000a", { speed: 0, signal: "ramp", stream_chunk: 100 });
  using stream = new Stream(scope.bench, 1, 1000);
  stream.run();
  assertEquals(stream.poll(), 0);
  scope.library.simulator.set("", "lose", 250);
  assertEquals(stream.poll(), 0x1C);
  assertEquals(stream.poll(), 0);
  const expected = scope.library.simulator.expectedStream("", { channel: 0, first: 350, count: 100 });
  assertEquals(Int16Array.from(stream.received[0].slice(100)), expected);
  assertEquals(scope.library.simulator.count("", "lost_samples"), 250);
  scope.library.simulator.set("", "lost", "marker");
  scope.library.simulator.set("", "lose", 50);
  assertEquals(stream.poll(), 0);
  const after = stream.received[0].slice(200);
  assert(after.slice(0, 50).every((value) => value === LOST));
  const rest = scope.library.simulator.expectedStream("", { channel: 0, first: 500, count: 50 });
  assertEquals(Int16Array.from(after.slice(50)), rest);
});

Deno.test("simulated stream overflows its memory when nobody fetches it", async () => {
  using scope = await open("ps3000a", { speed: 1000, stream_buffer: 2000 });
  using stream = new Stream(scope.bench, 1, 10_000);
  stream.run({ interval: 10, units: US });
  await new Promise((resolve) => setTimeout(resolve, 30)); // 3 000 000 samples
  assertEquals(stream.poll(), 0x1C);
  assert(scope.library.simulator.count("", "lost_samples") > 1_000_000);
  scope.library.simulator.set("", "speed", 0);
  assertEquals(stream.poll(), 0);
  const lost = scope.library.simulator.count("", "lost_samples");
  const [first] = stream.received;
  assertEquals(
    Int16Array.from(first),
    scope.library.simulator.expectedStream("", { channel: 0, first: lost, count: first.length }),
  );
});

Deno.test("simulated stream refuses what the instrument cannot do", async () => {
  using scope = await open("ps3000a", {});
  const { bench } = scope;
  using stream = new Stream(bench, 2, 1000);
  assertEquals(stream.run({ interval: 63, units: NS }).status, 0x2B);
  assertEquals(stream.run({ interval: 0 }).status, 0x2B);
  assertEquals(stream.run({ overview: 999 }).status, 0x37);
  assertEquals(stream.run({ units: 6 }).status, 0x0D);
  assertEquals(stream.run({ autoStop: 1, post: 0 }).status, 0x0D);
  assertEquals(stream.run({ interval: 64_499, units: PS }), { status: 0, interval: 64_000 });
  assertEquals(stream.run().status, 0x27);
  assertEquals(bench.run(0, 100), 0x27);
  assertEquals(bench.call("MemorySegments", 2, new Int32Array(1)), 0x27);
  bench.ok("Stop");
  bench.ok("SetDataBuffer", 0, null, 0, 0, 0);
  bench.ok("SetDataBuffer", 1, null, 0, 0, 0);
  assertEquals(stream.run().status, 0x46);
});

for (const family of ["ps6000a", "psospa"] as const) {
  Deno.test(`simulated ${family} streams through a rotation of buffers and asks for more when they are full`, async () => {
    using library = await SimulatedLibrary.open(family, { speed: 0, rate_hz: 1e5, stream_chunk: 600 });
    const bench = new Bench(library);
    bench.channels(2);
    bench.noTrigger();
    const length = 1000;
    const memory = [new Int16Array(2 * length), new Int16Array(2 * length)];
    const add = (channel: number, half: number, isFirst = false) =>
      bench.setBuffer(channel, { data: pointerTo(memory[channel], 2 * half * length), samples: length, isFirst });
    for (const half of [0, 1]) for (const channel of [0, 1]) add(channel, half, half + channel === 0);
    const interval = Float64Array.of(100);
    bench.ok("RunStreaming", interval, NS, 0n, 0n, 0, 1n, RAW);
    assertEquals(interval[0], 100);
    const info = new DataView(new ArrayBuffer(60));
    [0, 1].forEach((channel) => {
      info.setUint32(30 * channel, channel, true);
      info.setUint32(30 * channel + 4, RAW, true);
      info.setUint32(30 * channel + 8, 1, true);
    });
    const received: number[][] = [[], []];
    const places: number[][] = [];
    let waited = 0;
    while (received[0].length < 5000) {
      const status = bench.call("GetStreamingLatestValues", info, 2n, new Uint8Array(12));
      if (status === 0x197) {
        waited++;
        for (const half of [0, 1]) for (const channel of [0, 1]) add(channel, half);
        continue;
      }
      assertEquals(status, 0);
      for (const channel of [0, 1]) {
        const at = 30 * channel;
        const samples = info.getInt32(at + 12, true);
        const index = Number(info.getBigUint64(at + 16, true));
        const start = info.getInt32(at + 24, true);
        if (channel === 0) places.push([index, start, samples]);
        const from = index % 2 * length + start;
        received[channel].push(...memory[channel].subarray(from, from + samples));
      }
    }
    for (const channel of [0, 1]) {
      const expected = library.simulator.expectedStream("", { channel, first: 0, count: received[channel].length });
      assertEquals(Int16Array.from(received[channel]), expected);
    }
    assertEquals(places.slice(0, 5), [[0, 0, 600], [0, 600, 400], [1, 0, 600], [1, 600, 400], [2, 0, 600]]);
    assertEquals(waited, 2);
    bench.ok("Stop");
    bench.close();
  });
}
