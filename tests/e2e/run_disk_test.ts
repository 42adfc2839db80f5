/** Whole runs on disks that are full, read-only or gone, with closed pipes, clocks that go back, and names that lead outside. */
import { join } from "node:path";
import { parse } from "yaml";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { ParquetTableReader } from "../../src/files/parquet_table_reader.ts";
import { RecordingReader } from "../../src/files/recording_reader.ts";
import { readTextTable } from "../../src/files/text_table_reader.ts";
import { recordLayout } from "../../src/record/record_layout.ts";
import { assert, assertEquals, assertMatch } from "../../src/std/assert.js";
import { diskTest, SmallDisk } from "../fault/small_disk.ts";
import {
  PROGRAM,
  type ProgramOutput,
  runProgram,
  type TestFunction,
  type TestRecord,
  TestRun,
  until,
} from "./run_fixture.ts";

const NUMBERS = recordLayout("float64", 1);

/** A setup with one ring. */
function create(functions: readonly TestFunction[]): Promise<TestRun> {
  return TestRun.create(functions, { slots: [64] });
}

const QUIET = ["--web", "off", "-v", "1"];

function source(events = 0, sleep_s = 0): TestFunction {
  return { name: "count_source", write: [1], config: { events, sleep_s } };
}

function exporter(name: string, config: Record<string, unknown> = {}): TestFunction {
  return { name, read: [1], config: { nothing: 0, ...config }, keys: { file_name: "exporters" } };
}

const EXPORTERS: readonly TestFunction[] = [
  exporter("save_to_txt", { filename: "a" }),
  exporter("csv", { filename: "b" }),
  exporter("save_parquet", { filename: "c" }),
  exporter("save_parquet_table", { filename: "d", row_group_mb: 0.05, segment_mb: 0.1 }),
  exporter("save_journal", { filename: "e" }),
];

/** Counters of the events that each exporter's file holds; every file must be whole. */
function stored(directory: string): Record<string, number[]> {
  const notices: string[] = [];
  const counters = {
    Fkt_2: [...readTextTable(`${directory}/a.txt`).columns.get("counter")!],
    Fkt_3: [...readTextTable(`${directory}/b.csv`).columns.get("counter")!],
    Fkt_4: Array.from(
      new RecordingReader(`${directory}/c.tar`, NUMBERS, { onNotice: (text) => notices.push(text) }),
      ({ counter }) => counter,
    ),
    Fkt_5: Array.from(new ParquetTableReader(`${directory}/d`), ({ counter }) => counter),
    Fkt_6: Array.from(new JournalReader(`${directory}/e.mjournal`), ({ counter }) => counter),
  };
  assertEquals(notices, []);
  for (const name of ["a.txt", "b.csv", "stats.csv", "log.txt"]) {
    assert(Deno.readTextFileSync(`${directory}/${name}`).endsWith("\n"), name);
  }
  return counters;
}

function onlyRun(folder: string): string {
  const names = [...Deno.readDirSync(folder)].filter(({ name, isDirectory }) => isDirectory && name.startsWith("test_"))
    .map(({ name }) => name);
  assertEquals(names.length, 1, names.join());
  return join(folder, names[0]);
}

function recordOf(directory: string): TestRecord {
  return parse(Deno.readTextFileSync(`${directory}/run.yaml`)) as TestRecord;
}

function assertNoStack({ stdout, stderr }: ProgramOutput): void {
  assertEquals(/^\s+at .*\.ts:\d+|panicked|Uncaught/m.exec(stdout + stderr)?.[0], undefined, stderr);
}

function assertNothingHalfWritten(directory: string): void {
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
  assertEquals(names.filter((name) => name.endsWith(".new")), []);
}

/** What is in the files is exactly what the ledger says was processed, and the rest has failed. */
function assertStoredAsBooked(directory: string): void {
  const record = recordOf(directory);
  const counters = stored(directory);
  const [ring] = record.ledger;
  assertEquals(ring.residual, 0);
  for (const { name, processed, failed, unfinished } of ring.groups) {
    // Where another one gave room back, an event after a refused one may have been taken.
    assertEquals(counters[name].length, processed, name);
    assertEquals(counters[name], [...new Set(counters[name])].sort((a, b) => a - b), name);
    assertEquals([processed + failed, unfinished], [ring.published, 0], name);
  }
}

