/**
 * Death of owners. A death is played by a handle that is never used again: it is neither released, nor signed off, nor
 * closed, so the ring's words say that it holds what it held.
 */
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { ROLE_READER, ROLE_WRITER } from "../../drivers/shm_ring/symbols.ts";
import type { ReaderPort, WriterPort } from "../../src/ring/ports.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RingBuffer, type RingOptions } from "../../src/ring/ring_buffer.ts";
import { RingHandle } from "../../src/ring/ring_handle.ts";
import { Writer } from "../../src/ring/writer.ts";
import { assert, assertEquals } from "../../src/std/assert.js";

openRingLibrary(await ringLibraryPath()); // before the tests: a library stays loaded

function newRing(options: Partial<RingOptions> = {}): Promise<RingBuffer> {
  return RingBuffer.create({ name: "recover test", slots: 4, valuesPerSlot: 1, fields: "int32", ...options });
}

function write(writer: Writer, ...values: number[]): void {
  for (const value of values) {
    const slot = writer.claim({ timeoutMs: 0 });
    assert(slot !== null, `no slot for event ${value}: ${writer.state}`);
    slot.data.data[0] = value;
    writer.setMetadata(value, 1, 0);
    writer.processBuffer();
  }
}

function next(reader: Reader): [value: number, redelivered: boolean] | string {
  const slot = reader.next({ timeoutMs: 0 });
  return slot === null ? reader.state : [slot.data.data[0], slot.redelivered];
}

/** Signs on as the port's owner, claims or takes `most` slots, and is never heard of again. */
function takeAndDie(port: WriterPort | ReaderPort, most: number): number {
  const handle = RingHandle.attach(port);
  const isWriter = port.kind === "writer";
  handle.takeRole(isWriter ? ROLE_WRITER : ROLE_READER, isWriter ? 0 : port.group, port.owner);
  const first = new Int32Array(1);
  return most === 0
    ? 0
    : isWriter
    ? handle.symbols.shm_ring_claim(handle.pointer, most, 0, first)
    : handle.symbols.shm_ring_take(handle.pointer, most, 0, 0, first);
}

Deno.test("recover() makes the claims of a dead writer void, and the ring ends without it", async () => {
  using ring = await newRing({ writers: 2 });
  using reader = new Reader(ring.newReaderGroup("g"));
  const dead = ring.reserve(ring.newWriter());
  using writer = new Writer(ring.newWriter());
  write(writer, 0);
  assertEquals(takeAndDie(dead, 2), 2);
  write(writer, 1);
  assertEquals([next(reader), next(reader)], [[0, false], "timed out"]); // waits for the open claims
  assertEquals(ring.recover(dead.owner!), { voided: 2, redelivered: 0, failed: 0 });
  assertEquals(next(reader), [1, false]);
  writer.close();
  assertEquals([next(reader), ring.status().ended], ["ended", true]);
  const { published, voided, filled } = ring.status();
  assertEquals({ published, voided, filled }, { published: 2, voided: 2, filled: 0 });
});

Deno.test("recover() of the only writer ends the ring", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  const dead = ring.reserve(ring.newWriter());
  assertEquals(takeAndDie(dead, 1), 1);
  assertEquals(next(reader), "timed out");
  ring.recover(dead.owner!);
  assertEquals([reader.next(), reader.state], [null, "ended"]);
});

Deno.test("recover() of a writer that never signed on counts it as gone", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  const port = ring.reserve(ring.newWriter());
  assertEquals(ring.recover(port.owner!), { voided: 0, redelivered: 0, failed: 0 });
  assertEquals([reader.next(), reader.state], [null, "ended"]);
});

