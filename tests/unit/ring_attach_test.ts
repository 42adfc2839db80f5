/** A ring after the death of its program: what is kept, opened again, recovered and taken out. */
import { openRingLibrary, ringLibraryPath } from "../../drivers/shm_ring/open.ts";
import { RING_ABI } from "../../drivers/shm_ring/symbols.ts";
import { isProcessAlive, processOfPid } from "../../src/ring/process_identity.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { RingError } from "../../src/ring/ring_error.ts";
import { abandonedSegments, sweepStaleSegments } from "../../src/ring/segment_name.ts";
import { isSegmentInUse, lockSegment } from "../../src/ring/segment_lock.ts";
import { segmentRunDirectory } from "../../src/ring/segment_run_directory.ts";
import { segmentUsers } from "../../src/ring/segment_users.ts";
import { Writer } from "../../src/ring/writer.ts";
import { assert, assertEquals, assertRejects } from "../../src/std/assert.js";

openRingLibrary(await ringLibraryPath()); // before the tests: a library stays loaded

function exists(segment: string): boolean {
  return Array.from(Deno.readDirSync("/dev/shm")).some((entry) => `/${entry.name}` === segment);
}

function moduleUrl(path: string): string {
  return JSON.stringify(import.meta.resolve(`../../src/ring/${path}.ts`));
}

/** Runs a program that makes rings with the run directory and is then killed; returns what it printed. */
async function killedProgram(runDirectory: string, body: string): Promise<string[]> {
  const script = `
    import { RingBuffer } from ${moduleUrl("ring_buffer")};
    import { Writer } from ${moduleUrl("writer")};
    import { Reader } from ${moduleUrl("reader")};
    const runDirectory = ${JSON.stringify(runDirectory)};
    ${body}
    Deno.kill(Deno.pid, "SIGKILL");
  `;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", script],
    stdout: "piped",
    stderr: "inherit",
    signal: AbortSignal.timeout(60_000), // a call in it that blocks is a mistake
  }).output();
  return new TextDecoder().decode(stdout).trim().split("\n");
}

/** Two groups with three readers, one claim open, two events held, one of them by a batch reader. */
const HALF_DONE = `
  const ring = await RingBuffer.create({ name: "half", slots: 8, valuesPerSlot: 2, fields: "int32", writers: 3, runDirectory });
  const [fast, slow] = [ring.newReaderGroup("fast"), ring.newReaderGroup("slow")];
  const writer = new Writer(ring.newWriter());
  const readers = [new Reader(fast), new Reader(slow), new Reader(ring.reserve(slow))];
  for (let n = 0; n < 10; n++) {
    if (n === 8) for (let i = 0; i < 4; i++) readers[1].next();
    const slot = writer.claim();
    slot.data.data.set([n, -n]);
    writer.setMetadata(100 + n, 5, 0.5);
    writer.processBuffer();
    if (n < 9) readers[0].next();
  }
  readers[0].outcome = "rejected";
  readers[0].release();
  readers[2].getBatch(2);
  ring.reserve(ring.newWriter());
  writer.claim();
  console.log(ring.segment);
`;

