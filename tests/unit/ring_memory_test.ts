/** What reader groups remember of the records that they are done with. */
import { ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { ROLE_READER } from "../../drivers/shm_ring/symbols.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { RingHandle } from "../../src/ring/ring_handle.ts";
import { Writer } from "../../src/ring/writer.ts";
import { assert, assertEquals, assertRejects } from "../../src/std/assert.js";

const library = await ringLibraryPath();
const OPTIONS = { slots: 64, valuesPerSlot: 1, fields: "int8" } as const;
const AT_ONCE = { timeoutMs: 0 };

function write(writer: Writer, origins: readonly (readonly [low: number, high: number])[]): void {
  for (const [low, high] of origins) {
    const slot = writer.claim(AT_ONCE);
    assert(slot !== null);
    slot.setOrigin(low, high);
    writer.processBuffer();
  }
}

Deno.test("Reader.remembers() knows what its group is done with, and no other group", async () => {
  using ring = await RingBuffer.create({ name: "memory", ...OPTIONS, memories: 2 });
  const [one, other, without] = ["one", "other", "without"].map((name) => ring.newReaderGroup(name));
  using writer = new Writer(ring.newWriter());
  write(writer, [[1, 2], [-1, 2], [1, 3], [1, 2], [1, 2], [-1, 2]]);
  const ask = (port: typeof one, events: number, remembers: boolean) => {
    using reader = new Reader(port);
    const answers: boolean[] = [];
    for (let i = 0; i < events; i++) {
      reader.next(AT_ONCE);
      answers.push(reader.remembers());
      if (remembers) reader.remember();
    }
    reader.release();
    return answers;
  };
  assertEquals(ask(one, 4, true), [false, false, false, true]);
  assertEquals(ask(one, 2, true), [true, true]); // another reader of the group
  assertEquals(ask(other, 6, false), [false, false, false, false, false, false]);
  assertEquals(ask(without, 6, true), [false, false, false, false, false, false]);
});

Deno.test("Reader.remembers() forgets no record of the last thousands", async () => {
  using ring = await RingBuffer.create({ name: "memory", ...OPTIONS, memories: 1 });
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  const isKnown = (n: number) => {
    write(writer, [[Math.imul(n, 0x9e3779b1), Math.imul(n ^ n >>> 7, 0x85ebca77)]]);
    reader.next(AT_ONCE);
    const known = reader.remembers();
    reader.remember();
    return known;
  };
  for (let n = 1; n <= 4000; n++) assert(!isKnown(n));
  let forgotten = 0;
  for (let n = 1; n <= 4000; n++) if (!isKnown(n)) forgotten++;
  assertEquals(forgotten, 0);
});

Deno.test("a record that another reader has in work is neither new nor a double until that one is done, or dead", async () => {
  using ring = await RingBuffer.create({ name: "memory", ...OPTIONS, memories: 1 });
  const port = ring.newReaderGroup("g");
  using writer = new Writer(ring.newWriter());
  const handle = RingHandle.attach({ library, segment: ring.segment, ring: "memory" });
  const { symbols, pointer } = handle;
  handle.takeRole(ROLE_READER, 0, null);
  const ask = (end: (reader: Reader) => void): number[] => {
    write(writer, [[7, 8], [7, 8]]);
    const first = ring.reserve(port);
    const reader = new Reader(first);
    reader.next(AT_ONCE);
    assertEquals(reader.remembers(), false);
    symbols.shm_ring_next_event(pointer, 0, 0);
    const before = symbols.shm_ring_remembers(pointer);
    end(reader);
    const after = symbols.shm_ring_remembers(pointer);
    symbols.shm_ring_release(pointer, 0);
    ring.recover(first.owner!);
    return [before, after];
  };
  assertEquals(ask((reader) => reader.release()), [2, 0]);
  assertEquals(
    ask((reader) => ring.recover(ring.status().owners.findLast(({ kind }) => kind === "reader")!.owner) && reader),
    [2, 0],
  );
  while (symbols.shm_ring_next_event(pointer, 0, 0) >= 0);
  assertEquals(ask((reader) => reader.close()), [2, 0]);
  while (symbols.shm_ring_next_event(pointer, 0, 0) >= 0);
  assertEquals(ask((reader) => reader.remember()), [2, 1]);
  handle.close();
});

Deno.test("RingBuffer.create() refuses more memories than there can be groups", async () => {
  await assertRejects(
    () => RingBuffer.create({ name: "memory", ...OPTIONS, memories: 17 }),
    RangeError,
    'Cannot create ring "memory": expected memories to be an integer from 0 to 16, found 17',
  );
});