Deno.test("recover() hands back what a dead reader held, flagged; nothing is lost at the end", async () => {
  using ring = await newRing();
  const port = ring.newReaderGroup("g");
  const dead = ring.reserve(port);
  using reader = new Reader(port);
  using elsewhere = new Reader(ring.newReaderGroup("other group"));
  const writer = new Writer(ring.newWriter());
  write(writer, 0, 1, 2);
  assertEquals(takeAndDie(dead, 2), 2);
  writer.close();
  assertEquals([next(reader), reader.next({ timeoutMs: 20 }), reader.state], [[2, false], null, "timed out"]);
  assertEquals(ring.status().groups[0].held, 2);
  assertEquals(ring.recover(dead.owner!), { voided: 0, redelivered: 2, failed: 0 });
  const { held, unread, redelivered, processed } = ring.status().groups[0];
  assertEquals({ held, unread, redelivered, processed }, { held: 0, unread: 2, redelivered: 2, processed: 1 });
  assertEquals([next(reader), next(reader), next(reader)], [[0, true], [1, true], "ended"]);
  assertEquals([next(elsewhere), next(elsewhere), next(elsewhere)], [[0, false], [1, false], [2, false]]);
  assertEquals(ring.status().groups[0].processed, 3);
});

Deno.test("recover() frees the writer that waits for the slot of a dead reader's group", async () => {
  using ring = await newRing({ slots: 2 });
  const port = ring.newReaderGroup("g");
  const dead = ring.reserve(port);
  using reader = new Reader(port);
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1);
  takeAndDie(dead, 1);
  assertEquals(next(reader), [1, false]);
  reader.release();
  assertEquals([writer.claim({ timeoutMs: 0 }), writer.state], [null, "timed out"]);
  ring.recover(dead.owner!);
  assertEquals(writer.claim({ timeoutMs: 0 }), null); // offered once more first
  assertEquals(next(reader), [0, true]);
  reader.release();
  write(writer, 2, 3);
  assertEquals([next(reader), next(reader)], [[2, false], [3, false]]);
});

Deno.test("recover() twice, and of an owner that has signed off, changes nothing more", async () => {
  using ring = await newRing({ writers: 2 });
  const port = ring.newReaderGroup("g");
  const [deadWriter, deadReader] = [ring.reserve(ring.newWriter()), ring.reserve(port)];
  const tidy = ring.reserve(ring.newWriter());
  const writer = new Writer(tidy);
  write(writer, 0);
  takeAndDie(deadWriter, 2);
  takeAndDie(deadReader, 1);
  writer.close();
  assertEquals(ring.recover(deadWriter.owner!), { voided: 2, redelivered: 0, failed: 0 });
  assertEquals(ring.recover(deadReader.owner!), { voided: 0, redelivered: 1, failed: 0 });
  const before = ring.status();
  for (const owner of [deadWriter.owner!, deadReader.owner!, tidy.owner!]) {
    assertEquals(ring.recover(owner), { voided: 0, redelivered: 0, failed: 0 });
  }
  assertEquals(ring.status(), before);
  using reader = new Reader(port);
  assertEquals([next(reader), next(reader)], [[0, true], "ended"]);
});

Deno.test("recover() of one reader leaves alone what the others hold", async () => {
  using ring = await newRing();
  const port = ring.newReaderGroup("g");
  const [dead, alsoDead] = [ring.reserve(port), ring.reserve(port)];
  using reader = new Reader(port);
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1, 2);
  takeAndDie(dead, 1);
  takeAndDie(alsoDead, 1);
  assertEquals(next(reader), [2, false]);
  assertEquals(ring.recover(dead.owner!).redelivered, 1);
  assertEquals(ring.status().groups[0].held, 2);
  assertEquals(next(reader), [0, true]);
  assertEquals(next(reader), "timed out");
  assertEquals(ring.recover(alsoDead.owner!).redelivered, 1);
  assertEquals(next(reader), [1, true]);
});

