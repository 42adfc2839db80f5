/** Misfortunes of the simulated instruments: cables, power, slow hosts, several threads. */
import { assert, assertEquals } from "../../src/std/assert.js";
import { A_FAMILIES, Bench, FAMILIES, SimulatedLibrary } from "./picoscope_simulator_fixture.ts";

const SAMPLES = 200;
const NOT_RESPONDING = 0x07;
const SERIAL = "FY984/0005";

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

function ready(library: SimulatedLibrary): Bench {
  const bench = new Bench(library);
  bench.channels(2);
  bench.segments(3);
  bench.trigger(0, 3000);
  return bench;
}

for (const family of FAMILIES) {
  Deno.test(`simulated ${family} that is unplugged does not respond, and opens again when it is back`, async () => {
    using library = await SimulatedLibrary.open(family, { speed: 0 });
    const bench = ready(library);
    bench.buffers({ segments: 3, channels: 2, samples: SAMPLES });
    bench.run(50, 150);
    assertEquals(bench.isReady(), true);
    library.simulator.set("", "unplug", "now");
    assertEquals(bench.call("PingUnit"), NOT_RESPONDING);
    assertEquals(bench.call("IsReady", new Int16Array(1)), NOT_RESPONDING);
    assertEquals(bench.read({ samples: SAMPLES, to: 2 }).status, NOT_RESPONDING);
    assertEquals(bench.run(50, 150), NOT_RESPONDING);
    bench.ok("GetUnitInfo", new Uint8Array(64), 64, null, 4);
    const count = new Int16Array(1);
    assertEquals(library.call("EnumerateUnits", count, null, null), 0x03);
    library.simulator.set("", "replug", "now");
    assertEquals(bench.call("PingUnit"), NOT_RESPONDING);
    assertEquals(bench.call("Stop"), NOT_RESPONDING);
    const again = ready(library);
    again.buffers({ segments: 3, channels: 2, samples: SAMPLES });
    again.run(50, 150);
    assertEquals(again.isReady(), true);
    assertEquals(again.read({ samples: SAMPLES, to: 2 }).status, 0);
    bench.close();
    again.ok("PingUnit");
    again.close();
    assertEquals(library.simulator.count("", "handles"), 0);
  });
}

Deno.test("simulated units are unplugged after calls, captures or a time, and come back by themselves", async () => {
  using library = await SimulatedLibrary.open("ps3000a", { speed: 0, devices: `3206D=${SERIAL}` });
  const { simulator } = library;
  let bench = ready(library);
  simulator.set(SERIAL, "unplug", "calls:3");
  assertEquals([1, 2, 3, 4].map(() => bench.call("PingUnit")), [0, 0, 0, NOT_RESPONDING]);
  simulator.set(SERIAL, "replug", "now");
  bench.close();
  bench = ready(library);
  simulator.set(SERIAL, "replug", "after:0.05");
  simulator.set(SERIAL, "unplug", "captures:4");
  bench.run(10, 20);
  assertEquals(bench.isReady(), true);
  bench.run(10, 20);
  assertEquals(bench.call("IsReady", new Int16Array(1)), NOT_RESPONDING);
  assertEquals(simulator.get(SERIAL, "plugged"), "0");
  bench.close();
  const start = performance.now();
  while (library.call("EnumerateUnits", new Int16Array(1), null, null) !== 0) {
    if (performance.now() - start > 20_000) throw new Error("it does not come back");
  }
  assert(performance.now() - start > 40);
  bench = ready(library);
  simulator.set(SERIAL, "unplug", "after:0.02");
  bench.ok("PingUnit");
  while (bench.call("PingUnit") === 0) if (performance.now() - start > 20_000) throw new Error("it stays plugged in");
  bench.close();
});

