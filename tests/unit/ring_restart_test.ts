/** Workers that take the place of dead ones. A death is played by a handle that is never used again. */
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { MAX_OWNERS, ROLE_READER, ROLE_WRITER } from "../../drivers/shm_ring/symbols.ts";
import type { ReaderPort, WriterPort } from "../../src/ring/ports.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RingBuffer, type RingOptions } from "../../src/ring/ring_buffer.ts";
import { RingError } from "../../src/ring/ring_error.ts";
import { RingHandle } from "../../src/ring/ring_handle.ts";
import { Writer } from "../../src/ring/writer.ts";
import { assert, assertEquals, assertThrows } from "../../src/std/assert.js";

openRingLibrary(await ringLibraryPath()); // before the tests: a library stays loaded

function newRing(options: Partial<RingOptions> = {}): Promise<RingBuffer> {
  return RingBuffer.create({ name: "restart test", slots: 4, valuesPerSlot: 1, fields: "int32", ...options });
}

function write(writer: Writer, ...values: number[]): void {
  for (const value of values) {
    const slot = writer.claim({ timeoutMs: 0 });
    assert(slot !== null, `no slot for event ${value}: ${writer.state}`);
    slot.data.data[0] = value;
    writer.processBuffer();
  }
}

function next(reader: Reader): number | string {
  const slot = reader.next({ timeoutMs: 0 });
  return slot === null ? reader.state : slot.data.data[0];
}

function takeAndDie(port: WriterPort | ReaderPort, most: number): number {
  const handle = RingHandle.attach(port);
  const isWriter = port.kind === "writer";
  handle.takeRole(isWriter ? ROLE_WRITER : ROLE_READER, isWriter ? 0 : port.group, port.owner);
  const first = new Int32Array(1);
  if (most === 0) return 0;
  return isWriter
    ? handle.symbols.shm_ring_claim(handle.pointer, most, 0, first)
    : handle.symbols.shm_ring_take(handle.pointer, most, 0, 0, first);
}

Deno.test("addWriter() before recover() keeps the ring going until the new writer has signed off", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  const dead = ring.reserve(ring.newWriter());
  takeAndDie(dead, 2);
  const port = ring.addWriter();
  assertEquals(ring.recover(dead.owner!).voided, 2);
  assertEquals([next(reader), ring.status().ended], ["timed out", false]);
  const writer = new Writer(port);
  write(writer, 7);
  assertEquals(next(reader), 7);
  writer.close();
  assertEquals([next(reader), ring.status().ended], ["ended", true]);
});

Deno.test("addWriter() gives a reserved port, which counts as gone when it is recovered unused", async () => {
  using ring = await newRing();
  const dead = ring.reserve(ring.newWriter());
  const port = ring.addWriter();
  assertEquals([port.kind, port.segment, port.owner], ["writer", ring.segment, dead.owner! + 1]);
  assertEquals(ring.status().owners.map(({ kind, state }) => `${kind} ${state}`), [
    "writer reserved",
    "writer reserved",
  ]);
  ring.recover(dead.owner!);
  assertEquals(ring.status().ended, false);
  ring.recover(port.owner!);
  assertEquals(ring.status().ended, true);
});

Deno.test("addWriter() is refused once the ring has ended, and takes no writer's place before", async () => {
  using ring = await newRing({ writers: 2 });
  const first = new Writer(ring.newWriter());
  const added = ring.addWriter();
  const second = new Writer(ring.newWriter()); // the place it was created with is still free
  assertThrows(() => new Writer(ring.newWriter()), RingError, "expected no more writers");
  first.close();
  second.close();
  assertEquals(ring.status().ended, false);
  new Writer(added).close();
  const error = assertThrows(
    () => ring.addWriter(),
    RingError,
    'Cannot add a writer of ring "restart test": it has ended',
  );
  assertEquals(error.code, -1001);
  assertEquals(ring.status().ended, true);
});

Deno.test("addWriter() says what to do when all rows of the ring are used, and nothing has changed", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  let writer = new Writer(ring.reserve(ring.newWriter()));
  for (let row = 2; row < MAX_OWNERS; row++) {
    const port = ring.addWriter();
    writer.close();
    writer = new Writer(port);
  }
  const error = assertThrows(
    () => ring.addWriter(),
    RingError,
    'Cannot add a writer of ring "restart test": expected at most 512 writers and readers in a ring\'s life, found one ' +
      "more; each restart",
  );
  assertEquals(error.code, -1006);
  assertThrows(() => ring.reserve(ring.newReaderGroup("late")), RingError, "Cannot reserve a reader of ring");
  write(writer, 1);
  writer.close();
  assertEquals([next(reader), next(reader)], [1, "ended"]);
});