Deno.test("an owner's counters stay after it was recovered, and add up", async () => {
  using ring = await newRing({ writers: 3, slots: 8 });
  const port = ring.newReaderGroup("g");
  const writers = [0, 1, 2].map(() => ring.reserve(ring.newWriter()));
  const readers = [0, 1].map(() => ring.reserve(port));
  const first = new Writer(writers[0]);
  write(first, 0, 1);
  first.close();
  const second = new Writer(writers[1]);
  write(second, 2);
  second.claim({ timeoutMs: 0 });
  second.abort();
  takeAndDie(writers[2], 3);
  ring.recover(writers[2].owner!);
  const reader = new Reader(readers[0]);
  reader.next({ timeoutMs: 0 });
  reader.outcome = "rejected";
  reader.next({ timeoutMs: 0 });
  reader.close(); // hands one back
  takeAndDie(readers[1], 1);
  ring.recover(readers[1].owner!);
  assertEquals(
    ring.status().owners.map(({ owner, kind, state, published, voided, rejected, processed, redelivered }) => [
      owner,
      `${kind} ${state}`,
      [published, voided],
      [processed, rejected, redelivered],
    ]),
    [
      [0, "writer gone", [2, 0], [0, 0, 0]],
      [1, "writer active", [1, 1], [0, 0, 0]],
      [2, "writer gone", [0, 3], [0, 0, 0]],
      [3, "reader gone", [0, 0], [0, 1, 1]],
      [4, "reader gone", [0, 0], [0, 0, 1]],
    ],
  );
  second.close();
  const { published, voided, groups: [{ unread, rejected, redelivered }] } = ring.status();
  assertEquals({ published, voided, unread, rejected, redelivered }, {
    published: 3,
    voided: 4,
    unread: 2,
    rejected: 1,
    redelivered: 2,
  });
});

Deno.test("heldCounter() gives the counter of the oldest event that an owner holds", async () => {
  using ring = await newRing({ slots: 3, writers: 2 });
  const port = ring.newReaderGroup("g");
  const [dead, waiting] = [ring.reserve(port), ring.reserve(port)];
  using writer = new Writer(ring.newWriter());
  using reader = new Reader(waiting);
  write(writer, 100, 101, 102);
  assertEquals([next(reader), ring.heldCounter(waiting.owner!)], [[100, false], 100]);
  reader.release();
  assertEquals(ring.heldCounter(waiting.owner!), null);
  write(writer, 103); // in the first slot again
  takeAndDie(dead, 3);
  assertEquals(ring.heldCounter(dead.owner!), 101);
  ring.recover(dead.owner!);
  assertEquals(ring.heldCounter(dead.owner!), null);
});

Deno.test("heldEvents() tells what every owner holds, the oldest of a batch, and who goes on", async () => {
  using ring = await newRing({ slots: 8, writers: 2 });
  const port = ring.newReaderGroup("g");
  const elsewhere = ring.newReaderGroup("other group");
  const owners = [ring.reserve(ring.newWriter()), ring.reserve(port), ring.reserve(port), ring.reserve(elsewhere)];
  using writer = new Writer(owners[0] as WriterPort);
  using one = new Reader(owners[1] as ReaderPort);
  using many = new Reader(owners[2] as ReaderPort);
  using _idle = new Reader(owners[3] as ReaderPort);
  assertEquals(ring.heldEvents(), []);
  write(writer, 50, 50, 52, 53);
  writer.claim();
  writer.setMetadata(54, 1, 0);
  one.next();
  many.getBatch(2);
  assertEquals(ring.heldEvents(), [
    { owner: 0, sequence: 4, counter: 54 },
    { owner: 1, sequence: 0, counter: 50 },
    { owner: 2, sequence: 1, counter: 50 },
  ]);
  one.next();
  many.release();
  writer.abort();
  assertEquals(ring.heldEvents(), [{ owner: 1, sequence: 3, counter: 53 }]);
});

Deno.test("a limit is reached exactly although a writer died with claims", async () => {
  using ring = await newRing({ limit: 4, writers: 2, slots: 3 });
  using reader = new Reader(ring.newReaderGroup("g"));
  const dead = ring.reserve(ring.newWriter());
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1);
  assertEquals([next(reader), next(reader)], [[0, false], [1, false]]);
  reader.release();
  assertEquals(takeAndDie(dead, 2), 2);
  assertEquals([writer.claim({ timeoutMs: 20 }), writer.state], [null, "timed out"]); // two tickets may come back
  ring.recover(dead.owner!);
  write(writer, 2, 3);
  assertEquals([writer.claim(), writer.state, ring.status().published], [null, "ended", 4]);
});

