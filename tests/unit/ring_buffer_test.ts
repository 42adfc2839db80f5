/** The creator's side: options, ports, groups, reservations, counters, closing. */
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { bigIntColumn } from "../../src/record/record_layout.ts";
import { Observer } from "../../src/ring/observer.ts";
import type { Outcome } from "../../src/ring/reader.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RingBuffer, type RingOptions } from "../../src/ring/ring_buffer.ts";
import { RingError } from "../../src/ring/ring_error.ts";
import { Writer } from "../../src/ring/writer.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../src/std/assert.js";

openRingLibrary(await ringLibraryPath()); // before the tests: a library stays loaded

function newRing(options: Partial<RingOptions> = {}): Promise<RingBuffer> {
  return RingBuffer.create({ name: "buffer test", slots: 4, valuesPerSlot: 1, fields: "int32", ...options });
}

function write(writer: Writer, ...values: number[]): void {
  for (const value of values) {
    const slot = writer.claim({ timeoutMs: 0 });
    assert(slot !== null, `no slot for event ${value}: ${writer.state}`);
    slot.data.data[0] = value;
    writer.processBuffer();
  }
}

const REFUSED: [options: Partial<RingOptions>, errorClass: new (...args: never[]) => Error, words: string][] = [
  [{ slots: 0 }, RangeError, 'ring "buffer test": expected slots to be an integer from 1 to 1073741824, found 0'],
  [{ slots: 2.5 }, RangeError, "found 2.5"],
  [{ slots: NaN }, RangeError, "found NaN"],
  [{ writers: 0 }, RangeError, "expected writers"],
  [{ limit: -1 }, RangeError, "expected limit"],
  [{ valuesPerSlot: 0 }, RangeError, "valuesPerSlot"],
  [{ fields: { a: "flot32" } }, TypeError, 'found "flot32"'],
  [{ fields: {} }, TypeError, "at least one field"],
  [{ slots: 2 ** 31 }, RangeError, "found 2147483648"],
  [{ writers: 513 }, RangeError, "expected writers to be an integer from 1 to 512, found 513"],
  [{ name: "x".repeat(64) }, RangeError, "the bytes of its name to be an integer from 1 to 63, found 64"],
  [{ name: "ü".repeat(32) }, RangeError, "from 1 to 63, found 64"],
  [{ slots: 2 ** 30, valuesPerSlot: 2 ** 42 }, RingError, "larger than the system can address"],
];

for (const [options, errorClass, words] of REFUSED) {
  Deno.test(`RingBuffer.create() refuses ${JSON.stringify(options).slice(0, 60)}`, async () => {
    await assertRejects(() => newRing(options), errorClass, words);
  });
}

Deno.test("RingBuffer says what it is", async () => {
  using ring = await newRing({
    name: "Ä ring / with [odd] name",
    slots: 7,
    valuesPerSlot: 12,
    fields: { a: "f4", b: "S10" },
  });
  assertEquals([ring.name, ring.slots, ring.layout.valuesPerSlot], ["Ä ring / with [odd] name", 7, 12]);
  assertEquals(ring.layout.fields.map((field) => field.type.name), ["float32", "S10"]);
  assert(/^\/mimocorb-\d+-\d+-[0-9a-f]+-__ring___with__odd__name$/.test(ring.segment), ring.segment);
});

Deno.test("all field types pass through a ring unchanged", async () => {
  const numbers: Record<string, number> = {
    float16: 0.5,
    float32: -1.5 * 2 ** 40,
    float64: Math.PI,
    int8: -128,
    int16: -32768,
    int32: -2147483648,
    uint8: 255,
    uint16: 65535,
    uint32: 4294967295,
    bool: 1,
    complex64: 1.5,
    complex128: -2.5,
    S10: 65,
  };
  const bigints: Record<string, bigint> = { int64: -(2n ** 63n), uint64: 2n ** 64n - 1n };
  const names = [...Object.keys(numbers), ...Object.keys(bigints)];
  const fields = Object.fromEntries(names.map((name) => [`f_${name}`, name]));
  using ring = await newRing({ slots: 2, valuesPerSlot: 3, fields });
  using reader = new Reader(ring.newReaderGroup("g"));
  using observer = new Observer(ring.newObserver());
  using writer = new Writer(ring.newWriter());
  for (let lap = 0; lap < 5; lap++) {
    const written = writer.getNewBuffer()!;
    for (const [name, value] of Object.entries(numbers)) written[`f_${name}`].fill(value);
    for (const [name, value] of Object.entries(bigints)) bigIntColumn(written, `f_${name}`).fill(value);
    writer.processBuffer();
    for (const columns of [reader.get({ timeoutMs: 0 })!, observer.get({ timeoutMs: 0 })!.data]) {
      assertEquals(Object.keys(columns), Object.keys(fields));
      for (const [name, value] of Object.entries(numbers)) {
        const column = columns[`f_${name}`];
        assertEquals(Array.from(column as Float64Array), new Array(column.length).fill(value), name);
      }
      for (const [name, value] of Object.entries(bigints)) {
        assertEquals(Array.from(bigIntColumn(columns, `f_${name}`)), [value, value, value], name);
      }
    }
    reader.release();
  }
});