Deno.test("addWriter() works while the ring is closing: the new writer gets the end at once", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  const dead = ring.reserve(ring.newWriter());
  takeAndDie(dead, 1);
  ring.setEnding();
  assertEquals(ring.status().ended, false); // the dead one is not recovered
  using writer = new Writer(ring.addWriter());
  ring.recover(dead.owner!);
  assertEquals([writer.claim(), writer.state, next(reader)], [null, "ended", "timed out"]);
  writer.close();
  assertEquals(next(reader), "ended");
});

Deno.test("a limit is reached exactly although each writer dies with the tickets and is replaced", async () => {
  using ring = await newRing({ limit: 5, slots: 3 });
  using reader = new Reader(ring.newReaderGroup("g"));
  let port = ring.reserve(ring.newWriter());
  const seen: (number | string)[] = [];
  for (let life = 0; life < 20; life++) {
    const handle = RingHandle.attach(port);
    handle.takeRole(ROLE_WRITER, 0, port.owner);
    if (life % 4 === 0) {
      const claimed = handle.symbols.shm_ring_claim(handle.pointer, 1, 0, new Int32Array(1));
      if (claimed === 1) handle.symbols.shm_ring_publish(handle.pointer);
    }
    handle.symbols.shm_ring_claim(handle.pointer, 2, 0, new Int32Array(1));
    const dead = port.owner!;
    port = ring.addWriter();
    ring.recover(dead);
    seen.push(next(reader));
    reader.release();
  }
  using writer = new Writer(port);
  assertEquals([writer.claim({ timeoutMs: 0 }), writer.state], [null, "ended"]);
  assertEquals(ring.status().published, 5);
  assertEquals(seen.filter((event) => event !== "timed out").length, 5);
});

Deno.test("a limit that was not reached is reached by the writer that was added", async () => {
  using ring = await newRing({ limit: 4 });
  using reader = new Reader(ring.newReaderGroup("g"));
  const dead = ring.reserve(ring.newWriter());
  assertEquals(takeAndDie(dead, 4), 4);
  using writer = new Writer(ring.addWriter());
  assertEquals([writer.claim({ timeoutMs: 0 }), writer.state], [null, "timed out"]); // the tickets may come back
  ring.recover(dead.owner!);
  write(writer, 0, 1, 2, 3);
  assertEquals([writer.claim(), writer.state], [null, "ended"]);
  assertEquals([next(reader), next(reader), next(reader), next(reader)], [0, 1, 2, 3]);
});

Deno.test("a reader that is reserved after the last one of its group has died goes on where that one was", async () => {
  using ring = await newRing();
  const port = ring.newReaderGroup("g");
  const dead = ring.reserve(port);
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1, 2);
  takeAndDie(dead, 1);
  ring.recover(dead.owner!);
  write(writer, 3);
  assertEquals([writer.claim({ timeoutMs: 0 }), writer.state], [null, "timed out"]); // nobody reads
  using reader = new Reader(ring.reserve(port));
  assertEquals([next(reader), reader.held?.redelivered], [0, true]);
  assertEquals([next(reader), next(reader), next(reader), next(reader)], [1, 2, 3, "timed out"]);
});

for (const when of ["while it is closing", "after it has ended"]) {
  Deno.test(`a reader can be replaced ${when}, and nothing is lost`, async () => {
    using ring = await newRing();
    const port = ring.newReaderGroup("g");
    const dead = ring.reserve(port);
    const writer = new Writer(ring.newWriter());
    write(writer, 0, 1);
    takeAndDie(dead, 2);
    ring.setEnding();
    if (when !== "while it is closing") writer.close();
    assertEquals(ring.status().ended, when !== "while it is closing");
    ring.recover(dead.owner!);
    using reader = new Reader(ring.reserve(port));
    assertEquals([next(reader), next(reader)], [0, 1]);
    writer.close();
    assertEquals([next(reader), next(reader)], ["ended", "ended"]);
    const { processed, held, unread } = ring.status().groups[0];
    assertEquals({ processed, held, unread }, { processed: 2, held: 0, unread: 0 });
  });
}
