/** Workers that are stopped while their rings go on, as the access classes see it. */
import { assertEquals } from "../../src/std/assert.js";
import type { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { Writer } from "../../src/ring/writer.ts";
import { BufferToBuffer } from "../../src/worker/buffer_to_buffer.ts";
import { ObserverData } from "../../src/worker/observer_data.ts";
import { RunSignal } from "../../src/worker/run_signal.ts";
import { SourceToBuffer } from "../../src/worker/source_to_buffer.ts";
import { makeContext, makeRing, openReader } from "./worker_fixture.ts";

const CHANNELS = { chA: [1, 2, 3, 4], chB: [5, 6, 7, 8] };

/** Does what the control does: the row first, then the worker's own flag. */
function retire(ring: RingBuffer, role: "writer" | "reader", signal: RunSignal): void {
  const row = ring.status().owners.find(({ kind, state }) => kind === role && state === "active")!;
  ring.retire(row.owner);
  signal.setRetired();
}

Deno.test("BufferToBuffer finishes the event that it holds when its worker is stopped, and hands on what comes of it", async () => {
  using source = await makeRing("RB_1");
  using sink = await makeRing("RB_2");
  const signal = new RunSignal();
  const { context } = makeContext({ sources: [source], sinks: [sink], signal });
  using writer = new Writer(source.newWriter());
  for (let n = 0; n < 5; n++) {
    writer.claim();
    writer.processBuffer();
  }
  new BufferToBuffer(context, ({ counter }) => {
    if (counter === 2) retire(source, "reader", signal);
    return true;
  }).run();
  context.release();
  context.close();
  assertEquals([context.ending, sink.status().published], [true, 3]);
  const [{ processed, held, unread, redelivered }] = source.status().groups;
  assertEquals([processed, held, unread, redelivered], [3, 0, 2, 0]);
  assertEquals([context.books.taken, source.status().ended, sink.status().ended], [3, false, true]);
});

Deno.test("SourceToBuffer counts the event as late that it had no room for when its worker was stopped", async () => {
  for (const pushes of [false, true]) {
    using ring = await makeRing("RB_1", { slots: 2, writers: 2 });
    const signal = new RunSignal();
    const { context } = makeContext({ sinks: [ring], signal });
    using _reader = openReader(ring);
    let n = 0;
    const next = () => {
      if (n === 2) retire(ring, "writer", signal);
      n++;
      return CHANNELS;
    };
    if (pushes) {
      const buffer = new SourceToBuffer(context);
      while (buffer.put(next()));
    } else {
      new SourceToBuffer(context, next).run();
    }
    context.close();
    const { produced, late, published } = context.books.counts()!;
    assertEquals([produced, late, published, n, ring.status().ended], [3, 1, [2], 3, false]);
  }
});

Deno.test("ObserverData ends when its worker is stopped while it rests", async () => {
  using ring = await makeRing("RB_1");
  const signal = new RunSignal();
  const { context } = makeContext({ observes: [ring], signal });
  using writer = new Writer(ring.newWriter());
  writer.claim();
  writer.processBuffer();
  let seen = 0;
  for (const _event of new ObserverData(context, { minSleeptimeS: 1000 })) {
    seen++;
    signal.setRetired();
  }
  context.close();
  assertEquals([seen, context.ending], [1, true]);
});
