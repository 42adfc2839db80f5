/** Files that are cut anywhere, or whose program is killed anywhere, are finished with all that was whole. */
import { completeFile } from "../../src/files/complete_file.ts";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { JournalWriter } from "../../src/files/journal_writer.ts";
import { ParquetTableReader } from "../../src/files/parquet_table_reader.ts";
import { ParquetTableWriter } from "../../src/files/parquet_table_writer.ts";
import { RecordingReader } from "../../src/files/recording_reader.ts";
import { RecordingWriter } from "../../src/files/recording_writer.ts";
import { TextTableWriter } from "../../src/files/text_table.ts";
import { allocateColumns, recordLayout } from "../../src/record/record_layout.ts";
import { assert, assertEquals, assertGreaterOrEqual } from "../../src/std/assert.js";

const LAYOUT = recordLayout({ height: "float64", note: "S12" }, 1);
const KILLS = 8;

const WHOLE = { state: "whole", droppedBytes: 0, text: "" } as const;

function* events(count: number) {
  const data = allocateColumns(LAYOUT);
  for (let counter = 0; counter < count; counter++) {
    data.height[0] = counter + 0.5;
    data.note.set(new TextEncoder().encode(counter % 5 === 0 ? 'two\n"lines"' : "one line,  "));
    yield { data, counter, timestamp: 1e9 + counter, deadtime: 0 };
  }
}

async function withFolder(use: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "mimocorb_completion_" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Completes a file and looks whether a second time finds nothing to do. */
function completeTwice(path: string, finished = path): ReturnType<typeof completeFile> {
  const first = completeFile(path);
  const before = isFile(finished) ? Deno.readFileSync(finished) : null;
  assertEquals(completeFile(path), first.state === "completed" ? WHOLE : first);
  if (before !== null) {
    assertEquals(completeFile(finished).state, first.state === "completed" ? "whole" : first.state);
    assertEquals(Deno.readFileSync(finished), before);
  }
  return first;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Splits a table as text into records; a line feed between quotes does not end one. */
function records(text: string): string[] {
  const record = /(?:"(?:[^"]|"")*"|[^"\n])*\n/y;
  return Array.from({ [Symbol.iterator]: () => ({ next: () => nextMatch(record, text) }) });
}

function nextMatch(pattern: RegExp, text: string): IteratorResult<string> {
  const match = pattern.exec(text);
  return match === null ? { done: true, value: undefined } : { done: false, value: match[0] };
}

/** Counter of each line, which must be whole. */
function textCounters(path: string): number[] {
  const text = Deno.readTextFileSync(path);
  const lines = records(text);
  assertEquals(lines.join(""), text);
  return lines.slice(1).map((line) => {
    const [counter, timestamp, , height] = line.split(",");
    assertEquals([Number(timestamp), Number(height)], [1e9 + Number(counter), Number(counter) + 0.5]);
    return Number(counter);
  });
}

function tarCounters(path: string): number[] {
  const notices: string[] = [];
  using recording = new RecordingReader(path, LAYOUT, { onNotice: (text) => notices.push(text) });
  const counters = Array.from(recording, ({ counter, data }) => {
    assertEquals(data.height[0], counter + 0.5);
    return counter;
  });
  assertEquals(notices, []);
  return counters;
}

function tableCounters(path: string): number[] {
  using table = new ParquetTableReader(path);
  return Array.from(table, ({ counter, data }) => {
    assertEquals(data.height[0], counter + 0.5);
    return counter;
  });
}

