/** Rings and contexts for tests of access classes, all in one thread. */
import type { Columns } from "../../src/record/record_layout.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RingBuffer, type RingOptions } from "../../src/ring/ring_buffer.ts";
import { Writer } from "../../src/ring/writer.ts";
import type { FromWorker, WorkerTask } from "../../src/worker/messages.ts";
import { RunSignal } from "../../src/worker/run_signal.ts";
import { WorkerContext } from "../../src/worker/worker_context.ts";

export interface FixtureOptions {
  sources?: RingBuffer[];
  sinks?: RingBuffer[];
  observes?: RingBuffer[];
  config?: Record<string, unknown>;
  task?: Partial<WorkerTask>;
  signal?: RunSignal;
}

/** What an event was, copied out of the ring. */
export interface EventCopy {
  counter: number;
  timestamp: number;
  deadtime: number;
  redelivered: boolean;
  data: Record<string, number[]>;
}

export function makeRing(name: string, options: Partial<RingOptions> = {}): Promise<RingBuffer> {
  return RingBuffer.create({
    name,
    slots: 8,
    valuesPerSlot: 4,
    fields: { chA: "float32", chB: "float32" },
    ...options,
  });
}

/** Makes a task for rings; reader groups are made here, so call it before anything is written. */
export function makeTask(options: FixtureOptions = {}): WorkerTask {
  return {
    name: "Fkt_1",
    functionName: "test_function",
    module: "",
    exportName: "testFunction",
    workerNumber: 0,
    workers: 1,
    sources: (options.sources ?? []).map((ring) => ring.newReaderGroup("Fkt_1")),
    sinks: (options.sinks ?? []).map((ring) => ring.newWriter()),
    observes: (options.observes ?? []).map((ring) => ring.newObserver()),
    config: options.config ?? {},
    runDirectory: "/nonexistent",
    setupDirectory: "/nonexistent",
    restarts: 0,
    publishedBefore: (options.sinks ?? []).map(() => 0),
    isRestartable: false,
    signal: (options.signal ?? talkative()).memory,
    ...options.task,
  };
}

/** Flags of a run whose workers send messages of all levels. */
function talkative(): RunSignal {
  const signal = new RunSignal();
  signal.setLogLevel("debug");
  return signal;
}

/** A context with everything that it would post. */
export function makeContext(options: FixtureOptions = {}): { context: WorkerContext; posted: FromWorker[] } {
  const posted: FromWorker[] = [];
  return { context: new WorkerContext(makeTask(options), (message) => posted.push(message)), posted };
}

/** Writes events with counters 0, 1, 2 … and signs off, so that the ring ends behind them. */
export function fillRing(ring: RingBuffer, events: number, fill: (data: Columns, n: number) => void): void {
  using writer = new Writer(ring.newWriter());
  for (let n = 0; n < events; n++) {
    const slot = writer.claim({ timeoutMs: 0 });
    if (slot === null) throw new Error(`ring ${ring.name} has no room for event ${n}`);
    fill(slot.data, n);
    writer.setMetadata(n, 1000 + n, n / 100);
    writer.processBuffer();
  }
}

/** A reader whose group exists from now on; {@linkcode takeAll} empties it later. */
export function openReader(ring: RingBuffer, group = "check"): Reader {
  return new Reader(ring.newReaderGroup(group));
}

/** Copies all events that a reader can have now. */
export function takeAll(reader: Reader): EventCopy[] {
  const events: EventCopy[] = [];
  for (;;) {
    const slot = reader.next({ timeoutMs: 0 });
    if (slot === null) return events;
    const { counter, timestamp, deadtime, redelivered } = slot;
    const data = Object.fromEntries(Object.entries(slot.data).map(([name, column]) => [name, Array.from(column)]));
    events.push({ counter, timestamp, deadtime, redelivered, data });
  }
}
