import { JournalReader } from "../../src/files/journal_reader.ts";
import { JournalWriter } from "../../src/files/journal_writer.ts";
import { fileSource } from "../../src/functions/file_source.ts";
import { clockedImporter, journalSource, simulateImporter } from "../../src/functions/journal_source.ts";
import { saveJournal } from "../../src/functions/save_journal.ts";
import type { Reader } from "../../src/ring/reader.ts";
import type { RingOptions } from "../../src/ring/ring_buffer.ts";
import { Writer } from "../../src/ring/writer.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../src/std/assert.js";
import type { DaqFunction } from "../../src/worker/context.ts";
import type { WorkerTask } from "../../src/worker/messages.ts";
import { EVERY_TYPE, kept, type KeptEvent, randomEvents } from "./event_file_fixture.ts";
import { checkError, groupCounts, logLines, runFunction, withDirectory } from "./functions_fixture.ts";
import { makeRing, openReader } from "./worker_fixture.ts";

const SOURCE = randomEvents(EVERY_TYPE, { valuesPerSlot: 3, events: 12 });
const RING: Partial<RingOptions> = { slots: 16, valuesPerSlot: 3, fields: EVERY_TYPE };
const WANTED = SOURCE.events.map(kept);
const MIMO = `${import.meta.dirname}/../data/files/v2_waveforms.mimo`;

/** Puts the events into a ring as they are, and signs off. */
function fill(writer: Writer, events = SOURCE.events): void {
  for (const event of events) {
    const slot = writer.claim({ timeoutMs: 0 })!;
    for (const name of Object.keys(event.data)) slot.data[name].set(event.data[name] as never);
    slot.counter = event.counter;
    slot.timestamp = event.timestamp;
    slot.deadtime = event.deadtime;
    slot.redelivered = event.redelivered;
    slot.setOrigin(event.counter, 9);
    writer.processBuffer();
  }
  writer.close();
}

function takeKept(reader: Reader): KeptEvent[] {
  const events: KeptEvent[] = [];
  for (let slot = reader.next({ timeoutMs: 0 }); slot !== null; slot = reader.next({ timeoutMs: 0 })) {
    events.push(kept(slot));
  }
  return events;
}

/** Writes a journal and returns its path. */
function makeJournal(folder: string, options = {}): string {
  const path = `${folder}/raw.mjournal`;
  using journal = new JournalWriter(path, SOURCE.layout, options);
  for (const event of SOURCE.events) journal.write(event);
  return path;
}

interface ReplayOptions {
  readonly run?: DaqFunction;
  readonly ring?: Partial<RingOptions>;
  readonly task?: Partial<WorkerTask>;
}

/** Runs a source; returns what it put into its ring, its log, and how long it took. */
async function replay(config: Record<string, unknown>, { run = journalSource, ring = RING, task }: ReplayOptions = {}) {
  using target = await makeRing("RB_1", ring);
  using reader = openReader(target);
  const beganMs = performance.now();
  const posted = await runFunction(run, { sinks: [target], config, ...(task === undefined ? {} : { task }) });
  return { events: takeKept(reader), log: logLines(posted), seconds: (performance.now() - beganMs) / 1000 };
}

/** Without what a source decides itself. */
const bits = (events: readonly KeptEvent[]) => events.map(({ columns }) => columns);

Deno.test("saveJournal() stores every bit of every event, and journalSource() gives them back", async () => {
  await withDirectory(async (runDirectory) => {
    using ring = await makeRing("RB_7", RING);
    const sources = [ring.newReaderGroup("Fkt_2")];
    Deno.writeTextFileSync(
      `${runDirectory}/run.yaml`,
      "run: lifetime\nbegin:\n  time_utc: 2026-01-05T12:00:00.500Z\n",
    );
    fill(new Writer(ring.newWriter()));
    await runFunction(saveJournal, { config: { filename: "raw" }, task: { sources, runDirectory, name: "Fkt_2" } });
    assertEquals(groupCounts(ring), [12, 0, 0, 0]);
    using journal = new JournalReader(`${runDirectory}/raw`);
    assertEquals(Array.from(journal, kept), WANTED);
    const { directory, ...origin } = journal.origin;
    assertEquals(origin, { run: "lifetime", began: 1767614400.5, ring: "RB_7", function: "Fkt_2", worker: 0 });
    assert(runDirectory.endsWith(directory!));
    const { events } = await replay({ filename: `${runDirectory}/raw.mjournal` });
    assertEquals(events, WANTED.map((event) => ({ ...event, redelivered: false })));
  });
});

