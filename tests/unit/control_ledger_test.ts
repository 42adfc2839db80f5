import {
  closeLedger,
  type GroupCounters,
  type ReadingCounters,
  type RingCounters,
  type WorkerBook,
} from "../../src/control/ledger.ts";
import type { EventCounts } from "../../src/worker/event_books.ts";
import { assertEquals, assertMatch } from "../../src/std/assert.js";

function group(name: string, counters: Partial<GroupCounters>): GroupCounters {
  return { name, processed: 0, rejected: 0, failed: 0, doubles: 0, saved: 0, left: 0, ...counters };
}

function ring(published: number, ...groups: GroupCounters[]): RingCounters {
  return { published, voided: 0, discarded: 0, claimed: published, groups };
}

function row(counters: Partial<ReadingCounters>): ReadingCounters {
  return { processed: 0, rejected: 0, failed: 0, doubles: 0, redelivered: 0, ...counters };
}

function counts(part: Partial<EventCounts>): EventCounts {
  return {
    taken: 0,
    published: [],
    rejected: 0,
    failed: 0,
    doubles: 0,
    discarded: 0,
    produced: 0,
    late: 0,
    deadS: 0,
    ...part,
  };
}

/** An importer's book, all of whose events came into the ring. */
function source(name: string, sink: string, published: number, own: Partial<EventCounts> = {}): WorkerBook {
  return {
    functionName: name,
    sinks: [sink],
    sources: [],
    counts: counts({ published: [published], produced: published, ...own }),
    reading: [],
    writing: [{ published, discarded: own.discarded ?? 0 }],
  };
}

/** A reader's book; its own counts agree with its row unless told otherwise. */
function reader(
  name: string,
  from: string,
  counters: Partial<ReadingCounters>,
  options: { readonly own?: Partial<EventCounts> | null; readonly to?: string; readonly published?: number } = {},
): WorkerBook {
  const { own = {}, to, published = 0 } = options;
  const reading = row(counters);
  const { rejected, failed, doubles } = reading;
  const taken = reading.processed + rejected + failed + doubles + reading.redelivered;
  return {
    functionName: name,
    sinks: to === undefined ? [] : [to],
    sources: [from],
    counts: own === null
      ? null
      : counts({ taken, rejected, failed, doubles, published: to === undefined ? [] : [published], ...own }),
    reading: [reading],
    writing: to === undefined ? [] : [{ published, discarded: 0 }],
  };
}

/** A source, two filter workers and a writer of files; 100 events in, 10 accepted, one failed. */
function chain(changes: { readonly own?: Partial<EventCounts>; readonly unread?: number } = {}) {
  const { own = {}, unread = 0 } = changes;
  return {
    rings: new Map([
      ["RB_1", ring(100, group("Fkt_2", { processed: 10, rejected: 89 - unread, failed: 1, left: unread }))],
      ["RB_2", ring(10, group("Fkt_3", { processed: 10 }))],
    ]),
    books: [
      source("Fkt_1", "RB_1", 100),
      reader("Fkt_2", "RB_1", { processed: 6, rejected: 34 }, { to: "RB_2", published: 6, own }),
      reader("Fkt_2", "RB_1", { processed: 4, rejected: 55 - unread, failed: 1 }, { to: "RB_2", published: 4 }),
      reader("Fkt_3", "RB_2", { processed: 10 }),
    ],
  };
}

Deno.test("closeLedger() has residual 0 on every ring when the books agree", () => {
  const { rings, books } = chain();
  const ledger = closeLedger(rings, books);
  assertEquals(ledger.rings.map(({ residual, disagreements }) => ({ residual, disagreements })), [
    { residual: 0, disagreements: [] },
    { residual: 0, disagreements: [] },
  ]);
  assertEquals([ledger.residual, ledger.unfinished, ledger.failed], [0, 0, 1]);
  assertEquals(ledger.rings[0].groups, [
    { name: "Fkt_2", processed: 10, rejected: 89, failed: 1, doubles: 0, unfinished: 0 },
  ]);
});

Deno.test("closeLedger() finds an event that a worker took and the ring does not know of", () => {
  const { rings, books } = chain({ own: { taken: 41 } });
  const ledger = closeLedger(rings, books);
  assertEquals(ledger.rings.map((r) => r.residual), [1, 0]);
  assertMatch(ledger.rings[0].disagreements[0], /taken by Fkt_2 40, but taken by its own count 41/);
});

