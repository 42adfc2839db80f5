/** Writers: claim, publish, abort, batches, pause, limit and misuse. All in one thread; every wait has a time-out. */
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RingBuffer, type RingOptions } from "../../src/ring/ring_buffer.ts";
import { RingError } from "../../src/ring/ring_error.ts";
import { Writer } from "../../src/ring/writer.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "../../src/std/assert.js";

openRingLibrary(await ringLibraryPath()); // before the tests: a library stays loaded

function newRing(options: Partial<RingOptions> = {}): Promise<RingBuffer> {
  return RingBuffer.create({ name: "writer test", slots: 3, valuesPerSlot: 1, fields: "int32", ...options });
}

/** Publishes one event whose counter and value are `n`. */
function write(writer: Writer, n: number): void {
  const slot = writer.claim({ timeoutMs: 0 });
  assert(slot !== null, `no slot for event ${n}: ${writer.state}`);
  slot.data.data[0] = n;
  writer.setMetadata(n, 1, 0);
  writer.processBuffer();
}

/** Values of all events that can be had now. */
function drain(reader: Reader): number[] {
  const values: number[] = [];
  while (reader.next({ timeoutMs: 0 }) !== null) values.push(reader.held!.data.data[0]);
  return values;
}

for (const slots of [1, 2, 3, 5, 8]) {
  Deno.test(`Writer fills ${slots} slots, is refused the next one, and goes on once one is released`, async () => {
    using ring = await newRing({ slots });
    using reader = new Reader(ring.newReaderGroup("g"));
    using writer = new Writer(ring.newWriter());
    let written = 0, read = 0;
    for (let lap = 0; lap < 5; lap++) {
      while (written - read < slots) write(writer, written++);
      assertEquals(writer.claim({ timeoutMs: 0 }), null);
      assertEquals(writer.state, "timed out");
      assertEquals(ring.status().filled, slots);
      for (let i = 0; i <= lap % slots; i++) assertEquals(reader.next({ timeoutMs: 0 })?.data.data[0], read++);
      reader.release();
    }
    assertEquals(drain(reader), Array.from({ length: written - read }, (_, i) => read + i));
    assertEquals([ring.status().published, ring.status().filled, ring.status().highestFill], [written, 0, slots]);
  });
}

Deno.test("Writer.claim() waits no longer than it was told when the ring stays full", async () => {
  using ring = await newRing({ slots: 1 });
  using _reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  write(writer, 0);
  const began = performance.now();
  assertEquals(writer.claim({ timeoutMs: 40 }), null);
  assert(performance.now() - began >= 39);
  assertEquals(writer.state, "timed out");
  assert(ring.status().writerWaitS >= 0.039);
});

Deno.test("Writer.claim() takes fractions of milliseconds, and Infinity as for ever", async () => {
  using ring = await newRing({ slots: 1 });
  using _reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  assert(writer.claim({ timeoutMs: Infinity }) !== null);
  writer.processBuffer();
  assertEquals(writer.claim({ timeoutMs: 0.4 }), null);
  assertEquals(writer.state, "timed out");
});

Deno.test("Writer runs free when the ring has no reader group", async () => {
  using ring = await newRing({ slots: 2 });
  using writer = new Writer(ring.newWriter());
  for (let n = 0; n < 100; n++) write(writer, n);
  assertEquals([ring.status().published, ring.status().filled], [100, 0]);
});

Deno.test("Writer.getNewBuffer() publishes the slot held and claims the next one", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  const first = writer.getNewBuffer()!;
  first.data[0] = 11;
  assertEquals(reader.next({ timeoutMs: 0 }), null);
  const second = writer.getNewBuffer()!;
  second.data[0] = 12;
  assertEquals(drain(reader), [11]);
  writer.processBuffer();
  assertEquals(drain(reader), [12]);
});

Deno.test("Writer.processBuffer() sets the time of publication when no timestamp was given, and counts by itself", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  const before = Date.now() / 1000;
  for (let i = 0; i < 2; i++) {
    writer.claim({ timeoutMs: 0 });
    writer.processBuffer();
  }
  const first = reader.next({ timeoutMs: 0 })!;
  assertEquals([first.counter, first.deadtime], [0, 0]);
  assertAlmostEquals(first.timestamp, before, 60);
  assert(first.timestamp >= before - 0.01);
  assertEquals(reader.next({ timeoutMs: 0 })?.counter, 1);
});

