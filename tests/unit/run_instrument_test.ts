/** The parts that sources with instruments share: the way into the ring, the losses and returns. */
import { type Instrument, InstrumentLost } from "../../drivers/instrument.ts";
import { EventSink } from "../../src/functions/event_sink.ts";
import { type InstrumentSource, runInstrument } from "../../src/functions/run_instrument.ts";
import { readWaveformScale, writeWaveformScale } from "../../src/functions/waveform_scale.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RunSignal } from "../../src/worker/run_signal.ts";
import type { WorkerContext } from "../../src/worker/worker_context.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../src/std/assert.js";
import { logLines, withDirectory } from "./functions_fixture.ts";
import { makeContext, makeRing, takeAll } from "./worker_fixture.ts";

/** An instrument that gives numbers and can go away. */
class Counter implements Instrument {
  readonly description = "Counter 1";
  closed = 0;

  close(): void {
    this.closed++;
  }
}

function put(sink: EventSink, value: number): boolean {
  if (sink.claim(1) === 0) return false;
  sink.columns(0).chA.fill(value);
  sink.stamp(0, performance.now(), sink.liveTime.event(sink.activeMs()));
  sink.publish();
  return true;
}

async function run(
  source: (parts: { context: WorkerContext; signal: RunSignal; counter: Counter }) => InstrumentSource<Counter>,
  options: { limit?: number } = {},
): Promise<{ lines: string[]; values: number[]; context: WorkerContext; counter: Counter; error: Error | null }> {
  using ring = await makeRing("RB_1", { slots: 32, limit: options.limit ?? 0 });
  using reader = new Reader(ring.newReaderGroup("check"));
  const signal = new RunSignal();
  const { context, posted } = makeContext({ sinks: [ring], signal });
  const counter = new Counter();
  let error: Error | null = null;
  try {
    await runInstrument(context, source({ context, signal, counter }));
  } catch (caught) {
    error = caught as Error;
  }
  context.close();
  return { lines: logLines(posted), values: takeAll(reader).map(({ data }) => data.chA[0]), context, counter, error };
}

Deno.test("runInstrument() takes events until the ring has enough, and closes the instrument", async () => {
  const { values, counter, error, context } = await run(({ counter }) => ({
    open: () => counter,
    take: (_, sink) => {
      for (let n = 0; sink.isWanted && put(sink, n); n++);
    },
  }), { limit: 5 });
  assertEquals([values, counter.closed, error], [[0, 1, 2, 3, 4], 1, null]);
  assertEquals(context.books.counts()!.published, [5]);
});

Deno.test("runInstrument() opens a lost instrument again, goes on, and counts the gap as dead", async () => {
  let opened = 0;
  const { values, lines, counter, error, context } = await run(({ counter }) => ({
    open: () => {
      opened++;
      if (opened === 2 || opened === 3) throw new InstrumentLost("Cannot find Counter 1");
      return counter;
    },
    take: (_, sink) => {
      sink.liveTime.live(sink.activeMs());
      if (opened === 1) {
        put(sink, 1);
        put(sink, 2);
        sink.claim(3); // what is held when it goes away is given back
        throw new InstrumentLost("Counter 1 was unplugged");
      }
      while (put(sink, 3));
    },
  }), { limit: 4 });
  assertEquals([values, error, opened, counter.closed], [[1, 2, 3, 3], null, 4, 2]);
  assertEquals(lines[0], "Counter 1 was unplugged; waiting for it to come back");
  assert(lines[1].startsWith("not back after 0.0"), lines[1]);
  assert(/^Counter 1 is back after 0\.\d\d s, which count as dead time$/.test(lines[2]), lines[2]);
  assertEquals(lines.length, 3);
  // Pauses of 10, 20 and 40 ms between the attempts.
  assert(context.books.counts()!.deadS >= 0.069, `${context.books.counts()!.deadS}`);
});

Deno.test("runInstrument() fails when the instrument is not there at the beginning", async () => {
  const { error } = await run(() => ({
    open: () => {
      throw new InstrumentLost("no Counter");
    },
    take: () => {},
  }));
  assertEquals(error?.message, "no Counter");
});

Deno.test("runInstrument() fails with any other error, and closes the instrument", async () => {
  const { error, counter, context } = await run(({ counter }) => ({
    open: () => counter,
    take: (_, sink) => {
      put(sink, 1);
      sink.claim(2);
      throw new RangeError("wrong range");
    },
  }));
  assertEquals([error?.message, counter.closed], ["wrong range", 1]);
  assertEquals(context.books.counts()!.published, [1]);
});

Deno.test("runInstrument() gives up after reconnectS", async () => {
  let opened = 0;
  const { error } = await run(({ counter }) => ({
    open: () => {
      if (opened++ > 0) throw new InstrumentLost("not there");
      return counter;
    },
    take: () => {
      throw new InstrumentLost("gone");
    },
    reconnectS: 0.05,
  }));
  assert(/^gone; it was waited for 0\.\d+ s and is not back: not there$/.test(error?.message ?? ""), error?.message);
});

Deno.test("runInstrument() stops looking when the run ends", async () => {
  let opened = 0;
  const { error, lines } = await run(({ counter, signal }) => ({
    open: () => {
      if (opened++ === 0) return counter;
      if (opened === 4) signal.setEnding();
      throw new InstrumentLost("not there");
    },
    take: () => {
      throw new InstrumentLost("gone");
    },
  }));
  assertEquals([error, opened], [null, 4]);
  assertEquals(lines.length, 2);
});