diskTest(
  "run_daq ends in order when the disk becomes full: every file is whole, each refused event is booked",
  async () => {
    using disk = new SmallDisk(4 << 20);
    await using run = await create([source(), ...EXPORTERS]);
    const output = await run.run("--output", disk.path, ...QUIET);
    assertEquals(output.code, 1, output.stderr);
    assertNoStack(output);
    assertMatch(output.stdout, /^Run failed: Fkt_\d\/0 \(\w+\) failed in event \d+/m);
    assertMatch(
      output.stderr,
      /Cannot (write|keep room in) ".*": expected free space on its disk, .* free on its disk/,
    );
    const directory = onlyRun(disk.path);
    assertEquals(recordOf(directory).status, "failed");
    assertNothingHalfWritten(directory);
    assertStoredAsBooked(directory);
    // One message each, however many events were refused.
    assertEquals(output.stderr.match(/failed in event/g)!.length <= EXPORTERS.length, true, output.stderr);
  },
);

Deno.test("run_daq ends in order when its files may not grow any more (ulimit -f)", async () => {
  await using run = await create([source(), ...EXPORTERS.slice(0, 3), EXPORTERS[4]]);
  const limit = new TextDecoder().decode(
    new Deno.Command("sh", { args: ["-c", "ulimit -f"] }).outputSync().stdout,
  ).trim();
  // The unit is half a kilobyte in dash and a kilobyte in bash; both are more than the files of the run itself need.
  const script = `trap "" XFSZ; ulimit -f 8000; exec "$0" run -A --quiet "$@"`;
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", script, Deno.execPath(), PROGRAM, "test_setup.yaml", "--output", run.directory, ...QUIET],
    cwd: run.directory,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const output = { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  assertEquals(code, 1, `${output.stderr} (limit before: ${limit})`);
  assertNoStack(output);
  assertMatch(output.stderr, /Cannot write ".*": expected a file that may become so large \(ulimit -f\), found /);
  const directory = onlyRun(run.directory);
  const record = recordOf(directory);
  assertEquals([record.status, record.ledger[0].residual], ["failed", 0]);
  const text = [...readTextTable(`${directory}/a.txt`).columns.get("counter")!];
  const group = record.ledger[0].groups.find(({ name }) => name === "Fkt_2")!;
  assertEquals(text, Array.from({ length: group.processed }, (_, n) => n));
  const journal = record.ledger[0].groups.find(({ name }) => name === "Fkt_5")!;
  const inJournal = Array.from(new JournalReader(`${directory}/e.mjournal`), ({ counter }) => counter);
  assertEquals(inJournal.length, journal.processed);
});

diskTest("run_daq stops in order on a disk that is too full for its end record, and says so", async () => {
  // Too small for the room of the end record, large enough for the begin record.
  using disk = new SmallDisk(64 << 10);
  await using run = await create([source(), EXPORTERS[0]]);
  const output = await run.run("--output", disk.path, ...QUIET);
  assertEquals(output.code, 1);
  assertNoStack(output);
  assertMatch(output.stdout, /^Run failed: Fkt_2\/0 \(save_to_txt\) failed in event \d+/m);
  assertMatch(output.stdout, /Cannot write ".*run\.yaml": expected free space on its disk/);
  assertMatch(output.stdout, /^Ledger$/m);
  const directory = onlyRun(disk.path);
  assertEquals(recordOf(directory).status, "running");
  assertNothingHalfWritten(directory);
});

diskTest("run_daq goes on when only its log cannot be written, and keeps its record", async () => {
  using disk = new SmallDisk(1 << 20);
  await using run = await create([source(0, 0.01), { name: "chatters", module: "clock_functions", read: [1] }]);
  const program = run.start("--output", disk.path, "--runtime", "2.5", ...QUIET);
  let directory = "";
  await until("a line of statistics", () => {
    directory = [...Deno.readDirSync(disk.path)].map(({ name }) => join(disk.path, name))[0] ?? "";
    return directory !== "" && size(`${directory}/stats.csv`) > 150;
  });
  fill(`${disk.path}/ballast`);
  const output = await run.finish(program);
  assertNoStack(output);
  assertMatch(output.stderr, /Cannot write ".*log\.txt": expected free space/);
  assertEquals(output.code, 0, output.stdout);
  assertEquals(recordOf(directory).status, "complete");
  assertNothingHalfWritten(directory);
  for (const name of ["stats.csv", "log.txt"]) assert(Deno.readTextFileSync(`${directory}/${name}`).endsWith("\n"));
});

function size(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}

function fill(path: string): void {
  using file = Deno.openSync(path, { write: true, createNew: true });
  for (const bytes of [1 << 16, 4096, 1]) {
    try {
      for (;;) file.writeSync(new Uint8Array(bytes));
    } catch {
      continue;
    }
  }
}

diskTest("run_daq is refused before anything starts when the disk is full or read-only", async () => {
  await using run = await create([source(5), EXPORTERS[0]]);
  {
    using disk = new SmallDisk(4096);
    const output = await run.run("--output", disk.path, ...QUIET);
    assertEquals(output.code, 2, output.stderr);
    assertNoStack(output);
    assertMatch(output.stderr, /Cannot write ".*": expected free space on its disk/);
    assertEquals([...Deno.readDirSync(disk.path)], []);
  }
  using disk = new SmallDisk(1 << 20);
  disk.forbidWriting();
  const output = await run.run("--output", disk.path, ...QUIET);
  assertEquals(output.code, 2, output.stderr);
  assertNoStack(output);
  assertMatch(output.stderr, /Cannot make a run directory: .*Read-only file system.*Choose another one with --output/);
});

Deno.test("run_daq is refused when its output folder would lie below a file", async () => {
  await using run = await create([source(5), EXPORTERS[0]]);
  const output = await run.run("--output", join(run.directory, "test_setup.yaml", "target"), ...QUIET);
  assertEquals(output.code, 2, output.stderr);
  assertNoStack(output);
  assertMatch(output.stderr, /Cannot make a run directory: expected a folder that can be written at ".*target"/);
});

Deno.test("run_daq ends in order when its run directory is removed under it", async () => {
  await using run = await create([source(0, 0.005), ...EXPORTERS]);
  const program = run.start("--runtime", "2", ...QUIET);
  await until("some events", () => size(`${run.directory}/target`) > 0 && size(`${run.runDirectories[0]}/a.txt`) > 200);
  const [directory] = run.runDirectories;
  await Deno.remove(directory, { recursive: true });
  const output = await run.finish(program);
  assertEquals(output.code, 1, output.stdout);
  assertNoStack(output);
  assertMatch(output.stdout, /Cannot write ".*run\.yaml": expected an existing file in an existing folder/);
  assertMatch(output.stdout, /^Ledger$/m);
});

Deno.test("run_daq takes all its data also when nobody reads what it prints", async () => {
  await using run = await create([source(200, 0.002), EXPORTERS[0]]);
  const program = `"$0" run -A --quiet "$@"`;
  const script = `{ ${program} --output one; echo $? >one.code; } 2>&1 | head -1; ` +
    `${program} --output two >&- 2>&-; echo $? >two.code; ` +
    `if test -c /dev/full; then ${program} --output three >/dev/full 2>&1; echo $? >three.code; fi`;
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", script, Deno.execPath(), PROGRAM, "test_setup.yaml", ...QUIET],
    cwd: run.directory,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stderr: "null",
  }).output();
  assertEquals(new TextDecoder().decode(stdout).split("\n").length <= 2, true);
  for (const name of ["one", "two", "three"]) {
    if (name === "three" && size("/dev/full") === 0 && !isThere(`${run.directory}/three.code`)) continue;
    assertEquals(Deno.readTextFileSync(`${run.directory}/${name}.code`), "0\n", name);
    const directory = onlyRun(`${run.directory}/${name}`);
    assertEquals(recordOf(directory).status, "complete", name);
    assertEquals(readTextTable(`${directory}/a.txt`).rows, 200, name);
  }
});

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test("run_daq prints help and plans into a pipe that is closed without a word of complaint", async () => {
  await using run = await create([source(5), EXPORTERS[0]]);
  for (const args of [["--help"], ["--dry-run", "test_setup.yaml"]]) {
    const { stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", `{ "$0" run -A --quiet "$@"; echo $? >code; } | true`, Deno.execPath(), PROGRAM, ...args],
      cwd: run.directory,
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stderr);
    assertNoStack({ code: 0, stdout: new TextDecoder().decode(stdout), stderr: text });
    assertEquals(text.replace(/.*notice:.*\n/g, ""), "", args.join(" "));
    assertEquals(Deno.readTextFileSync(`${run.directory}/code`), "0\n", args.join(" "));
  }
});