function journalCounters(path: string): number[] {
  using journal = new JournalReader(path);
  return Array.from(journal, ({ counter }) => counter);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

Deno.test("completeFile() cuts off the torn line of a table that is cut anywhere", async () => {
  await withFolder((folder) => {
    const path = `${folder}/a.csv`;
    {
      using table = new TextTableWriter(path, LAYOUT, { separator: "," });
      for (const event of events(12)) table.write(event);
    }
    const bytes = Deno.readFileSync(path);
    const text = new TextDecoder().decode(bytes);
    const header = text.indexOf("\n") + 1;
    for (let length = 0; length <= bytes.length; length++) {
      Deno.writeFileSync(path, bytes.subarray(0, length));
      const { state, droppedBytes } = completeTwice(path);
      if (length < header) {
        assertEquals([state, Deno.statSync(path).size], ["unknown", length]);
        continue;
      }
      const whole = records(text.slice(0, length)).join("").length;
      assertEquals([state, droppedBytes], [whole === length ? "whole" : "completed", length - whole], `${length}`);
      const counters = textCounters(path);
      assertEquals(counters, upTo(counters.length));
    }
  });
});

Deno.test("completeFile() ends the torn line of log.txt and cuts that of stats.csv", async () => {
  await withFolder((folder) => {
    const log = new TextEncoder().encode("12:00:00 INFO  run started: 3 µs\n12:00:01 WARN  Fkt_1/0 größer als 5 µ\n");
    for (let length = 0; length <= log.length; length++) {
      Deno.writeFileSync(`${folder}/log.txt`, log.subarray(0, length));
      const { state, droppedBytes } = completeTwice(`${folder}/log.txt`);
      const isWhole = length === 0 || log[length - 1] === 0x0a;
      const isTorn = length > 0 && log[length - 1] === 0xc2 || log[length - 1] === 0xc3;
      assertEquals([state, droppedBytes], [isWhole ? "whole" : "completed", isTorn ? 1 : 0]);
      const text = new TextDecoder("utf-8", { fatal: true }).decode(Deno.readFileSync(`${folder}/log.txt`));
      assert(length === 0 || text.endsWith("\n"));
      assert(new TextDecoder().decode(log).startsWith(text.trimEnd()));
    }
    Deno.writeTextFileSync(`${folder}/stats.csv`, "time_utc,state\n2026-01-01,Running\n2026-01-");
    assertEquals(completeTwice(`${folder}/stats.csv`).droppedBytes, 8);
    assertEquals(Deno.readTextFileSync(`${folder}/stats.csv`), "time_utc,state\n2026-01-01,Running\n");
  });
});

Deno.test("completeFile() ends an archive that is cut anywhere behind its last whole member", async () => {
  await withFolder((folder) => {
    const path = `${folder}/a.tar`;
    const ends: number[] = [0];
    {
      using recording = new RecordingWriter(path, LAYOUT, { stem: "ä".repeat(60) });
      for (const event of events(4)) {
        recording.write(event);
        recording.flush();
        ends.push(recording.byteLength);
      }
    }
    const bytes = Deno.readFileSync(path);
    for (let length = 0; length <= bytes.length; length += length % 512 < 500 && length < bytes.length - 1100 ? 7 : 1) {
      Deno.writeFileSync(path, bytes.subarray(0, length));
      const { state, droppedBytes } = completeTwice(path);
      const members = ends.findLastIndex((end) => end <= length);
      assertEquals(state, length === bytes.length ? "whole" : "completed");
      if (state === "completed") assertEquals(droppedBytes, length - ends[members]);
      assertEquals(tarCounters(path), upTo(members), `cut at ${length}`);
    }
  });
});

Deno.test("completeFile() ends an archive in which a member is written over the end blocks", async () => {
  await withFolder((folder) => {
    const path = `${folder}/a.tar`;
    {
      using recording = new RecordingWriter(path, LAYOUT);
      for (const event of events(3)) recording.write(event);
    }
    const bytes = Deno.readFileSync(path);
    const second = (bytes.length - 1024) / 3;
    for (let written = 0; written <= 1024; written += 3) {
      const torn = bytes.slice(0, second + 1024);
      torn.fill(0, second + written);
      Deno.writeFileSync(path, torn);
      const { state } = completeTwice(path);
      assertEquals(state, written === 0 ? "whole" : "completed");
      assertEquals(tarCounters(path), [0], `${written} bytes were written`);
    }
  });
});

Deno.test("completeFile() puts a part that is cut anywhere into its table, with its whole row groups", async () => {
  await withFolder((folder) => {
    const ends: number[] = [];
    const open = `${folder}/table.part-00000.parquet.new`;
    const part = `${folder}/table/part-00000.parquet`;
    const table = new ParquetTableWriter(`${folder}/table`, LAYOUT, { rowGroupBytes: 400 });
    let rows = 0;
    for (const event of events(60)) {
      table.write(event);
      if (table.byteLength > (ends.at(-1) ?? 0)) ends.push(table.byteLength);
      rows++;
    }
    const bytes = Deno.readFileSync(open);
    table.close();
    Deno.removeSync(part);
    const perGroup = rows / ends.length;
    assertEquals(ends.length > 4, true);
    for (let length = 0; length <= bytes.length; length += 3) {
      Deno.writeFileSync(open, bytes.subarray(0, length));
      const { state } = completeTwice(open, part);
      const groups = ends.filter((end) => end <= length).length;
      if (length < 1000 && state === "damaged") continue;
      assertEquals([state, isFile(open)], ["completed", false], `cut at ${length}`);
      // The first end is that of the beginning, which holds no events.
      if (groups < 2) {
        assertEquals(isFile(part), false);
        continue;
      }
      const counters = tableCounters(`${folder}/table`);
      assertEquals(counters, upTo(counters.length));
      assertGreaterOrEqual(counters.length, Math.floor((groups - 1) * perGroup) - 2);
      Deno.removeSync(part);
    }
  });
});

Deno.test("completeFile() writes the index of a journal", async () => {
  await withFolder((folder) => {
    const path = `${folder}/a.mjournal`;
    {
      using journal = new JournalWriter(path, LAYOUT);
      for (const event of events(20)) journal.write(event);
    }
    const bytes = Deno.readFileSync(path);
    assertEquals(completeFile(path), WHOLE);
    for (let length = bytes.length - 1; length > bytes.length / 2; length -= 37) {
      Deno.writeFileSync(path, bytes.subarray(0, length));
      assertEquals(completeTwice(path).state, "completed");
      const counters = journalCounters(path);
      assertEquals(counters, upTo(counters.length));
    }
  });
});

Deno.test("completeFile() removes half-written versions and rooms, and leaves alone what it does not know", async () => {
  await withFolder((folder) => {
    const write = (name: string, text: string) => Deno.writeTextFileSync(`${folder}/${name}`, text);
    write("run.yaml", "status: running\n");
    write("run.yaml.new", "status: comp");
    write("table.room.new", "\0".repeat(100));
    write("new.svg.new", "<svg");
    write("notes.txt", "a line of somebody else, without an end");
    write("short.csv", "a,b\n1,2\n3");
    write("values.csv", "a,b,c,d\n1,2,3\n4");
    write("setup.yaml", "RingBuffer:\n");
    write("broken.tar", "x".repeat(5000));
    const state = (name: string) => completeTwice(`${folder}/${name}`).state;
    assertEquals(["run.yaml.new", "table.room.new"].map(state), ["completed", "completed"]);
    const left = ["run.yaml", "new.svg.new", "notes.txt", "short.csv", "values.csv", "setup.yaml"];
    const texts = left.map((name) => Deno.readTextFileSync(`${folder}/${name}`));
    assertEquals(left.map(state), left.map(() => "unknown"));
    assertEquals(left.map((name) => Deno.readTextFileSync(`${folder}/${name}`)), texts);
    assertEquals(state("broken.tar"), "damaged");
    assertEquals(Deno.statSync(`${folder}/broken.tar`).size, 5000);
    assertEquals(completeFile(`${folder}/nothing.csv`), WHOLE);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [...left, "broken.tar"].sort());
  });
});