Deno.test("saveJournal() takes the ring's name for its file, hands events on, and numbers further workers", async () => {
  await withDirectory(async (runDirectory) => {
    using ring = await makeRing("accepted", RING);
    using sink = await makeRing("RB_2", RING);
    using reader = openReader(sink);
    const sources = [ring.newReaderGroup("Fkt_2")];
    fill(new Writer(ring.newWriter()));
    await runFunction(saveJournal, { sinks: [sink], task: { sources, runDirectory, workerNumber: 1, workers: 2 } });
    assertEquals(Array.from(new JournalReader(`${runDirectory}/accepted_1.mjournal`), kept), WANTED);
    assertEquals(takeKept(reader), WANTED);
  });
});

Deno.test("saveJournal() begins new files as configured", async () => {
  await withDirectory(async (runDirectory) => {
    for (
      const [config, files] of [[{ rotate_events: 5 }, 3], [{ rotate_mb: 1e-6 }, 12], [{ rotate_s: 1000 }, 1]] as const
    ) {
      using ring = await makeRing("RB_1", RING);
      const sources = [ring.newReaderGroup("Fkt_2")];
      fill(new Writer(ring.newWriter()));
      const filename = `raw${files}`;
      await runFunction(saveJournal, { config: { filename, ...config }, task: { sources, runDirectory } });
      using journal = new JournalReader(`${runDirectory}/${filename}`);
      assertEquals([journal.paths.length, Array.from(journal, kept).length], [files, 12], filename);
    }
  });
});

for (
  const [config, message] of [
    [{ filename: "../raw" }, /expected a file name inside the run directory/],
    [{ filename: "raw", rotate_events: 1.5 }, /"rotate_events" to be an integer >= 0, found 1.5/],
    [{ filename: "raw", rotate_mb: "much" }, /"rotate_mb" to be a number >= 0, found "much"/],
    [{ filename: "raw", rotate_s: -1 }, /"rotate_s" to be a number >= 0, found -1/],
  ] as const
) {
  Deno.test(`saveJournal() refuses ${JSON.stringify(config)}`, async () => {
    using ring = await makeRing("RB_1", RING);
    assertMatch(checkError(saveJournal, { sources: [ring], config }).message, message);
  });
}

Deno.test("saveJournal() has an event in the file before the ring gets it back", async () => {
  await withDirectory(async (runDirectory) => {
    using ring = await makeRing("RB_1", RING);
    using sink = await makeRing("RB_2", { ...RING, slots: 4 });
    const sources = [ring.newReaderGroup("Fkt_2")];
    fill(new Writer(ring.newWriter()));
    // The sink takes nothing, so that the function stands still with its first event until the sink is shut down.
    sink.shutdown();
    await runFunction(saveJournal, { sinks: [sink], config: { filename: "raw" }, task: { sources, runDirectory } });
    using journal = new JournalReader(`${runDirectory}/raw`);
    assertEquals(Array.from(journal, kept), WANTED.slice(0, 1));
    assertEquals(groupCounts(ring).slice(0, 3), [0, 0, 0]);
  });
});

Deno.test("saveJournal() goes on with its file when it is started anew, and leaves out what it had written", async () => {
  await withDirectory(async (runDirectory) => {
    const run = async (events: typeof SOURCE.events, restarts: number) => {
      using ring = await makeRing("RB_1", RING);
      const sources = [ring.newReaderGroup("Fkt_2")];
      fill(new Writer(ring.newWriter()), events);
      const before = { recordsBefore: 5, heldBefore: [events[0].counter, 9] } as const;
      const config = { filename: "raw", rotate_events: 4 };
      await runFunction(saveJournal, { config, task: { sources, runDirectory, restarts, ...before } });
      return ring.status().groups[0];
    };
    const plain = SOURCE.events.map((event) => ({ ...event, redelivered: false }));
    await run(plain.slice(0, 6), 0);
    // Its last event was in the file, but had not been released; the one behind it is redelivered as well, and is not there.
    const rest = plain.slice(5).map((event, i) => ({ ...event, redelivered: i < 2 }));
    const { processed, doubles } = await run(rest, 1);
    assertEquals([processed, doubles], [6, 1]);
    using journal = new JournalReader(`${runDirectory}/raw`);
    assertEquals(Array.from(journal, ({ counter }) => counter), WANTED.map(({ counter }) => counter));
    await assertRejects(() => run(plain, 0), Error, "expected a name that is not taken yet");
  });
});

