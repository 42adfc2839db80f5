/** Files that a worker goes on with that was started anew. */
import type { EventRecord } from "../../src/files/event_record.ts";
import { ParquetTableWriter } from "../../src/files/parquet_table_writer.ts";
import { RecordingReader } from "../../src/files/recording_reader.ts";
import { RecordingWriter } from "../../src/files/recording_writer.ts";
import { findTarEnd } from "../../src/files/tar_completion.ts";
import { TextTableWriter } from "../../src/files/text_table.ts";
import { UsedCounters } from "../../src/files/used_counters.ts";
import { allocateColumns, recordLayout } from "../../src/record/record_layout.ts";
import { assertEquals, assertThrows } from "../../src/std/assert.js";

const LAYOUT = recordLayout({ height: "float64", note: "S12" }, 1);

interface Writer extends Disposable {
  write(event: EventRecord): void;
}

function event(counter: number): EventRecord {
  const data = allocateColumns(LAYOUT);
  data.height[0] = counter + 0.5;
  data.note.set(new TextEncoder().encode("a\nb"));
  return { data, counter, timestamp: 1e9 + counter, deadtime: 0 };
}

function write(file: Writer, counters: readonly number[]): void {
  using writer = file;
  for (const counter of counters) writer.write(event(counter));
}

async function withFolder(use: (folder: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("TextTableWriter goes on with a file whose last line is torn, and counts its whole lines", async () => {
  await withFolder((folder) => {
    const path = `${folder}/a.txt`;
    write(new TextTableWriter(path, LAYOUT, { append: true }), [0, 1, 2, 3]);
    const whole = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, whole.slice(0, -3));
    const table = new TextTableWriter(path, LAYOUT, { append: true });
    assertEquals([table.rowsBefore, table.rows], [3, 0]);
    table.write(event(3));
    table.close();
    assertEquals(Deno.readTextFileSync(path), whole);
  });
});

Deno.test("TextTableWriter begins anew in an empty file, and refuses one with other columns", async () => {
  await withFolder((folder) => {
    const path = `${folder}/a.txt`;
    Deno.writeTextFileSync(path, "");
    const table = new TextTableWriter(path, LAYOUT, { append: true });
    assertEquals(table.rowsBefore, 0);
    table.close();
    assertEquals(Deno.readTextFileSync(path), "counter\ttimestamp\tdeadtime\theight\tnote\n");
    assertThrows(
      () => new TextTableWriter(path, LAYOUT, { append: true, separator: "," }),
      TypeError,
      `Cannot go on with "${path}": expected the header "counter,timestamp,deadtime,height,note", found another one`,
    );
  });
});

Deno.test("RecordingWriter goes on with an archive whose last member is torn, and counts its whole members", async () => {
  await withFolder((folder) => {
    const path = `${folder}/a.tar`;
    write(new RecordingWriter(path, LAYOUT, { append: true }), [0, 1, 2]);
    const size = Deno.statSync(path).size;
    Deno.truncateSync(path, size - 1600);
    const recording = new RecordingWriter(path, LAYOUT, { append: true });
    assertEquals([recording.eventsBefore, recording.events], [2, 0]);
    recording.write(event(2));
    recording.write(event(3));
    recording.close();
    const notices: string[] = [];
    using events = new RecordingReader(path, LAYOUT, { onNotice: (text) => notices.push(text) });
    assertEquals(Array.from(events, ({ counter, data }) => [counter, data.height[0]]), [
      ...[[0, 0.5], [1, 1.5], [2, 2.5], [3, 3.5]],
    ]);
    assertEquals(notices, []);
  });
});

Deno.test("RecordingWriter does not go on with a damaged archive", async () => {
  await withFolder((folder) => {
    const path = `${folder}/a.tar`;
    Deno.writeTextFileSync(path, "no archive at all ".repeat(100));
    assertThrows(() => new RecordingWriter(path, LAYOUT, { append: true }), Error, "an archive that can be continued");
    assertEquals(Deno.statSync(path).size, 1800);
  });
});

Deno.test("RecordingWriter gives each member a name of its own, whatever the counters are and also when it goes on", async () => {
  await withFolder((folder) => {
    const path = `${folder}/a.tar`;
    const names = (): string[] => {
      const found: string[] = [];
      findTarEnd(path, (name) => found.push(name));
      return found.map((name) => name.replace(/^a_(.*)\.parquet$/, "$1"));
    };
    write(new RecordingWriter(path, LAYOUT), [5, 7, 6, 5]);
    assertEquals(names(), ["5", "7", "6", "5_1"]);
    write(new RecordingWriter(path, LAYOUT, { append: true }), [5, 8, 7, 6, 7]);
    assertEquals(names().slice(4), ["5_2", "8", "7_1", "6_1", "7_2"]);
    using events = new RecordingReader(path, LAYOUT);
    assertEquals(Array.from(events, ({ counter }) => counter), [5, 7, 6, 5, 5, 8, 7, 6, 7]);
  });
});

Deno.test("UsedCounters never gives a use of a counter the same number twice", () => {
  const used = new UsedCounters();
  const seen = new Set<string>();
  let state = 1;
  for (let n = 0; n < 300_000; n++) {
    state = state * 48271 % 2147483647;
    // Growing with gaps and out of order; now and then far back, and for a while always the same.
    const counter = n % 1000 < 900 ? 3 * n + state % 50 : n % 1000 < 950 ? state % 100 : 12;
    const key = `${counter} ${used.use(counter)}`;
    if (seen.has(key)) throw new Error(`twice: ${key}`);
    seen.add(key);
  }
  const grown = new UsedCounters();
  for (let n = 0; n < 1e6; n++) assertEquals(grown.use(n ^ 7), 0);
});

Deno.test("ParquetTableWriter counts the rows of the files that it goes on with", async () => {
  await withFolder((folder) => {
    const open = () => new ParquetTableWriter(`${folder}/t`, LAYOUT, { append: true, rowGroupBytes: 1 });
    write(open(), [0, 1, 2]);
    const torn = open();
    assertEquals([torn.eventsBefore, torn.events], [3, 0]);
    for (const counter of [3, 4, 5]) torn.write(event(counter));
    // As if it had been killed: two row groups of one event are in its file, and the third one is in memory.
    const again = open();
    assertEquals(again.eventsBefore, 5);
  });
});
