/** Exporters whose process is killed go on with their files: no event is lost, none is there twice. */
import { parse } from "yaml";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { ParquetTableReader } from "../../src/files/parquet_table_reader.ts";
import { RecordingReader } from "../../src/files/recording_reader.ts";
import { readTextTable } from "../../src/files/text_table_reader.ts";
import { recordLayout } from "../../src/record/record_layout.ts";
import { assertEquals, assertGreaterOrEqual, assertNotEquals } from "../../src/std/assert.js";
import { type TestFunction, TestRun, until } from "../e2e/run_fixture.ts";

const EVENTS = 1500;
const KILLS_EACH = 2;

function exporter(name: string): TestFunction {
  const keys = { file_name: "exporters", isolation: "process", on_failure: "restart" };
  return { name, read: [1], config: { filename: name, row_group_s: 0.1 }, keys };
}

Deno.test("exporters go on with their files when their processes are killed", async () => {
  const names = ["save_to_txt", "save_parquet", "save_parquet_table", "save_journal"];
  await using run = await TestRun.create([
    { name: "count_source", write: [1], config: { events: EVENTS, sleep_s: 0.003 } },
    ...names.map(exporter),
  ], { slots: [32] });
  const program = run.start("--web", "off", "-v", "1");
  for (let round = 1; round <= KILLS_EACH; round++) {
    for (const n of names.keys()) {
      let pid = 0;
      await until(`process ${round} of Fkt_${n + 2}`, () => {
        const pids = [...logText(run).matchAll(new RegExp(`Fkt_${n + 2}/0 is process (\\d+)`, "g"))];
        pid = Number(pids[round - 1]?.[1] ?? 0);
        return pid > 0 && logText(run).includes("started:");
      });
      await new Promise((resolve) => setTimeout(resolve, 150 + 70 * n));
      kill(pid);
    }
  }
  const output = await run.finish(program);
  const [directory] = run.runDirectories;
  const record = parse(Deno.readTextFileSync(`${directory}/run.yaml`));
  assertEquals(record.restarts, names.length * KILLS_EACH, output.stderr);
  const [{ residual, groups }] = record.ledger;
  assertEquals([residual, groups.map(({ failed }: { failed: number }) => failed)], [0, [0, 0, 0, 0]]);
  const all = Array.from({ length: EVENTS }, (_, n) => n);
  assertEquals([...readTextTable(`${directory}/save_to_txt.txt`).columns.get("counter")!], all);
  using recording = new RecordingReader(`${directory}/save_parquet.tar`, recordLayout("float64", 1));
  assertEquals(Array.from(recording, ({ counter }) => counter).sort((a, b) => a - b), all);
  using journal = new JournalReader(`${directory}/save_journal.mjournal`);
  assertEquals(Array.from(journal, ({ counter }) => counter).sort((a, b) => a - b), all);
  // A table loses what it has collected since its last row group.
  using table = new ParquetTableReader(`${directory}/save_parquet_table`);
  const counters = Array.from(table, ({ counter }) => counter);
  assertEquals(new Set(counters).size, counters.length);
  assertGreaterOrEqual(counters.length, EVENTS / 2);
  assertNotEquals(table.paths.length, 1);
});

function logText(run: TestRun): string {
  try {
    return run.read("log.txt");
  } catch {
    return "";
  }
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended before.
  }
}
