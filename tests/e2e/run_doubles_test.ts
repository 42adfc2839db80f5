/** Deaths between handing on and releasing: each record is in each file exactly once, whatever its counter is. */
import { JournalReader } from "../../src/files/journal_reader.ts";
import { ParquetTableReader } from "../../src/files/parquet_table_reader.ts";
import { RecordingReader } from "../../src/files/recording_reader.ts";
import { recordLayout } from "../../src/record/record_layout.ts";
import { assert, assertEquals, assertGreater, assertMatch } from "../../src/std/assert.js";
import { assertBooksClose, type TestFunction, TestRun, unfinishedEvents, until } from "./run_fixture.ts";

const MORTAL = "mortal_functions";
const KEYS = { isolation: "process", on_failure: "restart", restart_limit: 500 };
const LAYOUT = recordLayout("float64", 1);

type Fn = Pick<TestFunction, "name" | "config" | "read" | "write" | "workers">;

function mortal(fn: Fn): TestFunction {
  return { module: MORTAL, keys: KEYS, ...fn };
}

/** Three exporters of one ring, each with a file of its own. */
function exporters(ring: number, config: object = {}): TestFunction[] {
  const names = ["saveToTxt", "saveParquet", "saveJournal"];
  return names.map((name) => mortal({ name, read: [ring], config: { filename: "events", ...config } }));
}

/** Values of all records in the files of a run directory, in order, by the kind of file. */
function valuesIn(run: TestRun): Record<"text" | "tar" | "journal", number[]> {
  const [directory] = run.runDirectories;
  const sorted = (values: Iterable<number>) => [...values].sort((a, b) => a - b);
  using tar = new RecordingReader(`${directory}/events.tar`, LAYOUT);
  using journal = new JournalReader(`${directory}/events.mjournal`);
  return {
    text: sorted(run.read("events.txt").trim().split("\n").slice(1).map((line) => Number(line.split("\t").at(-1)))),
    tar: sorted(Array.from(tar, ({ data }) => Number(data.data[0]))),
    journal: sorted(Array.from(journal, ({ data }) => Number(data.data[0]))),
  };
}

function triplesOf(events: number): number[] {
  return Array.from({ length: 3 * events }, (_, i) => 10 * Math.floor(i / 3) + i % 3);
}

function numbers(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}

for (const die_when of ["taken", "written", "done"] as const) {
  Deno.test(`run_daq has three records of each event in each file when exporters die in the second one, ${die_when}`, async () => {
    await using run = await TestRun.create([
      mortal({ name: "countsHere", write: [1], config: { from: 0, events: 60 } }),
      mortal({ name: "triples", read: [1], write: [2] }),
      ...exporters(2, { die_at: 20, die_when, deaths: 3 }),
    ]);
    const { code, stderr } = await run.run();
    const record = run.record();
    assertBooksClose(record);
    assertEquals([code, record.restarts, unfinishedEvents(record)], [1, 9, 0], stderr);
    const wanted = triplesOf(60);
    assertEquals(valuesIn(run), { text: wanted, tar: wanted, journal: wanted });
    const doubles = die_when === "taken" ? 0 : 3;
    assertEquals(record.ledger[1].groups.map((group) => [group.processed, group.doubles]), [
      ...[1, 2, 3].map(() => [180 - doubles, doubles]),
    ]);
  });
}

for (const die_when of ["taken", "done"] as const) {
  // An event that was handed on comes twice, one that was not does not.
  const doubles = die_when === "taken" ? 0 : 2;

  Deno.test(`run_daq keeps the events of two importers apart that count alike when a filter dies, ${die_when}`, async () => {
    await using run = await TestRun.create([
      mortal({ name: "countsHere", write: [1], config: { from: 0, events: 50 } }),
      // Slow, so that the filter dies in events whose counters it has had from the other one.
      mortal({ name: "countsThere", write: [1], config: { from: 1000, events: 50, sleep_s: 0.002 } }),
      mortal({ name: "passesOn", read: [1], write: [2], config: { die_at: 60, die_when, deaths: 1 } }),
      mortal({ name: "passesOn", read: [2], write: [3], config: { die_at: 70, die_when, deaths: 1 } }),
      ...exporters(3),
    ], { slots: [16, 16, 16] });
    const { code, stderr } = await run.run();
    const record = run.record();
    assertBooksClose(record);
    assertEquals([code, record.restarts], [1, 2], stderr);
    const wanted = [...numbers(50), ...numbers(50, 1000)];
    assertEquals(valuesIn(run), { text: wanted, tar: wanted, journal: wanted });
    assertEquals(record.ledger[2].published, 100 + doubles);
    assertEquals(record.ledger[2].groups.map((group) => group.doubles), [doubles, doubles, doubles]);
  });

  Deno.test(`run_daq keeps the records of two filters with one sink apart when one of them dies, ${die_when}`, async () => {
    await using run = await TestRun.create([
      mortal({ name: "countsHere", write: [1], config: { from: 0, events: 60 } }),
      mortal({ name: "passesOn", read: [1], write: [2], config: { die_at: 20, die_when, deaths: 2 } }),
      mortal({ name: "passesOn", read: [1], write: [2] }),
      ...exporters(2),
    ]);
    const { code, stderr } = await run.run();
    const record = run.record();
    assertBooksClose(record);
    assertEquals([code, record.restarts], [1, 2], stderr);
    const wanted = numbers(60).flatMap((n) => [n, n]);
    assertEquals(valuesIn(run), { text: wanted, tar: wanted, journal: wanted });
    assertEquals(record.ledger[1].groups.map((group) => group.doubles), [doubles, doubles, doubles]);
  });
}

