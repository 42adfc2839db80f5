/** What a program had saved in place of dead workers when it was killed, and what is still in its rings. */
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { EventSaver } from "../../src/control/event_saver.ts";
import { closeLedger } from "../../src/control/ledger.ts";
import { SavedEvents } from "../../src/control/saved_events.ts";
import { JournalReader } from "../../src/files/journal_reader.ts";
import type { ReaderPort } from "../../src/ring/ports.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { Writer } from "../../src/ring/writer.ts";
import { assertEquals } from "../../src/std/assert.js";

openRingLibrary(await ringLibraryPath()); // before the tests: a library stays loaded

/** Publishes eight events, all with one time stamp; the first of them has been processed. */
async function startedRing(): Promise<{ readonly ring: RingBuffer; readonly port: ReaderPort }> {
  const ring = await RingBuffer.create({ name: "RB", slots: 8, valuesPerSlot: 1, fields: "int8" });
  const port = ring.newReaderGroup("Fkt");
  using writer = new Writer(ring.newWriter());
  for (let n = 0; n < 8; n++) {
    writer.claim();
    // Two records of each event, as a function that finds several pulses makes them.
    writer.setMetadata(Math.floor(n / 2), 5, 0);
    writer.processBuffer();
  }
  using reader = new Reader(port);
  reader.next();
  reader.release();
  return { ring, port };
}

/** Saves two events and releases them, saves some more, and dies. */
function saveAndDie(
  { ring, port }: { readonly ring: RingBuffer; readonly port: ReaderPort },
  { runDirectory, unreleased }: { readonly runDirectory: string; readonly unreleased: number },
): void {
  const saver = ring.reserve(port);
  ring.markSaver(saver.owner!);
  const reader = new Reader(saver);
  const events = new EventSaver({ runDirectory, run: "test", folder: "unfinished" });
  for (const count of [2, 3]) {
    reader.getBatch(count);
    for (let i = 0; i < (count === 2 ? 2 : unreleased); i++) events.save(ring, "Fkt", reader.slotOfBatch(i));
    events.flush();
    if (count === 2) reader.release();
  }
  events.close();
  ring.recover(saver.owner!);
}

Deno.test("SavedEvents leaves out of the rest what was written and not yet released, and the books close", async () => {
  for (const unreleased of [0, 1, 3]) {
    const runDirectory = Deno.makeTempDirSync();
    const started = await startedRing();
    using ring = started.ring;
    saveAndDie(started, { runDirectory, unreleased });
    const tallies = new Map([["RB", ring.tally()]]);
    const before = new SavedEvents(runDirectory, tallies);
    const file = "unfinished/RB_Fkt.mjournal";
    assertEquals(before.events, [{ ring: "RB", group: "Fkt", events: 2 + unreleased, file }]);
    const rest = new EventSaver({ runDirectory, run: "test", folder: "recovered" });
    rest.saveUnfinished(ring, (group, event) => before.takes("RB", group, event));
    rest.close();
    assertEquals(rest.events[0].events, 5 - unreleased);
    const { owners } = tallies.get("RB")!;
    const writing = owners.filter(({ kind }) => kind === "writer");
    const book = { functionName: "RB", sinks: ["RB"], sources: [], counts: null, reading: [], writing };
    const ledger = closeLedger(tallies, [book], [...before.events, ...rest.events]);
    assertEquals([ledger.residual, ledger.unfinished, ledger.rings[0].groups[0].processed], [0, 7, 1]);
    Deno.removeSync(runDirectory, { recursive: true });
  }
});

Deno.test("SavedEvents says what is missing in a file", async () => {
  const runDirectory = Deno.makeTempDirSync();
  const started = await startedRing();
  using ring = started.ring;
  saveAndDie(started, { runDirectory, unreleased: 0 });
  const path = `${runDirectory}/unfinished/RB_Fkt.mjournal`;
  const { headerBytes, frameBytes } = new JournalReader(path).header;
  Deno.truncateSync(path, 2 * headerBytes + frameBytes + 5);
  const { notes, events } = new SavedEvents(runDirectory, new Map([["RB", ring.tally()]]));
  assertEquals(notes, ["unfinished/RB_Fkt.mjournal: 1 of 2 events are missing"]);
  assertEquals(events[0].events, 1);
  Deno.removeSync(runDirectory, { recursive: true });
});