Deno.test("Writer.setMetadata() is read back by the reader", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  writer.getNewBuffer();
  writer.setMetadata(2 ** 53, 1234.5, 0.75);
  writer.processBuffer();
  reader.get({ timeoutMs: 0 });
  assertEquals(reader.getMetadata(), [2 ** 53, 1234.5, 0.75]);
  assertEquals(ring.status().deadtimeSum, 0.75);
});

Deno.test("Writer.setMetadata() and processBuffer() do nothing when no slot is held", async () => {
  using ring = await newRing();
  using writer = new Writer(ring.newWriter());
  writer.setMetadata(1, 2, 3);
  writer.processBuffer();
  writer.processBuffer();
  writer.publishBatch();
  writer.abort();
  assertEquals([ring.status().published, ring.status().voided, ring.status().filled], [0, 0, 0]);
});

Deno.test("Writer.processBuffer() twice publishes once", async () => {
  using ring = await newRing();
  using writer = new Writer(ring.newWriter());
  writer.claim({ timeoutMs: 0 });
  writer.processBuffer();
  writer.processBuffer();
  assertEquals(ring.status().published, 1);
});

Deno.test("Writer.abort() gives the slot back as void, and readers skip it", async () => {
  using ring = await newRing({ slots: 2 });
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  for (let lap = 0; lap < 4; lap++) {
    write(writer, lap);
    writer.claim({ timeoutMs: 0 });
    writer.abort();
    assertEquals(drain(reader), [lap]);
  }
  const { published, voided, filled } = ring.status();
  assertEquals({ published, voided, filled }, { published: 4, voided: 4, filled: 0 });
});

Deno.test("Writer.abort() of every claim leaves the ring empty and usable", async () => {
  using ring = await newRing({ slots: 1 });
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  for (let n = 0; n < 10; n++) {
    writer.claim({ timeoutMs: 0 });
    writer.abort();
    assertEquals(ring.status().published, 0);
  }
  write(writer, 77);
  assertEquals(drain(reader), [77]);
});

Deno.test("a writer's open claim holds back what another writer published after it", async () => {
  using ring = await newRing({ writers: 2 });
  using reader = new Reader(ring.newReaderGroup("g"));
  using slow = new Writer(ring.newWriter());
  using quick = new Writer(ring.newWriter());
  slow.claim({ timeoutMs: 0 })!.data.data[0] = 1;
  write(quick, 2);
  assertEquals(drain(reader), []);
  slow.processBuffer();
  assertEquals(drain(reader), [1, 2]);
});

Deno.test("Writer.claim() throws a RingError that names the ring when a slot is held", async () => {
  using ring = await newRing();
  using writer = new Writer(ring.newWriter());
  writer.claim({ timeoutMs: 0 })!.data.data[0] = 5;
  assertThrows(() => writer.claim({ timeoutMs: 0 }), RingError, 'ring "writer test"');
  assertThrows(() => writer.claimBatch(2, { timeoutMs: 0 }), RingError, 'ring "writer test"');
  writer.processBuffer(); // the slot is still held and usable after the refusal
  assertEquals(ring.status().published, 1);
});

Deno.test("Writer.claimBatch() throws a RingError when asked for no slot", async () => {
  using ring = await newRing();
  using writer = new Writer(ring.newWriter());
  assertThrows(() => writer.claimBatch(0), RingError, "claim 0 slots");
});

Deno.test("Writer throws a TypeError that names the ring when used after close()", async () => {
  using ring = await newRing();
  const writer = new Writer(ring.newWriter());
  writer.close();
  writer.close();
  assertEquals(writer.state, "ended");
  for (
    const use of [
      () => writer.claim(),
      () => writer.getNewBuffer(),
      () => writer.claimBatch(1),
      () => writer.abort(),
      () => writer.isPaused,
      () => writer.waitWhilePaused(),
    ]
  ) assertThrows(use, TypeError, 'ring "writer test"');
});

Deno.test("Writer.close() gives back as void what is held", async () => {
  using ring = await newRing({ slots: 5, writers: 2 });
  using reader = new Reader(ring.newReaderGroup("g"));
  const one = new Writer(ring.newWriter());
  one.claim({ timeoutMs: 0 });
  one.close();
  const many = new Writer(ring.newWriter());
  assertEquals(many.claimBatch(3, { timeoutMs: 0 }), 3);
  many.close();
  assertEquals([ring.status().voided, ring.status().published, ring.status().filled], [4, 0, 0]);
  assertEquals(reader.next(), null);
  assertEquals(reader.state, "ended");
});

