import { assert, assertEquals, assertStringIncludes } from "../../src/std/assert.js";
import { BufferToBuffer, type TransferResult } from "../../src/worker/buffer_to_buffer.ts";
import { exporter } from "../../src/worker/exporter.ts";
import { processor, type ProcessorResult } from "../../src/worker/processor.ts";
import { type EventCopy, fillRing, makeContext, makeRing, openReader, takeAll } from "./worker_fixture.ts";

const PARAMETERS = { valuesPerSlot: 1, fields: { height: "float64", position: "int32", id: "int64" } };

/** Runs a transfer from a ring of one event to a waveform ring and two parameter rings. */
async function transfer(result: TransferResult, sinkCount = 3) {
  using source = await makeRing("RB_1");
  using raw = await makeRing("RB_2");
  using first = await makeRing("RB_3", PARAMETERS);
  using second = await makeRing("RB_4", PARAMETERS);
  const sinks = [raw, first, second].slice(0, sinkCount);
  const { context, posted } = makeContext({ sources: [source], sinks });
  const readers = sinks.map((ring) => openReader(ring));
  fillRing(source, 1, (data) => data.chA.set([1, 2, 3, 4]));
  await new BufferToBuffer(context, () => result).run();
  context.close();
  const written = readers.map(takeAll);
  readers.forEach((reader) => reader.close());
  const [group] = source.status().groups;
  const outcome = group.processed > 0 ? "processed" : group.rejected > 0 ? "rejected" : "failed";
  return { written, outcome, failure: posted.find((message) => message.type === "failed")?.failure.message ?? null };
}

const heights = (events: EventCopy[]) => events.map((event) => event.data.height[0]);

const TABLE: readonly { result: TransferResult; sinks?: number; wrote: number[]; outcome: string }[] = [
  { result: null, wrote: [0, 0, 0], outcome: "rejected" },
  { result: undefined, wrote: [0, 0, 0], outcome: "rejected" },
  { result: false, wrote: [0, 0, 0], outcome: "rejected" },
  { result: 0, wrote: [0, 0, 0], outcome: "rejected" },
  { result: "reject", wrote: [0, 0, 0], outcome: "rejected" },
  { result: 1, wrote: [1, 0, 0], outcome: "processed" },
  { result: true, wrote: [1, 0, 0], outcome: "processed" },
  { result: "accept", wrote: [1, 0, 0], outcome: "processed" },
  { result: [], wrote: [1, 0, 0], outcome: "processed" },
  { result: { height: 5 }, sinks: 2, wrote: [1, 1], outcome: "processed" },
  { result: [{ height: 5 }], sinks: 2, wrote: [1, 1], outcome: "processed" },
  { result: [{ height: 5 }, null], wrote: [1, 1, 0], outcome: "processed" },
  { result: [null, { height: 5 }], wrote: [1, 0, 1], outcome: "processed" },
  { result: [null, { height: 5 }, null], wrote: [0, 1, 0], outcome: "processed" },
  { result: [true, [{ height: 5 }, { height: 6 }, { height: 7 }], null], wrote: [1, 3, 0], outcome: "processed" },
  { result: [null, null, null], wrote: [0, 0, 0], outcome: "rejected" },
  { result: [null, [], false], wrote: [0, 0, 0], outcome: "rejected" },
];

for (const { result, sinks, wrote, outcome } of TABLE) {
  const text = JSON.stringify(result) ?? "undefined";
  Deno.test(`BufferToBuffer writes ${wrote.join(", ")} records when the function returns ${text}`, async () => {
    const found = await transfer(result, sinks);
    assertEquals(found.failure, null);
    assertEquals(found.written.map((events) => events.length), wrote);
    assertEquals(found.outcome, outcome);
  });
}

Deno.test("BufferToBuffer writes records by field name with 0 for what is missing, and all metadata", async () => {
  const { written } = await transfer([{ height: 2.5, id: 9007199254740993n }, { position: 7 }]);
  assertEquals(written[0][0].data.chA, [1, 2, 3, 4]);
  assertEquals(written[1], [{
    counter: 0,
    timestamp: 1000,
    deadtime: 0,
    redelivered: false,
    data: { height: [2.5], position: [0], id: [9007199254740993n as unknown as number] },
  }]);
  assertEquals(written[2][0].data, { height: [0], position: [7], id: [0n as unknown as number] });
});

Deno.test("BufferToBuffer writes several records of one event in their order", async () => {
  const { written } = await transfer([null, [{ height: 1 }, { height: 2 }, { height: 3 }], null]);
  assertEquals(heights(written[1]), [1, 2, 3]);
  assertEquals(written[1].map((event) => event.counter), [0, 0, 0]);
});

