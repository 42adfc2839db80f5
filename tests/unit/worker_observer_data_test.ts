import { assertEquals, assertRejects, assertThrows } from "../../src/std/assert.js";
import { Writer } from "../../src/ring/writer.ts";
import { observer } from "../../src/worker/observer.ts";
import { ObserverData } from "../../src/worker/observer_data.ts";
import { BufferData } from "../../src/worker/buffer_data.ts";
import { fillRing, makeContext, makeRing } from "./worker_fixture.ts";

Deno.test("ObserverData gives the newest event and ends with its ring", async () => {
  using ring = await makeRing("RB_1");
  const { context } = makeContext({ observes: [ring], config: { min_sleeptime: 0 } });
  const writer = new Writer(ring.newWriter());
  for (let n = 0; n < 3; n++) {
    writer.claim()!.counter = n;
    writer.processBuffer();
  }
  const events = new ObserverData(context)[Symbol.iterator]();
  assertEquals(events.next().value?.counter, 2);
  writer.claim()!.counter = 3;
  writer.processBuffer();
  writer.close();
  assertEquals(events.next().value?.counter, 3);
  assertEquals(events.next().done, true);
  context.close();
});

Deno.test("observer() shows events until the ring ends, then calls end", async () => {
  using ring = await makeRing("RB_1");
  const { context } = makeContext({ observes: [ring], config: { min_sleeptime: 0 } });
  fillRing(ring, 2, () => {});
  const calls: unknown[] = [];
  await observer(() => ({
    event: async (event) => {
      await Promise.resolve();
      calls.push(event.counter);
    },
    end: () => void calls.push("end"),
  }))(context);
  context.close();
  assertEquals(calls, [1, "end"]);
});

for (const kind of ["throws", "rejects"] as const) {
  Deno.test(`observer() adds the ring's fields to a TypeError when its function ${kind}`, async () => {
    using ring = await makeRing("RB_1");
    const { context } = makeContext({ observes: [ring], config: { min_sleeptime: 0 } });
    fillRing(ring, 1, () => {});
    const show = () => {
      const error = new TypeError("no such column");
      if (kind === "throws") throw error;
      return Promise.reject(error);
    };
    const run = async () => await observer(() => show)(context);
    await assertRejects(run, TypeError, "no such column; RB_1 has the fields chA, chB");
    context.close();
  });
}

Deno.test("ObserverData refuses a sleep time that is none", async () => {
  using ring = await makeRing("RB_1");
  const { context } = makeContext({ observes: [ring], config: { min_sleeptime: "1 s" } });
  assertThrows(
    () => new ObserverData(context),
    TypeError,
    'expected min_sleeptime to be a number of seconds >= 0, found "1 s"',
  );
  context.close();
});

Deno.test("BufferData gives all events; one that the loop leaves held is released with the context", async () => {
  using ring = await makeRing("RB_1");
  const { context } = makeContext({ sources: [ring] });
  fillRing(ring, 5, () => {});
  const counters: number[] = [];
  for (const event of new BufferData(context)) {
    counters.push(event.counter);
    if (event.counter === 3) break;
  }
  assertEquals(counters, [0, 1, 2, 3]);
  assertEquals(ring.status().groups[0].processed, 3);
  context.release();
  context.close();
  const [group] = ring.status().groups;
  assertEquals([group.processed, group.unread], [4, 1]);
});

Deno.test("ObserverData tells which event is being shown, for reports", async () => {
  using ring = await makeRing("RB_1");
  const { context } = makeContext({ observes: [ring], config: { min_sleeptime: 0 } });
  fillRing(ring, 3, () => {});
  assertEquals(context.eventCounter, null);
  const events = new ObserverData(context)[Symbol.iterator]();
  events.next();
  assertEquals(context.eventCounter, 2);
  events.next();
  assertEquals(context.eventCounter, null);
  context.close();
});
