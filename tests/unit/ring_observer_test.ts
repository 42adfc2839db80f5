/** Observers: newest events, time-out, end; they hold nothing back. */
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { Observer } from "../../src/ring/observer.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RingBuffer, type RingOptions } from "../../src/ring/ring_buffer.ts";
import { RingError } from "../../src/ring/ring_error.ts";
import { Writer } from "../../src/ring/writer.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../../src/std/assert.js";

openRingLibrary(await ringLibraryPath()); // before the tests: a library stays loaded

function newRing(options: Partial<RingOptions> = {}): Promise<RingBuffer> {
  return RingBuffer.create({ name: "observer test", slots: 4, valuesPerSlot: 1, fields: "int32", ...options });
}

function write(writer: Writer, ...values: number[]): void {
  for (const value of values) {
    const slot = writer.claim({ timeoutMs: 0 });
    assert(slot !== null, `no slot for event ${value}: ${writer.state}`);
    slot.data.data[0] = value;
    writer.setMetadata(value, 10 + value, 0.5);
    writer.processBuffer();
  }
}

function look(observer: Observer): number | string {
  return observer.get({ timeoutMs: 0 })?.data.data[0] ?? observer.state;
}

for (const slots of [1, 2, 3, 4]) {
  Deno.test(`Observer.get() gives the newest event, each at most once, ring of ${slots}`, async () => {
    using ring = await newRing({ slots });
    using writer = new Writer(ring.newWriter());
    using observer = new Observer(ring.newObserver());
    assertEquals(look(observer), "timed out");
    write(writer, 0);
    assertEquals([look(observer), look(observer)], [0, "timed out"]);
    write(writer, 1, 2, 3, 4, 5, 6);
    assertEquals([look(observer), look(observer)], [6, "timed out"]);
  });
}

Deno.test("Observer.get() copies data and metadata; the copy outlives the slot", async () => {
  using ring = await newRing({ slots: 1 });
  using writer = new Writer(ring.newWriter());
  using observer = new Observer(ring.newObserver());
  write(writer, 7);
  const copy = observer.get({ timeoutMs: 0 })!;
  write(writer, 8, 9);
  assertEquals([copy.data.data[0], copy.counter, copy.timestamp, copy.deadtime, copy.redelivered], [
    7,
    7,
    17,
    0.5,
    false,
  ]);
  copy.data.data[0] = 1; // its own: nobody else sees it
  assertEquals(look(observer), 9);
});

Deno.test("Observer.latest() is the last copy, unharmed by calls that gave nothing", async () => {
  using ring = await newRing({ slots: 2 });
  using writer = new Writer(ring.newWriter());
  using observer = new Observer(ring.newObserver());
  assertEquals(observer.latest(), null);
  write(writer, 3);
  const copy = observer.get({ timeoutMs: 0 });
  assertEquals(observer.get({ timeoutMs: 5 }), null);
  assertEquals(observer.latest() === copy, true);
  assertEquals(observer.latest()?.data.data[0], 3);
  write(writer, 4);
  observer.get({ timeoutMs: 0 });
  assertEquals(observer.latest()?.data.data[0], 4);
});

Deno.test("Observer.get() skips void slots and those that are being written", async () => {
  using ring = await newRing({ slots: 4, writers: 2 });
  using writer = new Writer(ring.newWriter());
  using other = new Writer(ring.newWriter());
  using observer = new Observer(ring.newObserver());
  write(writer, 0);
  other.claim({ timeoutMs: 0 });
  other.abort();
  writer.claim({ timeoutMs: 0 });
  assertEquals(look(observer), 0);
  writer.abort();
  assertEquals(look(observer), "timed out");
  // An older event that is published late is not newer than the one seen.
  other.claim({ timeoutMs: 0 })!.data.data[0] = 5;
  write(writer, 6);
  assertEquals(look(observer), 6);
  other.processBuffer();
  assertEquals(look(observer), "timed out");
});

Deno.test("Observer.get() of a ring whose slots are all claimed gives nothing and does not hang", async () => {
  using ring = await newRing({ slots: 2 });
  using writer = new Writer(ring.newWriter());
  using observer = new Observer(ring.newObserver());
  write(writer, 0, 1);
  assertEquals(writer.claimBatch(2, { timeoutMs: 0 }), 2);
  assertEquals(look(observer), "timed out");
  writer.publishBatch();
  assertNotEquals(look(observer), "timed out");
});

Deno.test("observers hold neither writers nor readers back, and see what readers have released", async () => {
  using ring = await newRing({ slots: 2 });
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  const observers = [0, 1, 2].map(() => new Observer(ring.newObserver()));
  for (let n = 0; n < 10; n++) {
    write(writer, n);
    assertEquals(reader.next({ timeoutMs: 0 })?.data.data[0], n);
    reader.release();
    if (n % 3 === 0) { for (const observer of observers) assertEquals(look(observer), n); }
  }
  for (const observer of observers) observer.close();
  assertEquals(ring.status().groups[0].processed, 10);
});

Deno.test("Observer.get() waits no longer than it was told", async () => {
  using ring = await newRing();
  using observer = new Observer(ring.newObserver());
  const began = performance.now();
  assertEquals(observer.get({ timeoutMs: 30 }), null);
  assert(performance.now() - began >= 29);
  assertEquals([observer.state, observer.ending], ["timed out", false]);
});

Deno.test("Observer gets the last event, then the end, when the writers have gone", async () => {
  using ring = await newRing();
  using early = new Observer(ring.newObserver());
  {
    using writer = new Writer(ring.newWriter());
    write(writer, 0, 1);
  }
  using late = new Observer(ring.newObserver());
  for (const observer of [early, late]) {
    assertEquals([look(observer), observer.get(), observer.state, observer.ending], [1, null, "ended", true]);
    assertEquals(observer.latest()?.data.data[0], 1);
  }
});

Deno.test("Observer gets the end after shutdown() while writers are still signed on", async () => {
  using ring = await newRing();
  using writer = new Writer(ring.newWriter());
  using observer = new Observer(ring.newObserver());
  write(writer, 0);
  ring.shutdown();
  assertEquals([look(observer), observer.get(), observer.state], [0, null, "ended"]);
});

Deno.test("Observer is not ended by the limit or setEnding() before the writers have gone", async () => {
  using ring = await newRing({ limit: 1 });
  const writer = new Writer(ring.newWriter());
  using observer = new Observer(ring.newObserver());
  write(writer, 0);
  ring.setEnding();
  assertEquals([look(observer), look(observer)], [0, "timed out"]);
  writer.close();
  assertEquals(look(observer), "ended");
});

Deno.test("Observer throws a TypeError that names the ring when used after close()", async () => {
  using ring = await newRing();
  const observer = new Observer(ring.newObserver());
  observer.close();
  observer.close();
  assertEquals(observer.state, "ended");
  assertThrows(() => observer.get(), TypeError, 'ring "observer test"');
});

Deno.test("Observer throws a RingError when the ring is gone", async () => {
  const ring = await newRing();
  const port = ring.newObserver();
  ring.close();
  const error = assertThrows(() => new Observer(port), RingError, 'Cannot open ring "observer test": there is no such');
  assertEquals(error.code, -2);
});
