/** The segment in /dev/shm: self-description, names, sweep, what is refused, and that nothing is left behind. */
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { Observer } from "../../src/ring/observer.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { RingError } from "../../src/ring/ring_error.ts";
import { processOfPid } from "../../src/ring/process_identity.ts";
import { RingHandle } from "../../src/ring/ring_handle.ts";
import { newSegmentName, sweepStaleSegments } from "../../src/ring/segment_name.ts";
import { Writer } from "../../src/ring/writer.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../src/std/assert.js";

const library = await ringLibraryPath();
openRingLibrary(library); // before the tests: a library stays loaded

function exists(segment: string): boolean {
  return Array.from(Deno.readDirSync("/dev/shm")).some((entry) => `/${entry.name}` === segment);
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

Deno.test("a ring can be opened by its segment's name alone and describes itself", async () => {
  using ring = await RingBuffer.create({
    name: "self",
    slots: 5,
    valuesPerSlot: 20,
    fields: new Map([["2", "float32"], ["1", "S10"], ["n", "int64"]]),
    writers: 3,
    limit: 77,
    pause: "discard",
  });
  ring.newReaderGroup("filter");
  ring.newReaderGroup("export");
  const handle = RingHandle.attach({ library, segment: ring.segment, ring: "?" });
  assertEquals(handle.layout, ring.layout);
  assertEquals([handle.name, handle.slots, handle.info("writers"), handle.limit, handle.discardsInPause], [
    "self",
    5,
    3,
    77,
    true,
  ]);
  assertEquals([handle.info("groups"), handle.groupName(0), handle.groupName(1)], [2, "filter", "export"]);
  assert(handle.close());
});

Deno.test("any program can decode a ring from its file, as docs/ring.md describes it", async () => {
  using ring = await RingBuffer.create({
    name: "decode",
    slots: 3,
    valuesPerSlot: 2,
    fields: { chA: "float32", chB: "int16" },
    limit: 9,
    memories: 2,
    runDirectory: "/no/run directory",
  });
  const readers = ring.newReaderGroup("g");
  using writer = new Writer(ring.newWriter());
  using reader = new Reader(readers);
  for (let n = 0; n < 3; n++) {
    const slot = writer.claim({ timeoutMs: 0 })!;
    slot.data.chA.set([n, n + 0.5]);
    slot.data.chB.set([-n, 100]);
    writer.setMetadata(n + 2 ** 40, 1000 + n, n / 4);
    writer.processBuffer();
  }
  reader.next({ timeoutMs: 0 });
  reader.next({ timeoutMs: 0 });
  reader.remember();
  writer.claim({ timeoutMs: 0 });

  const file = Deno.readFileSync(`/dev/shm${ring.segment}`);
  const view = new DataView(file.buffer);
  const u32 = (at: number) => view.getUint32(at, true);
  const u64 = (at: number) => Number(view.getBigUint64(at, true));
  assertEquals(text(file.subarray(0, 8)), "mimoCoRB");
  assertEquals([u32(8), u32(12)], [3, 1]); // version, ready
  assertEquals(u64(16), file.length);
  const [slots, slotBytes, owners, states, groupWords, data] = [24, 32, 40, 48, 56, 64].map(u64);
  assertEquals([slots, slotBytes], [3, 64 + 128]);
  const layout = JSON.parse(text(file.subarray(u64(72), u64(72) + u64(80))));
  assertEquals(layout, { valuesPerSlot: 2, single: false, fields: [["chA", "float32"], ["chB", "int16"]] });
  assertEquals([u64(88), u32(96), u32(100)], [9, 0, Deno.pid]); // limit, pause mode, creator
  assertEquals(u64(104), processOfPid(Deno.pid)?.start);
  assertEquals(text(file.subarray(u64(112), u64(112) + u64(120))), "/no/run directory");
  assertEquals([text(file.subarray(128, 192)), text(file.subarray(192, 256))], ["decode", "g"]);
  assertEquals([u64(1280), u32(1424), u32(1432), u32(1444)], [4, 1, 2, 1]); // head, groups, owners, writers

  const word = (at: number) => {
    const value = view.getBigUint64(at, true);
    return [Number(value >> 16n), Number(value >> 4n & 0xFFFn), Number(value >> 2n & 3n), Number(value & 3n)];
  };
  const writerRow = 0, readerRow = 1;
  assertEquals(word(states), [3, writerRow, 0, 1]); // claimed for sequence 3
  assertEquals(word(states + 8), [1, 0, 0, 2]); // published
  assertEquals(word(groupWords), [0, 0, 0, 2]); // released
  assertEquals(word(groupWords + 8), [1, readerRow, 0, 1]); // held
  assertEquals(word(groupWords + 16), [0, 0, 0, 0]); // older than sequence 2: available

  const [memories, count] = [u64(1216), u64(1224)];
  assertEquals([count, u64(72) - memories], [2, 2 * (8192 + 32) * 64]);
  assertEquals([u64(memories + 2 * 64), u64(memories + 2 * 64 + 8)], [2, 0]); // origin 2 belongs to set 2

  const slot = data + 2 * slotBytes;
  assertEquals(view.getBigInt64(slot, true), BigInt(2 + 2 ** 40));
  assertEquals([view.getFloat64(slot + 8, true), view.getFloat64(slot + 16, true), u32(slot + 24)], [1002, 0.5, 0]);
  assertEquals(u64(slot + 32), 3); // origin: sequence + 1
  assertEquals([view.getFloat32(slot + 64, true), view.getFloat32(slot + 68, true)], [2, 2.5]);
  assertEquals([view.getInt16(slot + 128, true), view.getInt16(slot + 130, true)], [-2, 100]);
  assertEquals(file.length, data + (slots + 1) * slotBytes);

  const row = (number: number) => owners + 256 * number;
  assertEquals([u32(row(0)), u32(row(0) + 4), u64(row(0) + 80)], [2, 1, 3]); // active, writer, published
  assertEquals([u32(row(1)), u32(row(1) + 4), u32(row(1) + 8), u64(row(1) + 192)], [2, 2, 0, 1]); // reader, processed
});

Deno.test("RingBuffer.close() removes the segment from /dev/shm", async () => {
  const ring = await RingBuffer.create({ name: "gone", slots: 1, valuesPerSlot: 1, fields: "int8" });
  assert(exists(ring.segment));
  assertEquals(Deno.statSync(`/dev/shm${ring.segment}`).mode! & 0o777, 0o600);
  ring.close();
  assert(!exists(ring.segment));
});

Deno.test("newSegmentName() gives different names that say whose they are", () => {
  const [one, other] = [newSegmentName("a/b"), newSegmentName("a/b")];
  assert(one !== other);
  assert(one.startsWith(`/mimocorb-${Deno.pid}-`) && one.endsWith("-a_b"), one);
  assert(newSegmentName("ü".repeat(100)).length < 250);
});

Deno.test("sweepStaleSegments() removes what dead processes left, and nothing else", async () => {
  using ring = await RingBuffer.create({ name: "alive", slots: 1, valuesPerSlot: 1, fields: "int8" });
  const child = new Deno.Command("true").spawn();
  await child.status;
  const start = ring.segment.split("-")[2];
  const stale = [`mimocorb-${child.pid}-1-0-dead`, `mimocorb-${Deno.pid}-${Number(start) + 1}-0-number_was_used_again`];
  const kept = [
    `mimocorb-${Deno.pid}-${start}-0-alive`,
    `mimocorb-other-${child.pid}`,
    `not-mimocorb-${child.pid}-1-x`,
  ];
  for (const name of [...stale, ...kept]) Deno.writeTextFileSync(`/dev/shm/${name}`, "x");
  try {
    // Another ring that is created meanwhile may sweep first.
    for (const name of sweepStaleSegments()) assert(!kept.includes(name) && `/${name}` !== ring.segment);
    assertEquals(stale.filter((name) => exists(`/${name}`)), []);
    assertEquals(kept.filter((name) => exists(`/${name}`)), kept);
    assert(exists(ring.segment));
  } finally {
    for (const name of kept) Deno.removeSync(`/dev/shm/${name}`);
  }
});

Deno.test("RingBuffer.create() sweeps the segment of a program that was killed", async () => {
  const script = `
    import { RingBuffer } from ${JSON.stringify(import.meta.resolve("../../src/ring/ring_buffer.ts"))};
    const ring = await RingBuffer.create({ name: "orphan", slots: 1, valuesPerSlot: 1, fields: "int8" });
    console.log(ring.segment);
    Deno.kill(Deno.pid, "SIGKILL");
  `;
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", script],
    stdout: "piped",
    stderr: "inherit",
  }).output();
  const segment = new TextDecoder().decode(output.stdout).trim();
  assert(segment.includes("orphan"), `expected the name of a segment, found "${segment}"`);
  using _ring = await RingBuffer.create({ name: "next", slots: 1, valuesPerSlot: 1, fields: "int8" });
  assert(!exists(segment));
});

