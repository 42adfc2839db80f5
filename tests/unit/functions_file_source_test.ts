import { ParquetTableWriter } from "../../src/files/parquet_table_writer.ts";
import { RecordingEvents } from "../../src/files/recording_events.ts";
import { RecordingWriter } from "../../src/files/recording_writer.ts";
import { TextTableWriter } from "../../src/files/text_table.ts";
import { fileSource } from "../../src/functions/file_source.ts";
import { tarParquetSource } from "../../src/functions/tar_parquet_source.ts";
import { allocateColumns, type RecordLayout, recordLayout } from "../../src/record/record_layout.ts";
import type { RingOptions } from "../../src/ring/ring_buffer.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../src/std/assert.js";
import type { WorkerTask } from "../../src/worker/messages.ts";
import { checkError, logLines, runFunction, withDirectory } from "./functions_fixture.ts";
import { type EventCopy, makeRing, openReader, takeAll } from "./worker_fixture.ts";

const V1_RECORDING = `${import.meta.dirname}/../data/files/v1_recording.tar`;
const EVENTS = 9;
const PARAMETERS = { decay_time: "int32", height: "float32", event: "int64" };
const WAVEFORM = { chA: "float32", chB: "int16" };

interface EventFile {
  write(
    event: { data: ReturnType<typeof allocateColumns>; counter: number; timestamp: number; deadtime: number },
  ): void;
  close(): void;
}

/** Writes events with counters 5, 8, 11 …, 1/8 s apart; returns them as a ring would have them. */
function writeEvents(layout: RecordLayout, file: EventFile): EventCopy[] {
  const data = allocateColumns(layout);
  const events = Array.from({ length: EVENTS }, (_, n) => {
    layout.fields.forEach(({ name, type }, field) => {
      const column = data[name];
      for (let i = 0; i < column.length; i++) {
        const value = 100 * n + 10 * field + i;
        column[i] = (type.valueBytes === 8 ? BigInt(value) : type.kind === "float" ? value + 0.1 : value) as never;
      }
    });
    const metadata = { counter: 5 + 3 * n, timestamp: 1.7e9 + n / 8, deadtime: n / 16 };
    file.write({ data, ...metadata });
    const copy = Object.entries(data).map(([name, column]) => [name, Array.from(column as ArrayLike<number>)]);
    return { ...metadata, redelivered: false, data: Object.fromEntries(copy) as Record<string, number[]> };
  });
  file.close();
  return events;
}

function writeWaveforms(path: string): EventCopy[] {
  const layout = recordLayout(WAVEFORM, 4);
  return writeEvents(layout, new RecordingWriter(path, layout));
}

function writeTable(path: string): EventCopy[] {
  const layout = recordLayout(WAVEFORM, 4);
  return writeEvents(layout, new ParquetTableWriter(path, layout));
}

function writeText(path: string, options: ConstructorParameters<typeof TextTableWriter>[2] = {}): EventCopy[] {
  const layout = recordLayout(PARAMETERS, 1);
  return writeEvents(layout, new TextTableWriter(path, layout, options));
}

const WAVEFORM_RING: Partial<RingOptions> = { slots: 32, valuesPerSlot: 4, fields: WAVEFORM };
const PARAMETER_RING: Partial<RingOptions> = { slots: 32, valuesPerSlot: 1, fields: PARAMETERS };

interface ReplayOptions {
  readonly ring?: Partial<RingOptions>;
  readonly task?: Partial<WorkerTask>;
  readonly run?: typeof fileSource;
}

async function replay(config: Record<string, unknown>, options: ReplayOptions = {}) {
  const { ring = WAVEFORM_RING, task, run = fileSource } = options;
  using target = await makeRing("RB_1", ring);
  using reader = openReader(target);
  const beganMs = performance.now();
  const posted = await runFunction(run, { sinks: [target], config, ...(task === undefined ? {} : { task }) });
  return { events: takeAll(reader), log: logLines(posted), seconds: (performance.now() - beganMs) / 1000 };
}

