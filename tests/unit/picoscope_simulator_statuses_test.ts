/** What the simulated instruments answer to wrong arguments and at the wrong time. */
import { assert, assertEquals } from "../../src/std/assert.js";
import { A_FAMILIES, Bench, FAMILIES, SimulatedLibrary } from "./picoscope_simulator_fixture.ts";

const bytes = (length = 64) => new Uint8Array(length);
const text = (string: string) => new TextEncoder().encode(`${string}\0`);

/** Function, arguments after the handle, status. A comment says what is wrong where it does not show. */
type Wrong = [name: string, args: Parameters<Bench["call"]> extends [string, ...infer R] ? R : never, status: number];

function assertStatuses(bench: Bench, wrongs: readonly Wrong[]): void {
  for (const [name, args, status] of wrongs) {
    const found = bench.call(name, ...args);
    const what = `${name}(${args.map((each) => ArrayBuffer.isView(each) ? "…" : String(each)).join(", ")})`;
    assertEquals(found, status, `${what} gave 0x${found.toString(16)}, not 0x${status.toString(16)}`);
  }
}

for (const family of A_FAMILIES) {
  const over = family === "ps2000a" || family === "ps3000a" ? [1] : [];
  Deno.test(`simulated ${family} checks its arguments`, async () => {
    using library = await SimulatedLibrary.open(family, { speed: 0 });
    const bench = new Bench(library);
    const channels = Number(bench.model[1]);
    bench.channels(1);
    assertStatuses(bench, [
      ["SetChannel", [channels, 1, 1, 6, 0], 0x10],
      ["SetChannel", [0, 1, 2, 6, 0], 0x45],
      ["SetChannel", [0, 1, 1, 14, 0], 0x0F],
      ["SetChannel", [0, 1, 1, 6, 2.6], 0x50],
      ["SetChannel", [0, 1, 1, 3, 0.3], 0x50],
      ["GetAnalogueOffset", [14, 1, bytes(), bytes()], 0x0F],
      ["GetAnalogueOffset", [6, 1, null, null], 0x16],
      ["GetChannelInformation", [1, 0, bytes(), bytes(), 0], 0x29],
      ["GetChannelInformation", [0, 0, bytes(), null, 0], 0x16],
      ["MaximumValue", [null], 0x16],
      ["MemorySegments", [0, bytes()], 0x0D],
      ["MemorySegments", [2 ** 31, bytes()], 0x1E],
      ["MemorySegments", [1, null], 0x16],
      ["GetMaxSegments", [null], 0x16],
      ["SetNoOfCaptures", [0], family === "ps5000a" ? 0x213 : 0x0D],
      ["SetSimpleTrigger", [1, 1, 0, 2, 0, 0], 0x11], // not in use
      ["SetSimpleTrigger", [1, 77, 0, 2, 0, 0], 0x11],
      ["SetSimpleTrigger", [1, 0, 0, 5, 0, 0], 0x60],
      ["SetSimpleTrigger", [1, 0, 0, 2, 0, -1], 0x0D], // 65535 ms
      ["SetTriggerChannelProperties", [null, 1, 0, 0], 0x16],
      ["SetTriggerChannelProperties", [bytes(), -1, 0, 0], 0x0D],
      ["SetTriggerChannelProperties", [bytes(400), 20, 0, 0], 0x5F],
      ["SetDataBuffer", [channels, bytes(), 10, 0, 0], 0x10],
      ["SetDataBuffer", [0, bytes(), 10, 1, 0], 0x26],
      ["SetDataBuffer", [0, bytes(), -1, 0, 0], 0x0D],
      ["SetDataBuffer", [0, bytes(), 10, 0, 3], 0x47],
      ["IsReady", [null], 0x16],
      ["IsReady", [bytes()], 0x25],
      ["GetValues", [0, Uint32Array.of(10), 1, 0, 0, null], 0x25],
      ["GetValues", [0, null, 1, 0, 0, null], 0x16],
      ["GetValuesBulk", [Uint32Array.of(10), 0, 0, 1, 0, null], 0x16],
      ["GetTriggerTimeOffset64", [bytes(), bytes(), 0], 0x25],
      ["GetTriggerTimeOffset64", [null, bytes(), 0], 0x16],
      ["GetStreamingLatestValues", [null, null], 0x3C],
      ["NoOfStreamingValues", [bytes()], 0x25],
      ["RunBlock", [0, 0, 4, ...over, null, 0, null, null], 0x0D],
      ["RunBlock", [-1, 10, 4, ...over, null, 0, null, null], 0x0D],
      ["RunBlock", [0, 10, 4, ...over, null, 1, null, null], 0x26],
      ["RunBlock", [0, 2_000_000_000, 4, ...over, null, 0, null, null], 0x1D],
      ["SetSigGenBuiltIn", [2_000_001, 0, 0, 1e3, 1e3, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0x38],
      ["SetSigGenBuiltIn", [0, 4_000_001, 0, 1e3, 1e3, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0x39],
      ["SetSigGenBuiltIn", [1_500_000, 2_000_000, 0, 1e3, 1e3, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0x35],
      ["SetSigGenBuiltIn", [0, 1_000_000, 10, 1e3, 1e3, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0x2E],
      ["SetSigGenBuiltIn", [0, 1_000_000, 0, -1, 1e3, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0x2E],
      ["SetSigGenBuiltIn", [0, 1_000_000, 0, 1e3, 1e3, 0, 0, 0, 0, 1, 1, 0, 0, 0], 0x2F],
      ["SetSigGenBuiltIn", [0, 1_000_000, 0, 1e3, 1e3, 0, 0, 0, 0, 0, 0, 0, 5, 0], 0x30],
      ["SigGenSoftwareControl", [1], 0x30],
      ["SetEts", [1, 10, 10, bytes()], 0x1A],
      ["GetMaxDownSampleRatio", [100, null, 1, 0], 0x16],
      ["GetMaxDownSampleRatio", [100, bytes(), 3, 0], 0x47],
      ["GetUnitInfo", [bytes(), 64, null, 17], 0x29],
      ["GetUnitInfo", [bytes(), 64, null, 11], 0x2A],
      ["GetUnitInfo", [bytes(), 3, null, 4], 0x19],
      ["GetUnitInfo", [null, 0, null, 4], 0x16],
    ]);
    bench.ok("SetNoOfCaptures", 2);
    assertEquals(bench.run(0, 10), 0x42);
    bench.ok("SetNoOfCaptures", 1);
    bench.trigger(0, 1000);
    bench.channels(0);
    assert([0x10, 0x15E].includes(bench.run(0, 10)), "no channel in use");
    bench.channels(2);
    bench.ok("SetSimpleTrigger", 1, 1, 1000, 2, 0, 0);
    bench.channels(1);
    assertEquals(bench.run(0, 10), 0x11);
    const wrong = library.simulator.count("", "wrong_calls");
    assert(wrong >= 50, `${wrong}`);
    assert(library.simulator.get("", "last_wrong_call")?.startsWith(`${family}RunBlock 0x11`));
    bench.close();
    assertEquals(bench.call("PingUnit"), 0x0C);
  });
}

for (const family of ["ps6000a", "psospa"] as const) {
  Deno.test(`simulated ${family} checks its arguments`, async () => {
    using library = await SimulatedLibrary.open(family, { speed: 0 });
    const bench = new Bench(library);
    const channels = Number(bench.model[1]);
    bench.channels(1);
    const on = (channel: number, coupling: number, mv: number, offset: number) =>
      family === "ps6000a"
        ? [channel, coupling, mv === 1000 ? 6 : mv === 10000 ? 9 : 14, offset, 0]
        : [channel, coupling, BigInt(-mv) * 1_000_000n, BigInt(mv) * 1_000_000n, 0, offset, 0];
    const length = family === "psospa" ? 10n : 10;
    const RAW = 0x80000000;
    assertStatuses(bench, [
      ["SetChannelOn", on(channels, 1, 1000, 0), 0x10],
      ["SetChannelOn", on(0, 2, 1000, 0), 0x45],
      ["SetChannelOn", on(0, 50, 10000, 0), 0x0F],
      ["SetChannelOn", on(0, 1, 1234, 0), 0x0F],
      ["SetChannelOn", on(0, 1, 1000, 2.6), 0x50],
      ["SetChannelOff", [channels], 0x10],
      ["GetAdcLimits", [0, null, null], 0x16],
      ["GetAdcLimits", [5, bytes(), bytes()], 0x120],
      ["GetAdcLimits", [4, bytes(), bytes()], 0x17B],
      ["SetDeviceResolution", [4], 0x17B],
      ["SetDeviceResolution", [99], 0x120],
      ["MemorySegments", [0n, bytes()], 0x0D],
      ["MemorySegments", [10n ** 9n, bytes()], 0x1E],
      ["SetNoOfCaptures", [0n], 0x213],
      ["SetNoOfCaptures", [10n ** 9n], 0x185],
      ["SetSimpleTrigger", [1, 1, 0, 2, 0n, 0], 0x181],
      ["SetSimpleTrigger", [1, 0, 32700, 2, 0n, 0], 0x17C],
      ["SetSimpleTrigger", [1, 0, 0, 2, 10n ** 13n, 0], 0x300],
      ["SetTriggerDelay", [10n ** 13n], 0x300],
      ["SetTriggerChannelConditions", [bytes(), 1, 0], 0x195],
      ["SetTriggerChannelConditions", [null, 1, 3], 0x16],
      ["SetDataBuffer", [0, bytes(), length, 1, 0n, RAW, 0], 0x195],
      ["SetDataBuffer", [0, bytes(), length, 1, 0n, 0, 3], 0x47],
      ["SetDataBuffer", [0, bytes(), length, 5, 0n, RAW, 3], 0x0D],
      ["SetDataBuffer", [0, bytes(), length, 1, 1n, RAW, 3], 0x26],
      ["SetDataBuffer", [channels, bytes(), length, 1, 0n, RAW, 3], 0x10],
      ["RunBlock", [0n, 0n, 4, null, 0n, null, null], 0x194],
      ["RunBlock", [0n, 10n, 4, null, 1n, null, null], 0x26],
      ["RunBlock", [0n, 10n ** 11n, 4, null, 0n, null, null], 0x1D],
      ["GetValues", [0n, BigUint64Array.of(10n), 1n, RAW, 0n, null], 0x25],
      ["GetTriggerInfo", [bytes(), 0n, 0n], 0x26],
      ["GetTriggerInfo", [bytes(), 0n, 1n], 0x25],
      ["RunStreaming", [Float64Array.of(100), 2, 0n, 0n, 0, 1n, RAW], 0x46],
      ["RunStreaming", [Float64Array.of(0.1), 2, 0n, 0n, 0, 1n, RAW], 0x2B],
      ["GetStreamingLatestValues", [bytes(), 1n, bytes()], 0x3C],
      ["SigGenFrequency", [1e9], 0x2E],
      ["SigGenRange", [11, 0], 0x39],
      ["SigGenRange", [0, 6], 0x38],
      ["SigGenWaveform", [0x99, null, 0n], 0x2E],
      [
        "SigGenApply",
        family === "ps6000a" ? [1, 0, 0, 0, 0, null, null, null, null] : [1, 0, 0, null, null, null, null],
        0x2E,
      ],
    ]);
    bench.ok("SetNoOfCaptures", 2n);
    assertEquals(bench.run(0, 10), 0x42);
    bench.close();
  });
}

Deno.test("simulated libraries list, open and close several units", async () => {
  for (const family of FAMILIES) {
    const model: Record<string, string> = {
      ps2000a: "2206B",
      ps3000a: "3206D",
      ps4000a: "4824A",
      ps5000a: "5242D",
      ps6000a: "6424E",
      psospa: "3418E",
    };
    const devices = `${model[family]}=FY984/0005,WRONG=X1/1,${model[family]}=FY984/0006`;
    using library = await SimulatedLibrary.open(family, { devices });
    const count = new Int16Array(1);
    const serials = bytes(100);
    const size = Int16Array.of(100);
    const enumerate = () => library.call("EnumerateUnits", count, serials, size);
    assertEquals(enumerate(), 0);
    assertEquals([count[0], size[0]], [2, 22]);
    assertEquals(new TextDecoder().decode(serials.subarray(0, 22)), "FY984/0005,FY984/0006\0");
    const second = new Bench(library, { serial: "FY984/0006" });
    assertEquals(enumerate(), 0);
    assertEquals(count[0], 1);
    const first = new Bench(library);
    assert(first.handle > 0 && first.handle !== second.handle);
    assertEquals(enumerate(), 0x03);
    const more = family === "psospa" ? [0, null] : family === "ps5000a" || family === "ps6000a" ? [0] : [];
    const handle = new Int16Array(1).fill(99);
    assertEquals(library.call("OpenUnit", handle, null, ...more), 0x03);
    assertEquals(handle[0], 0);
    assertEquals(library.call("OpenUnit", handle, text("FY984/0005"), ...more), 0x03);
    const [serial, length] = [bytes(), new Int16Array(1)];
    first.ok("GetUnitInfo", serial, 64, length, 4);
    assertEquals(new TextDecoder().decode(serial.subarray(0, length[0])), "FY984/0005\0");
    first.close();
    assertEquals(enumerate(), 0);
    assertEquals(library.call("OpenUnit", handle, text("FY984/0005"), ...more), 0);
    assert(handle[0] !== first.handle, "a handle is not used again at once");
    assertEquals(first.call("PingUnit"), 0x0C);
    library.ok("CloseUnit", handle[0]);
    second.close();
    assertEquals(library.call("GetUnitInfo", 0, serial, 64, length, 0), 0);
    assertEquals(library.call("GetUnitInfo", 0, serial, 64, length, 3), 0x0C);
  }
});

Deno.test("simulated libraries open asynchronously, and refuse what cannot be opened", async () => {
  using library = await SimulatedLibrary.open("ps5000a", { open_delay_ms: 30 });
  const [started, handle, percent, complete] = [0, 0, 0, 0].map(() => new Int16Array(1));
  library.ok("OpenUnitAsync", started, null, 0);
  assertEquals(started[0], 1);
  assertEquals(library.call("OpenUnitAsync", started, null, 0), 0x05);
  assertEquals(started[0], 0);
  let polls = 0;
  while (complete[0] === 0) {
    library.ok("OpenUnitProgress", handle, percent, complete);
    polls++;
  }
  assert(handle[0] > 0 && percent[0] === 100 && polls > 1);
  library.ok("CloseUnit", handle[0]);
  library.simulator.set("", "open_delay_ms", 0);
  assertEquals(library.call("OpenUnit", handle, null, 5), 0x120);
  for (const [status, code] of [["0x03000040", 0x03000040], ["0x04", 4], ["9", 9]] as const) {
    library.simulator.set("", "open_status", status);
    assertEquals(library.call("OpenUnit", handle, null, 0), code);
    assertEquals(handle[0], -1);
  }
  library.simulator.set("", "enumerate_status", "0x27");
  assertEquals(library.call("EnumerateUnits", handle, null, null), 0x27);
  library.simulator.set("", "devices", "none");
  library.simulator.set("", "enumerate_status", "0");
  assertEquals(library.call("EnumerateUnits", handle, null, null), 0x03);
});

Deno.test("simulated environment variables set the knobs at loading", async () => {
  Deno.env.set("PICOSIM_DEVICES", "5242D=ENV/0001,3206D=ENV/0002");
  Deno.env.set("PICOSIM_SPEED", "0");
  try {
    using library = await SimulatedLibrary.open("ps3000a");
    const bench = new Bench(library);
    assertEquals(bench.model, "3206D");
    assertEquals(library.simulator.get("ENV/0002", "speed"), "0");
    assertEquals(library.simulator.get("ENV/0001", "speed"), null);
    bench.close();
  } finally {
    Deno.env.delete("PICOSIM_DEVICES");
    Deno.env.delete("PICOSIM_SPEED");
  }
});

Deno.test("simulated signal generators remember what they were told", async () => {
  using library = await SimulatedLibrary.open("ps5000a");
  const bench = new Bench(library);
  bench.ok("SetSigGenBuiltInV2", 100_000, 400_000, 1, 1e3, 2e3, 10, 0.5, 2, 0, 0, 3, 0, 4, 0);
  assertEquals(
    library.simulator.get("", "generator"),
    "wave=1 offset_uv=100000 pk_to_pk_uv=400000 start_hz=1000 stop_hz=2000 increment_hz=10 dwell_s=0.5 sweep=2 operation=0 " +
      "shots=0 sweeps=3 trigger_type=0 trigger_source=4",
  );
  bench.ok("SigGenSoftwareControl", 1);
  bench.close();
  using without = await SimulatedLibrary.open("ps4000a", { devices: "4444=FY984/0005" });
  const quiet = new Bench(without);
  assertEquals(quiet.call("SetSigGenBuiltIn", 0, 400_000, 1, 1e3, 1e3, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0x13);
  quiet.close();
  using newer = await SimulatedLibrary.open("psospa");
  const other = new Bench(newer);
  other.ok("SigGenWaveform", 0x11, null, 0n);
  other.ok("SigGenRange", 0.8, 0.1);
  other.ok("SigGenFrequency", 1234);
  const frequency = Float64Array.of(1);
  other.ok("SigGenApply", 1, 0, 0, frequency, null, null, null);
  assertEquals(frequency[0], 1234);
  assertEquals(
    newer.simulator.get("", "generator"),
    "enabled=1 sweep_enabled=0 trigger_enabled=0 wave=17 offset_v=0.1 pk_to_pk_v=0.8 frequency_hz=1234",
  );
  other.close();
});