for (
  const [why, result, message] of [
    ["a field is unknown", [{ heigth: 5 }], "expected values for height, position, id, found object with heigth"],
    ["there are more items than sinks", [true, null, null, null], "expected at most 3 items, one per sink, found 4"],
    [
      "a raw copy does not fit the sink",
      [null, true, null],
      "expected ring RB_3 to hold the same records as ring RB_1",
    ],
    ["a value is no number", [{ height: "high" }], 'expected a number, found "high"'],
    ["an integer field gets NaN", [{ id: NaN }], 'field "id" of ring RB_3: expected int64, -9223372036854775808 to'],
    ["a named field has no value", [{ height: undefined }], 'field "height" of ring RB_3: expected a value, found'],
    ["a field gets too many values", [{ height: [1, 2] }], "expected 1 value, found 2"],
    ["the text is no verdict", "yes", 'expected "accept", "reject", null or a list of records, found "yes"'],
  ] as const
) {
  Deno.test(`BufferToBuffer fails the event and publishes nothing when ${why}`, async () => {
    const { written, outcome, failure } = await transfer(result as unknown as TransferResult);
    assertEquals(outcome, "failed");
    assertStringIncludes(failure ?? "", message);
    assertEquals(written.map((events) => events.length), [0, 0, 0]);
  });
}

async function process(result: ProcessorResult, sinkCount: number) {
  using source = await makeRing("RB_1");
  using first = await makeRing("RB_3", PARAMETERS);
  using second = await makeRing("RB_4", PARAMETERS);
  const sinks = [first, second].slice(0, sinkCount);
  const { context, posted } = makeContext({ sources: [source], sinks });
  const readers = sinks.map((ring) => openReader(ring));
  fillRing(source, 1, () => {});
  await processor(() => () => result)(context);
  context.close();
  const written = readers.map(takeAll);
  readers.forEach((reader) => reader.close());
  return { written: written.map(heights), posted };
}

Deno.test("processor() writes one item per sink", async () => {
  assertEquals((await process([{ height: 1 }, null], 2)).written, [[1], []]);
  assertEquals((await process({ height: 3 }, 1)).written, [[3]]);
  assertEquals((await process([[{ height: 1 }, { height: 2 }]], 1)).written, [[1, 2]]);
  assertEquals((await process(null, 2)).written, [[], []]);
});

Deno.test("processor() fails the event when the number of items is not that of the sinks", async () => {
  const { written, posted } = await process([{ height: 1 }], 2);
  assertEquals(written, [[], []]);
  assert(posted[0].type === "failed");
  assertStringIncludes(posted[0].failure.message, "expected null or a list of 2 items, one per sink, found array of 1");
});

Deno.test("processor() names the bare record among what a single sink takes", async () => {
  const { posted } = await process([{ height: 1 }, { height: 2 }], 1);
  assert(posted[0].type === "failed");
  assertStringIncludes(posted[0].failure.message, "expected null, a record, or a list of one item, found array of 2");
});

async function warnings(judge: (counter: number) => ProcessorResult, events: number): Promise<string[]> {
  using source = await makeRing("RB_1", { slots: 16 });
  using sink = await makeRing("RB_3", PARAMETERS);
  const { context, posted } = makeContext({ sources: [source], sinks: [sink] });
  fillRing(source, events, () => {});
  await processor(() => (event) => judge(event.counter))(context);
  context.close();
  return posted.filter((message) => message.type === "log" && message.level === "warn").map((message) =>
    message.type === "log" ? message.text : ""
  );
}

Deno.test("processor() warns when it returned nothing for any of ten events", async () => {
  const warning = 'test_function returned nothing for any of its 10 events; is a "return" missing?';
  assertEquals(await warnings(() => undefined, 10), [warning]);
  assertEquals(await warnings(() => undefined, 9), []);
  assertEquals(await warnings(() => null, 10), []);
  assertEquals(await warnings((n) => n === 4 ? { height: 1 } : undefined, 10), []);
});

Deno.test("exporter() sees every event and hands all of them on to its sinks", async () => {
  using source = await makeRing("RB_1");
  using sink = await makeRing("RB_2");
  const { context } = makeContext({ sources: [source], sinks: [sink] });
  using reader = openReader(sink);
  fillRing(source, 4, (data, n) => data.chB.fill(n));
  const seen: number[] = [];
  let ended = 0;
  await exporter(() => ({
    event: (event) => void seen.push(event.data.chB[0]),
    end: () => void ended++,
  }))(context);
  context.close();
  assertEquals(seen, [0, 1, 2, 3]);
  assertEquals(ended, 1);
  assertEquals(takeAll(reader).map((event) => event.data.chB[0]), [0, 1, 2, 3]);
  assertEquals(source.status().groups[0].processed, 4);
});

Deno.test("BufferToBuffer marks what is made of a redelivered event", async () => {
  using source = await makeRing("RB_1");
  using sink = await makeRing("RB_2");
  const sources = [source.newReaderGroup("Fkt_1")];
  const dying = makeContext({ task: { sources } }).context;
  const heir = makeContext({ sinks: [sink], task: { sources } }).context;
  using reader = openReader(sink);
  fillRing(source, 2, () => {});
  dying.sources[0].next();
  dying.sources[0].close();
  await new BufferToBuffer(heir, () => true).run();
  heir.close();
  assertEquals(takeAll(reader).map((event) => [event.counter, event.redelivered]), [[0, true], [1, false]]);
});