/** Message with which a configuration is refused before the run. */
async function refusal(config: Record<string, unknown>, ring = WAVEFORM_RING): Promise<string> {
  using target = await makeRing("RB_1", ring);
  return checkError(fileSource, { sinks: [target], config }).message;
}

async function packed(path: string): Promise<string> {
  using file = await Deno.open(path);
  await Deno.writeFile(`${path}.gz`, file.readable.pipeThrough(new CompressionStream("gzip")));
  return `${path}.gz`;
}

Deno.test("fileSource() gives the events of archives, packed or not, and of a folder of them", async () => {
  await withDirectory(async (folder) => {
    const path = `${folder}/waves.tar`;
    const wanted = writeWaveforms(path);
    const paths = [path, await packed(path)];
    for (const filename of paths) assertEquals((await replay({ filename })).events, wanted, filename);
    // The folder has the archive and the packed one.
    assertEquals((await replay({ filename: folder })).events, [...wanted, ...wanted]);
  });
});

Deno.test("fileSource() gives the events of v1's archives, also packed with bzip2", async () => {
  using recording = new RecordingEvents(V1_RECORDING);
  const { fields, valuesPerSlot } = recording.layout;
  const [{ name }] = fields;
  const wanted: [number, number[]][] = [];
  for (let event = recording.next(); event !== null; event = recording.next()) {
    wanted.push([event.counter, Array.from(event.data[name] as ArrayLike<number>)]);
  }
  assert(wanted.length > 1);
  const types = Object.fromEntries(fields.map((field) => [field.name, field.type.name]));
  const ring = { slots: 32, valuesPerSlot, fields: types };
  for (const filename of [V1_RECORDING, `${V1_RECORDING}.bz2`]) {
    const { events } = await replay({ filename }, { ring });
    assertEquals(events.map(({ counter, data }) => [counter, data[name]]), wanted);
  }
});

Deno.test("fileSource() gives the events of a table, and of one of its files", async () => {
  await withDirectory(async (folder) => {
    const wanted = writeTable(`${folder}/table`);
    assertEquals((await replay({ filename: `${folder}/table` })).events, wanted);
    assertEquals((await replay({ filename: `${folder}/table/part-00000.parquet` })).events, wanted);
  });
});

Deno.test("fileSource() gives the events of text tables in the ring's types, under their titles", async () => {
  await withDirectory(async (folder) => {
    const headerAlias = { decay_time: "decay time (ns)", counter: "event id" };
    const wanted = writeText(`${folder}/a.txt`, { headerAlias });
    const aliased = { filename: `${folder}/a.txt`, header_alias: headerAlias };
    assertEquals((await replay(aliased, { ring: PARAMETER_RING })).events, wanted);
    writeText(`${folder}/b.csv`, { separator: "," });
    assertEquals((await replay({ filename: `${folder}/b.csv` }, { ring: PARAMETER_RING })).events, wanted);
  });
});

Deno.test("fileSource() takes the fields that the ring has, and converts numbers", async () => {
  await withDirectory(async (folder) => {
    const wide = { ...WAVEFORM_RING, fields: { chB: "float64" } };
    const wanted = writeTable(`${folder}/table`).map(({ data }) => ({ chB: data.chB }));
    writeWaveforms(`${folder}/waves.tar`);
    for (const filename of [`${folder}/table`, `${folder}/waves.tar`]) {
      assertEquals((await replay({ filename }, { ring: wide })).events.map(({ data }) => data), wanted);
    }
    const text = writeText(`${folder}/a.txt`);
    const narrow = { ...PARAMETER_RING, fields: { event: "float32", decay_time: "int64" } };
    assertEquals(
      (await replay({ filename: `${folder}/a.txt` }, { ring: narrow })).events.map(({ data }) => data),
      text.map(({ data }) => ({ event: data.event.map(Number), decay_time: data.decay_time.map(BigInt) as never })),
    );
  });
});

