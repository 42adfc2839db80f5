/**
 * Throughput and wake-up time of the ring, between workers.
 *
 *     single, batch:  writer -> [ring] -> reader           two groups:  writer -> [ring] -> reader, reader
 *     whole slots:    set()  -> [ring] -> set()            two writers: writer, writer -> [ring] -> reader
 */
import { RingBuffer, type RingOptions } from "../../mod.ts";
import { type Figure, figure, median, quantile } from "./figure.ts";
import type { RingReport, RingTask } from "./ring_bench_worker.ts";

interface Topology {
  readonly ring: Omit<RingOptions, "name" | "writers">;
  readonly writers: number;
  readonly groups: number;
  /** Events over all writers. */
  readonly events: number;
  readonly batch: number;
  readonly write: RingTask["role"];
  readonly read: RingTask["role"];
  readonly periodUs: number;
}

interface Measurement {
  readonly seconds: number;
  readonly reports: readonly RingReport[];
}

async function runTopology(topology: Topology): Promise<Measurement> {
  const { writers, groups } = topology;
  using ring = await RingBuffer.create({ ...topology.ring, name: "bench", writers });
  const start = new SharedArrayBuffer(4);
  const workers: Worker[] = [];
  const begin = (role: RingTask["role"], port: RingTask["port"], events: number) => {
    const worker = new Worker(new URL("./ring_bench_worker.ts", import.meta.url), { type: "module" });
    workers.push(worker);
    const readyAndReport: [Promise<void>, Promise<RingReport>] = [
      new Promise((resolve) => worker.addEventListener("message", (m) => m.data === "ready" && resolve())),
      new Promise((resolve) => worker.addEventListener("message", (m) => m.data !== "ready" && resolve(m.data))),
    ];
    const task: RingTask = { role, port, events, batch: topology.batch, periodUs: topology.periodUs, start };
    worker.postMessage(task);
    return readyAndReport;
  };
  const readers = Array.from(
    { length: groups },
    (_, g) => begin(topology.read, ring.newReaderGroup(`group ${g}`), topology.events),
  );
  const writing = Array.from(
    { length: writers },
    () => begin(topology.write, ring.newWriter(), topology.events / writers),
  );
  await Promise.all([...readers, ...writing].map(([ready]) => ready));
  const began = performance.now();
  Atomics.store(new Int32Array(start), 0, 1);
  Atomics.notify(new Int32Array(start), 0);
  const reports = await Promise.all(readers.map(([, report]) => report));
  const seconds = (performance.now() - began) / 1000;
  for (const worker of workers) worker.terminate();

  const perWriter = topology.events / writers;
  const sum = topology.write === "write paced" ? 0 : writers * perWriter * (perWriter - 1) / 2;
  for (const report of reports) {
    if (report.events !== topology.events || report.sum !== sum) {
      throw new Error(
        `Wrong result of the ring: expected ${topology.events} events with sum ${sum}, ` +
          `found ${report.events} with sum ${report.sum}`,
      );
    }
  }
  return { seconds, reports };
}

const SMALL = { slots: 1024, valuesPerSlot: 8, fields: "float64" };
const ONE_TO_ONE: Topology = {
  ring: SMALL,
  writers: 1,
  groups: 1,
  events: 4_000_000,
  batch: 1,
  write: "write",
  read: "read",
  periodUs: 0,
};

async function slotsPerSecond(repeats: number, topology: Topology): Promise<number[]> {
  const rates: number[] = [];
  for (let i = 0; i < repeats; i++) rates.push(topology.events / (await runTopology(topology)).seconds / 1e6);
  return rates;
}

/** Bytes per second of libc's memcpy between two 64 MiB buffers, best of 8. */
function memcpyBytesPerSecond(): number {
  const libc = Deno.dlopen("libc.so.6", { memcpy: { parameters: ["buffer", "buffer", "usize"], result: "pointer" } });
  const bytes = 64 << 20;
  const from = new Uint8Array(bytes).fill(1);
  const to = new Uint8Array(bytes).fill(2);
  let best = 0;
  for (let i = 0; i < 8; i++) {
    const began = performance.now();
    libc.symbols.memcpy(to, from, BigInt(bytes));
    best = Math.max(best, bytes / (performance.now() - began) * 1000);
  }
  libc.close();
  if (to[bytes - 1] !== 1) throw new Error("Wrong result of memcpy: the buffers differ");
  return best;
}

async function wholeSlots(repeats: number): Promise<Figure[]> {
  const values = 34_000; // 136 kB
  const events = 40_000;
  const ratios: number[] = [];
  const rates: number[] = [];
  const copies: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const memcpy = memcpyBytesPerSecond();
    const { seconds } = await runTopology({
      ...ONE_TO_ONE,
      ring: { slots: 8, valuesPerSlot: values, fields: "float32" },
      events,
      write: "write whole",
      read: "read whole",
    });
    const rate = events * values * 4 / seconds;
    rates.push(rate / 1e9);
    copies.push(memcpy / 1e9);
    ratios.push(100 * rate / memcpy);
  }
  return [
    figure("ring_136kB_written_and_read", rates, { unit: "GB/s" }),
    figure("memcpy_64MiB", copies, { unit: "GB/s" }),
    figure("ring_136kB_to_memcpy", ratios, { unit: "%", wanted: ">= 75" }),
  ];
}

async function wakeUps(repeats: number, periodUs: number, options: { wanted: string }): Promise<Figure[]> {
  const medians: number[] = [];
  const p99s: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const { reports: [report] } = await runTopology({
      ...ONE_TO_ONE,
      events: Math.max(200, Math.round(500_000 / periodUs)),
      write: "write paced",
      read: "read latency",
      periodUs,
    });
    medians.push(median(report.latenciesUs));
    p99s.push(quantile(report.latenciesUs, 0.99));
  }
  const name = `wake_up_every_${periodUs}us`;
  return [
    figure(`${name}_median`, medians, { unit: "us", wanted: options.wanted }),
    figure(`${name}_p99`, p99s, { unit: "us" }),
  ];
}

/** Measures the ring. Throws if a result is wrong. */
export async function ringBench(repeats: number): Promise<Figure[]> {
  const batched = { ...ONE_TO_ONE, ring: { ...SMALL, slots: 2048 }, events: 16_000_000, batch: 64 };
  await slotsPerSecond(1, ONE_TO_ONE);
  const unit = "M slots/s";
  return [
    figure("ring_64B_one_by_one", await slotsPerSecond(repeats, ONE_TO_ONE), { unit, wanted: ">= 8" }),
    figure("ring_64B_batches_of_64", await slotsPerSecond(repeats, batched), { unit, wanted: ">= 30" }),
    figure("ring_64B_two_groups_each", await slotsPerSecond(repeats, { ...batched, groups: 2, events: 8_000_000 }), {
      unit,
      wanted: ">= 8",
    }),
    figure("ring_64B_two_writers", await slotsPerSecond(repeats, { ...batched, writers: 2, events: 8_000_000 }), {
      unit,
      wanted: ">= 10",
    }),
    ...await wholeSlots(repeats),
    ...await wakeUps(repeats, 50, { wanted: "<= 8" }),
    ...await wakeUps(repeats, 5000, { wanted: "" }),
  ];
}

if (import.meta.main) {
  for (const { name, median, min, max, unit, wanted } of await ringBench(Number(Deno.args[0] ?? 5))) {
    console.log(
      `${name.padEnd(32)} ${median.toPrecision(4)} ${unit} (${min.toPrecision(3)} to ${max.toPrecision(3)}) ${wanted}`,
    );
  }
}