for (const family of A_FAMILIES.slice(1)) {
  Deno.test(`simulated ${family} wants its power state acknowledged`, async () => {
    const model: Record<string, string> = { ps3000a: "3406D", ps4000a: "4444", ps5000a: "5444D" };
    using library = await SimulatedLibrary.open(family, {
      speed: 0,
      devices: `${model[family]}=${SERIAL}`,
      power: "usb",
    });
    const handle = new Int16Array(1);
    const open = () => library.call("OpenUnit", handle, null, ...(family === "ps5000a" ? [0] : []));
    const call = (name: string, ...args: number[]) => library.call(name, handle[0], ...args);
    const over = family === "ps3000a" ? [1] : [];
    const run = () => library.call("RunBlock", handle[0], 0, 100, 6, ...over, null, 0, null, null);
    assertEquals(open(), 0x11A);
    assert(handle[0] > 0);
    assertEquals(call("SetChannel", 0, 1, 1, 6, 0), 0x11A);
    assertEquals(run(), 0x11A);
    assertEquals(call("ChangePowerSource", 0x11E), 0x11B);
    assertEquals(call("ChangePowerSource", 5), 0x0D);
    assertEquals(call("ChangePowerSource", 0x11A), 0);
    assertEquals(call("CurrentPowerSource"), 0x11A);
    assertEquals(call("SetChannel", 1, 1, 1, 6, 0), 0);
    assertEquals(call("SetChannel", 2, 1, 1, 6, 0), 0x122);
    assertEquals(run(), 0);
    // The supply is plugged in: the capture is lost.
    library.simulator.set("", "power", "psu");
    assertEquals(library.call("IsReady", handle[0], new Int16Array(1)), 0x119);
    assertEquals(run(), 0x119);
    assertEquals(call("ChangePowerSource", 0x119), 0);
    assertEquals(library.call("IsReady", handle[0], new Int16Array(1)), 0x25);
    assertEquals(call("SetChannel", 2, 1, 1, 6, 0), 0);
    assertEquals(run(), 0);
    assertEquals(call("CloseUnit"), 0);
    library.simulator.set("", "power", "usb2");
    assertEquals(open(), 0x11E);
    assertEquals(call("ChangePowerSource", 0x11E), 0);
    assertEquals(call("SetChannel", 3, 1, 1, 6, 0), 0);
    assertEquals(call("CloseUnit"), 0);
    library.simulator.set("", "power", "undervoltage");
    assertEquals(open(), 0x11A);
    assertEquals(call("ChangePowerSource", 0x11A), 0x11C);
    library.simulator.set("", "power", "psu");
    assertEquals(call("ChangePowerSource", 0x119), 0);
    assertEquals(call("PingUnit"), 0);
    assertEquals(call("CloseUnit"), 0);
  });
}

Deno.test("simulated library takes one call at a time, or lets others wait", async () => {
  using library = await SimulatedLibrary.open("ps5000a");
  const bench = new Bench(library);
  let status = 0;
  for (let attempt = 0; attempt < 20 && status === 0; attempt++) {
    library.simulator.set("", "stall_ms", 300);
    const slow = library.callLater("PingUnit", bench.handle);
    await pause(100); // the other thread has begun by now, or this thread's call is the slow one
    status = bench.call("PingUnit");
    assertEquals(await slow, 0);
  }
  assertEquals(status, 0x43);
  bench.ok("PingUnit");
  library.simulator.set("", "concurrent", "wait");
  const calls = Array.from({ length: 50 }, () => library.callLater("PingUnit", bench.handle));
  assertEquals(new Set(await Promise.all(calls)), new Set([0]));
  bench.close();
});

Deno.test("simulated library refuses calls from inside a callback", async () => {
  using library = await SimulatedLibrary.open("ps3000a", { speed: 0 });
  const bench = new Bench(library);
  bench.channels(1);
  const buffer = new Int16Array(100);
  bench.ok("SetDataBuffer", 0, buffer, 100, 0, 0);
  bench.ok("RunStreaming", Uint32Array.of(1), 3, 0, 100, 0, 1, 0, 100);
  const statuses: number[] = [];
  const callback = new Deno.UnsafeCallback(
    { parameters: ["i16", "i32", "u32", "i16", "u32", "i16", "i16", "pointer"], result: "void" },
    () => statuses.push(bench.call("PingUnit"), Number(library.simulator.get("", "handles"))),
  );
  bench.ok("GetStreamingLatestValues", callback.pointer, null);
  assertEquals(statuses, [0x23, 1]);
  callback.close();
  bench.close();
});

Deno.test("simulated block callback comes from another thread: ready, cancelled, unplugged", async () => {
  using library = await SimulatedLibrary.open("ps5000a", { speed: 0, triggers: "off" });
  const bench = ready(library);
  let resolve: (value: number[]) => void = () => {};
  const callback = Deno.UnsafeCallback.threadSafe(
    { parameters: ["i16", "u32", "pointer"], result: "void" } as const,
    (handle: number, status: number) => resolve([handle, status]),
  );
  const next = () => new Promise<number[]>((done) => resolve = done);
  for (
    const [act, status] of [
      [() => library.simulator.set("", "triggers", "on"), 0],
      [() => bench.ok("Stop"), 0x3A],
      [() => library.simulator.set("", "unplug", "now"), NOT_RESPONDING],
    ] as const
  ) {
    library.simulator.set("", "triggers", "off");
    const called = next();
    assertEquals(bench.run(10, 20, { ready: callback.pointer }), 0);
    act();
    assertEquals(await called, [bench.handle, status]);
  }
  bench.close();
  for (let i = 0; i < 1000 && library.simulator.get("", "threads") !== "0"; i++) await pause(1);
  assertEquals(library.simulator.get("", "threads"), "0");
  callback.close();
});

