import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../src/std/assert.js";
import { importer } from "../../src/worker/importer.ts";
import { RunSignal } from "../../src/worker/run_signal.ts";
import type { EventSource, SourceItem } from "../../src/worker/source_item.ts";
import { SourceToBuffer } from "../../src/worker/source_to_buffer.ts";
import { makeContext, makeRing, openReader, takeAll } from "./worker_fixture.ts";

const CHANNELS = [[1, 2, 3, 4], [5, 6, 7, 8]];
const RECORD = { chA: [1, 2, 3, 4], chB: new Float32Array([5, 6, 7, 8]) };

async function importFrom(source: EventSource, options: Parameters<typeof makeRing>[1] = {}) {
  using ring = await makeRing("RB_1", { slots: 16, ...options });
  const { context } = makeContext({ sinks: [ring] });
  using reader = openReader(ring);
  await importer(() => source)(context);
  context.close();
  return { events: takeAll(reader), context, status: ring.status() };
}

const SOURCES: readonly { kind: string; source: () => EventSource }[] = [
  {
    kind: "a generator that yields channels",
    source: () =>
      (function* (): Generator<SourceItem> {
        yield CHANNELS;
        yield CHANNELS;
      })(),
  },
  {
    kind: "a generator function that yields records and null",
    source: () =>
      function* (): Generator<SourceItem> {
        yield RECORD;
        yield RECORD;
        yield null;
        yield RECORD;
      },
  },
  { kind: "an array of events", source: () => [RECORD, RECORD] },
  {
    kind: "a function called for each event",
    source: () => {
      let n = 0;
      return () => n++ < 2 ? CHANNELS : null;
    },
  },
  {
    kind: "an asynchronous generator",
    source: () =>
      (async function* (): AsyncGenerator<SourceItem> {
        await Promise.resolve();
        yield RECORD;
        yield [CHANNELS, null];
      })(),
  },
  {
    kind: "a function that returns promises",
    source: () => {
      let n = 0;
      return () => Promise.resolve(n++ < 2 ? RECORD : null);
    },
  },
];

for (const { kind, source } of SOURCES) {
  Deno.test(`SourceToBuffer writes the events of ${kind}`, async () => {
    const { events, status, context } = await importFrom(source());
    assertEquals(events.map((event) => event.data), [
      { chA: [1, 2, 3, 4], chB: [5, 6, 7, 8] },
      { chA: [1, 2, 3, 4], chB: [5, 6, 7, 8] },
    ]);
    assertEquals(events.map((event) => event.counter), [0, 1]);
    assertEquals([status.published, status.voided], [2, 0]);
    assertEquals(context.books.counts()?.published, [2]);
  });
}

Deno.test("SourceToBuffer gives counters apart to the workers of one importer", async () => {
  using ring = await makeRing("RB_1", { slots: 16 });
  const { context } = makeContext({ sinks: [ring], task: { workerNumber: 2, workers: 3 } });
  using reader = openReader(ring);
  await new SourceToBuffer(context, [RECORD, RECORD, RECORD]).run();
  context.close();
  assertEquals(takeAll(reader).map((event) => event.counter), [2, 5, 8]);
});

Deno.test("SourceToBuffer takes metadata that the source gives", async () => {
  const { events } = await importFrom([
    [CHANNELS, [17, 1234.5, 0.25]],
    [RECORD, { timestamp: 99 }],
    [CHANNELS, null],
  ]);
  assertEquals([events[0].counter, events[0].timestamp, events[0].deadtime], [17, 1234.5, 0.25]);
  assertEquals([events[1].counter, events[1].timestamp], [1, 99]);
  assertEquals(events[2].counter, 2);
});

Deno.test("SourceToBuffer takes two channels of three samples for data, not for metadata", async () => {
  const { events } = await importFrom([[[1, 2, 3], [4, 5, 6]]], { valuesPerSlot: 3 });
  assertEquals(events[0].data, { chA: [1, 2, 3], chB: [4, 5, 6] });
});

Deno.test("SourceToBuffer takes plain values for a ring with one field", async () => {
  const { events } = await importFrom([[1, 2, 3], new Float64Array([4, 5, 6]), [[7, 8, 9], [5, 50, 0]]], {
    valuesPerSlot: 3,
    fields: "int32",
  });
  assertEquals(events.map((event) => event.data.data), [[1, 2, 3], [4, 5, 6], [7, 8, 9]]);
  assertEquals(events[2].counter, 5);
  const single = await importFrom([42, 43n], { valuesPerSlot: 1, fields: "int64" });
  assertEquals(single.events.map((event) => event.data.data[0] as unknown), [42n, 43n]);
});