Deno.test("run_daq measures times rightly when the clock is set back, and never uses a run directory twice", async () => {
  const events = 50;
  await using run = await create([
    { name: "clock_source", module: "clock_functions", write: [1], config: { events } },
    EXPORTERS[0],
  ]);
  const program = `${import.meta.dirname}/../data/clock_back_run.ts`;
  const output = await runProgram(["test_setup.yaml", ...QUIET], run.directory, { program });
  assertEquals(output.code, 0, output.stderr);
  const [directory] = run.runDirectories;
  const record = parse(Deno.readTextFileSync(`${directory}/run.yaml`)) as TestRecord & {
    readonly begin: { readonly time_utc: string };
    readonly end: { readonly time_utc: string };
    readonly dead_time: { readonly fraction: number };
  };
  assert(Date.parse(record.end.time_utc) < Date.parse(record.begin.time_utc), "the clock did not go back");
  assert(record.end.active_s > 1 && record.end.active_s < 60, String(record.end.active_s));
  assert(record.dead_time.fraction >= 0 && record.dead_time.fraction < 0.5, String(record.dead_time.fraction));
  assertMatch(output.stdout, /Execution time: \d+(\.\d+)? s/);
  const stats = Deno.readTextFileSync(`${directory}/stats.csv`).trim().split("\n").map((line) => line.split(","));
  const activeS = stats.slice(1).map((cells) => Number(cells[2]));
  assertEquals(activeS, [...activeS].sort((a, b) => a - b));
  const { columns, rows } = readTextTable(`${directory}/a.txt`);
  assertEquals(rows, events);
  const timestamps = [...columns.get("timestamp")!];
  const steps = timestamps.slice(1).map((time, n) => time - timestamps[n]);
  assertEquals(steps.filter((step) => step < 0).length, 1);
  assert(Math.abs(Math.min(...steps) + 3600) < 5, String(Math.min(...steps)));
  for (const deadtime of columns.get("deadtime")!) assert(deadtime >= 0 && deadtime <= 1, String(deadtime));
});