Deno.test("columns have their lengths: values, twice for complex numbers, n times for Sn", async () => {
  using ring = await newRing({ valuesPerSlot: 3, fields: { a: "float32", z: "complex64", s: "S10" } });
  using writer = new Writer(ring.newWriter());
  const buffer = writer.getNewBuffer()!;
  assertEquals([buffer.a.length, buffer.z.length, buffer.s.length], [3, 6, 30]);
  assertEquals([buffer.a, buffer.z, buffer.s].map((column) => column.byteOffset % 64), [0, 0, 0]);
});

Deno.test("RingBuffer.newReaderGroup() refuses a group once an event was claimed", async () => {
  for (const abort of [false, true]) {
    using ring = await newRing();
    ring.newReaderGroup("early");
    using writer = new Writer(ring.newWriter());
    writer.claim({ timeoutMs: 0 });
    if (abort) writer.abort();
    const error = assertThrows(
      () => ring.newReaderGroup("late"),
      RingError,
      'add reader group "late" of ring "buffer test"',
    );
    assertEquals(error.code, -1009);
  }
});

Deno.test("RingBuffer.newReaderGroup() refuses the 17th group, and a name of more than 63 bytes", async () => {
  using ring = await newRing();
  assertThrows(() => ring.newReaderGroup("x".repeat(64)), RingError, "names of at most 63 bytes");
  for (let group = 0; group < 16; group++) assertEquals(ring.newReaderGroup(`g${group}`).group, group);
  const error = assertThrows(() => ring.newReaderGroup("one more"), RingError, "at most 16 reader groups");
  assertEquals(error.code, -1008);
  assertEquals(ring.status().groups.map((group) => group.name), Array.from({ length: 16 }, (_, i) => `g${i}`));
});

Deno.test("a ring with 16 groups holds the writer back until all have released", async () => {
  using ring = await newRing({ slots: 1 });
  const readers = Array.from({ length: 16 }, (_, i) => new Reader(ring.newReaderGroup(`g${i}`)));
  using writer = new Writer(ring.newWriter());
  write(writer, 0);
  for (const reader of readers) {
    assertEquals(writer.claim({ timeoutMs: 0 }), null);
    reader.next({ timeoutMs: 0 });
    reader.release();
  }
  write(writer, 1);
  for (const reader of readers) reader.close();
});

Deno.test("RingBuffer.reserve() gives each worker its own row, in the order asked", async () => {
  using ring = await newRing({ writers: 2 });
  const readers = ring.newReaderGroup("g");
  const rows = [
    ring.reserve(ring.newWriter()),
    ring.reserve(readers),
    ring.reserve(readers),
    ring.reserve(ring.newWriter()),
  ];
  assertEquals(rows.map((port) => port.owner), [0, 1, 2, 3]);
  assertEquals(readers.owner, null);
  assertEquals(ring.status().owners.map(({ kind, state }) => `${kind} ${state}`), [
    "writer reserved",
    "reader reserved",
    "reader reserved",
    "writer reserved",
  ]);
  const error = assertThrows(() => ring.reserve(ring.newWriter()), RingError, 'reserve a writer of ring "buffer test"');
  assertEquals(error.code, -1007);
});

Deno.test("a reserved port can be opened once", async () => {
  using ring = await newRing();
  const port = ring.reserve(ring.newWriter());
  const writer = new Writer(port);
  assertEquals(ring.status().owners[0].state, "active");
  assertThrows(() => new Writer(port), RingError, 'open the reserved owner 0 of ring "buffer test"');
  writer.close();
  assertEquals(ring.status().owners[0].state, "gone");
  assertThrows(() => new Writer(port), RingError, "open the reserved owner 0");
});

Deno.test("RingBuffer refuses the 513th owner of its life", async () => {
  using ring = await newRing();
  const port = ring.newReaderGroup("g");
  for (let owner = 0; owner < 511; owner++) assertEquals(ring.reserve(port).owner, owner);
  using last = new Reader(port);
  const error = assertThrows(() => new Reader(port), RingError, "expected at most 512 writers and readers");
  assertEquals(error.code, -1006);
  // The writer's place is not used up by an attempt that found no row.
  assertEquals(assertThrows(() => new Writer(ring.newWriter()), RingError).code, -1006);
  assertEquals(assertThrows(() => new Writer(ring.newWriter()), RingError).code, -1006);
  assertEquals(last.next({ timeoutMs: 0 }), null);
});

