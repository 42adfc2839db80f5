/** Journals of any layout and values, written and continued in any way, give back every bit. */
import fc from "fast-check";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { JournalSeriesWriter } from "../../src/files/journal_series.ts";
import { Random } from "../../src/pulses/random.ts";
import { allocateColumns, layoutToJson } from "../../src/record/record_layout.ts";
import { assertEquals } from "../../src/std/assert.js";
import { fillAtRandom, kept, withFolder } from "../unit/event_file_fixture.ts";
import { anyLayout, printedSeed } from "./arbitrary_layouts.ts";

const RUNS = 400;

const anyMetadata = fc.record({
  counter: fc.oneof(fc.nat(), fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 })),
  timestamp: fc.double({ noNaN: true }),
  deadtime: fc.double({ noNaN: true }),
  redelivered: fc.boolean(),
});

const anyWriting = fc.record({
  layout: anyLayout({ valuesPerSlot: 40 }),
  values: fc.integer(),
  events: fc.array(anyMetadata, { maxLength: 30 }),
  batchBytes: fc.integer({ min: 1, max: 20_000 }),
  rotateEvents: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 12 })),
  rotateBytes: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 20_000 })),
  /** Before which events the journal is flushed, or closed and continued. */
  flushes: fc.array(fc.nat(30)),
  restarts: fc.array(fc.nat(30), { maxLength: 4 }),
});

Deno.test("a journal gives back every bit of any events, however it was written", () => {
  const seed = printedSeed("journal");
  fc.assert(
    fc.property(anyWriting, ({ layout, values, events, flushes, restarts, ...options }) => {
      withFolder((folder) => {
        const path = `${folder}/a.mjournal`;
        const random = new Random(values);
        let journal = new JournalSeriesWriter(path, layout, options);
        const written = events.map((metadata, n) => {
          if (flushes.includes(n)) journal.flush();
          if (restarts.includes(n)) {
            journal.close();
            journal = new JournalSeriesWriter(path, layout, { ...options, append: true });
          }
          const event = { ...metadata, data: allocateColumns(layout) };
          fillAtRandom(layout, event.data, random);
          journal.write(event);
          return kept(event);
        });
        journal.close();
        using reader = new JournalReader(path);
        assertEquals(layoutToJson(reader.layout), layoutToJson(layout));
        assertEquals(reader.length, events.length);
        const at = events.length === 0 ? 0 : Math.abs(values) % events.length;
        assertEquals(events.length === 0 ? undefined : kept(reader.at(at)!), written[at]);
        assertEquals(Array.from(reader, kept), written);
        assertEquals(reader.faults, []);
      });
    }),
    { numRuns: RUNS, seed },
  );
});