Deno.test("RingBuffer.attach() opens the ring of a killed program, recovers it, and gives what is unfinished", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const [segment] = await killedProgram(folder, HALF_DONE);
    assert(exists(segment), "a segment with a run directory is kept");
    using ring = await RingBuffer.attach(segment);
    assertEquals([ring.name, ring.slots, ring.groups, ring.runDirectory], ["half", 8, ["fast", "slow"], folder]);
    assertEquals([ring.layout.valuesPerSlot, ring.layout.fields[0].type.name], [2, "int32"]);
    assertEquals(isProcessAlive(ring.creator), false);
    assert(segment.startsWith(`/mimocorb-${ring.creator.pid}-${ring.creator.start}-`), segment);
    assertEquals(ring.heldEvents().map(({ sequence, counter }) => [sequence, counter]), [[10, 10], [3, 103], [4, 104]]);
    assertEquals(ring.recoverAll(), { voided: 1, redelivered: 3, failed: 0 });
    assertEquals(ring.recoverAll(), { voided: 0, redelivered: 0, failed: 0 });
    const events = Array.from(ring.unfinished(), ({ slot, groups }) => ({
      counter: slot.counter,
      data: Array.from(slot.data.data as Int32Array),
      redelivered: slot.redelivered,
      groups: groups.join(),
    }));
    assertEquals(
      events,
      [3, 4, 5, 6, 7, 8, 9].map((n) => ({
        counter: 100 + n,
        data: [n, -n],
        redelivered: n <= 5,
        groups: n < 9 ? "slow" : "fast,slow",
      })),
    );
    const { published, voided, groups, owners } = ring.status();
    assertEquals({ published, voided }, { published: 10, voided: 1 });
    assertEquals(groups.map(({ processed, rejected, held, unread }) => [processed, rejected, held, unread]), [
      [8, 1, 0, 1],
      [3, 0, 0, 7],
    ]);
    assertEquals(new Set(owners.map(({ state }) => state)), new Set(["gone"]));
    ring.close();
    assert(exists(segment), "closing an attached ring leaves its segment");
    using again = await RingBuffer.attach(segment);
    assertEquals(Array.from(again.unfinished()).length, 7);
    again.removeSegment();
    assert(!exists(segment));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("RingBuffer.attach(): an event that had cost a reader before and was held again is failed, not unfinished", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const [segment] = await killedProgram(
      folder,
      `
      const ring = await RingBuffer.create({ name: "twice", slots: 4, valuesPerSlot: 1, fields: "int8", runDirectory });
      const port = ring.newReaderGroup("g");
      const writer = new Writer(ring.newWriter());
      for (let n = 0; n < 3; n++) writer.getNewBuffer();
      const dead = ring.reserve(port);
      const reader = new Reader(dead);
      reader.getBatch(2);
      ring.recover(dead.owner);
      new Reader(port).next();
      console.log(ring.segment);
      `,
    );
    using ring = await RingBuffer.attach(segment);
    assertEquals(ring.recoverAll(), { voided: 1, redelivered: 0, failed: 1 });
    assertEquals(Array.from(ring.unfinished(), ({ slot }) => [slot.counter, slot.redelivered]), [[1, true]]);
    const { failed, held, unread } = ring.status().groups[0];
    assertEquals({ failed, held, unread }, { failed: 1, held: 0, unread: 1 });
    ring.removeSegment();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("RingBuffer.unfinished() gives nothing of a ring without groups, and leaves detached groups out", async () => {
  using ring = await RingBuffer.create({ name: "free", slots: 4, valuesPerSlot: 1, fields: "int8" });
  using writer = new Writer(ring.newWriter());
  for (let n = 0; n < 3; n++) writer.getNewBuffer();
  writer.processBuffer();
  assertEquals(Array.from(ring.unfinished()), []);

  using other = await RingBuffer.create({ name: "detached", slots: 4, valuesPerSlot: 1, fields: "int8" });
  other.newReaderGroup("gone");
  using reader = new Reader(other.newReaderGroup("here"));
  using second = new Writer(other.newWriter());
  for (let n = 0; n < 2; n++) second.getNewBuffer();
  second.processBuffer();
  reader.next();
  reader.release();
  const unfinished = () => Array.from(other.unfinished(), ({ slot, groups }) => [slot.counter, groups.join()]);
  assertEquals(unfinished(), [[0, "gone"], [1, "gone,here"]]);
  other.detachGroup("gone");
  assertEquals(unfinished(), [[1, "here"]]);
});

Deno.test("RingBuffer.attach() to a ring that goes on sees what its creator sees, and ends nothing by closing", async () => {
  using ring = await RingBuffer.create({ name: "alive", slots: 4, valuesPerSlot: 1, fields: "int8" });
  using reader = new Reader(ring.newReaderGroup("g"));
  using writer = new Writer(ring.newWriter());
  {
    using other = await RingBuffer.attach(ring.segment);
    assertEquals([other.runDirectory, other.creator], [null, processOfPid(Deno.pid)]);
    assert(isProcessAlive(other.creator));
    assertEquals(other.status(), ring.status());
  }
  assert(exists(ring.segment));
  writer.getNewBuffer();
  writer.processBuffer();
  assert(reader.next({ timeoutMs: 0 }) !== null);
});

Deno.test("RingBuffer.attach() refuses what is not there, is no ring, was cut, or is of another version", async () => {
  using ring = await RingBuffer.create({ name: "whole", slots: 100, valuesPerSlot: 1, fields: "int8" });
  const whole = Deno.readFileSync(`/dev/shm${ring.segment}`);
  const segment = `/mimocorb-${Deno.pid}-0-0-copy`;
  const refusal = async (content: Uint8Array | null): Promise<number> => {
    if (content !== null) Deno.writeFileSync(`/dev/shm${segment}`, content);
    try {
      const error = await assertRejects(() => RingBuffer.attach(segment), RingError, `Cannot open ring "${segment}": `);
      return error.code;
    } finally {
      if (content !== null) Deno.removeSync(`/dev/shm${segment}`);
    }
  };
  assertEquals(await refusal(null), -2);
  assertEquals(await refusal(new Uint8Array(0)), -1004);
  assertEquals(await refusal(new Uint8Array(100000)), -1004);
  for (const length of [8, 3839, 3840, 100000, whole.length - 4096, whole.length - 1]) {
    assertEquals(await refusal(whole.subarray(0, length)), -1011, `cut after ${length} bytes`);
  }
  const other = whole.slice();
  new DataView(other.buffer).setUint32(8, RING_ABI + 1, true);
  assertEquals(await refusal(other), -1005);
  const unfinished = whole.slice();
  new DataView(unfinished.buffer).setUint32(12, 0, true);
  assertEquals(await refusal(unfinished), -1004);
  await assertRejects(() => RingBuffer.attach("/../../etc/passwd"), RingError, "Cannot open ring");
});

/** A killed program's ring for a run directory with this record, or none. */
async function leftRing(folder: string, record: string | null): Promise<string> {
  if (record !== null) Deno.writeTextFileSync(`${folder}/run.yaml`, record);
  const [segment] = await killedProgram(
    folder,
    `console.log((await RingBuffer.create({ name: "left", slots: 1, valuesPerSlot: 1, fields: "int8", runDirectory })).segment);`,
  );
  return segment;
}

Deno.test("sweepStaleSegments() removes what belongs to a run that was finished, or that never began", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    for (const record of [null, "status: complete\n", "status: failed\nrecovery:\n  files_only: false\n"]) {
      const segment = await leftRing(folder, record);
      sweepStaleSegments();
      assert(!exists(segment), record ?? "no record");
    }
    const segment = await leftRing(folder, "status: failed\nrecovery:\n  files_only: true\n");
    sweepStaleSegments();
    assert(exists(segment), "only the files were recovered");
    Deno.removeSync(`/dev/shm${segment}`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("sweepStaleSegments() leaves alone what another process has open, also after the death of its creator", async () => {
  const attach = `
    import { RingBuffer } from ${moduleUrl("ring_buffer")};
    const ring = await RingBuffer.attach(Deno.args[0]);
    console.log("open");
    Deno.stdin.readSync(new Uint8Array(1));
  `;
  const folder = Deno.makeTempDirSync();
  const segment = await leftRing(folder, "status: running\n");
  const worker = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", attach, segment],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = worker.stdout.getReader();
  await output.read();
  Deno.removeSync(folder, { recursive: true });
  assertEquals([isSegmentInUse(segment), lockSegment(segment)], [true, null]);
  sweepStaleSegments();
  assert(exists(segment));
  worker.kill("SIGKILL");
  await worker.status;
  sweepStaleSegments();
  assert(!exists(segment));
  await output.cancel();
  await worker.stdin.close().catch(() => {});
});

Deno.test("lockSegment() keeps everybody else from taking the ring over, and not from opening it", async () => {
  const folder = Deno.makeTempDirSync();
  const segment = await leftRing(folder, "status: running\n");
  {
    using _lock = lockSegment(segment)!;
    assertEquals(lockSegment(segment), null);
    using ring = await RingBuffer.attach(segment);
    assertEquals(ring.name, "left");
    Deno.removeSync(folder, { recursive: true });
    sweepStaleSegments();
    assert(exists(segment));
  }
  sweepStaleSegments();
  assert(!exists(segment));
});

Deno.test("sweepStaleSegments() keeps the segment of a killed program while the record says that it runs", async () => {
  const folder = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${folder}/run.yaml`, "run: test\nstatus: running\n");
  const [segment] = await killedProgram(
    folder,
    `console.log((await RingBuffer.create({ name: "kept", slots: 1, valuesPerSlot: 1, fields: "int8", runDirectory })).segment);`,
  );
  assert(!sweepStaleSegments().includes(segment.slice(1)));
  assert(exists(segment));
  assertEquals(abandonedSegments().filter((found) => found.segment === segment), [{ segment, runDirectory: folder }]);
  Deno.removeSync(folder, { recursive: true });
  Deno.writeTextFileSync(folder, "a file of this name is not the run directory");
  sweepStaleSegments();
  Deno.removeSync(folder);
  assert(!exists(segment));
});

Deno.test("RingOptions.runDirectory is kept as an absolute path, whatever characters it has", async () => {
  const options = { name: "paths", slots: 1, valuesPerSlot: 1, fields: "int8" } as const;
  for (
    const [given, kept] of [
      ["/tmp/Läufe mit Blank/run_1", "/tmp/Läufe mit Blank/run_1"],
      ["target/run", `${Deno.cwd()}/target/run`],
    ]
  ) {
    using ring = await RingBuffer.create({ ...options, runDirectory: given });
    assertEquals(ring.runDirectory, kept);
    assertEquals(segmentRunDirectory(`/dev/shm${ring.segment}`), kept);
    using handle = new Writer(ring.newWriter());
    assert(handle.claim({ timeoutMs: 0 }) !== null); // the data begin behind it
  }
  using ring = await RingBuffer.create(options);
  assertEquals([ring.runDirectory, segmentRunDirectory(`/dev/shm${ring.segment}`)], [null, null]);
});

Deno.test("segmentUsers() finds the processes that have a ring open, and nobody after their death", async () => {
  using ring = await RingBuffer.create({ name: "users", slots: 1, valuesPerSlot: 1, fields: "int8" });
  assertEquals(segmentUsers(ring.segment), []); // this process does not count
  const script = `
    import { RingBuffer } from ${moduleUrl("ring_buffer")};
    using ring = await RingBuffer.attach(${JSON.stringify(ring.segment)});
    console.log("open");
    Deno.stdin.readSync(new Uint8Array(1));
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = child.stdout.getReader();
  await output.read();
  assertEquals(segmentUsers(ring.segment), [child.pid]);
  child.kill("SIGKILL");
  await child.status;
  assertEquals(segmentUsers(ring.segment), []);
  await output.cancel();
  await child.stdin.close().catch(() => {});
});