const BAD_NAMES: readonly { readonly name: string; readonly message: RegExp }[] = [
  { name: "../outside", message: /expected a file name inside the run directory, found "\.\.\/outside"/ },
  { name: "/tmp/outside", message: /expected a file name inside the run directory, found "\/tmp\/outside"/ },
  { name: "a\0b", message: /expected a file name inside the run directory, found "a\\u0000b"/ },
  { name: "x".repeat(300), message: /expected a file name of at most 200 bytes, found 300/ },
  { name: "recovered/a", message: /expected a file name inside the run directory/ },
];

Deno.test("run_daq refuses file names that lead out of the run directory, and those that cannot be, naming the function", async () => {
  for (const { name, message } of BAD_NAMES) {
    await using run = await create([
      source(5),
      exporter("save_to_txt", { filename: name }),
      exporter("save_parquet_table", { filename: name }),
    ]);
    const output = await run.run(...QUIET);
    assertEquals(output.code, 2, output.stderr);
    assertNoStack(output);
    for (const fkt of [/Fkt_2 \(save_to_txt\): /, /Fkt_3 \(save_parquet_table\): /]) assertMatch(output.stderr, fkt);
    assertMatch(output.stderr, message);
    assertEquals(run.runDirectories, []);
  }
});

Deno.test("run_daq refuses two functions with one file, and complex numbers in save_parquet, before anything starts", async () => {
  await using run = await create([
    source(5),
    exporter("save_to_txt", { filename: "pulses" }),
    { ...exporter("save_to_txt", { filename: "pulses.txt" }), workers: 2 },
    exporter("save_parquet_table", { filename: "pulses" }),
    exporter("save_parquet_table", { filename: "pulses" }),
  ]);
  const output = await run.run(...QUIET);
  assertEquals(output.code, 2, output.stderr);
  const refusals = output.stderr.split("\n").filter((line) => line.includes("Cannot write"));
  assertEquals(refusals.length, 2, output.stderr);
  assertMatch(
    refusals[0],
    /Fkt_3 \(save_to_txt\): Cannot write "pulses\.txt": .* Fkt_2 \(save_to_txt\) writes it, too/,
  );
  assertMatch(refusals[1], /Fkt_5 \(save_parquet_table\): Cannot write "pulses": .*change "filename"/);

  await using complex = await create([source(5), exporter("save_parquet", { filename: "a" })]);
  const setup = join(complex.directory, "test_setup.yaml");
  await Deno.writeTextFile(
    setup,
    (await Deno.readTextFile(setup)).replaceAll("data_type: float64", "data_type: complex64"),
  );
  const refused = await complex.run(...QUIET);
  assertEquals(refused.code, 2, refused.stderr);
  assertMatch(refused.stderr, /Fkt_2 \(save_parquet\): .*field "data".*"complex64".*save_parquet_table/);
});
