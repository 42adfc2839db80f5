/**
 * The way from the driver's library into the ring, with simulated devices that are ready at once.
 *
 *     raw:  GetValuesBulk -> slots of the ring        mV:  GetValuesBulk -> memory -> conversion -> slots
 *
 * The gap between sets and the processor time while waiting are taken from a device in real time.
 */
import { cpuUsage } from "node:process";
import { Simulator, simulatorLibraryPath } from "../../drivers/picoscope/simulator/open_simulator.ts";
import { closeLibraries, loadFamily, openScope } from "../../drivers/picoscope/find_scopes.ts";
import { EventSink } from "../../src/functions/event_sink.ts";
import { readSourceSettings } from "../../src/functions/picoscope/source_settings.ts";
import { SourceReport } from "../../src/functions/picoscope/source_report.ts";
import { SetTaker } from "../../src/functions/picoscope/take_sets.ts";
import { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { RunSignal } from "../../src/worker/run_signal.ts";
import { WorkerContext } from "../../src/worker/worker_context.ts";
import { type Figure, figure, quantile } from "./figure.ts";

const FAMILY = "ps5000a";
const SERIAL = "BENCH/0001";
const SAMPLES = 4250;
const FIELDS = ["chA", "chB", "chC", "chD"];
const SLOTS = 128;
const BYTES_PER_EVENT = SAMPLES * FIELDS.length * 2;
const WAIT_MS = 2000;

interface Take {
  readonly type: "int16" | "float32";
  readonly events: number;
  readonly captures: number;
  readonly knobs: Readonly<Record<string, string | number>>;
  /** The run ends after so long instead of a number of events. */
  readonly durationMs?: number;
}

interface Taken {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly gapsMs: Float64Array;
  readonly published: number;
}

/** Takes events into a ring that nobody reads; the time counts from the first arming to the last event. */
async function take({ type, events, captures, knobs, durationMs = 0 }: Take): Promise<Taken> {
  const path = await simulatorLibraryPath(FAMILY);
  const library = loadFamily(FAMILY, path);
  using simulator = new Simulator(path);
  simulator.set("", "devices", `5444D=${SERIAL}`);
  for (const [key, value] of Object.entries(knobs)) simulator.set("", key, value);
  using ring = await RingBuffer.create({
    name: "bench",
    slots: SLOTS,
    valuesPerSlot: SAMPLES,
    fields: Object.fromEntries(FIELDS.map((name) => [name, type])),
    limit: events,
  });
  const directory = await Deno.makeTempDir();
  const signal = new RunSignal();
  signal.setLogLevel("error");
  const context = new WorkerContext({
    name: "bench",
    functionName: "picoscope_source",
    module: "",
    exportName: "",
    workerNumber: 0,
    workers: 1,
    sources: [],
    sinks: [ring.newWriter()],
    observes: [],
    config: {
      device: "simulated",
      family: FAMILY,
      sample_time_ns: 8,
      channel_range_mV: 500,
      pre_trigger_samples: 500,
      trigger_channel: "A",
      trigger_level_mV: 60,
      captures_per_set: captures,
    },
    runDirectory: directory,
    setupDirectory: directory,
    restarts: 0,
    publishedBefore: [0],
    isRestartable: false,
    signal: signal.memory,
  }, () => {});
  const settings = readSourceSettings(context);
  const report = new SourceReport(context, settings);
  const scope = await openScope({ family: FAMILY, libraryPath: library.path, serial: SERIAL });
  try {
    const taker = new SetTaker(context, { settings, scope, sink: new EventSink(context), report });
    const ender = durationMs > 0 ? endLater(signal, durationMs) : null;
    const cpuBefore = cpuUsage();
    const began = performance.now();
    await taker.run();
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = cpuUsage(cpuBefore);
    ender?.terminate();
    const published = context.books.published[0];
    if (published !== events && durationMs === 0) {
      throw new Error(`Wrong result of the source: expected ${events} events, found ${published}`);
    }
    return { seconds, cpuSeconds: (user + system) / 1e6, gapsMs: report.gapsMs(), published };
  } finally {
    await scope.close();
    context.close();
    await Deno.remove(directory, { recursive: true });
  }
}

/** Another thread ends the run: this one waits for triggers. */
function endLater(signal: RunSignal, durationMs: number): Worker {
  const text = `
    self.onmessage = ({ data: { memory, durationMs } }) => {
      const words = new Int32Array(memory);
      Atomics.wait(words, 1, 0, durationMs);
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
    };
  `;
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(text)}`, { type: "module" });
  worker.postMessage({ memory: signal.memory, durationMs });
  return worker;
}

/**
 * Bytes per second of memcpy of the same data, the mean over as many events: rows of a channel, from a pool as large as the
 * simulator's into as much memory as the ring has.
 */
function memcpyBytesPerSecond(events: number): number {
  const libc = Deno.dlopen("libc.so.6", { memcpy: { parameters: ["pointer", "pointer", "usize"], result: "pointer" } });
  const rows = 64 * FIELDS.length;
  const pool = new Int16Array(rows * SAMPLES).fill(1);
  const slots = new Int16Array(SLOTS * FIELDS.length * SAMPLES).fill(2);
  const addressOf = (array: Int16Array<ArrayBuffer>, row: number) =>
    Deno.UnsafePointer.of(array.subarray(row * SAMPLES, (row + 1) * SAMPLES));
  const from = Array.from({ length: rows }, (_, row) => addressOf(pool, row));
  const to = Array.from({ length: SLOTS * FIELDS.length }, (_, row) => addressOf(slots, row));
  const bytes = BigInt(SAMPLES * 2);
  const began = performance.now();
  for (let row = 0; row < events * FIELDS.length; row++) {
    libc.symbols.memcpy(to[row % to.length], from[row % rows], bytes);
  }
  const seconds = (performance.now() - began) / 1000;
  libc.close();
  if (slots[slots.length - 1] !== 1) throw new Error("Wrong result of memcpy: the buffers differ");
  return events * BYTES_PER_EVENT / seconds;
}

const AT_ONCE = { speed: 0, rate_hz: 1000, triggers: "on", waveforms: 64 };
const REAL_TIME = { speed: 1, rate_hz: 20_000, triggers: "on", waveforms: 64 };

/**
 * Measures the source. Throws if a result is wrong. The library stays open between the repetitions, as over a run: for one
 * that is opened again, calls are made anew and the code that was optimised for the old ones is slower.
 */
export async function picoscopeBench(repeats: number): Promise<Figure[]> {
  try {
    return await measure(repeats);
  } finally {
    closeLibraries();
  }
}

async function measure(repeats: number): Promise<Figure[]> {
  const [raw, copies, ratios, millivolts, medians, p99s]: number[][] = [[], [], [], [], [], []];
  await take({ type: "int16", events: 2000, captures: 64, knobs: AT_ONCE });
  for (let i = 0; i < repeats; i++) {
    const events = 64 * 400;
    const memcpy = memcpyBytesPerSecond(events);
    const { seconds } = await take({ type: "int16", events, captures: 64, knobs: AT_ONCE });
    copies.push(memcpy / 1e9);
    raw.push(events * BYTES_PER_EVENT / seconds / 1e9);
    ratios.push(100 * events * BYTES_PER_EVENT / seconds / memcpy);
    const converted = 64 * 100;
    const slow = await take({ type: "float32", events: converted, captures: 64, knobs: AT_ONCE });
    millivolts.push(converted * BYTES_PER_EVENT / slow.seconds / 1e9);
    const { gapsMs } = await take({ type: "float32", events: 3200, captures: 16, knobs: REAL_TIME });
    medians.push(1000 * quantile(gapsMs, 0.5));
    p99s.push(1000 * quantile(gapsMs, 0.99));
  }
  const idle = await take({
    type: "int16",
    events: 0,
    captures: 64,
    knobs: { ...REAL_TIME, triggers: "off" },
    durationMs: WAIT_MS,
  });
  return [
    figure("picoscope_raw_into_ring", raw, { unit: "GB/s" }),
    figure("picoscope_memcpy_of_same_data", copies, { unit: "GB/s" }),
    figure("picoscope_raw_to_memcpy", ratios, { unit: "%", wanted: ">= 80" }),
    figure("picoscope_mV_into_ring", millivolts, { unit: "GB/s", wanted: ">= 1" }),
    figure("picoscope_gap_median", medians, { unit: "us" }),
    figure("picoscope_gap_p99", p99s, { unit: "us" }),
    figure("picoscope_cpu_while_waiting", [100 * idle.cpuSeconds / idle.seconds], { unit: "%", wanted: "<= 3" }),
  ];
}

if (import.meta.main) {
  for (const { name, median, min, max, unit, wanted } of await picoscopeBench(Number(Deno.args[0] ?? 5))) {
    console.log(
      `${name.padEnd(32)} ${median.toPrecision(4)} ${unit} (${min.toPrecision(3)} to ${max.toPrecision(3)}) ${wanted}`,
    );
  }
}