Deno.test("closeLedger() finds differences of two workers that would cancel in their sum", () => {
  const { rings, books } = chain({ own: { taken: 41, rejected: 35 } });
  const second = { ...books[2], counts: counts({ ...books[2].counts, taken: 59, rejected: 54 }) };
  assertEquals(closeLedger(rings, books.with(2, second)).residual, 4);
});

Deno.test("closeLedger() finds an accepted event that did not reach the next ring", () => {
  const { rings, books } = chain({ own: { published: [8] } });
  const ledger = closeLedger(rings, books);
  assertEquals(ledger.rings.map((r) => r.residual), [0, 2]);
  assertMatch(ledger.rings[1].disagreements[0], /published by Fkt_2 6, but published by its own count 8/);
});

Deno.test("closeLedger() finds events that a ring lost between publishing and reading", () => {
  const { rings, books } = chain();
  rings.set("RB_2", ring(10, group("Fkt_3", { processed: 7 })));
  const ledger = closeLedger(rings, books);
  assertEquals(ledger.rings[1].residual, 3);
  assertMatch(ledger.rings[1].disagreements.join("; "), /published 10, but accounted for by Fkt_3 7/);
});

Deno.test("closeLedger() does not take for unread what the ring's words do not show", () => {
  const { rings, books } = chain();
  rings.set("RB_2", ring(10, group("Fkt_3", { processed: 4, left: 0 })));
  const ledger = closeLedger(rings, books.with(3, reader("Fkt_3", "RB_2", { processed: 4 }, { own: null })));
  assertEquals([ledger.residual, ledger.unfinished], [6, 0]);
  rings.set("RB_2", ring(10, group("Fkt_3", { processed: 10, left: 2 })));
  assertEquals(closeLedger(rings, books).residual, 2);
});

Deno.test("closeLedger() takes the difference for unfinished where a group was detached, but not a negative one", () => {
  const { rings, books } = chain();
  rings.set("RB_2", ring(10, group("Fkt_3", { processed: 4, left: null })));
  const own = (processed: number) => books.with(3, reader("Fkt_3", "RB_2", { processed }));
  assertEquals([closeLedger(rings, own(4)).residual, closeLedger(rings, own(4)).unfinished], [0, 6]);
  rings.set("RB_2", ring(10, group("Fkt_3", { processed: 11, left: null })));
  assertEquals(closeLedger(rings, own(11)).residual, 1);
});

Deno.test("closeLedger() compares what was published and voided with what was claimed", () => {
  const { rings, books } = chain();
  const second = rings.get("RB_2")!;
  rings.set("RB_2", { ...second, voided: 2, claimed: 12 });
  assertEquals(closeLedger(rings, books).residual, 0);
  rings.set("RB_2", { ...second, claimed: 12 });
  assertMatch(closeLedger(rings, books).rings[1].disagreements[0], /published or voided 10, but claimed 12/);
  rings.set("RB_2", { ...second, claimed: null });
  assertEquals(closeLedger(rings, books).residual, 0);
});

Deno.test("closeLedger() counts saved events as unfinished, and misses those that are in no file", () => {
  const { rings, books } = chain();
  rings.set("RB_2", ring(10, group("Fkt_3", { processed: 5, saved: 3, left: 2 })));
  const dead = books.with(3, reader("Fkt_3", "RB_2", { processed: 5 }, { own: null }));
  const kept = (events: number) => [{ ring: "RB_2", group: "Fkt_3", events }];
  assertEquals([closeLedger(rings, dead).residual, closeLedger(rings, dead).unfinished], [0, 5]);
  assertEquals(closeLedger(rings, dead, kept(5)).residual, 0);
  const ledger = closeLedger(rings, dead, kept(4));
  assertEquals(ledger.residual, 1);
  assertMatch(ledger.rings[1].disagreements[0], /unfinished by Fkt_3 5, but kept in files 4/);
});