Deno.test("Writer.claimBatch() wraps around the end of the ring", async () => {
  using ring = await newRing({ slots: 5 });
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  let written = 0, read = 0;
  const indices: number[][] = [];
  for (let lap = 0; lap < 6; lap++) {
    assertEquals(writer.claimBatch(4, { timeoutMs: 0 }), 4);
    indices.push([0, 1, 2, 3].map((i) => writer.slotOfBatch(i).index));
    for (let i = 0; i < 4; i++) {
      writer.slotOfBatch(i).data.data[0] = written;
      writer.slotOfBatch(i).counter = written++;
    }
    writer.publishBatch();
    assertEquals(reader.getBatch(4, { timeoutMs: 0 }), 4);
    for (let i = 0; i < 4; i++) {
      const slot = reader.slotOfBatch(i);
      assertEquals([slot.data.data[0], slot.counter], [read, read++]);
    }
    reader.release();
  }
  assertEquals(indices.slice(0, 3), [[0, 1, 2, 3], [4, 0, 1, 2], [3, 4, 0, 1]]);
  assertEquals(ring.status().groups[0].processed, 24);
});

Deno.test("Writer.claimBatch() gives fewer slots when fewer are free, and never more than the ring has", async () => {
  using ring = await newRing({ slots: 4 });
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  write(writer, 0);
  assertEquals(writer.claimBatch(100, { timeoutMs: 0 }), 3);
  writer.publishBatch();
  assertEquals(writer.claimBatch(100, { timeoutMs: 0 }), 0);
  assertEquals(writer.state, "timed out");
  assertEquals(reader.getBatch(100, { timeoutMs: 0 }), 4);
  reader.release();
  assertEquals(writer.claimBatch(100, { timeoutMs: 0 }), 4);
  writer.abort();
  assertEquals(ring.status().voided, 4);
  assertEquals(writer.claimBatch(1, { timeoutMs: 0 }), 1);
});

Deno.test("Writer.getNewBuffer() publishes a batch that is still held", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  assertEquals(writer.claimBatch(2, { timeoutMs: 0 }), 2);
  writer.slotOfBatch(0).data.data[0] = 1;
  writer.slotOfBatch(1).data.data[0] = 2;
  writer.getNewBuffer();
  assertEquals(drain(reader), [1, 2]);
});

Deno.test("Writer.claim() gives state paused while the ring is paused, and goes on after resume()", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  assertEquals([writer.isPaused, writer.pauseMode], [false, "wait"]);
  writer.claim({ timeoutMs: 0 })!.data.data[0] = 1;
  ring.pause();
  assertEquals([writer.isPaused, ring.status().paused], [true, true]);
  writer.processBuffer(); // what was claimed before the pause is published
  assertEquals(drain(reader), [1]);
  for (const timeoutMs of [0, 20]) {
    assertEquals(writer.claim({ timeoutMs }), null);
    assertEquals(writer.state, "paused");
    assertEquals(writer.claimBatch(2, { timeoutMs }), 0);
    assertEquals(writer.state, "paused");
  }
  assertEquals(writer.waitWhilePaused({ timeoutMs: 10 }), false);
  assertEquals(writer.state, "timed out");
  ring.resume();
  assertEquals(writer.waitWhilePaused(), true);
  write(writer, 2);
  assertEquals(drain(reader), [2]);
  assert(ring.status().writerWaitS < 0.015, "time spent in a pause is no waiting for space");
});

Deno.test("Writer gets the scratch slot while a ring with pause: discard is paused", async () => {
  using ring = await newRing({ pause: "discard", slots: 2 });
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  assertEquals(writer.pauseMode, "discard");
  write(writer, 1);
  assertEquals(writer.isDiscarding, false);
  ring.pause();
  for (let n = 0; n < 5; n++) {
    const slot = writer.claim({ timeoutMs: 0 })!;
    assertEquals([slot.index, writer.isDiscarding], [2, true]);
    slot.data.data[0] = 99;
    writer.processBuffer();
  }
  writer.claim({ timeoutMs: 0 });
  writer.abort();
  assertEquals(writer.isDiscarding, false);
  assertEquals(writer.claimBatch(2, { timeoutMs: 0 }), 1);
  assertEquals([writer.slotOfBatch(0).index, writer.isDiscarding], [2, true]);
  writer.publishBatch();
  ring.resume();
  write(writer, 2);
  assertEquals(drain(reader), [1, 2]);
  const { published, discarded, voided } = ring.status();
  assertEquals({ published, discarded, voided }, { published: 2, discarded: 6, voided: 0 });
});