/** Opens a ring whose header bytes were changed. */
async function refusal(change: (header: DataView) => void): Promise<RingError> {
  using ring = await RingBuffer.create({ name: "patched", slots: 1, valuesPerSlot: 1, fields: "int8" });
  const port = ring.newReaderGroup("g");
  const path = `/dev/shm${ring.segment}`;
  using file = Deno.openSync(path, { read: true, write: true });
  const bytes = new Uint8Array(256);
  file.readSync(bytes);
  change(new DataView(bytes.buffer));
  file.seekSync(0, Deno.SeekMode.Start);
  file.writeSync(bytes);
  return assertThrows(() => new Reader(port), RingError, 'Cannot open ring "patched": ');
}

Deno.test("a ring of another version is refused", async () => {
  const error = await refusal((header) => header.setUint32(8, 99, true));
  assertEquals(error.code, -1005);
  assert(error.message.includes("another version of this software"), error.message);
});

Deno.test("shared memory that is not a ring, not finished, or cut short is refused", async () => {
  for (
    const change of [
      (header: DataView) => header.setUint8(0, 0),
      (header: DataView) => header.setUint32(12, 0, true),
      (header: DataView) => header.setBigUint64(24, 2n, true),
      (header: DataView) => header.setBigUint64(24, 2n ** 63n, true),
      (header: DataView) => header.setBigUint64(32, 64n, true),
      (header: DataView) => header.setBigUint64(40, 0n, true),
      (header: DataView) => header.setBigUint64(80, 2n ** 64n - 1n, true),
      (header: DataView) => header.setBigUint64(120, 10n ** 6n, true),
    ]
  ) assertEquals((await refusal(change)).code, -1004);
  assertEquals((await refusal((header) => header.setBigUint64(16, 4096n, true))).code, -1011);
  const name = `mimocorb-${Deno.pid}-0-0-rubbish`;
  for (const content of ["", "rubbish", "mimocorb".repeat(10000)]) {
    Deno.writeTextFileSync(`/dev/shm/${name}`, content);
    try {
      const port = { kind: "observer", ring: "rubbish", segment: `/${name}`, library } as const;
      assertThrows(() => new Observer(port), RingError, "expected a ring's shared memory");
    } finally {
      Deno.removeSync(`/dev/shm/${name}`);
    }
  }
});

