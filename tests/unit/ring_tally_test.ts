/** Two accounts of one ring: the counters of its rows, and what stands in the words of its slots and events. */
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { Writer } from "../../src/ring/writer.ts";
import { assertEquals } from "../../src/std/assert.js";

openRingLibrary(await ringLibraryPath()); // before the tests: a library stays loaded

const OPTIONS = { name: "tally", slots: 8, valuesPerSlot: 1, fields: "int8" } as const;

/** Publishes events and gives one claim back. */
function fill(ring: RingBuffer, events: number): void {
  using writer = new Writer(ring.newWriter());
  writer.claim();
  writer.abort();
  for (let n = 0; n < events; n++) {
    writer.claim();
    writer.processBuffer();
  }
}

/** Changes a 64-bit number in the file of a ring. */
function patch(ring: RingBuffer, field: { readonly row: number; readonly offset: number }, by: number): void {
  using file = Deno.openSync(`/dev/shm${ring.segment}`, { read: true, write: true });
  const bytes = new BigUint64Array(1);
  file.seekSync(40, Deno.SeekMode.Start);
  file.readSync(new Uint8Array(bytes.buffer));
  const place = Number(bytes[0]) + 256 * field.row + field.offset;
  file.seekSync(place, Deno.SeekMode.Start);
  file.readSync(new Uint8Array(bytes.buffer));
  bytes[0] += BigInt(by);
  file.seekSync(place, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(bytes.buffer));
}

Deno.test("RingBuffer.tally() counts unfinished events and claims in the words, whatever the rows' counters say", async () => {
  using ring = await RingBuffer.create(OPTIONS);
  const port = ring.newReaderGroup("g");
  fill(ring, 7);
  {
    using reader = new Reader(port);
    for (let n = 0; n < 3; n++) reader.next();
  }
  const before = ring.tally();
  assertEquals([before.published, before.voided, before.claimed], [7, 1, 8]);
  assertEquals([before.groups[0].processed, before.groups[0].unread, before.groups[0].left], [2, 5, 5]);
  patch(ring, { row: 1, offset: 192 }, -1);
  patch(ring, { row: 0, offset: 80 }, 3);
  const after = ring.tally();
  assertEquals([after.groups[0].processed, after.groups[0].left], [1, 5]);
  assertEquals([after.published, after.voided, after.claimed], [10, 1, 8]);
});

Deno.test("RingBuffer.tally() knows neither what a detached group left, nor what an open writer has claimed", async () => {
  using ring = await RingBuffer.create({ ...OPTIONS, writers: 2 });
  ring.newReaderGroup("gone");
  ring.newReaderGroup("here");
  fill(ring, 3);
  ring.detachGroup("gone");
  using writer = new Writer(ring.newWriter());
  writer.claim();
  const { claimed, groups } = ring.tally();
  assertEquals([claimed, ...groups.map(({ left }) => left)], [null, null, 3]);
});

Deno.test("RingBuffer.markSaver() has what a reader takes counted as saved, also after its program was killed", async () => {
  using ring = await RingBuffer.create(OPTIONS);
  const port = ring.newReaderGroup("g");
  fill(ring, 6);
  {
    using reader = new Reader(port);
    reader.next();
    reader.next();
  }
  const saver = ring.reserve(port);
  ring.markSaver(saver.owner!);
  const reader = new Reader(saver);
  reader.getBatch(2);
  reader.getBatch(2);
  const [{ processed, saved, held, unread }] = ring.status().groups;
  assertEquals({ processed, saved, held, unread }, { processed: 1, saved: 1, held: 2, unread: 2 });
  reader.close();
  ring.recoverAll();
  using other = await RingBuffer.attach(ring.segment);
  const [group] = other.tally().groups;
  assertEquals([group.processed, group.saved, group.left], [1, 1, 4]);
});