Deno.test("EventSink numbers events in batches, over workers and restarts", async () => {
  using ring = await makeRing("RB_1", { slots: 32 });
  using reader = new Reader(ring.newReaderGroup("check"));
  const { context } = makeContext({
    sinks: [ring],
    task: { workers: 3, workerNumber: 1, publishedBefore: [2] },
  });
  const sink = new EventSink(context);
  assertEquals([sink.ringName, sink.slots, sink.nextCounter, sink.isWanted], ["RB_1", 32, 7, true]);
  for (const count of [2, 3]) {
    assertEquals(sink.claim(count), count);
    for (let i = 0; i < count; i++) sink.stamp(i, performance.now(), 0.5);
    sink.publish();
  }
  context.close();
  const events = takeAll(reader);
  assertEquals(events.map(({ counter }) => counter), [7, 10, 13, 16, 19]);
  assertEquals(events.map(({ deadtime }) => deadtime), [0.5, 0.5, 0.5, 0.5, 0.5]);
  for (const { timestamp } of events) assert(Math.abs(timestamp - Date.now() / 1000) < 5);
});

Deno.test("EventSink.claim() gives 0 when the ring takes no more; late events are counted", async () => {
  using ring = await makeRing("RB_1", { slots: 4, limit: 3 });
  const { context } = makeContext({ sinks: [ring] });
  const sink = new EventSink(context);
  assertEquals(sink.claim(5), 3);
  for (let i = 0; i < 3; i++) sink.stamp(i, performance.now(), 0);
  sink.publish();
  assertEquals(sink.claim(2), 0);
  sink.late(2);
  sink.end();
  const { published, produced, late } = context.books.counts()!;
  assertEquals([published, produced, late], [[3], 5, 2]);
  context.close();
});

Deno.test("EventSink.claim() looks around while the ring is full", async () => {
  using ring = await makeRing("RB_1", { slots: 2 });
  using reader = new Reader(ring.newReaderGroup("check"));
  const { context } = makeContext({ sinks: [ring] });
  const sink = new EventSink(context);
  for (let n = 0; n < 2; n++) put(sink, n);
  let looks = 0;
  const held = sink.claim(1, () => {
    if (++looks === 3) {
      reader.next();
      reader.release();
    }
  });
  assertEquals([held, looks], [1, 3]);
  sink.abort();
  context.close();
});

/** Sets words of shared memory after some time, in another thread. */
function later(delayMs: number, port: { ring: string; segment: string; library: string }): Promise<void> {
  const worker = new Worker(new URL("./resume_ring_worker.ts", import.meta.url), { type: "module" });
  const done = new Promise<void>((resolve) => worker.addEventListener("message", () => resolve()));
  worker.postMessage({ delayMs, port });
  return done.then(() => worker.terminate());
}

Deno.test("EventSink waits out a pause, which is no dead time", async () => {
  using ring = await makeRing("RB_1", { slots: 4, pause: "wait" });
  const { context } = makeContext({ sinks: [ring] });
  const sink = new EventSink(context);
  sink.liveTime.live(sink.activeMs());
  put(sink, 1);
  ring.pause();
  assertEquals(sink.isPaused, true);
  const done = later(100, ring.newObserver());
  assertEquals(sink.claim(1), 1);
  assert(sink.pausedMs >= 50, `${sink.pausedMs} ms`);
  sink.abort();
  sink.liveTime.blind(sink.activeMs());
  sink.end();
  assert(context.books.counts()!.deadS < sink.pausedMs / 1000, `${context.books.counts()!.deadS} s`);
  await done;
  context.close();
});

Deno.test("EventSink counts what a pause discards", async () => {
  using ring = await makeRing("RB_1", { slots: 4, pause: "discard" });
  const { context } = makeContext({ sinks: [ring] });
  const sink = new EventSink(context);
  ring.pause();
  assertEquals([sink.isPaused, sink.claim(3)], [false, 1]);
  sink.stamp(0, performance.now(), 0);
  sink.publish();
  ring.resume();
  put(sink, 1);
  const { published, discarded, produced } = context.books.counts()!;
  assertEquals([published, discarded, produced, sink.nextCounter], [[1], 1, 2, 1]);
  context.close();
});

Deno.test("writeWaveformScale() writes what readWaveformScale() reads", () =>
  withDirectory(async (runDirectory) => {
    const scale = {
      source: "Counter 1",
      sampleTimeNs: 1.6,
      preTriggerSamples: 12,
      fields: { chA: { mvPerCount: 500 / 32512, offsetMv: -480, rangeMv: 500 } },
    };
    writeWaveformScale({ runDirectory }, "RB_1", { scale, further: { model: "x" } });
    assertEquals(readWaveformScale({ runDirectory }, "RB_1"), scale);
    assertStringIncludes(await Deno.readTextFile(`${runDirectory}/RB_1_scale.yaml`), "model: x");
    assertThrows(() => readWaveformScale({ runDirectory }, "RB_2"), Deno.errors.NotFound);
    await Deno.writeTextFile(`${runDirectory}/RB_3_scale.yaml`, "a: 1\n");
    assertThrows(() => readWaveformScale({ runDirectory }, "RB_3"), SyntaxError, 'expected a mapping with "fields"');
  }));