Deno.test("RingBuffer.create() says that /dev/shm is full, and leaves nothing behind", async () => {
  const error = await assertRejects(
    () => RingBuffer.create({ name: "far_too_large", slots: 1000, valuesPerSlot: 2 ** 33, fields: "float64" }),
    RingError,
    'Cannot create ring "far_too_large" of 1000 slots, 68719476.8 MB: /dev/shm is full',
  );
  assertEquals(error.code, -28);
  assertEquals(Array.from(Deno.readDirSync("/dev/shm")).filter((entry) => entry.name.includes("far_too_large")), []);
});

const canMount = new Deno.Command("unshare", {
  args: ["-m", "mount", "-t", "tmpfs", "tmpfs", "/dev/shm"],
  stdout: "null",
  stderr: "null",
});
let smallTmpfs = false;
try {
  smallTmpfs = (await canMount.output()).success;
} catch {
  // no unshare
}

Deno.test({
  name: `RingBuffer.create() fails when pages run out half-way, not later${
    smallTmpfs ? "" : " (skipped: a small /dev/shm of its own needs the right to mount)"
  }`,
  ignore: !smallTmpfs,
  async fn() {
    const script = `
      import { RingBuffer } from ${JSON.stringify(import.meta.resolve("../../src/ring/ring_buffer.ts"))};
      const options = { name: "almost", valuesPerSlot: 1000, fields: "float64" };
      const found = [];
      using first = await RingBuffer.create({ ...options, slots: 100 });
      try {
        await RingBuffer.create({ ...options, slots: 480 });
      } catch (error) {
        found.push(error.name, error.code, error.message);
      }
      found.push(Array.from(Deno.readDirSync("/dev/shm")).length);
      using second = await RingBuffer.create({ ...options, slots: 100 });
      console.log(JSON.stringify(found));
    `;
    const deno = [Deno.execPath(), "eval", "--quiet", script];
    const output = await new Deno.Command("unshare", {
      args: ["-m", "sh", "-c", 'mount -t tmpfs -o size=4m tmpfs /dev/shm && exec "$@"', "sh", ...deno],
      stdout: "piped",
      stderr: "inherit",
    }).output();
    const [name, code, message, files] = JSON.parse(new TextDecoder().decode(output.stdout));
    assertEquals([name, code, files], ["RingError", -28, 1]);
    assert(message.includes("/dev/shm is full; use fewer or smaller slots"), message);
  },
});
