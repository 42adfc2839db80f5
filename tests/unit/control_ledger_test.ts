import { closeLedger, type GroupCounters, type RingCounters, type WorkerBook } from "../../src/control/ledger.ts";
import { assertEquals, assertMatch } from "../../src/std/assert.js";

function group(name: string, counters: Partial<GroupCounters>): GroupCounters {
  return { name, processed: 0, rejected: 0, failed: 0, doubles: 0, redelivered: 0, held: 0, unread: 0, ...counters };
}

function ring(published: number, ...groups: GroupCounters[]): RingCounters {
  return { published, voided: 0, discarded: 0, groups };
}

function book(functionName: string, part: Partial<WorkerBook>): WorkerBook {
  return { functionName, sinks: [], counts: null, released: [], published: [], ...part };
}

function counts(taken: number, published: number[], outcomes: { rejected?: number; failed?: number } = {}) {
  return { taken, published, rejected: 0, failed: 0, doubles: 0, discarded: 0, deadS: 0, ...outcomes };
}

/** A source, two filter workers and a writer of files; 100 events in, 10 accepted, one failed. */
function chain(changes: { readonly taken?: number; readonly accepted?: number; readonly unread?: number } = {}) {
  const { taken = 40, accepted = 10, unread = 0 } = changes;
  return {
    rings: new Map([
      ["RB_1", ring(100, group("Fkt_2", { processed: 10, rejected: 89 - unread, failed: 1, unread }))],
      ["RB_2", ring(10, group("Fkt_3", { processed: 10 }))],
    ]),
    readers: new Map([
      ["RB_1", [{ name: "Fkt_2", functions: ["Fkt_2"] }]],
      ["RB_2", [{ name: "Fkt_3", functions: ["Fkt_3"] }]],
    ]),
    books: [
      book("Fkt_1", { sinks: ["RB_1"], counts: counts(0, [100]) }),
      book("Fkt_2", { sinks: ["RB_2"], counts: counts(taken, [accepted - 4], { rejected: 34 }) }),
      book("Fkt_2", { sinks: ["RB_2"], counts: counts(60 - unread, [4], { rejected: 55 - unread, failed: 1 }) }),
      book("Fkt_3", { counts: counts(10, []) }),
    ],
  };
}

Deno.test("closeLedger() has residual 0 on every ring when the books agree", () => {
  const { rings, readers, books } = chain();
  const ledger = closeLedger(rings, readers, books);
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
  const { rings, readers, books } = chain({ taken: 41 });
  const ledger = closeLedger(rings, readers, books);
  assertEquals(ledger.rings.map((r) => r.residual), [1, 0]);
  assertMatch(ledger.rings[0].disagreements[0], /taken by Fkt_2 100, but taken by its workers 101/);
});

Deno.test("closeLedger() finds an accepted event that did not reach the next ring", () => {
  const { rings, readers, books } = chain({ accepted: 12 });
  const ledger = closeLedger(rings, readers, books);
  assertEquals(ledger.rings.map((r) => r.residual), [0, 2]);
  assertMatch(ledger.rings[1].disagreements[0], /published 10, but published by its writers 12/);
});

Deno.test("closeLedger() finds events that a ring lost between publishing and reading", () => {
  const { rings, readers, books } = chain();
  rings.set("RB_2", ring(10, group("Fkt_3", { processed: 7 })));
  const ledger = closeLedger(rings, readers, books);
  assertEquals(ledger.rings[1].residual, 6);
  assertMatch(ledger.rings[1].disagreements.join("; "), /published 10, but accounted for by Fkt_3 7; taken by Fkt_3 7/);
});

Deno.test("closeLedger() counts held and unread events as unfinished, not as residual", () => {
  const { rings, readers, books } = chain({ unread: 5 });
  const ledger = closeLedger(rings, readers, books);
  assertEquals([ledger.residual, ledger.unfinished], [0, 5]);
});

Deno.test("closeLedger() counts an event that was handed back as taken twice", () => {
  const rings = new Map([["RB_1", ring(10, group("Fkt_2", { processed: 10, redelivered: 1 }))]]);
  const readers = new Map([["RB_1", [{ name: "Fkt_2", functions: ["Fkt_2"] }]]]);
  const workers = (taken: number) => [
    book("Fkt_1", { sinks: ["RB_1"], counts: counts(0, [10]) }),
    book("Fkt_2", { counts: counts(taken, []) }),
  ];
  assertEquals(closeLedger(rings, readers, workers(11)).residual, 0);
  assertEquals(closeLedger(rings, readers, workers(10)).residual, 1);
});

Deno.test("closeLedger() takes the rings' rows for workers that kept no books", () => {
  const { rings, readers, books } = chain();
  const [source, , second, writer] = books;
  const first = (released: number) => book("Fkt_2", { sinks: ["RB_2"], released: [released], published: [6] });
  const others = [source, { ...second, released: [60] }, writer];
  assertEquals(closeLedger(rings, readers, [first(40), ...others]).residual, 0);
  assertEquals(closeLedger(rings, readers, [first(39), ...others]).residual, 1);
});

Deno.test("closeLedger() compares functions that share a group together, and one with two sources over both", () => {
  const rings = new Map([
    ["A", ring(10, group("f+g", { processed: 10 }))],
    ["B", ring(5, group("g", { processed: 5 }))],
  ]);
  const readers = new Map([
    ["A", [{ name: "f+g", functions: ["f", "g"] }]],
    ["B", [{ name: "g", functions: ["g"] }]],
  ]);
  const workers = (takenByG: number) => [
    book("source", { sinks: ["A", "B"], counts: counts(0, [10, 5]) }),
    book("f", { counts: counts(4, []) }),
    book("g", { counts: counts(takenByG, []) }),
  ];
  assertEquals(closeLedger(rings, readers, workers(11)).residual, 0);
  assertEquals(closeLedger(rings, readers, workers(12)).rings.map((r) => r.residual), [1, 0]);
});

Deno.test("closeLedger() counts a ring that a function writes twice only once", () => {
  const rings = new Map([["A", ring(7)]]);
  const books = [3, 4].map((published) => book("source", { sinks: ["A"], counts: counts(0, [published]) }));
  assertEquals(closeLedger(rings, new Map(), books).residual, 0);
});