Deno.test("fileSource() gives events this run's metadata when told to", async () => {
  await withDirectory(async (folder) => {
    const filename = `${folder}/table`;
    const wanted = writeTable(filename);
    const { events, log } = await replay({ filename, original_metadata: false });
    assertEquals(events.map(({ counter }) => counter), [...Array(EVENTS).keys()]);
    assert(events.every(({ timestamp }) => timestamp > 1.75e9));
    assertEquals(events.map(({ data }) => data), wanted.map(({ data }) => data));
    assertEquals(log, [`"${filename}" was read; 9 events so far`]);
  });
});

Deno.test("fileSource() shares the events among its workers, and goes on behind those that it gave before", async () => {
  await withDirectory(async (folder) => {
    const filename = `${folder}/table`;
    const wanted = writeTable(filename);
    const share = async (task: Partial<WorkerTask>) => (await replay({ filename }, { task })).events;
    assertEquals(await share({ workers: 2, workerNumber: 1 }), wanted.filter((_, n) => n % 2 === 1));
    assertEquals(await share({ restarts: 1, publishedBefore: [7] }), wanted.slice(7));
    const both = { workers: 2, workerNumber: 1, restarts: 1, publishedBefore: [3] };
    assertEquals(await share(both), wanted.slice(7, 8));
  });
});

Deno.test("fileSource() keeps the distances in time that the events had, or comes at a rate", async () => {
  await withDirectory(async (folder) => {
    const filename = `${folder}/table`;
    const wanted = writeTable(filename);
    const original = await replay({ filename, pacing: "original", speed: 20 });
    assertEquals(original.events, wanted);
    assert(original.seconds >= (EVENTS - 1) / 8 / 20 - 0.005, `${original.seconds} s`);
    const fixed = await replay({ filename, pacing: "fixed", rate: 200 });
    assert(fixed.seconds >= EVENTS / 200 - 0.005, `${fixed.seconds} s`);
    const random = { filename, pacing: "poisson", rate: 100, seed: 5, original_metadata: false };
    const times = (await replay(random)).events.map(({ timestamp }) => timestamp);
    const steps = times.slice(1).map((time, i) => time - times[i]);
    assert(Math.max(...steps) > 2 * Math.min(...steps), `${steps}`);
  });
});

Deno.test("fileSource() does with v1's configuration what tarParquetSource() does", async () => {
  await withDirectory(async (folder) => {
    const path = `${folder}/waves.tar`;
    writeWaveforms(path);
    for (const more of [{}, { original_metadata: true }]) {
      const config = { path, number_of_samples: 4, sleeptime: 0.002, ...more };
      const [mine, older] = [await replay(config), await replay(config, { run: tarParquetSource })];
      const withoutTimes = ({ events }: typeof mine) => events.map(({ counter, data }) => ({ counter, data }));
      assertEquals(withoutTimes(mine), withoutTimes(older));
      assertEquals(mine.log, older.log);
      assert(mine.seconds >= EVENTS * 0.002 - 0.005);
    }
    assertMatch(await refusal({ path, number_of_samples: 3 }), /"number_of_samples" to be 4, the samples in a slot/);
    const { log } = await replay({ path, number_of_samples: 4, sleeptime: 0, pacing: "fast" });
    assertMatch(log.join("\n"), /pacing has no effect with "path"; name the file with "filename" instead/);
  });
});

