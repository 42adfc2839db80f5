/** One worker of the ring stress tests: a writer, a reader, an observer or an echo, as the first message says. */
import { Observer } from "../../src/ring/observer.ts";
import type { ObserverPort, ReaderPort, WriterPort } from "../../src/ring/ports.ts";
import { Reader } from "../../src/ring/reader.ts";
import { Writer } from "../../src/ring/writer.ts";
import { checkEvent, NUMBERS_OF_WRITER, stampEvent } from "./ring_stress_event.ts";
import { SeededRandom } from "./stress_settings.ts";

/** What a worker has to do. `stop` is shared: writers end when its first element is not 0. */
export type StressJob =
  | {
    kind: "writer";
    port: WriterPort;
    number: number;
    seed: number;
    batch: number;
    abortChance: number;
    stop: Int32Array;
  }
  | { kind: "reader"; port: ReaderPort; writers: number; seed: number; batch: number; leaves: number }
  | { kind: "observer"; port: ObserverPort; observations: number }
  | { kind: "echo"; source: ReaderPort; sink: WriterPort; timeoutMs: number };

/** What it found; `error` if something was wrong. */
export interface StressResult {
  error?: string;
  published?: number;
  aborted?: number;
  discarded?: number;
  redelivered?: number;
  observed?: number;
  different?: number;
  timedOut?: number;
  /** By writer: which of its events this reader has released. */
  seen?: Uint8Array[];
}

const MOST_EVENTS = 2_000_000; // of one writer

const never = new Int32Array(new SharedArrayBuffer(4));
function rest(random: SeededRandom): void {
  if (random.oneIn(200)) Atomics.wait(never, 0, 0, random.below(3));
}

function write(job: StressJob & { kind: "writer" }): StressResult {
  const random = new SeededRandom(job.seed);
  using writer = new Writer(job.port);
  let next = 0, published = 0, aborted = 0, discarded = 0;
  while (Atomics.load(job.stop, 0) === 0 && next < MOST_EVENTS - job.batch) {
    const claimed = writer.claimBatch(1 + random.below(job.batch), {
      timeoutMs: random.oneIn(2) ? -1 : random.below(20),
    });
    if (claimed === 0) {
      if (writer.state === "ended") break;
      continue; // timed out or paused
    }
    rest(random);
    if (writer.isDiscarding) {
      stampEvent(writer.slotOfBatch(0).data, -1); // must never be seen
      writer.publishBatch();
      discarded += claimed;
      continue;
    }
    const isVoid = random.oneIn(job.abortChance);
    for (let i = 0; i < claimed; i++) {
      const slot = writer.slotOfBatch(i);
      const id = isVoid ? -2 : job.number * NUMBERS_OF_WRITER + next++;
      slot.counter = id;
      stampEvent(slot.data, id);
    }
    if (isVoid) {
      writer.abort();
      aborted += claimed;
    } else {
      writer.publishBatch();
      published += claimed;
    }
  }
  return { published, aborted, discarded };
}

function read(job: StressJob & { kind: "reader" }): StressResult {
  const random = new SeededRandom(job.seed);
  const seen = Array.from({ length: job.writers }, () => new Uint8Array(MOST_EVENTS));
  let reader = new Reader(job.port);
  let redelivered = 0, leaves = job.leaves;
  try {
    for (;;) {
      const taken = reader.getBatch(1 + random.below(job.batch), {
        timeoutMs: random.oneIn(2) ? -1 : random.below(20),
      });
      if (taken === 0) {
        if (reader.state === "ended") return { seen, redelivered };
        continue;
      }
      for (let i = 0; i < taken; i++) {
        const slot = reader.slotOfBatch(i);
        checkEvent(slot.data, slot.counter, "a reader");
        if (slot.redelivered) redelivered++;
      }
      rest(random);
      if (leaves > 0 && random.oneIn(500)) {
        leaves--;
        reader.close(); // hands back, and comes back as another owner
        reader = new Reader(job.port);
        continue;
      }
      for (let i = 0; i < taken; i++) {
        const { counter, data } = reader.slotOfBatch(i);
        checkEvent(data, counter, "a reader, before it releases");
        seen[Math.floor(counter / NUMBERS_OF_WRITER)][counter % NUMBERS_OF_WRITER]++;
      }
      reader.outcome = random.oneIn(3) ? "rejected" : "processed";
      if (random.oneIn(3)) reader.release();
    }
  } finally {
    reader.close();
  }
}

function observe(job: StressJob & { kind: "observer" }): StressResult {
  using observer = new Observer(job.port);
  let observed = 0, different = 0, last = -1;
  while (observed < job.observations) {
    const slot = observer.get({ timeoutMs: 1000 });
    if (slot === null) {
      if (observer.state === "ended") throw new Error(`an observer got the end after ${observed} observations`);
      const latest = observer.latest();
      if (latest !== null) checkEvent(latest.data, latest.counter, "an observer's last copy");
      continue;
    }
    checkEvent(slot.data, slot.counter, "an observer");
    observed++;
    if (slot.counter !== last) different++;
    last = slot.counter;
  }
  return { observed, different };
}

function echo(job: StressJob & { kind: "echo" }): StressResult {
  using source = new Reader(job.source);
  using sink = new Writer(job.sink);
  for (;;) {
    const slot = source.next({ timeoutMs: job.timeoutMs });
    if (slot === null) return { timedOut: source.state === "timed out" ? 1 : 0 };
    checkEvent(slot.data, slot.counter, "the echo");
    stampEvent(sink.getNewBuffer()!, slot.counter);
    sink.setMetadata(slot.counter, 1, 0);
    sink.processBuffer();
  }
}

function work(job: StressJob): StressResult {
  switch (job.kind) {
    case "writer":
      return write(job);
    case "reader":
      return read(job);
    case "observer":
      return observe(job);
    case "echo":
      return echo(job);
  }
}

const scope = self as unknown as {
  onmessage: (event: MessageEvent<StressJob>) => void;
  postMessage(result: StressResult): void;
};
scope.onmessage = ({ data }) => {
  try {
    scope.postMessage(work(data));
  } catch (error) {
    scope.postMessage({ error: error instanceof Error ? error.stack ?? error.message : String(error) });
  }
};
