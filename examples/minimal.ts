/**
 * The smallest complete program: a generator writes 1000 rising integers into one ring, two analyzers copy them with a time
 * into a second one, and a checker sums them up. Run it with `deno run -A examples/minimal.ts`; it prints 500500.
 *
 *     generator -> [RB_1] -> analyzer, analyzer -> [RB_2] -> checker
 */
import { Reader, type ReaderPort, RingBuffer, Writer, type WriterPort } from "../mod.ts";

const EVENTS = 1000;
const MEAN_INTERVAL_MS = 1;
const ANALYZERS = 2;

interface Task {
  role: "generate" | "analyze" | "check";
  source?: ReaderPort;
  sink?: WriterPort;
}

function sleep(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

/** Writes continuously rising integers. */
function generate(port: WriterPort): void {
  using sink = new Writer(port);
  for (let n = 1; n <= EVENTS; n++) {
    const buffer = sink.getNewBuffer(); // publishes the one before
    if (buffer === null) return;
    sleep(-MEAN_INTERVAL_MS * Math.log(1 - Math.random()));
    buffer.data.fill(n);
  }
  sink.processBuffer();
}

/** Copies the first value and adds the time since the start. */
function analyze(sourcePort: ReaderPort, sinkPort: WriterPort): void {
  using source = new Reader(sourcePort);
  using sink = new Writer(sinkPort);
  const start = Date.now();
  for (const input of source) {
    const output = sink.getNewBuffer();
    if (output === null) return;
    output.data[0] = input.data.data[0];
    sleep(2 * MEAN_INTERVAL_MS);
    output.data[1] = (Date.now() - start) / 1000;
    sink.setMetadata(...source.getMetadata());
    sink.processBuffer();
  }
}

/** Sums up the first values: for 1 to 1000 that is 500500. */
function check(port: ReaderPort): number {
  using source = new Reader(port);
  let sum = 0;
  for (const event of source) sum += event.data.data[0];
  return sum;
}

/** Sets up the rings, starts the workers, and waits for the checker's result. */
export async function runControl(): Promise<number> {
  using generated = await RingBuffer.create({ name: "RB_1", slots: 10, valuesPerSlot: 1, fields: "int32" });
  using evaluated = await RingBuffer.create({
    name: "RB_2",
    slots: 10,
    valuesPerSlot: 2,
    fields: "float32",
    writers: ANALYZERS,
  });
  // Readers first: a reader group sees all events from its making on, so it must be there before the first one.
  const source = generated.newReaderGroup("analyzers");
  const result = evaluated.newReaderGroup("checker");
  const sink = evaluated.newWriter();
  const tasks: Task[] = [
    { role: "check", source: result },
    ...Array.from({ length: ANALYZERS }, (): Task => ({ role: "analyze", source, sink })),
    { role: "generate", sink: generated.newWriter() },
  ];
  const workers = tasks.map(() => new Worker(import.meta.url, { type: "module" }));
  try {
    // When the generator signs off, the first ring ends; when both analyzers have, the second; then the checker is done.
    const sums = await Promise.all(workers.map((worker, i) =>
      new Promise<number>((resolve, reject) => {
        worker.onmessage = (message) => resolve(message.data);
        worker.onerror = (event) => reject(new Error(`Worker "${tasks[i].role}" failed: ${event.message}`));
        worker.postMessage(tasks[i]);
      })
    ));
    return sums[0];
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

/** This module is also the module of its workers. */
const worker = "DedicatedWorkerGlobalScope" in globalThis ? (globalThis as unknown as Worker) : null;
if (worker !== null) {
  worker.onmessage = ({ data: { role, source, sink } }: MessageEvent<Task>) => {
    const sum = role === "check" ? check(source!) : 0;
    if (role === "analyze") analyze(source!, sink!);
    if (role === "generate") generate(sink!);
    worker.postMessage(sum);
  };
} else if (import.meta.main) {
  console.log(`sum of 1 to ${EVENTS}: ${await runControl()} (expected ${EVENTS * (EVENTS + 1) / 2})`);
}