Deno.test("run_daq drops the doubles of a function two rings further on, also with several workers and when those died too", async () => {
  await using run = await TestRun.create([
    mortal({ name: "countsHere", write: [1], config: { from: 0, events: 60 } }),
    mortal({ name: "triples", read: [1], write: [2], config: { die_at: 11, die_when: "done", deaths: 3 } }),
    mortal({ name: "passesOn", workers: 2, read: [2], write: [3] }),
    // It has forgotten all when the doubles of the later deaths come; its group has not.
    mortal({ name: "saveToTxt", workers: 2, read: [3], config: { filename: "events", die_at: 15, die_when: "done" } }),
  ], { slots: [8, 8, 8] });
  const { code, stderr } = await run.run();
  const record = run.record();
  assertBooksClose(record);
  assertEquals([code, record.restarts, unfinishedEvents(record)], [1, 5, 0], stderr);
  const lines = ["events.txt", "events_1.txt"].flatMap((name) => run.read(name).trim().split("\n").slice(1));
  assertEquals(lines.map((line) => Number(line.split("\t").at(-1))).sort((a, b) => a - b), triplesOf(60));
  assertEquals(record.ledger.map(({ published }) => published), [60, 189, 189]);
  // And the event in which an exporter died, unless that was such a double.
  const { doubles } = record.ledger[2].groups[0];
  assert(doubles >= 9 && doubles <= 9 + 2, `${doubles} doubles`);
});

Deno.test("run_daq says how many events a table lacks when its writer died, and keeps the number", async () => {
  await using run = await TestRun.create([
    mortal({ name: "countsHere", write: [1], config: { from: 0, events: 50 } }),
    mortal({
      name: "saveParquetTable",
      read: [1],
      config: { filename: "table", die_at: 20, die_when: "taken" },
    }),
  ], { slots: [16] });
  await run.run();
  const record = run.record();
  assertBooksClose(record);
  using table = new ParquetTableReader(`${run.runDirectories[0]}/table`);
  assertEquals(Array.from(table, ({ counter }) => counter), numbers(31, 19));
  assertEquals(record.ledger[0].groups[0].processed, 50);
  assertMatch(run.read("log.txt"), /19 events that were taken before are not in the file/);
  const [worker] = record.function_counts.Fkt_2 as readonly { readonly lost_from_file?: number }[];
  assertEquals(worker.lost_from_file, 19);
});

Deno.test("run_daq has each record once in each file when filters and exporters are killed at random", async () => {
  const seed = Number(Deno.env.get("MIMOCORB_SEED") ?? Math.floor(Math.random() * 2 ** 31)) || 1;
  console.log(`seed ${seed}`);
  let state = seed;
  const random = (below: number) => (state = state * 48271 % 2147483647) % below;
  await using run = await TestRun.create([
    mortal({ name: "countsHere", write: [1], config: { from: 0, events: 1e9, sleep_s: 0.0005 } }),
    mortal({ name: "triples", workers: 2, read: [1], write: [2] }),
    ...exporters(2),
  ], { slots: [64, 64] });
  const program = run.start();
  await until("the start", () => logOf(run).includes("run started"));
  const KILLS = 40;
  for (let kill = 0; kill < KILLS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, 50 + random(100)));
    const victims = victimsIn(logOf(run));
    try {
      Deno.kill(victims[random(victims.length)], "SIGKILL");
    } catch {
      // It is the one that was killed before.
    }
  }
  program.kill("SIGINT");
  const { stdout, stderr } = await run.finish(program);
  const record = run.record();
  assertBooksClose(record);
  assertEquals([record.end.stop_cause, unfinishedEvents(record)], ["user", 0], stdout + stderr);
  assertGreater(record.restarts, KILLS / 4);
  const failed = record.ledger.flatMap((ring) => ring.groups.map((group) => group.failed));
  const doubles = record.ledger[1].groups.map((group) => group.doubles);
  console.log(
    `${record.restarts} restarts, ${record.ledger[0].published} events, ${failed} failed, ${doubles} doubles`,
  );
  const wanted = triplesOf(record.ledger[0].published);
  for (const [kind, values] of Object.entries(valuesIn(run))) {
    assertEquals(new Set(values).size, values.length, `doubles in the ${kind}`);
    // An event in which two died is failed, perhaps after it was written.
    const lacking = wanted.length - values.length;
    assert(lacking <= 3 * failed.reduce((sum, count) => sum + count, 0), `${lacking} lost from the ${kind}`);
  }
});

function logOf(run: TestRun): string {
  try {
    return run.read("log.txt");
  } catch {
    return "";
  }
}

/** Processes of all workers but the importer's, by the log. */
function victimsIn(log: string): number[] {
  const newest = new Map<string, number>();
  for (const [, worker, pid] of log.matchAll(/ (Fkt_\d+\/\d+) is process (\d+)$/gm)) newest.set(worker, Number(pid));
  newest.delete("Fkt_1/0");
  return [...newest.values()];
}
