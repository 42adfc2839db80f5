import { gzipSync } from "node:zlib";
import { RecordingReader } from "../../src/files/recording_reader.ts";
import { RecordingWriter } from "../../src/files/recording_writer.ts";
import { TarReader } from "../../src/files/tar_reader.ts";
import { TarWriter } from "../../src/files/tar_writer.ts";
import { allocateColumns, recordLayout } from "../../src/record/record_layout.ts";
import { assertEquals, assertStrictEquals, assertThrows } from "../../src/std/assert.js";
import { withFolder } from "./event_file_fixture.ts";

const DATA = `${import.meta.dirname}/../data/files/`;
const LAYOUT = recordLayout({ chA: "float32", chB: "float32" }, 5);

/** Writes events whose samples all are their counter (chA) and its negative (chB). */
function writeEvents(path: string, counters: readonly number[]): void {
  using writer = new RecordingWriter(path, LAYOUT);
  const data = allocateColumns(LAYOUT);
  for (const counter of counters) {
    data.chA.fill(counter);
    data.chB.fill(-counter);
    writer.write({ data, counter, timestamp: 1e9 + counter / 3, deadtime: 0.125 });
  }
  assertEquals(writer.events, counters.length);
}

Deno.test("RecordingWriter.write() names members after the archive and the counter", () => {
  withFolder((folder) => {
    writeEvents(`${folder}/muons.tar`, [3, 4, 10]);
    using archive = new TarReader(`${folder}/muons.tar`);
    assertEquals(Array.from(archive, ({ name }) => name), [
      "muons_3.parquet",
      "muons_4.parquet",
      "muons_10.parquet",
    ]);
    new RecordingWriter(`${folder}/other.tar`, LAYOUT, { stem: "pulses" })[Symbol.dispose]();
  });
});

Deno.test("RecordingReader gives back values and metadata of what RecordingWriter wrote", () => {
  withFolder((folder) => {
    writeEvents(`${folder}/a.tar`, [1, 2, 3]);
    using reader = new RecordingReader(`${folder}/a.tar`, LAYOUT);
    let counter = 0;
    for (const event of reader) {
      counter++;
      assertEquals(event.name, `a_${counter}.parquet`);
      assertEquals(event.archive, `${folder}/a.tar`);
      assertEquals([event.counter, event.timestamp, event.deadtime], [counter, 1e9 + counter / 3, 0.125]);
      assertEquals(event.data.chA, new Float32Array(5).fill(counter));
      assertEquals(event.data.chB, new Float32Array(5).fill(-counter));
    }
    assertEquals(counter, 3);
    assertEquals(reader.events, 3);
    assertEquals(reader.next(), null);
  });
});

Deno.test("RecordingReader reads v1's archive with counters from its names", () => {
  const layout = recordLayout({ chC: "float64", chA: "float32" }, 4250);
  using reader = new RecordingReader(`${DATA}v1_recording.tar`, layout);
  const counts = new Int16Array(Deno.readFileSync(`${DATA}v1_recording_event1.i16`).buffer);
  const first = reader.next();
  assertEquals([first?.counter, first?.timestamp, first?.deadtime], [1, -1, -1]);
  assertEquals(first?.data.chA, Float32Array.from(counts.subarray(0, 4250), (count) => count * 0.25));
  assertEquals(first?.data.chC, Float64Array.from(counts.subarray(8500, 12750), (count) => count * 0.25));
  assertEquals(reader.next()?.counter, 2);
  assertEquals(reader.next(), null);
});

Deno.test("RecordingReader.next() writes into the columns that it is given", () => {
  withFolder((folder) => {
    writeEvents(`${folder}/a.tar`, [7]);
    using reader = new RecordingReader(`${folder}/a.tar`, LAYOUT);
    const target = allocateColumns(LAYOUT);
    assertStrictEquals(reader.next(target)?.data, target);
    assertEquals(target.chA[4], 7);
  });
});