Deno.test("the highest owner row can hold events", async () => {
  using ring = await newRing({ writers: 2 });
  const port = ring.newReaderGroup("g");
  for (let owner = 0; owner < 510; owner++) ring.reserve(port);
  using writer = new Writer(ring.newWriter());
  using reader = new Reader(port);
  write(writer, 5);
  assertEquals(reader.next({ timeoutMs: 0 })?.data.data[0], 5);
  const { owner, kind, published } = ring.status().owners[510];
  assertEquals({ owner, kind, published }, { owner: 510, kind: "writer", published: 1 });
  assertEquals(ring.heldCounter(511), 0);
});

Deno.test("RingBuffer.status() closes the books of every group at every step", async () => {
  using ring = await newRing({ slots: 5, writers: 2 });
  const ports = [ring.newReaderGroup("a"), ring.newReaderGroup("b")];
  const readers = [new Reader(ports[0]), new Reader(ports[0]), new Reader(ports[1])];
  const writers = [new Writer(ring.newWriter()), new Writer(ring.newWriter())];
  const outcomes: Outcome[] = ["processed", "rejected", "failed", "double"];
  let published = 0, voided = 0;
  for (let step = 0; step < 400; step++) {
    const writer = writers[step % 2];
    if (step % 7 === 3) {
      if (writer.claim({ timeoutMs: 0 }) !== null) voided++;
      writer.abort();
    } else if (writer.claim({ timeoutMs: 0 }) !== null) {
      published++;
      writer.processBuffer();
    }
    const reader = readers[(step * 5) % 3];
    reader.outcome = outcomes[(step >> 2) % 4];
    if (step % 3 === 0) reader.next({ timeoutMs: 0 });
    else reader.getBatch(1 + step % 3, { timeoutMs: 0 });
    const status = ring.status();
    assertEquals([status.published, status.voided], [published, voided]);
    for (const group of status.groups) {
      const { processed, rejected, failed, doubles, held, unread } = group;
      assertEquals(processed + rejected + failed + doubles + held + unread, published, group.name);
    }
  }
  for (const writer of writers) writer.close();
  for (const reader of readers) {
    while (reader.next({ timeoutMs: 0 }) !== null);
  }
  const status = ring.status();
  for (const { name, processed, rejected, failed, doubles, held, unread } of status.groups) {
    assertEquals([processed + rejected + failed + doubles, held, unread], [published, 0, 0], name);
  }
  assertEquals(status.owners.filter((o) => o.kind === "writer").reduce((sum, o) => sum + o.published, 0), published);
  for (const reader of readers) reader.close();
});

Deno.test("RingBuffer.status() counts unread events as those that can still be read", async () => {
  using ring = await newRing({ slots: 6 });
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1, 2, 3, 4);
  reader.getBatch(2, { timeoutMs: 0 });
  const { held, unread } = ring.status().groups[0];
  assertEquals([held, unread], [2, 3]);
  assertEquals(reader.getBatch(9, { timeoutMs: 0 }), unread);
});

Deno.test("RingBuffer.bufferStatus() gives rate and mean dead time since the last call", async () => {
  using ring = await newRing({ slots: 8 });
  using writer = new Writer(ring.newWriter());
  assertEquals(ring.bufferStatus(), { count: 0, filled: 0, rateHz: 0, deadtime: 0 });
  const began = performance.now();
  for (const deadtime of [0.1, 0.2, 0.6]) {
    writer.claim({ timeoutMs: 0 });
    writer.setMetadata(0, 1, deadtime);
    writer.processBuffer();
  }
  while (performance.now() < began + 20);
  const { count, rateHz, deadtime } = ring.bufferStatus();
  assertEquals(count, 3);
  assert(Math.abs(deadtime - 0.3) < 1e-12);
  assert(rateHz > 0 && rateHz <= 3 / 0.02 * 1.001);
  assertEquals([ring.bufferStatus().rateHz, ring.bufferStatus().deadtime], [0, 0]);
});

Deno.test("RingBuffer.detachGroup() frees the writer from a group without living readers", async () => {
  using ring = await newRing({ slots: 2 });
  ring.newReaderGroup("dead");
  using reader = new Reader(ring.newReaderGroup("alive"));
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1);
  assertEquals([reader.next({ timeoutMs: 0 })?.counter, reader.next({ timeoutMs: 0 })?.counter], [0, 1]);
  reader.release();
  assertEquals([writer.claim({ timeoutMs: 0 }), writer.state], [null, "timed out"]);
  ring.detachGroup("dead");
  write(writer, 2, 3);
  const [dead, alive] = ring.status().groups;
  assertEquals([dead.detached, dead.unread, alive.detached, alive.unread], [true, 4, false, 2]);
});

