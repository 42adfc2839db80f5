/** Worker of the ring's benchmarks: one role, one port, told by a message; reports what it saw so that it can be checked. */
import { Reader, type ReaderPort, Writer, type WriterPort } from "../../mod.ts";
import { monotonicNs } from "./clock.ts";

/** What a worker is told. */
export interface RingTask {
  readonly role: "write" | "read" | "write whole" | "read whole" | "write paced" | "read latency";
  readonly port: WriterPort | ReaderPort;
  /** Events to write. */
  readonly events: number;
  /** Slots per call; 1: the calls for single slots. */
  readonly batch: number;
  /** Time between events in µs, for "write paced". */
  readonly periodUs: number;
  /** Word 0 becomes 1 when all workers are ready. */
  readonly start: SharedArrayBuffer;
}

/** What it reports. */
export interface RingReport {
  readonly events: number;
  /** Sum of the stamps seen. */
  readonly sum: number;
  /** Time from before publication to after the read, for "read latency". */
  readonly latenciesUs: Float64Array;
}

/** A worker's global scope; the types that Deno gives are those of a window. */
const scope = globalThis as unknown as {
  onmessage: (message: MessageEvent<RingTask>) => void;
  postMessage(message: RingReport | "ready"): void;
};

const NO_LATENCIES = new Float64Array(0);

function write(task: RingTask): RingReport {
  using writer = new Writer(task.port as WriterPort);
  ready(task);
  let n = 0;
  if (task.batch === 1) {
    for (; n < task.events; n++) {
      const buffer = writer.getNewBuffer()!;
      buffer.data[0] = n;
      writer.setMetadata(n, 1, 0);
    }
    writer.processBuffer();
  }
  while (n < task.events) {
    const claimed = writer.claimBatch(Math.min(task.batch, task.events - n));
    for (let i = 0; i < claimed; i++, n++) {
      const slot = writer.slotOfBatch(i);
      slot.data.data[0] = n;
      slot.counter = n;
      slot.timestamp = 1;
    }
    writer.publishBatch();
  }
  return { events: n, sum: 0, latenciesUs: NO_LATENCIES };
}

function read(task: RingTask): RingReport {
  using reader = new Reader(task.port as ReaderPort);
  ready(task);
  let events = 0;
  let sum = 0;
  if (task.batch === 1) {
    for (let buffer = reader.get(); buffer !== null; buffer = reader.get(), events++) sum += buffer.data[0];
    return { events, sum, latenciesUs: NO_LATENCIES };
  }
  for (let taken = reader.getBatch(task.batch); taken > 0; taken = reader.getBatch(task.batch)) {
    for (let i = 0; i < taken; i++) sum += reader.slotOfBatch(i).data.data[0];
    events += taken;
  }
  return { events, sum, latenciesUs: NO_LATENCIES };
}

function writeWhole(task: RingTask): RingReport {
  using writer = new Writer(task.port as WriterPort);
  const record = new Float32Array(writer.layout.valuesPerSlot).fill(1.5);
  ready(task);
  for (let n = 0; n < task.events; n++) {
    record[0] = n;
    const buffer = writer.getNewBuffer()!;
    buffer.data.set(record);
    writer.setMetadata(n, 1, 0);
  }
  writer.processBuffer();
  return { events: task.events, sum: 0, latenciesUs: NO_LATENCIES };
}

function readWhole(task: RingTask): RingReport {
  using reader = new Reader(task.port as ReaderPort);
  const copy = new Float32Array(reader.layout.valuesPerSlot);
  ready(task);
  let events = 0;
  let sum = 0;
  for (let buffer = reader.get(); buffer !== null; buffer = reader.get(), events++) {
    copy.set(buffer.data);
    sum += copy[0] + copy[copy.length - 1] - 1.5;
  }
  return { events, sum, latenciesUs: NO_LATENCIES };
}

function writePaced(task: RingTask): RingReport {
  using writer = new Writer(task.port as WriterPort);
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  ready(task);
  const periodNs = 1000 * task.periodUs;
  let nextNs = monotonicNs() + periodNs;
  for (let n = 0; n < task.events; n++, nextNs += periodNs) {
    // Long periods are slept through, so that the processor's own sleep states show; the rest is awaited awake.
    const sleepMs = (nextNs - monotonicNs()) / 1e6 - 0.3;
    if (sleepMs > 0) Atomics.wait(sleeper, 0, 0, sleepMs);
    while (monotonicNs() < nextNs);
    const slot = writer.claim()!;
    slot.timestamp = 1;
    slot.data.data[0] = monotonicNs();
    writer.processBuffer();
  }
  return { events: task.events, sum: 0, latenciesUs: NO_LATENCIES };
}

function readLatency(task: RingTask): RingReport {
  using reader = new Reader(task.port as ReaderPort);
  const latenciesUs = new Float64Array(task.events);
  ready(task);
  let events = 0;
  for (let buffer = reader.get(); buffer !== null; buffer = reader.get(), events++) {
    latenciesUs[events] = (monotonicNs() - buffer.data[0]) / 1000;
  }
  return { events, sum: 0, latenciesUs };
}

function ready(task: RingTask): void {
  scope.postMessage("ready");
  Atomics.wait(new Int32Array(task.start), 0, 0);
}

const ROLES: Readonly<Record<RingTask["role"], (task: RingTask) => RingReport>> = {
  "write": write,
  "read": read,
  "write whole": writeWhole,
  "read whole": readWhole,
  "write paced": writePaced,
  "read latency": readLatency,
};

scope.onmessage = (message) => scope.postMessage(ROLES[message.data.role](message.data));