Deno.test("closeLedger() compares what a filter accepted with what it published into the next ring", () => {
  const { rings, books } = chain({ own: { isOneToOne: true } });
  assertEquals(closeLedger(rings, books).residual, 0);
  // Its row in RB_2 and its own count agree on 7, but it had accepted only 6.
  const one = {
    ...books[1],
    counts: counts({ ...books[1].counts, published: [7] }),
    writing: [{ published: 7, discarded: 0 }],
  };
  rings.set("RB_2", ring(11, group("Fkt_3", { processed: 11 })));
  const all = books.with(1, one).with(3, reader("Fkt_3", "RB_2", { processed: 11 }));
  assertMatch(closeLedger(rings, all).rings[1].disagreements[0], /published by Fkt_2 7, but accepted by Fkt_2 6/);
  const handedBack = { ...one, reading: [row({ ...one.reading[0], redelivered: 1 })], counts: null };
  assertEquals(closeLedger(rings, all.with(1, handedBack)).residual, 0);
});

Deno.test("closeLedger() counts held and unread events as unfinished, not as residual", () => {
  const { rings, books } = chain({ unread: 5 });
  const ledger = closeLedger(rings, books);
  assertEquals([ledger.residual, ledger.unfinished], [0, 5]);
});

Deno.test("closeLedger() counts an event that was handed back as taken twice", () => {
  const rings = new Map([["RB_1", ring(10, group("Fkt_2", { processed: 10 }))]]);
  const books = (taken: number) => [
    source("Fkt_1", "RB_1", 10),
    reader("Fkt_2", "RB_1", { processed: 10, redelivered: 1 }, { own: { taken } }),
  ];
  assertEquals(closeLedger(rings, books(11)).residual, 0);
  assertEquals(closeLedger(rings, books(10)).residual, 1);
});

Deno.test("closeLedger() takes the rings' rows for workers that died, and for what they wrote", () => {
  const { rings, books } = chain();
  // Died with one event that another worker then took; what it counted itself died with it.
  const dead = reader("Fkt_2", "RB_1", { processed: 6, rejected: 34, redelivered: 1 }, {
    to: "RB_2",
    published: 6,
    own: null,
  });
  assertEquals(closeLedger(rings, books.with(1, dead)).residual, 0);
  assertEquals(closeLedger(rings, books.with(1, { ...dead, writing: [{ published: 5, discarded: 0 }] })).residual, 1);
});

Deno.test("closeLedger() says what became of the events that importers had", () => {
  const rings = new Map([["A", { ...ring(7, group("reader", { processed: 7 })), discarded: 3 }]]);
  const own = (produced: number) => ({ produced, discarded: 3, late: 2, failed: 1 });
  const readers = [reader("reader", "A", { processed: 7 })];
  const ledger = closeLedger(rings, [source("source", "A", 7, own(13)), ...readers]);
  const [{ produced, published, discarded, late, invalid, residual }] = ledger.rings;
  assertEquals({ produced, published, discarded, late, invalid, residual }, {
    produced: 13,
    published: 7,
    discarded: 3,
    late: 2,
    invalid: 1,
    residual: 0,
  });
  const wrong = closeLedger(rings, [source("source", "A", 7, own(14)), ...readers]);
  assertMatch(wrong.rings[0].disagreements[0], /produced by source 14, but published, discarded, late or invalid 13/);
});

Deno.test("closeLedger() does not ask for what a function without a source of its own cannot know", () => {
  const rings = new Map([["A", ring(7, group("reader", { processed: 7 }))]]);
  const books = [source("source", "A", 7, { produced: 0 }), reader("reader", "A", { processed: 7 })];
  assertEquals(closeLedger(rings, books).residual, 0);
  assertEquals(closeLedger(rings, books).rings[0].produced, 7);
});

Deno.test("closeLedger() compares a worker with two sources over both", () => {
  const rings = new Map([
    ["A", ring(10, group("g", { processed: 10 }))],
    ["B", ring(5, group("g", { processed: 5 }))],
  ]);
  const books = (taken: number) => [
    source("a", "A", 10),
    source("b", "B", 5),
    {
      ...reader("g", "A", {}, { own: { taken } }),
      sources: ["A", "B"],
      reading: [row({ processed: 10 }), row({ processed: 5 })],
    },
  ];
  assertEquals(closeLedger(rings, books(15)).residual, 0);
  assertEquals(closeLedger(rings, books(16)).rings.map((r) => r.residual), [1, 0]);
});

Deno.test("closeLedger() sums all workers that write into a ring", () => {
  const books = [source("source", "A", 3), source("source", "A", 4)];
  assertEquals(closeLedger(new Map([["A", ring(7)]]), books).residual, 0);
  assertEquals(closeLedger(new Map([["A", ring(8)]]), books).residual, 1);
});