Deno.test("RecordingReader reads the archives of a folder in the order of their numbers", () => {
  withFolder((folder) => {
    for (const part of [10, 9, 1]) writeEvents(`${folder}/run_${part}.tar`, [part, part + 0.5]);
    const packed = gzipSync(Deno.readFileSync(`${folder}/run_10.tar`));
    Deno.writeFileSync(`${folder}/run_10.tar.gz`, packed);
    Deno.writeFileSync(`${folder}/run_11.tgz`, packed);
    Deno.removeSync(`${folder}/run_10.tar`);
    Deno.writeTextFileSync(`${folder}/notes.txt`, "no archive");
    Deno.mkdirSync(`${folder}/old.tar`);
    using reader = new RecordingReader(`${folder}/`, LAYOUT);
    assertEquals(
      reader.archives,
      ["run_1.tar", "run_9.tar", "run_10.tar.gz", "run_11.tgz"].map((name) => `${folder}/${name}`),
    );
    assertEquals(Array.from(reader, ({ counter }) => counter), [1, 1.5, 9, 9.5, 10, 10.5, 10, 10.5]);
  });
});

Deno.test("RecordingReader goes on after an empty and a cut archive, with a notice for each", () => {
  withFolder((folder) => {
    new TarWriter(`${folder}/a.tar`).close();
    writeEvents(`${folder}/b.tar`, [1, 2]);
    Deno.truncateSync(`${folder}/b.tar`, Deno.statSync(`${folder}/b.tar`).size - 1024 - 600);
    Deno.writeFileSync(`${folder}/c.tar`, new Uint8Array(0));
    writeEvents(`${folder}/d.tar`, [3]);
    const notices: string[] = [];
    using reader = new RecordingReader(folder, LAYOUT, { onNotice: (text) => notices.push(text) });
    assertEquals(Array.from(reader, ({ counter }) => counter), [1, 3]);
    assertEquals(notices.length, 2);
    assertEquals(notices[0].startsWith(`Archive "${folder}/b.tar" ends inside "b_2.parquet"`), true);
    assertEquals(notices[1], `Archive "${folder}/c.tar" is an empty file`);
  });
});

Deno.test("RecordingReader passes over members that are no Parquet files, with a notice", () => {
  withFolder((folder) => {
    {
      using archive = new TarWriter(`${folder}/a.tar`);
      archive.add("message.txt", new TextEncoder().encode("hello"));
    }
    const notices: string[] = [];
    using reader = new RecordingReader(folder, LAYOUT, { onNotice: (text) => notices.push(text) });
    assertEquals([...reader], []);
    assertEquals(notices, [`"message.txt" in "${folder}/a.tar" is no Parquet file; it is left out`]);
  });
});

Deno.test("RecordingReader names path and contents when there is nothing to read", () => {
  withFolder((folder) => {
    assertThrows(
      () => new RecordingReader(folder, LAYOUT),
      Error,
      `Cannot read the folder "${folder}": expected archives of recorded events (.tar, .tar.gz, .tgz or .tar.bz2), found no file`,
    );
    Deno.writeTextFileSync(`${folder}/a.txt`, "");
    assertThrows(() => new RecordingReader(folder, LAYOUT), Error, 'found 1 other files, such as "a.txt"');
    assertThrows(
      () => new RecordingReader(`${folder}/none`, LAYOUT),
      Error,
      `Cannot read "${folder}/none": expected an existing file in an existing folder`,
    );
  });
});

Deno.test("RecordingReader names archive, member and fields when one is missing", () => {
  withFolder((folder) => {
    writeEvents(`${folder}/a.tar`, [1]);
    using reader = new RecordingReader(folder, recordLayout({ chA: "float32", chD: "float32" }, 5));
    assertThrows(
      () => reader.next(),
      TypeError,
      `Cannot read "${folder}/a.tar: a_1.parquet": expected field "chD", found "chA", "chB"`,
    );
  });
});

Deno.test("RecordingReader names archive, member and lengths when they differ", () => {
  withFolder((folder) => {
    writeEvents(`${folder}/a.tar`, [1]);
    using reader = new RecordingReader(folder, recordLayout({ chA: "float32" }, 4250));
    assertThrows(
      () => reader.next(),
      RangeError,
      `Cannot read "${folder}/a.tar: a_1.parquet": expected 4250 values per field as in the ring, found 5`,
    );
  });
});

Deno.test("RecordingReader.close() ends the iteration", () => {
  withFolder((folder) => {
    writeEvents(`${folder}/a.tar`, [1, 2]);
    const reader = new RecordingReader(folder, LAYOUT);
    assertEquals(reader.next()?.counter, 1);
    reader.close();
    reader.close();
    assertEquals(reader.next(), null);
  });
});