Deno.test("journalSource() gives events this run's metadata when told to, and its namesakes of v2 do so by themselves", async () => {
  await withDirectory(async (folder) => {
    const filename = makeJournal(folder);
    const nowS = Date.now() / 1000;
    for (
      const [run, config] of [
        [journalSource, { original_metadata: false }],
        [simulateImporter, { speed: 1e6 }],
        [clockedImporter, { rate: 1e6 }],
        [clockedImporter, { rate: 1e6, distribution: "poisson", seed: 3 }],
      ] as const
    ) {
      const { events, log } = await replay({ filename, ...config }, { run });
      assertEquals(bits(events), bits(WANTED));
      assertEquals(events.map(({ counter }) => counter), [...Array(12).keys()]);
      assert(events.every(({ timestamp, deadtime }) => timestamp >= nowS - 1 && deadtime >= 0));
      assertEquals(log, [`all 12 events of ${filename} were read`]);
    }
  });
});

Deno.test("journalSource() shares the events among its workers, and goes on behind those that it gave before", async () => {
  await withDirectory(async (folder) => {
    const filename = makeJournal(folder);
    const share = async (task: Partial<WorkerTask>) => {
      const { events } = await replay({ filename }, { task: { workers: 3, ...task } });
      return events.map(({ counter }) => (counter - 1) / 3);
    };
    assertEquals(await share({ workerNumber: 0 }), [0, 3, 6, 9]);
    assertEquals(await share({ workerNumber: 2 }), [2, 5, 8, 11]);
    assertEquals(await share({ workerNumber: 2, publishedBefore: [3], restarts: 1 }), [11]);
  });
});

/** Time of 12 events that were recorded 1/7 s apart, at 20 times that speed: 11/140 s. */
Deno.test("journalSource() keeps the distances in time that the events had", async () => {
  await withDirectory(async (folder) => {
    const filename = makeJournal(folder);
    const { events, seconds } = await replay({ filename, pacing: "original", speed: 20, original_metadata: false });
    assert(seconds >= 11 / 140 - 0.005, `${seconds} s`);
    const steps = events.slice(1).map(({ timestamp }, i) => timestamp - events[i].timestamp);
    assert(steps.every((step) => step > -0.001));
    assert(events[11].timestamp - events[0].timestamp >= 11 / 140 - 0.01);
  });
});

Deno.test("journalSource() and fileSource() do not wait again for what they had given before they were started anew", async () => {
  await withDirectory(async (folder) => {
    const filename = `${folder}/raw.mjournal`;
    {
      using journal = new JournalWriter(filename, SOURCE.layout);
      // 10000 s in all, and the last event follows at once.
      const times = SOURCE.events.map((_, i) => 1e9 + 1000 * Math.min(i, 10));
      for (const [i, event] of SOURCE.events.entries()) journal.write({ ...event, timestamp: times[i] });
    }
    for (const run of [journalSource, fileSource]) {
      const config = { filename, pacing: "original", speed: 100 };
      const { events, seconds } = await replay(config, { run, task: { restarts: 1, publishedBefore: [11] } });
      assertEquals(events.map(({ counter }) => counter), [WANTED[11].counter]);
      assert(seconds < 60, `${seconds} s, of 100 s that the recording took until then`);
    }
  });
});

Deno.test("journalSource() comes at a fixed rate, or at one that varies as decays do", async () => {
  await withDirectory(async (folder) => {
    const filename = makeJournal(folder);
    const fixed = await replay({ filename, pacing: "fixed", rate: 200, original_metadata: false });
    assert(fixed.seconds >= 12 / 200 - 0.005, `${fixed.seconds} s`);
    const poisson = { filename, pacing: "poisson", rate: 100, seed: 5, original_metadata: false };
    const times = async () => (await replay(poisson)).events.map(({ timestamp }) => timestamp);
    const [first, second] = [await times(), await times()];
    const step = (stamps: number[], i: number) => stamps[i + 1] - stamps[i];
    const spread = first.slice(1).map((_, i) => step(first, i));
    assert(Math.max(...spread) > 2 * Math.min(...spread), `${spread}`);
    assert(second.at(-1)! - second[0] > 0.02);
  });
});