Deno.test("simulated failures come to order, so many times", async () => {
  using library = await SimulatedLibrary.open("ps3000a", { speed: 0 });
  const bench = ready(library);
  library.simulator.set("", "fail", "RunBlock=0x15*2");
  assertEquals([1, 2, 3].map(() => bench.run(10, 20)), [0x15, 0x15, 0]);
  library.simulator.set("", "fail", "IsReady=76");
  assertEquals(bench.call("IsReady", new Int16Array(1)), 76);
  assertEquals(bench.isReady(), true);
  assertEquals(library.simulator.count("", "wrong_calls"), 0);
  bench.close();
});

Deno.test("simulated stall keeps captures from getting ready; slow USB and latency take their time", async () => {
  using library = await SimulatedLibrary.open("ps3000a", { rate_hz: 1e6, stall: "on" });
  const bench = ready(library);
  bench.buffers({ segments: 3, channels: 2, samples: SAMPLES });
  bench.run(50, 150);
  await pause(20);
  assertEquals(bench.isReady(), false);
  library.simulator.set("", "stall", "off");
  assertEquals(bench.isReady(), true);
  library.simulator.set("", "usb_bytes_per_s", 3 * 2 * SAMPLES * 2 / 0.05);
  let start = performance.now();
  assertEquals(bench.read({ samples: SAMPLES, to: 2 }).status, 0);
  assert(performance.now() - start >= 49);
  library.simulator.set("", "call_latency_us", 5000);
  start = performance.now();
  for (let i = 0; i < 4; i++) bench.ok("PingUnit");
  assert(performance.now() - start >= 19);
  bench.close();
});

Deno.test("simulated units that restart a run, or refuse to when they are strict; overflow to order", async () => {
  using library = await SimulatedLibrary.open("ps3000a", { speed: 0, triggers: "off", overflow: 2 });
  const bench = ready(library);
  assertEquals([bench.run(10, 20), bench.run(10, 20)], [0, 0]);
  library.simulator.set("", "strict", "on");
  assertEquals(bench.run(10, 20), 0x27);
  assertEquals(bench.call("SetChannel", 0, 1, 1, 6, 0), 0x27);
  library.simulator.set("", "triggers", "on");
  assertEquals(bench.isReady(), true);
  bench.buffers({ segments: 3, channels: 2, samples: 30 });
  const overflow = new Int16Array(3);
  bench.read({ samples: 30, to: 2, overflow });
  assertEquals(Array.from(overflow), [2, 2, 2]);
  bench.close();
});

Deno.test("simulated waveform files are read as text and as binary", async () => {
  using library = await SimulatedLibrary.open("ps5000a", { speed: 0 });
  const bench = new Bench(library, { resolution: 1 });
  bench.channels(2);
  bench.noTrigger();
  const [[a, b]] = bench.buffers({ segments: 1, channels: 2, samples: 3 });
  const file = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(file, "# A, B in mV\n0, 500\n100; -100\n200 0\n\n1,2\n3,4\n5,6\n");
    library.simulator.set("", "waveform_file", file);
    const expected = [[[0, 3280, 6560], [16384, -3280, 0]], [[32, 96, 160], [64, 128, 192]]];
    for (const values of expected) {
      assertEquals(bench.run(0, 3), 0);
      assertEquals(bench.isReady(), true);
      bench.read({ samples: 3, to: 0 });
      assertEquals([Array.from(a), Array.from(b)], values);
    }
    const header = new DataView(new ArrayBuffer(32 + 12));
    new TextEncoder().encodeInto("PICOSIM1", new Uint8Array(header.buffer));
    [1, 2, 3, 1].forEach((value, i) => header.setUint32(8 + 4 * i, value, true));
    [7, 8, 9, -1, -2, -3].forEach((value, i) => header.setInt16(32 + 2 * i, value, true));
    Deno.writeFileSync(file, new Uint8Array(header.buffer));
    library.simulator.set("", "waveform_file", file);
    assertEquals(bench.run(0, 3), 0);
    assertEquals(bench.isReady(), true);
    bench.read({ samples: 3, to: 0 });
    assertEquals([Array.from(a), Array.from(b)], [[7, 8, 9], [-1, -2, -3]]);
    Deno.writeTextFileSync(file, "1,2\n3\n");
    let failed = false;
    try {
      library.simulator.set("", "waveform_file", file);
    } catch {
      failed = true;
    }
    assertEquals(failed, true);
  } finally {
    Deno.removeSync(file);
  }
  bench.close();
});