Deno.test("fileSource() refuses files whose events are no records of the ring, and shows both", async () => {
  await withDirectory(async (folder) => {
    const [table, tar, text] = ["table", "waves.tar", "a.csv"].map((name) => `${folder}/${name}`);
    writeTable(table);
    writeWaveforms(tar);
    writeText(text, { separator: "," });
    const ring = (valuesPerSlot: number, fields: Record<string, string>) => ({ slots: 4, valuesPerSlot, fields });
    const begin = /^Cannot read ".*" into ring RB_1: expected records as in the ring/;
    for (const filename of [table, tar]) {
      const message = await refusal({ filename }, ring(4, { chA: "float32", chC: "float32" }));
      assertMatch(message, begin);
      assertMatch(message, /\(4 values of chA float32, chC float32\), found 4 values of chA float32, chB int16/);
      assertMatch(message, /\(no field "chC"\); give the ring the fields of the file$/);
      assertMatch(await refusal({ filename }, ring(5, WAVEFORM)), /\(4 instead of 5 values per field\)/);
      const integers = ring(4, { chA: "int32" });
      assertMatch(await refusal({ filename }, integers), /\(float32 instead of int32 in field "chA"\)/);
    }
    assertMatch(await refusal({ filename: text }, ring(1, { width: "float32" })), /no field "width"/);
    assertMatch(
      await refusal({ filename: text }, ring(1, { height: "int32" })),
      /line 2 with "10.1" for field "height"/,
    );
    const path = { path: tar, number_of_samples: 4 };
    assertMatch(await refusal(path, ring(4, { chC: "float32" })), /expected field "chC", found "chA", "chB"/);
  });
});

Deno.test("fileSource() refuses what is missing, damaged, or no file of events", async () => {
  await withDirectory(async (folder) => {
    assertMatch(await refusal({}), /"filename" to be a text, found nothing/);
    assertMatch(await refusal({ filename: `${folder}/none.tar` }), /none\.tar": expected an existing file/);
    assertMatch(await refusal({ filename: folder }), /expected archives of recorded events .*, found no file/);
    Deno.writeTextFileSync(`${folder}/notes.csv`, "1,2,3,4\n");
    assertMatch(await refusal({ filename: `${folder}/notes.csv` }, PARAMETER_RING), /expected a header line/);
    Deno.writeFileSync(`${folder}/broken.tar`, new Uint8Array(2048).fill(7));
    assertMatch(await refusal({ filename: `${folder}/broken.tar` }), /broken\.tar": expected/);
    writeTable(`${folder}/table`);
    const part = `${folder}/table/part-00000.parquet`;
    const bytes = Deno.readFileSync(part);
    Deno.writeFileSync(part, bytes.subarray(0, bytes.length - 20));
    assertMatch(await refusal({ filename: `${folder}/table` }), /part-00000\.parquet": expected a whole file at byte/);
    const { events, log } = await replay({ filename: `${folder}/table`, salvage: true });
    assertEquals(events.length, EVENTS);
    assertMatch(log.join("\n"), /part-00000\.parquet", byte/);
    assertMatch(await refusal({ filename: `${folder}/table`, pacing: "slow" }), /"pacing" to be one of fast, original/);
  });
});

Deno.test("fileSource() reports damage in the middle of a table, or passes over it", async () => {
  await withDirectory(async (folder) => {
    const filename = `${folder}/a.txt`;
    const wanted = writeText(filename);
    const lines = Deno.readTextFileSync(filename).split("\n");
    lines[4] = lines[4].replace("10", "ten");
    Deno.writeTextFileSync(filename, lines.join("\n"));
    await assertRejects(() => replay({ filename }, { ring: PARAMETER_RING }), Error, "line 5 with");
    const { events, log } = await replay({ filename, salvage: true }, { ring: PARAMETER_RING });
    assertEquals(events, wanted.filter((_, n) => n !== 3));
    assertMatch(log.join("\n"), /line 5 with/);
  });
});

Deno.test("fileSource() refuses original pacing of events that have no times", async () => {
  await withDirectory(async (folder) => {
    const layout = recordLayout(WAVEFORM, 4);
    const recording = new RecordingWriter(`${folder}/waves.tar`, layout);
    recording.write({ data: allocateColumns(layout), counter: 0, timestamp: -1, deadtime: -1 });
    recording.close();
    const config = { filename: `${folder}/waves.tar`, pacing: "original" };
    assertMatch(await refusal(config), /"pacing" to be fast, fixed or poisson for ".*", whose events have no times/);
    const { events: [event] } = await replay({ ...config, pacing: "fast" });
    assert(event.timestamp > 1.75e9);
  });
});