Deno.test("SourceToBuffer sets the time at which the data were ready and a dead time from 0 to 1", async () => {
  const before = Date.now() / 1000;
  const { events } = await importFrom([RECORD, RECORD, RECORD]);
  for (const event of events) {
    assertAlmostEquals(event.timestamp, before, 5);
    assert(event.deadtime >= 0 && event.deadtime <= 1);
  }
  assert(events[0].timestamp <= events[1].timestamp);
});

Deno.test("SourceToBuffer counts waiting for a free slot as dead time, sleeping in the source not", async () => {
  using ring = await makeRing("RB_1", { slots: 2 });
  const signal = new RunSignal();
  const { context } = makeContext({ sinks: [ring], signal });
  using reader = openReader(ring);
  let n = 0;
  const source = () => {
    if (n === 1) signal.sleep(50);
    return n++ < 2 ? RECORD : null;
  };
  await new SourceToBuffer(context, source).run();
  context.close();
  const [, late] = takeAll(reader);
  assert(late.deadtime < 0.5, `dead time ${late.deadtime} after 50 ms in the source`);
});

for (
  const [why, item, message] of [
    ["a channel is too short", [[1, 2, 3], [1, 2, 3, 4]], 'field "chA" of ring RB_1: expected 4 values, found 3'],
    ["a channel is missing", [[1, 2, 3, 4]], "expected values for chA, chB, found array of 1"],
    ["a field is unknown", { chC: [1, 2, 3, 4] }, "expected values for chA, chB, found object with chC"],
    ["an event is undefined", undefined, "expected an event's data or null, found undefined"],
    ["a number stands for a waveform", 5, "expected values for chA, chB, found number 5"],
  ] as const
) {
  Deno.test(`SourceToBuffer throws and publishes nothing when ${why}`, async () => {
    using ring = await makeRing("RB_1");
    const { context } = makeContext({ sinks: [ring] });
    const error = assertThrows(() => new SourceToBuffer(context, [item as SourceItem]).run(), TypeError);
    assertStringIncludes(error.message, message);
    context.close();
    assertEquals(ring.status().published, 0);
  });
}

Deno.test("SourceToBuffer.put() returns true until the ring is closing", async () => {
  using ring = await makeRing("RB_1");
  const { context } = makeContext({ sinks: [ring] });
  using reader = openReader(ring);
  const importing = new SourceToBuffer(context);
  assertEquals(importing.put(CHANNELS), true);
  assertEquals(importing.put(CHANNELS, [7, 70, 0]), true);
  ring.setEnding();
  assertEquals(importing.put(CHANNELS), false);
  assertEquals(importing.put(null), false);
  context.close();
  assertEquals(takeAll(reader).map((event) => event.counter), [0, 7]);
});

Deno.test("SourceToBuffer stops at the ring's limit and closes the source", async () => {
  let closed = false;
  const source = function* (): Generator<SourceItem> {
    try {
      while (true) yield RECORD;
    } finally {
      closed = true;
    }
  };
  const { events } = await importFrom(source, { limit: 5 });
  assertEquals(events.map((event) => event.counter), [0, 1, 2, 3, 4]);
  assert(closed);
});

Deno.test("SourceToBuffer ends while it awaits an asynchronous source when the run ends", async () => {
  using ring = await makeRing("RB_1");
  const signal = new RunSignal();
  const { context } = makeContext({ sinks: [ring], signal });
  const running = new SourceToBuffer(context, () => new Promise<SourceItem>(() => {})).run();
  signal.setEnding();
  await running;
  context.close();
  assertEquals(ring.status().published, 0);
});

Deno.test("SourceToBuffer goes on in a discarding pause and numbers only what is published", async () => {
  using ring = await makeRing("RB_1", { pause: "discard" });
  const { context } = makeContext({ sinks: [ring] });
  using reader = openReader(ring);
  let n = 0;
  await new SourceToBuffer(context, () => {
    if (n === 2) ring.pause();
    if (n === 5) ring.resume();
    return n++ < 7 ? RECORD : null;
  }).run();
  context.close();
  assertEquals(takeAll(reader).map((event) => event.counter), [0, 1, 2, 3]);
  assertEquals(ring.status().discarded, 3);
  assertEquals(context.books.counts()?.discarded, 3);
});