Deno.test("RingBuffer.detachGroup() gives a reader of that group the end", async () => {
  using ring = await newRing();
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  write(writer, 0, 1);
  reader.next({ timeoutMs: 0 });
  ring.detachGroup("g");
  assertEquals([reader.next(), reader.state, reader.dataAvailable()], [null, "ended", false]);
  assertEquals(ring.status().groups[0].processed, 1);
});

Deno.test("RingBuffer.detachGroup() throws a TypeError that lists the groups when there is none of this name", async () => {
  using ring = await newRing();
  ring.newReaderGroup("filter");
  ring.newReaderGroup("export");
  assertThrows(
    () => ring.detachGroup("fliter"),
    TypeError,
    'Cannot detach reader group "fliter" of ring "buffer test": expected one of filter, export',
  );
});

Deno.test("RingBuffer.recover() and heldCounter() refuse rows that nobody owns", async () => {
  using ring = await newRing();
  for (const owner of [-1, 0, 511, 512, 4096]) {
    assertThrows(() => ring.recover(owner), RingError, 'of ring "buffer test"');
    assertEquals(ring.heldCounter(owner), null);
  }
});

Deno.test("RingBuffer.close() may be repeated; later calls throw a TypeError that names the ring", async () => {
  const ring = await newRing();
  ring.close();
  ring.close();
  ring[Symbol.dispose]();
  assertEquals([ring.name, ring.slots], ["buffer test", 4]);
  for (
    const use of [
      () => ring.status(),
      () => ring.bufferStatus(),
      () => ring.pause(),
      () => ring.setEnding(),
      () => ring.recover(0),
      () => ring.newReaderGroup("g"),
    ]
  ) assertThrows(use, TypeError, 'Cannot use ring "buffer test": it was closed here');
});

Deno.test("writers and readers that are open go on after RingBuffer.close(); nobody new can open the ring", async () => {
  const ring = await newRing();
  const [writerPort, readerPort] = [ring.newWriter(), ring.newReaderGroup("g")];
  const writer = new Writer(writerPort);
  const reader = new Reader(readerPort);
  ring.close();
  write(writer, 3);
  assertEquals(reader.get({ timeoutMs: 0 })?.data[0], 3);
  assertThrows(() => new Reader(readerPort), RingError, 'Cannot open ring "buffer test"');
  writer.close();
  assertEquals([reader.next(), reader.state], [null, "ended"]);
  reader.close();
});

Deno.test("views that outlive close() read zeros instead of ending the program", async () => {
  const ring = await newRing({ fields: "int32", valuesPerSlot: 5000 });
  const writer = new Writer(ring.newWriter());
  const reader = new Reader(ring.newReaderGroup("g"));
  const written = writer.claim({ timeoutMs: 0 })!;
  written.data.data.fill(7);
  writer.setMetadata(5, 6, 7);
  writer.processBuffer();
  const read = reader.next({ timeoutMs: 0 })!;
  assertEquals([read.data.data[4999], read.counter], [7, 5]);
  writer.close();
  ring.close();
  assertEquals([written.data.data[0], written.data.data[4999], written.counter, written.timestamp], [0, 0, 0, 0]);
  assertEquals([read.data.data[4999], read.counter], [7, 5]); // this mapping is still open
  reader.close();
  assertEquals([read.data.data[4999], read.counter, read.deadtime], [0, 0, 0]);
  written.data.data[1] = 1; // and may even be written
});

Deno.test("two threads may create rings of the same name at the same moment", async () => {
  const script = `
    import { RingBuffer } from ${JSON.stringify(import.meta.resolve("../../src/ring/ring_buffer.ts"))};
    const made = [];
    for (let i = 0; i < 20; i++) {
      made.push(await RingBuffer.create({ name: "twin", slots: 1, valuesPerSlot: 1, fields: "int8" }));
    }
    const segments = made.map((ring) => ring.segment);
    for (const ring of made) ring.close();
    postMessage(segments);
  `;
  const answers = await Promise.all([0, 1].map(() => {
    const worker = new Worker(`data:text/javascript,${encodeURIComponent(script)}`, { type: "module" });
    return new Promise<string[]>((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = (event) => resolve(event.data);
    }).finally(() => worker.terminate());
  }));
  assertEquals(new Set(answers.flat()).size, 40);
});