Deno.test("recover() gives an event up, as failed, with the second reader that dies over it", async () => {
  using ring = await newRing({ slots: 2 });
  const port = ring.newReaderGroup("g");
  using elsewhere = new Reader(ring.newReaderGroup("other group"));
  const writer = new Writer(ring.newWriter());
  write(writer, 0, 1);
  const [first, second] = [ring.reserve(port), ring.reserve(port)];
  assertEquals(takeAndDie(first, 1), 1);
  assertEquals(ring.recover(first.owner!), { voided: 0, redelivered: 1, failed: 0 });
  assertEquals(takeAndDie(second, 1), 1);
  assertEquals([next(elsewhere), next(elsewhere), next(elsewhere)], [[0, false], [1, false], "timed out"]);
  assertEquals([writer.claim({ timeoutMs: 0 }), writer.state], [null, "timed out"]);
  assertEquals(ring.recover(second.owner!), { voided: 0, redelivered: 0, failed: 1 });
  assertEquals(ring.recover(second.owner!), { voided: 0, redelivered: 0, failed: 0 });
  write(writer, 2); // in the slot of the event that was given up
  writer.close();
  using reader = new Reader(port);
  assertEquals([next(reader), next(reader), next(reader)], [[1, false], [2, false], "ended"]);
  const { processed, failed, redelivered, held, unread } = ring.status().groups[0];
  assertEquals({ processed, failed, redelivered, held, unread }, {
    processed: 2,
    failed: 1,
    redelivered: 1,
    held: 0,
    unread: 0,
  });
  assertEquals(ring.status().owners[second.owner!].failed, 1);
});

Deno.test("recover() tells a death from a sign-off: only deaths are counted against an event", async () => {
  using ring = await newRing({ slots: 2 });
  const port = ring.newReaderGroup("g");
  const writer = new Writer(ring.newWriter());
  write(writer, 0);
  writer.close();
  const leave = (expected: boolean) => {
    using reader = new Reader(port);
    assertEquals(next(reader), [0, expected]);
  };
  const die = () => {
    const dead = ring.reserve(port);
    assertEquals(takeAndDie(dead, 1), 1);
    const { redelivered, failed } = ring.recover(dead.owner!);
    return { redelivered, failed };
  };
  leave(false);
  leave(true);
  assertEquals(die(), { redelivered: 1, failed: 0 });
  leave(true);
  leave(true);
  assertEquals(die(), { redelivered: 0, failed: 1 });
  using reader = new Reader(port);
  assertEquals(next(reader), "ended");
  assertEquals(ring.status().groups[0].failed, 1);
});

Deno.test("recover() of a dead batch gives up only what a reader had died with before", async () => {
  using ring = await newRing({ slots: 4 });
  const port = ring.newReaderGroup("g");
  const writer = new Writer(ring.newWriter());
  write(writer, 0, 1, 2);
  const [first, second] = [ring.reserve(port), ring.reserve(port)];
  takeAndDie(first, 1);
  const handle = RingHandle.attach(second);
  handle.takeRole(ROLE_READER, second.group, second.owner);
  assertEquals(handle.symbols.shm_ring_take(handle.pointer, 3, 0, 0, new Int32Array(1)), 2);
  ring.recover(first.owner!);
  assertEquals(ring.recover(second.owner!), { voided: 0, redelivered: 2, failed: 0 });
  const third = ring.reserve(port);
  takeAndDie(third, 1);
  assertEquals(ring.recover(third.owner!), { voided: 0, redelivered: 0, failed: 1 });
  writer.close();
  using reader = new Reader(port);
  assertEquals([next(reader), next(reader), next(reader)], [[1, true], [2, true], "ended"]);
});

Deno.test("an idle owner that dies costs nothing but its row", async () => {
  using ring = await newRing({ writers: 2 });
  const port = ring.newReaderGroup("g");
  const [deadWriter, deadReader] = [ring.reserve(ring.newWriter()), ring.reserve(port)];
  takeAndDie(deadWriter, 0);
  takeAndDie(deadReader, 0);
  assertEquals(ring.status().owners.map((owner) => owner.state), ["active", "active"]);
  assertEquals(ring.recover(deadWriter.owner!), { voided: 0, redelivered: 0, failed: 0 });
  assertEquals(ring.recover(deadReader.owner!), { voided: 0, redelivered: 0, failed: 0 });
  const writer = new Writer(ring.newWriter());
  using reader = new Reader(port);
  write(writer, 0);
  writer.close();
  assertEquals([next(reader), next(reader)], [[0, false], "ended"]);
});