Deno.test("journalSource() reads files of mimoCoRB2", async () => {
  const ring = { slots: 8, valuesPerSlot: 6, fields: { chA: "f4", chB: "f4", chC: "f4", chD: "f4" } };
  const { events } = await replay({ filename: MIMO }, { ring });
  assertEquals(events.map(({ counter, timestamp, deadtime }) => [counter, timestamp, deadtime]), [
    [0, 1795351039.25, 0],
    [1, 1795351040.25, 0.125],
    [2, 1795351041.25, 0.25],
  ]);
});

Deno.test("journalSource() finds its file from the setup's folder, with or without the extension", async () => {
  await withDirectory(async (folder) => {
    makeJournal(folder);
    const { events } = await replay({ filename: "raw.mjournal" }, { task: { setupDirectory: folder } });
    assertEquals(events.length, 12);
    assertEquals((await replay({ filename: `${folder}/raw` })).events.length, 12);
  });
});

Deno.test("journalSource() refuses records that are not the ring's, with both layouts", async () => {
  await withDirectory(async (folder) => {
    const filename = makeJournal(folder);
    using ring = await makeRing("RB_1", { valuesPerSlot: 4, fields: { chA: "float32" } });
    assertEquals(
      checkError(journalSource, { sinks: [ring], config: { filename } }).message,
      `Cannot read "${filename}" into ring RB_1: expected records as in the ring (4 values of chA float32), found 3 values ` +
        `of a float16 float16, a float32 float32, a float64 float64, a int8 int8, a int16 int16, a int32 int32 and 10 more ` +
        `fields; give the ring the fields of the file`,
    );
  });
});

for (
  const [run, config, message] of [
    [journalSource, {}, /expected "filename" to be a text, found nothing/],
    [journalSource, { filename: "nothing.mjournal" }, /nothing.mjournal": expected an existing file/],
    [
      journalSource,
      { filename: MIMO, pacing: "slow" },
      /"pacing" to be one of fast, original, fixed, poisson, found "slow"/,
    ],
    [journalSource, { filename: MIMO, pacing: "fixed" }, /"rate" to be a number > 0, found nothing/],
    [clockedImporter, { filename: MIMO, rate: 0 }, /"rate" to be a number > 0, found 0/],
    [clockedImporter, { filename: MIMO, rate: 1, distribution: "normal" }, /to be uniform or poisson, found "normal"/],
  ] as const
) {
  Deno.test(`${run === journalSource ? "journalSource" : "clockedImporter"}() refuses ${JSON.stringify(config)}`, async () => {
    using ring = await makeRing("RB_1", { valuesPerSlot: 6, fields: { chA: "f4", chB: "f4", chC: "f4", chD: "f4" } });
    assertMatch(checkError(run, { sinks: [ring], config }).message, message);
  });
}

Deno.test("journalSource() takes a torn end for an end, with a warning", async () => {
  await withDirectory(async (folder) => {
    const filename = makeJournal(folder);
    const { header } = new JournalReader(filename);
    Deno.truncateSync(filename, 2 * header.headerBytes + 7 * header.frameBytes + 100);
    const { events, log } = await replay({ filename });
    assertEquals(bits(events), bits(WANTED.slice(0, 7)));
    assertMatch(log[0], /raw.mjournal", bytes \d+ to \d+: 100 of the \d+ bytes of a record$/);
  });
});

Deno.test("journalSource() fails at damage, or passes over it when told to", async () => {
  await withDirectory(async (folder) => {
    const filename = makeJournal(folder);
    const { header } = new JournalReader(filename);
    const bytes = Deno.readFileSync(filename);
    bytes[2 * header.headerBytes + 3 * header.frameBytes + 60] ^= 1;
    Deno.writeFileSync(filename, bytes);
    await assertRejects(() => replay({ filename }), Error, "a record with a wrong checksum");
    const { events, log } = await replay({ filename, salvage: true });
    assertEquals(bits(events), bits(WANTED.filter((_, n) => n !== 3)));
    assertMatch(log[0], /wrong checksum; 1 event is lost$/);
  });
});
