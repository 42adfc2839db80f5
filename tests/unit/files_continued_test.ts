/** Files that a worker goes on with that was started anew. */
import type { EventRecord } from "../../src/files/event_record.ts";
import { RecordingReader } from "../../src/files/recording_reader.ts";
import { RecordingWriter } from "../../src/files/recording_writer.ts";
import { TextTableWriter } from "../../src/files/text_table.ts";
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

Deno.test("TextTableWriter goes on with a file whose last line is torn, and knows its last counters", async () => {
  await withFolder((folder) => {
    const path = `${folder}/a.txt`;
    write(new TextTableWriter(path, LAYOUT, { append: true }), [0, 1, 2, 3]);
    const whole = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, whole.slice(0, -3));
    const table = new TextTableWriter(path, LAYOUT, { append: true });
    assertEquals([table.lastCounters, table.rows], [[0, 1, 2], 0]);
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
    assertEquals(table.lastCounters, []);
    table.close();
    assertEquals(Deno.readTextFileSync(path), "counter\ttimestamp\tdeadtime\theight\tnote\n");
    assertThrows(
      () => new TextTableWriter(path, LAYOUT, { append: true, separator: "," }),
      TypeError,
      `Cannot go on with "${path}": expected the header "counter,timestamp,deadtime,height,note", found another one`,
    );
  });
});

Deno.test("RecordingWriter goes on with an archive whose last member is torn, and knows its last counters", async () => {
  await withFolder((folder) => {
    const path = `${folder}/a.tar`;
    write(new RecordingWriter(path, LAYOUT, { append: true }), [0, 1, 2]);
    const size = Deno.statSync(path).size;
    Deno.truncateSync(path, size - 1600);
    const recording = new RecordingWriter(path, LAYOUT, { append: true });
    assertEquals([recording.lastCounters, recording.events], [[0, 1], 0]);
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
