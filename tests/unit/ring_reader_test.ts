/** Readers: groups, release, outcomes, batches, redelivery and the end. All in one thread; every wait has a time-out. */
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { type Outcome, Reader } from "../../src/ring/reader.ts";
import { RingBuffer, type RingOptions } from "../../src/ring/ring_buffer.ts";
import { RingError } from "../../src/ring/ring_error.ts";
import { Writer } from "../../src/ring/writer.ts";
import { assert, assertEquals, assertThrows } from "../../src/std/assert.js";

openRingLibrary(await ringLibraryPath()); // before the tests: a library stays loaded

function newRing(options: Partial<RingOptions> = {}): Promise<RingBuffer> {
  return RingBuffer.create({ name: "reader test", slots: 4, valuesPerSlot: 1, fields: "int32", ...options });
}

/** Publishes events with these values. */
function write(writer: Writer, ...values: number[]): void {
  for (const value of values) {
    const slot = writer.claim({ timeoutMs: 0 });
    assert(slot !== null, `no slot for event ${value}: ${writer.state}`);
    slot.data.data[0] = value;
    writer.setMetadata(value, 1, 0);
    writer.processBuffer();
  }
}

/** Value and redelivered flag of the next event. */
function next(reader: Reader): [value: number, redelivered: boolean] | string {
  const slot = reader.next({ timeoutMs: 0 });
  return slot === null ? reader.state : [slot.data.data[0], slot.redelivered];
}

Deno.test("Reader.next() of an empty ring gives null and state timed out", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  assertEquals([reader.next({ timeoutMs: 0 }), reader.state, reader.ending], [null, "timed out", false]);
  const began = performance.now();
  assertEquals(reader.get({ timeoutMs: 30 }), null);
  assert(performance.now() - began >= 29);
  assertEquals([reader.held, reader.getMetadata()], [null, [0, -1, -1]]);
  assert(ring.status().groups[0].readerWaitS >= 0.029);
});

Deno.test("Reader.get() does not give a slot that is claimed but not published", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  writer.claim({ timeoutMs: 0 });
  assertEquals([reader.dataAvailable(), reader.get({ timeoutMs: 0 })], [false, null]);
  writer.processBuffer();
  assertEquals([reader.dataAvailable(), reader.get({ timeoutMs: 0 }) !== null], [true, true]);
});

Deno.test("every reader group gets every event; the slowest one holds the writer back", async () => {
  using ring = await newRing({ slots: 2 });
  const readers = ["a", "b", "c"].map((name) => new Reader(ring.newReaderGroup(name)));
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1);
  for (const reader of readers) assertEquals(next(reader), [0, false]);
  readers[0].release();
  readers[1].release();
  assertEquals([writer.claim({ timeoutMs: 0 }), writer.state], [null, "timed out"]);
  readers[2].release();
  write(writer, 2);
  for (const reader of readers) {
    assertEquals([next(reader), next(reader), next(reader)], [[1, false], [2, false], "timed out"]);
    reader.close();
  }
});

Deno.test("a slow reader blocks only its own slot until the ring laps onto it", async () => {
  using ring = await newRing({ slots: 3 });
  const port = ring.newReaderGroup("g");
  using slow = new Reader(port);
  using quick = new Reader(port);
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1, 2);
  assertEquals(next(slow), [0, false]);
  assertEquals([next(quick), next(quick)], [[1, false], [2, false]]);
  quick.release();
  assertEquals(writer.claim({ timeoutMs: 0 }), null); // slot 0 comes first
  slow.release();
  write(writer, 3, 4, 5);
  assertEquals([next(quick), next(slow), next(quick)], [[3, false], [4, false], [5, false]]);
});

Deno.test("readers of one group share the events among them", async () => {
  using ring = await newRing({ slots: 8 });
  const port = ring.newReaderGroup("g");
  const readers = [0, 1, 2].map(() => new Reader(port));
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1, 2, 3, 4, 5);
  const seen: number[] = [];
  for (let i = 0; i < 6; i++) seen.push(readers[i % 3].get({ timeoutMs: 0 })!.data[0]);
  assertEquals(seen, [0, 1, 2, 3, 4, 5]);
  for (const reader of readers) assertEquals(next(reader), "timed out");
  assertEquals(ring.status().owners.filter((o) => o.kind === "reader").map((o) => o.processed), [2, 2, 2]);
  for (const reader of readers) reader.close();
});

Deno.test("Reader.outcome is counted when the event is released, and is processed again for the next one", async () => {
  using ring = await newRing({ slots: 8 });
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1, 2, 3, 4, 5);
  const outcomes: Outcome[] = ["rejected", "failed", "double", "double", "processed"];
  for (const outcome of outcomes) {
    reader.next({ timeoutMs: 0 });
    assertEquals(reader.outcome, "processed");
    reader.outcome = outcome;
    assertEquals(reader.outcome, outcome);
  }
  let { processed, rejected, failed, doubles, held, unread } = ring.status().groups[0];
  assertEquals([processed, rejected, failed, doubles, held, unread], [0, 1, 1, 2, 1, 1]);
  reader.release();
  ({ processed, rejected, failed, doubles, held, unread } = ring.status().groups[0]);
  assertEquals([processed, rejected, failed, doubles, held, unread], [1, 1, 1, 2, 0, 1]);
  assertEquals(reader.outcome, "processed");
  reader.release(); // nothing is held: nothing is counted
  assertEquals(ring.status().groups[0].processed, 1);
});