Deno.test(`completeFile() loses nothing that was said to be written when the program is killed (${KILLS} times)`, async () => {
  for (let kill = 0; kill < KILLS; kill++) {
    await withFolder(async (folder) => {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", `${import.meta.dirname}/files_writing_worker.ts`, folder],
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      let said = -1;
      let left = new Uint8Array(0);
      const killAt = 100 + 137 * kill;
      for await (const chunk of child.stdout) {
        const bytes = new Uint8Array([...left, ...chunk]);
        const whole = bytes.length - bytes.length % 4;
        if (whole > 0) said = new DataView(bytes.buffer).getUint32(whole - 4, true);
        left = bytes.slice(whole);
        if (said >= killAt) {
          try {
            child.kill("SIGKILL");
          } catch {
            // It is on its way out already.
          }
        }
      }
      await child.status;
      assertGreaterOrEqual(said, killAt);
      for (const { name } of [...Deno.readDirSync(folder)]) completeTwice(`${folder}/${name}`);
      for (
        const [name, counters] of [["a.csv", textCounters], ["a.tar", tarCounters], [
          "a.mjournal",
          journalCounters,
        ]] as const
      ) {
        const found = counters(`${folder}/${name}`);
        assertEquals(found, upTo(found.length), name);
        assertGreaterOrEqual(found.length, said + 1, name);
      }
      const inTable = tableCounters(`${folder}/table`);
      assertEquals(inTable, upTo(inTable.length));
      assertGreaterOrEqual(inTable.length, said - 200);
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
        ...["a.csv", "a.mjournal", "a.tar", "log.txt", "table"],
      ]);
    });
  }
});