Deno.test("Writer.claim() gives state ended after setEnding(); what is held may still be published", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  assertEquals(writer.ending, false);
  writer.claim({ timeoutMs: 0 })!.data.data[0] = 4;
  ring.setEnding();
  assertEquals([writer.ending, ring.status().closing, ring.status().ended], [true, true, false]);
  assertEquals(writer.getNewBuffer(), null);
  assertEquals(writer.state, "ended");
  assertEquals(writer.claim(), null);
  assertEquals(writer.waitWhilePaused(), false);
  assertEquals(drain(reader), [4]);
  assertEquals(reader.state, "timed out"); // the writer could still hold something
  writer.close();
  assertEquals([reader.next(), reader.state, ring.status().ended], [null, "ended", true]);
});

Deno.test("Writer sees the end rather than the pause when a paused ring is closed", async () => {
  for (const pause of ["wait", "discard"] as const) {
    using ring = await newRing({ pause });
    using writer = new Writer(ring.newWriter());
    ring.pause();
    ring.setEnding();
    assertEquals(writer.claim(), null);
    assertEquals(writer.state, "ended");
  }
});

Deno.test("Writer refuses more writers than the ring was created for, also after one has gone", async () => {
  using ring = await newRing({ writers: 2 });
  const port = ring.newWriter();
  const first = new Writer(port);
  using _second = new Writer(port);
  assertThrows(() => new Writer(port), RingError, 'open a writer of ring "writer test"');
  first.close();
  const error = assertThrows(() => new Writer(port), RingError, "no more writers than the ring was created for");
  assertEquals(error.code, -1007);
});

Deno.test("a limit is reached exactly by several writers, in turn and in batches", async () => {
  for (const limit of [1, 2, 7]) {
    using ring = await newRing({ limit, writers: 3, slots: 4 });
    using reader = new Reader(ring.newReaderGroup("g"));
    const writers = [0, 1, 2].map(() => new Writer(ring.newWriter()));
    let left = writers.slice(), turn = 0, read = 0;
    while (left.length > 0) {
      const writer = left[turn++ % left.length];
      const claimed = writer.claimBatch(1 + turn % 3, { timeoutMs: 0 });
      if (claimed > 0) writer.publishBatch();
      else if (writer.state === "ended") left = left.filter((other) => other !== writer);
      read += drain(reader).length;
    }
    assertEquals([ring.status().published, read], [limit, limit]);
    assertEquals(writers.map((writer) => writer.ending), [true, true, true]);
    for (const writer of writers) writer.close();
    assertEquals([reader.next(), reader.state], [null, "ended"]);
  }
});

Deno.test("a void slot gives its ticket under the limit back", async () => {
  using ring = await newRing({ limit: 2, writers: 2, slots: 4 });
  using reader = new Reader(ring.newReaderGroup("g"));
  const one = new Writer(ring.newWriter());
  const other = new Writer(ring.newWriter());
  write(one, 0);
  other.claim({ timeoutMs: 0 });
  // Both tickets are out, but the open claim may become void: no end yet.
  assertEquals([one.claim({ timeoutMs: 0 }), one.state], [null, "timed out"]);
  assertEquals([one.claim({ timeoutMs: 20 }), one.state], [null, "timed out"]);
  other.abort();
  write(one, 1);
  assertEquals([one.claim(), one.state], [null, "ended"]);
  assertEquals([other.claim(), other.state], [null, "ended"]);
  assertEquals(drain(reader), [0, 1]);
  assertEquals([ring.status().published, ring.status().voided], [2, 1]);
  one.close();
  other.close();
  assertEquals([reader.next(), reader.state], [null, "ended"]);
});

Deno.test("Writer.claimBatch() is cut short by the limit", async () => {
  using ring = await newRing({ limit: 3, slots: 8 });
  using writer = new Writer(ring.newWriter());
  assertEquals(writer.claimBatch(8), 3);
  writer.abort();
  assertEquals(writer.claimBatch(8), 3);
  writer.publishBatch();
  assertEquals([writer.claimBatch(8), writer.state], [0, "ended"]);
  assertEquals(ring.status().published, 3);
});

Deno.test("Writer.waitS in status() counts for its own row", async () => {
  using ring = await newRing({ slots: 1, writers: 2 });
  using _reader = new Reader(ring.newReaderGroup("g"));
  using waits = new Writer(ring.newWriter());
  using _other = new Writer(ring.newWriter());
  write(waits, 0);
  waits.claim({ timeoutMs: 30 });
  const rows = ring.status().owners.filter((owner) => owner.kind === "writer");
  assert(rows[0].waitS >= 0.029);
  assertEquals(rows[1].waitS, 0);
});