Deno.test("Reader.outcome holds for a whole batch", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1, 2);
  assertEquals(reader.getBatch(2, { timeoutMs: 0 }), 2);
  reader.outcome = "rejected";
  assertEquals(reader.getBatch(2, { timeoutMs: 0 }), 1);
  const { processed, rejected, held } = ring.status().groups[0];
  assertEquals([processed, rejected, held], [0, 2, 1]);
  assertEquals(reader.getMetadata()[0], 2);
});

Deno.test("Reader throws a RingError that names the ring when misused", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  assertThrows(() => reader.getBatch(0, { timeoutMs: 0 }), RingError, 'ring "reader test"');
  reader.outcome = "rubbish" as Outcome;
  assertThrows(() => reader.next({ timeoutMs: 0 }), RingError, 'ring "reader test"');
});

Deno.test("Reader throws a TypeError that names the ring when used after close()", async () => {
  using ring = await newRing();
  const reader = new Reader(ring.newReaderGroup("g"));
  reader.close();
  reader.close();
  assertEquals([reader.state, reader.ending], ["ended", true]);
  for (
    const use of [() => reader.next(), () => reader.getBatch(1), () => reader.release(), () => reader.dataAvailable()]
  ) {
    assertThrows(use, TypeError, 'ring "reader test"');
  }
});

Deno.test("Reader gets the end when all writers have come and gone, after the last event", async () => {
  using ring = await newRing({ writers: 2 });
  using reader = new Reader(ring.newReaderGroup("g"));
  const first = new Writer(ring.newWriter());
  write(first, 0);
  first.close();
  assertEquals([next(reader), next(reader)], [[0, false], "timed out"]); // the other one may still come
  const second = new Writer(ring.newWriter());
  write(second, 1);
  second.close();
  assertEquals([next(reader), next(reader), reader.ending], [[1, false], "ended", true]);
  assertEquals(next(reader), "ended");
});

Deno.test("Reader gets the only event of a ring before the end", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  {
    using writer = new Writer(ring.newWriter());
    write(writer, 5);
  }
  assertEquals([next(reader), next(reader)], [[5, false], "ended"]);
});

Deno.test("Reader gets the end at once when a ring without writers is closed", async () => {
  using ring = await newRing({ writers: 3 });
  using reader = new Reader(ring.newReaderGroup("g"));
  ring.setEnding();
  assertEquals([reader.next(), reader.state, ring.status().ended], [null, "ended", true]);
});

Deno.test("Reader gets the end only when no other reader of the group holds an event", async () => {
  using ring = await newRing();
  const port = ring.newReaderGroup("g");
  using one = new Reader(port);
  using other = new Reader(port);
  using elsewhere = new Reader(ring.newReaderGroup("other group"));
  {
    using writer = new Writer(ring.newWriter());
    write(writer, 0);
  }
  assertEquals(next(one), [0, false]);
  assertEquals(next(elsewhere), [0, false]);
  assertEquals([other.next({ timeoutMs: 30 }), other.state], [null, "timed out"]);
  one.release();
  assertEquals([other.next(), other.state], [null, "ended"]); // the other group does not matter
  elsewhere.release();
});

Deno.test("Reader.close() hands back the event held: another reader gets it once more, flagged", async () => {
  using ring = await newRing();
  const port = ring.newReaderGroup("g");
  using untouched = new Reader(ring.newReaderGroup("other group"));
  const leaves = new Reader(port);
  using stays = new Reader(port);
  {
    using writer = new Writer(ring.newWriter());
    write(writer, 0, 1);
  }
  assertEquals(next(leaves), [0, false]);
  assertEquals(next(stays), [1, false]);
  leaves.close();
  assertEquals(next(stays), [0, true]);
  assertEquals(next(stays), "ended");
  assertEquals([next(untouched), next(untouched)], [[0, false], [1, false]]);
  const { processed, redelivered, unread } = ring.status().groups[0];
  assertEquals({ processed, redelivered, unread }, { processed: 2, redelivered: 1, unread: 0 });
});

Deno.test("Reader.close() hands back a batch; its events come one by one, flagged, also when a batch is asked for", async () => {
  using ring = await newRing({ slots: 8 });
  const port = ring.newReaderGroup("g");
  const leaves = new Reader(port);
  using stays = new Reader(port);
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1, 2, 3, 4);
  assertEquals(leaves.getBatch(3, { timeoutMs: 0 }), 3);
  leaves.close();
  const taken: [number, boolean][][] = [];
  for (let n = stays.getBatch(8, { timeoutMs: 0 }); n > 0; n = stays.getBatch(8, { timeoutMs: 0 })) {
    taken.push(
      Array.from({ length: n }, (_, i) => [stays.slotOfBatch(i).data.data[0], stays.slotOfBatch(i).redelivered]),
    );
  }
  assertEquals(taken, [[[0, true]], [[1, true]], [[2, true]], [[3, false], [4, false]]]);
});

