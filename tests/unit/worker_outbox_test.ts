/** What a worker holds back reaches the control although the worker waits: in its rings, asleep, and in the event loop. */
import { Writer } from "../../src/ring/writer.ts";
import type { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { BufferData } from "../../src/worker/buffer_data.ts";
import type { FromWorker } from "../../src/worker/messages.ts";
import type { WorkerContext } from "../../src/worker/worker_context.ts";
import { assert, assertEquals } from "../../src/std/assert.js";
import { fillRing, type FixtureOptions, makeContext, makeRing, makeTask } from "./worker_fixture.ts";
import { WorkerContext as Context } from "../../src/worker/worker_context.ts";
import { RunSignal } from "../../src/worker/run_signal.ts";

/** Values of the panels that were posted. */
function values(posted: readonly FromWorker[]): unknown[] {
  return posted.flatMap((message) =>
    message.type === "panel" && message.panel.kind === "value" ? [message.panel.value] : []
  );
}

/** A context whose control takes each display at once. */
function takenContext(options: FixtureOptions = {}): { context: WorkerContext; posted: FromWorker[] } {
  const posted: FromWorker[] = [];
  const task = makeTask(options);
  const control = new RunSignal(task.signal);
  const post = (message: FromWorker) => {
    posted.push(structuredClone(message));
    if (message.type === "panel") control.notePanelTaken();
  };
  return { context: new Context(task, post), posted };
}

function publish({ publish }: WorkerContext, ...values: number[]): void {
  for (const value of values) publish("n", { kind: "value", title: "N", value });
}

async function withRing(run: (ring: RingBuffer) => void | Promise<void>, slots = 8): Promise<void> {
  using ring = await makeRing("RB_1", { slots });
  await run(ring);
}

Deno.test("WorkerContext sends the last state of a display while its function waits for events", async () => {
  await withRing((ring) => {
    const { context, posted } = takenContext({ sources: [ring] });
    publish(context, 1, 2, 3);
    assertEquals(values(posted), [1]);
    const [reader] = context.sources;
    const beganMs = performance.now();
    assertEquals([reader.next({ timeoutMs: 300 }), reader.state], [null, "timed out"]);
    assert(performance.now() - beganMs >= 299);
    assertEquals(values(posted), [1, 3]);
    publish(context, 4, 5);
    assertEquals(reader.getBatch(4, { timeoutMs: 300 }), 0);
    assertEquals(values(posted), [1, 3, 4, 5]);
    context.close();
  });
});

Deno.test("WorkerContext sends it while its function takes events and publishes nothing more", async () => {
  await withRing((ring) => {
    const { context, posted } = takenContext({ sources: [ring] });
    fillRing(ring, 8, () => {});
    publish(context, 1, 2);
    for (const { counter } of new BufferData(context)) {
      // A function that is busy with each event.
      const endMs = performance.now() + 30;
      while (performance.now() < endMs);
      if (counter === 7) assertEquals(values(posted), [1, 2]);
    }
    context.close();
  });
});

Deno.test("WorkerContext sends it while an importer waits for space or for the end of a pause", async () => {
  await withRing((ring) => {
    ring.newReaderGroup("reader");
    const { context, posted } = takenContext({ sinks: [ring] });
    const [writer] = context.sinks;
    for (let i = 0; i < 2; i++) {
      publish(context, i, i + 10);
      assert(writer.getNewBuffer() !== null);
    }
    writer.processBuffer();
    assertEquals([writer.claim({ timeoutMs: 250 }), writer.state], [null, "timed out"]);
    assertEquals(values(posted), [0, 11]);
    publish(context, 20, 21);
    ring.pause();
    assertEquals(writer.waitWhilePaused({ timeoutMs: 250 }), false);
    assertEquals(values(posted), [0, 11, 20, 21]);
    context.close();
  }, 2);
});

Deno.test("WorkerContext sends it while a display waits for events, or its function sleeps", async () => {
  await withRing((ring) => {
    const { context, posted } = takenContext({ observes: [ring] });
    publish(context, 1, 2);
    assertEquals(context.observes[0].get({ timeoutMs: 250 }), null);
    publish(context, 3, 4);
    assertEquals(context.signal.sleep(250), true);
    publish(context, 5, 6);
    assertEquals(context.signal.sleepWhileDraining(250), true);
    assertEquals(values(posted), [1, 2, 3, 4, 5, 6]);
    context.close();
  });
});

Deno.test("WorkerContext sends it from the event loop, and at the end", async () => {
  const { context, posted } = takenContext();
  publish(context, 1, 2);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assertEquals(values(posted), [1, 2]);
  publish(context, 3, 4);
  context.close();
  assertEquals(values(posted), [1, 2, 3, 4]);
});

Deno.test("WorkerContext sends nothing more of a display until the control has taken it, but the last state at the end", () => {
  const { context, posted } = makeContext();
  publish(context, 1, 2);
  context.signal.sleep(300);
  publish(context, 3);
  assertEquals(values(posted), [1]);
  context.close();
  assertEquals(values(posted), [1, 3]);
});

Deno.test("WorkerContext tells how many messages it has held back while its function waits", async () => {
  await withRing((ring) => {
    const { context, posted } = takenContext({ sources: [ring] });
    for (let i = 0; i < 3; i++) context.log.info("again");
    context.sources[0].next({ timeoutMs: 1200 });
    const texts = posted.flatMap((message) => message.type === "log" ? [message.text] : []);
    assertEquals(texts, ["again", "again (2 more times)"]);
    context.close();
  });
});

Deno.test("WorkerContext shows an event's own data although the event has gone when its display is sent", async () => {
  await withRing(async (ring) => {
    const { context, posted } = takenContext({ sources: [ring] });
    using writer = new Writer(ring.newWriter());
    const [reader] = context.sources;
    for (let n = 0; n < 3; n++) {
      writer.getNewBuffer()!.chA.fill(n);
      writer.processBuffer();
      const chA = reader.get()!.chA as Float32Array;
      context.publish("w", { kind: "waveform", title: "", channels: { chA }, sampleTimeNs: 4, counter: n });
    }
    // Eight more events pass through the same slots.
    for (let n = 0; n < 8; n++) {
      writer.getNewBuffer()!.chA.fill(99);
      writer.processBuffer();
      reader.get();
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    const shown = posted.flatMap((message) =>
      message.type === "panel" && message.panel.kind === "waveform" ? [message.panel] : []
    );
    assertEquals(shown.map(({ counter, channels }) => [counter, [...channels.chA]]), [[0, [0, 0, 0, 0]], [2, [
      2,
      2,
      2,
      2,
    ]]]);
    context.close();
  });
});