Deno.test("SourceToBuffer says that metadata are wrong when the first half of a pair is a record", async () => {
  for (const data of [RECORD, CHANNELS]) {
    const item = [data, [3, "now", 0]] as unknown as SourceItem;
    await assertRejects(
      () => importFrom([item]),
      TypeError,
      "expected metadata [counter, timestamp, deadtime] as numbers",
    );
  }
});

for (const [found, source] of [["number 7", 7], ['"abc"', "abc"], ["a promise", Promise.resolve([])]] as const) {
  Deno.test(`importer() refuses ${found} as a source`, async () => {
    const message = `expected a generator, an iterator or a function to call for each event, found ${found}`;
    await assertRejects(() => importFrom(source as unknown as EventSource), TypeError, message);
  });
}

Deno.test("importer() warns when its source gives no event at all", async () => {
  const run = async (source: EventSource) => {
    using ring = await makeRing("RB_1");
    const { context, posted } = makeContext({ sinks: [ring] });
    await importer(() => source)(context);
    context.close();
    return posted.map((message) => message.type === "log" ? `${message.level} ${message.text}` : message.type);
  };
  assertEquals(await run([]), ["warn test_function ended without having given any event to ring RB_1"]);
  assertEquals(await run([RECORD]), []);
});

Deno.test("importer() refuses a function with a source or without a sink", async () => {
  using ring = await makeRing("RB_1");
  using other = await makeRing("RB_2");
  const { context } = makeContext({ sources: [ring], sinks: [other] });
  assertThrows(() => importer(() => []).check?.(context), TypeError, "expected no source (read), found 1 (RB_1)");
  context.close();
});

Deno.test("SourceToBuffer.put() refuses metadata that are no numbers and keeps the ring usable", async () => {
  using ring = await makeRing("RB_1");
  const { context } = makeContext({ sinks: [ring] });
  using reader = openReader(ring);
  const importing = new SourceToBuffer(context);
  const wrong = { timestamp: "now" } as unknown as { timestamp: number };
  assertThrows(() => importing.put(CHANNELS, wrong), TypeError, 'as numbers, found "now"');
  assertEquals(importing.put(CHANNELS), true);
  context.close();
  assertEquals(takeAll(reader).length, 1);
});

Deno.test("SourceToBuffer goes on with its counters behind what the worker had published before", async () => {
  for (
    const { workers, workerNumber, before, expected } of [
      { workers: 1, workerNumber: 0, before: 0, expected: [0, 1] },
      { workers: 1, workerNumber: 0, before: 30, expected: [30, 31] },
      { workers: 3, workerNumber: 2, before: 5, expected: [17, 20] },
    ]
  ) {
    using ring = await makeRing("RB_1");
    const task = { workers, workerNumber, restarts: 1, publishedBefore: [before] };
    const { context } = makeContext({ sinks: [ring], task });
    using reader = openReader(ring);
    await importer(() => [RECORD, RECORD])(context);
    context.close();
    assertEquals(takeAll(reader).map(({ counter }) => counter), expected);
    assertEquals([context.restarts, context.publishedBefore], [1, [before]]);
  }
});

Deno.test("SourceToBuffer counts all events that it was given, and those that came too late or did not fit", async () => {
  using limited = await makeRing("RB_1", { limit: 3 });
  const { context } = makeContext({ sinks: [limited] });
  await importer(() => [RECORD, RECORD, RECORD, RECORD, RECORD])(context);
  const late = context.books.counts()!;
  assertEquals([late.produced, late.published, late.late, late.failed], [4, [3], 1, 0]);
  context.close();

  using ring = await makeRing("RB_1");
  const pushing = makeContext({ sinks: [ring] }).context;
  const buffer = new SourceToBuffer(pushing);
  assertEquals(buffer.put(RECORD), true);
  assertThrows(() => buffer.put({ chA: [1] }), TypeError);
  ring.setEnding();
  assertEquals(buffer.put(RECORD), false);
  const counts = pushing.books.counts()!;
  assertEquals([counts.produced, counts.published, counts.late, counts.failed], [3, [1], 1, 1]);
  pushing.close();
});