Deno.test("an event may be handed back more often than the word can count, and stays flagged", async () => {
  using ring = await newRing();
  const port = ring.newReaderGroup("g");
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1);
  for (let times = 0; times < 7; times++) {
    const reader = new Reader(port);
    assertEquals(next(reader), [0, times > 0]);
    reader.close();
  }
  using last = new Reader(port);
  assertEquals([next(last), next(last)], [[0, true], [1, false]]);
  assertEquals(ring.status().groups[0].redelivered, 7);
});

Deno.test("a slot whose event was handed back is not flagged any more on its next lap", async () => {
  using ring = await newRing({ slots: 1 });
  const port = ring.newReaderGroup("g");
  using writer = new Writer(ring.newWriter());
  write(writer, 0);
  const leaves = new Reader(port);
  assertEquals(next(leaves), [0, false]);
  leaves.close();
  using stays = new Reader(port);
  assertEquals(next(stays), [0, true]);
  stays.release();
  write(writer, 1);
  assertEquals(next(stays), [1, false]);
});

Deno.test("Reader.dataAvailable() says whether an event could be had now", async () => {
  using ring = await newRing();
  const port = ring.newReaderGroup("g");
  using reader = new Reader(port);
  using writer = new Writer(ring.newWriter());
  assertEquals(reader.dataAvailable(), false);
  writer.claim({ timeoutMs: 0 });
  writer.abort(); // void: skipped, not available
  assertEquals(reader.dataAvailable(), false);
  write(writer, 0);
  assertEquals(reader.dataAvailable(), true);
  const leaves = new Reader(port);
  assertEquals(next(leaves), [0, false]);
  assertEquals(reader.dataAvailable(), false);
  leaves.close(); // hands back
  assertEquals(reader.dataAvailable(), true);
  assertEquals(next(reader), [0, true]);
  assertEquals(reader.dataAvailable(), false);
});

Deno.test("Reader.dataAvailable() is false after an owner that held nothing was recovered", async () => {
  using ring = await newRing();
  const port = ring.newReaderGroup("g");
  using reader = new Reader(port);
  ring.recover(ring.reserve(port).owner!);
  assertEquals([reader.dataAvailable(), reader.next({ timeoutMs: 0 })], [false, null]);
});

Deno.test("Reader gives the end at once after shutdown(); what is unread stays so", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1, 2);
  assertEquals(next(reader), [0, false]);
  writer.claim({ timeoutMs: 0 });
  ring.shutdown();
  assertEquals([reader.dataAvailable(), next(reader)], [false, "ended"]);
  writer.processBuffer();
  assertEquals([writer.claim(), writer.state], [null, "ended"]);
  const { published, aborted, groups } = ring.status();
  assertEquals([published, aborted, groups[0].processed, groups[0].unread], [4, true, 1, 3]);
});

Deno.test("for-of over a Reader yields all events, releases each for the next one, and keeps what it holds when left", async () => {
  using ring = await newRing({ slots: 8 });
  using reader = new Reader(ring.newReaderGroup("g"));
  {
    using writer = new Writer(ring.newWriter());
    write(writer, 0, 1, 2, 3);
  }
  for (const event of reader) if (event.data.data[0] === 1) break;
  assertEquals([reader.held?.data.data[0], ring.status().groups[0].processed], [1, 1]);
  assertEquals(Array.from(reader, (event) => event.data.data[0]), [2, 3]);
  assertEquals([reader.ending, ring.status().groups[0].processed], [true, 4]);
});

Deno.test("Reader.slotOfBatch() flags nothing that an earlier reader of the slot object had flagged", async () => {
  using ring = await newRing({ slots: 2 });
  const port = ring.newReaderGroup("g");
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1);
  const leaves = new Reader(port);
  assertEquals(leaves.getBatch(2, { timeoutMs: 0 }), 2);
  leaves.close();
  using stays = new Reader(port);
  assertEquals([next(stays), next(stays)], [[0, true], [1, true]]);
  stays.release();
  write(writer, 2, 3);
  assertEquals(stays.getBatch(2, { timeoutMs: 0 }), 2);
  assertEquals([0, 1].map((i) => stays.slotOfBatch(i).redelivered), [false, false]);
});

Deno.test("Reader.waitS in status() grows while the reader waits", async () => {
  using ring = await newRing();
  const port = ring.newReaderGroup("g");
  const worker = new Worker(new URL("./waiting_ring_worker.ts", import.meta.url), { type: "module" });
  try {
    const hasEvent = new Promise<boolean>((resolve) => worker.onmessage = ({ data }) => resolve(data as boolean));
    worker.postMessage(port);
    const endMs = performance.now() + 20_000;
    while (ring.status().groups[0].readerWaitS < 0.2) {
      assert(performance.now() < endMs, "the wait does not show");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    using writer = new Writer(ring.newWriter());
    writer.getNewBuffer();
    writer.processBuffer();
    assertEquals(await hasEvent, true);
  } finally {
    worker.terminate();
  }
});
