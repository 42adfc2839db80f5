import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../src/std/assert.js";
import { filter, type Verdict } from "../../src/worker/filter.ts";
import { fillRing, makeContext, makeRing, openReader, takeAll } from "./worker_fixture.ts";

async function runFilter(judge: (counter: number) => Verdict | Promise<Verdict>) {
  using source = await makeRing("RB_1");
  using left = await makeRing("RB_2");
  using right = await makeRing("RB_3");
  const { context, posted } = makeContext({ sources: [source], sinks: [left, right] });
  using leftReader = openReader(left);
  using rightReader = openReader(right);
  fillRing(source, 6, (data, n) => data.chA.fill(n));
  const run = filter(() => (event) => judge(event.counter));
  run.check?.(context);
  await run(context);
  context.close();
  return { left: takeAll(leftReader), right: takeAll(rightReader), group: source.status().groups[0], posted, context };
}

Deno.test("filter() copies accepted events with data and metadata to all sinks", async () => {
  const { left, right, group, context } = await runFilter((n) => n % 2 === 0 ? "accept" : n === 1 ? "reject" : null);
  assertEquals(left, right);
  assertEquals(left.map((event) => event.counter), [0, 2, 4]);
  assertEquals(left[1], {
    counter: 2,
    timestamp: 1002,
    deadtime: 0.02,
    redelivered: false,
    data: { chA: [2, 2, 2, 2], chB: [0, 0, 0, 0] },
  });
  assertEquals([group.processed, group.rejected, group.unread], [3, 3, 0]);
  assertEquals(context.books.counts(), {
    taken: 6,
    published: [3, 3],
    rejected: 3,
    failed: 0,
    doubles: 0,
    discarded: 0,
    produced: 0,
    late: 0,
    deadS: 0,
  });
});

Deno.test("filter() follows a list of truth values per sink", async () => {
  const { left, right, group } = await runFilter((n) => [n < 2, n === 1]);
  assertEquals(left.map((event) => event.counter), [0, 1]);
  assertEquals(right.map((event) => event.counter), [1]);
  assertEquals([group.processed, group.rejected], [2, 4]);
});

Deno.test("filter() awaits asynchronous verdicts in order", async () => {
  const { left, group } = await runFilter(async (n) => {
    await Promise.resolve();
    if (n === 3) throw new Error("no answer");
    return n > 1;
  });
  assertEquals(left.map((event) => event.counter), [2, 4, 5]);
  assertEquals([group.processed, group.rejected, group.failed], [3, 2, 1]);
});

Deno.test("filter() reports an event that throws and goes on", async () => {
  const { left, group, posted, context } = await runFilter((n) => {
    if (n === 2) throw new RangeError("pulse too high");
    return true;
  });
  assertEquals(left.map((event) => event.counter), [0, 1, 3, 4, 5]);
  assertEquals([group.processed, group.failed], [5, 1]);
  assertEquals(context.books.failed, 1);
  assertEquals(posted.length, 1);
  const [message] = posted;
  assert(message.type === "failed");
  assertEquals(message.failure.phase, "event");
  assertEquals(message.failure.eventCounter, 2);
  assertEquals(message.failure.message, "RangeError: pulse too high");
});

for (
  const [found, verdict] of [
    ["number 1", 1],
    ["object with chA", { chA: [1] }],
    ["[boolean true]", [true]],
    ["[number 1, number 0]", [1, 0]],
    ['"yes"', "yes"],
  ] as const
) {
  Deno.test(`filter() fails the event when the verdict is ${found}`, async () => {
    const { left, right, group, posted } = await runFilter(() => verdict as unknown as Verdict);
    assertEquals([left.length, right.length, group.failed], [0, 0, 6]);
    assert(posted[0].type === "failed");
    if (verdict instanceof Array && verdict.length === 2) return;
    assertStringIncludes(posted[0].failure.message, found);
  });
}

Deno.test("filter() refuses sinks with other records before anything starts", async () => {
  using source = await makeRing("RB_1");
  using sink = await makeRing("RB_2", { fields: { chA: "float32", chB: "float64" } });
  const { context } = makeContext({ sources: [source], sinks: [sink] });
  const error = assertThrows(() => filter(() => () => true).check?.(context), TypeError);
  assertStringIncludes(error.message, "expected ring RB_2 to hold the same records as ring RB_1");
  assertStringIncludes(error.message, "chB float64");
  context.close();
});

Deno.test("filter() refuses to run without a source or without a sink", async () => {
  using ring = await makeRing("RB_1");
  const sinkOnly = makeContext({ sinks: [ring] }).context;
  assertThrows(() => filter(() => () => true).check?.(sinkOnly), TypeError, "expected 1 source (read), found none");
  sinkOnly.close();
  using other = await makeRing("RB_2");
  const sourceOnly = makeContext({ sources: [other] }).context;
  assertThrows(() => filter(() => () => true).check?.(sourceOnly), TypeError, "expected at least one sink (write)");
  sourceOnly.close();
});

Deno.test("filter() calls end after the last event, also when preparing for the next ring fails", async () => {
  using source = await makeRing("RB_1");
  using sink = await makeRing("RB_2");
  const { context } = makeContext({ sources: [source], sinks: [sink] });
  fillRing(source, 2, () => {});
  const calls: string[] = [];
  await filter(() => ({
    event: (event) => (calls.push(`event ${event.counter}`), false),
    end: () => void calls.push("end"),
  }))(
    context,
  );
  context.close();
  assertEquals(calls, ["event 0", "event 1", "end"]);
});

Deno.test("filter() hands the event back when a sink ends before the source", async () => {
  using source = await makeRing("RB_1");
  using sink = await makeRing("RB_2");
  const { context } = makeContext({ sources: [source], sinks: [sink] });
  fillRing(source, 3, () => {});
  sink.shutdown();
  await filter(() => () => true)(context);
  context.close();
  const [group] = source.status().groups;
  assertEquals([group.processed, group.held + group.unread], [0, 3]);
});

Deno.test("filter() adds the ring's fields to a TypeError in an event, in message and stack", async () => {
  const { posted } = await runFilter((n) => {
    const data: Record<string, Float32Array> = {};
    return data[`chC${n}`].length > 0;
  });
  assert(posted[0].type === "failed");
  const { message, stack } = posted[0].failure;
  assertStringIncludes(message, "; RB_1 has the fields chA, chB");
  assertStringIncludes(stack, "; RB_1 has the fields chA, chB");
  assertStringIncludes(stack, "worker_filter_test.ts");
});

for (
  const [why, prepare, message] of [
    [
      "takes the context for an event",
      (event: { data: { chA: number[] } }) => event.data.chA[0] > 3,
      "; failed before its first event: the outer function gets the context, not an event",
    ],
    ["returns a verdict", () => true, "found boolean true; the outer function gets the context, not an event"],
    ["is async", () => Promise.resolve(() => true), "found a promise; the outer function cannot be async"],
  ] as const
) {
  Deno.test(`filter() says what is wrong when the outer function ${why}`, async () => {
    using source = await makeRing("RB_1");
    using sink = await makeRing("RB_2");
    const { context } = makeContext({ sources: [source], sinks: [sink] });
    const wrong = filter(prepare as unknown as Parameters<typeof filter>[0]);
    const error = assertThrows(() => wrong(context), TypeError);
    context.close();
    assertStringIncludes(error.message, message);
  });
}
