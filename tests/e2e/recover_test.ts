/** Runs whose program is killed, and what `recover` makes of them. Seeds: `MIMOCORB_STRESS_SEED`. */
import { join } from "node:path";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { assert, assertEquals, assertGreater, assertMatch, assertStringIncludes } from "../../src/std/assert.js";
import { parse } from "../../src/std/yaml.js";
import { SeededRandom, STRESS_SEED } from "../stress/stress_settings.ts";
import {
  assertBooksClose,
  processesIn,
  type RunningProgram,
  runProgram,
  type TestFunction,
  type TestRecord,
  TestRun,
  until,
} from "./run_fixture.ts";

/** An endless source, a filter, two readers of its results that each keep all of them. */
function chain(keys: Record<string, unknown> = {}): TestFunction[] {
  return [
    { name: "countSource", write: [1], config: { sleep_s: 0.0005 } },
    { name: "everyNth", read: [1], write: [2], workers: 2, config: { every: 2, sleep_s: 0.001 }, keys },
    { name: "collect", read: [2], config: { name: "fast" }, keys },
    { name: "collect", read: [2], config: { name: "slow", sleep_s: 0.005 } },
  ];
}

async function killWhenRunning(run: TestRun, program: RunningProgram, afterMs: number): Promise<void> {
  await until("a run that takes data", () => hasEvents(run));
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  program.kill("SIGKILL");
  await program.output();
  await run.untilNoProcesses();
}

function hasEvents(run: TestRun): boolean {
  try {
    return /^[1-9]\d*$/m.test(run.read("fast_0.txt"));
  } catch {
    return false;
  }
}

function recover(run: TestRun, ...args: string[]) {
  return runProgram(["recover", ...args], run.directory);
}

/** Numbers in the journal of what a reader group had not finished. */
function saved(runDirectory: string, name: string): number[] {
  try {
    using journal = new JournalReader(join(runDirectory, "recovered", `${name}.mjournal`));
    return Array.from(journal, (event) => {
      assertEquals(event.data.data[0], event.counter, "number and counter of a saved event");
      return event.counter;
    });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || /No such file/.test(String(error))) return [];
    throw error;
  }
}

/** Each accepted event was collected or saved; only what a worker had in hand may be both. */
function assertAccounted(run: TestRun, record: TestRecord): void {
  assertBooksClose(record);
  const [directory] = run.runDirectories;
  for (const [name, group] of [["fast", "Fkt_3"], ["slow", "Fkt_4"]]) {
    const collected = run.collected(name);
    const inJournal = saved(directory, `RB_2_${group}`);
    const account = record.ledger[1].groups.find((entry) => entry.name === group)!;
    assertEquals(inJournal.length, account.unfinished, `${name}: events in the journal`);
    const seen = new Set([...collected, ...inJournal]);
    assertEquals(seen.size, record.ledger[1].published, `${name}: events that are somewhere`);
    assert(collected.length + inJournal.length - seen.size <= 1, `${name}: more than the event in hand is twice there`);
  }
  assertEquals(saved(directory, "RB_1_Fkt_2").length, record.ledger[0].groups[0].unfinished);
}

Deno.test(`recover finishes runs that were killed at any time (MIMOCORB_STRESS_SEED=${STRESS_SEED})`, async () => {
  const random = new SeededRandom(STRESS_SEED);
  for (let round = 0; round < 5; round++) {
    await using run = await TestRun.create(chain(), { slots: [32, 16] });
    const program = run.start();
    await killWhenRunning(run, program, random.below(400));
    assertEquals((run.record() as TestRecord).status, "running");
    assertGreater(program.segments().length, 0, "the rings of a killed run are gone");
    const [directory] = run.runDirectories;
    const { code, stdout, stderr } = await recover(run, directory);
    assertEquals([code, stderr], [0, ""], stdout);
    assertMatch(stdout, /Recovered: the program was killed; \d+ events? recovered/);
    const record = run.record();
    assertEquals([record.status, record.end.stop_cause, record.end.exit_code], ["failed", "killed", 1]);
    assertAccounted(run, record);
    assertEquals(program.segments(), []);
    const before = run.read("run.yaml");
    const again = await recover(run, directory);
    assertEquals([again.code, again.stderr], [0, ""]);
    assertMatch(again.stdout, /Nothing to recover: .* was recovered at/);
    assertEquals(run.read("run.yaml"), before);
  }
});

Deno.test("recover finishes a run with workers in processes, which end with their program", async () => {
  await using run = await TestRun.create(chain({ isolation: "process" }), { slots: [32, 16] });
  const program = run.start();
  await until("worker processes", () => processesIn(run.directory).length >= 4);
  await killWhenRunning(run, program, 100);
  assertEquals(processesIn(run.directory), []);
  const { code, stderr } = await recover(run, run.runDirectories[0]);
  assertEquals([code, stderr], [0, ""]);
  assertAccounted(run, run.record());
  assertEquals(program.segments(), []);
});

Deno.test("recover may be killed itself, and begins anew", async () => {
  await using run = await TestRun.create(chain(), { slots: [32, 16] });
  const program = run.start();
  await killWhenRunning(run, program, 50);
  for (const afterMs of [60, 90, 120, 150, 180, 220]) {
    const attempt = new Deno.Command("timeout", {
      args: ["-s", "KILL", String(afterMs / 1000), Deno.execPath(), "run", "-A", "--quiet"]
        .concat(new URL("../../run_daq.ts", import.meta.url).pathname, "recover", run.runDirectories[0]),
      stdout: "null",
      stderr: "null",
    });
    await attempt.output();
  }
  const { code, stderr } = await recover(run, run.runDirectories[0]);
  assertEquals([code, stderr], [0, ""]);
  assertAccounted(run, run.record());
  assertEquals(program.segments(), []);
});

Deno.test("recover leaves a run alone that is still running", async () => {
  await using run = await TestRun.create(chain(), { slots: [32, 16] });
  const program = run.start();
  await until("a run that takes data", () => hasEvents(run));
  const { code, stderr } = await recover(run, run.runDirectories[0]);
  assertEquals(code, 2);
  assertMatch(stderr, new RegExp(`expected all of its program to have ended, found .* process ${program.pid}`));
  program.kill("SIGINT");
  const output = await program.output();
  assertEquals(output.code, 0, output.stderr + output.stdout);
  assertBooksClose(run.record());
});

Deno.test("recover refuses what is no run directory, without a stack trace", async () => {
  await using run = await TestRun.create(chain());
  const cases: [name: string, record: string | null, message: RegExp][] = [
    ["nothing", null, /expected its record ".*run\.yaml", found: /],
    ["torn", "run: [a", /expected ".*run\.yaml" to be YAML, found: /],
    ["other", "just: text\n", /expected ".*run\.yaml" to be the record of a run, found: something else/],
  ];
  for (const [name, record, message] of cases) {
    await Deno.mkdir(join(run.directory, name));
    if (record !== null) await Deno.writeTextFile(join(run.directory, name, "run.yaml"), record);
    const { code, stderr } = await recover(run, name);
    assertEquals(code, 2, stderr);
    assertMatch(stderr, message);
    assert(!/\n\s+at /.test(stderr), stderr);
  }
  assertEquals((await recover(run, "a", "b")).code, 2);
  assertEquals((await recover(run, "--force")).code, 2);
  assertStringIncludes((await recover(run, "--help")).stdout, "Usage: deno run -A run_daq.ts recover [RUN_DIRECTORY]");
});

Deno.test("recover says what is lost if the shared memory is gone", async () => {
  await using run = await TestRun.create(chain(), { slots: [32, 16] });
  const program = run.start();
  await killWhenRunning(run, program, 50);
  for (const segment of program.segments()) await Deno.remove(segment);
  const { code, stdout } = await recover(run, run.runDirectories[0]);
  assertEquals(code, 1, stdout);
  assertMatch(stdout, /Ring RB_1: what it held is lost/);
  assertEquals(run.record().status, "failed");
});

Deno.test("the next start keeps the rings of a killed run while its directory exists, and names it", async () => {
  await using run = await TestRun.create(chain(), { slots: [32, 16] });
  const program = run.start();
  await killWhenRunning(run, program, 50);
  const [killed] = run.runDirectories;
  const left = program.segments();
  const listed = await recover(run);
  assertStringIncludes(listed.stdout, `recover ${killed}`);
  const next = await run.start("--runevents", "20").output();
  assertEquals(next.code, 0, next.stdout + next.stderr);
  assertStringIncludes(next.stdout, `recover ${killed}`);
  assertEquals(program.segments(), left);
  await Deno.remove(killed, { recursive: true });
  // Elsewhere: a run that begins in the second of the killed one would take the name of its directory.
  assertEquals((await run.start("--runevents", "20", "--output", `${run.directory}/elsewhere`).output()).code, 0);
  assertEquals(program.segments(), []);
});

Deno.test("recover counts in the record what it saved and what it completed", async () => {
  await using run = await TestRun.create(chain(), { slots: [32, 16] });
  const program = run.start();
  await killWhenRunning(run, program, 200);
  const [directory] = run.runDirectories;
  const before = run.read("run.yaml");
  await Deno.writeTextFile(join(directory, "run.yaml"), before.replace(/^files:(?: \[\])?$/m, "files:\n  - table.csv"));
  await Deno.writeTextFile(join(directory, "table.csv"), "counter,timestamp,deadtime,x\n0,1.5,0,2\n1,1.6,0,");
  await recover(run, directory);
  const { recovery } = parse(run.read("run.yaml")) as {
    recovery: { events: { events: number; file: string }[]; files: { name: string; dropped_bytes: number }[] };
  };
  assertEquals(await Deno.readTextFile(join(directory, "table.csv")), "counter,timestamp,deadtime,x\n0,1.5,0,2\n");
  assertEquals(recovery.files.find(({ name }) => name === "table.csv")?.dropped_bytes, 8);
  for (const { file, events } of recovery.events) {
    using journal = new JournalReader(join(directory, file));
    assertEquals(journal.length, events, file);
  }
});

/** Adds to a counter of the only reader of the second ring, in its segment: `released` as processed, and its target. */
function patchReleased(path: string, by: number): void {
  using file = Deno.openSync(path, { read: true, write: true });
  const bytes = Deno.readFileSync(path);
  const view = new DataView(bytes.buffer);
  const owners = Number(view.getBigUint64(40, true));
  for (let row = owners; row < owners + 256 * 16; row += 256) {
    if (view.getUint32(row + 4, true) !== 2 || view.getBigUint64(row + 192, true) === 0n) continue;
    for (const at of [row + 192, row + 144]) {
      const value = new BigUint64Array([view.getBigUint64(at, true) + BigInt(by)]);
      file.seekSync(at, Deno.SeekMode.Start);
      file.writeSync(new Uint8Array(value.buffer));
    }
    return;
  }
  throw new Error(`Cannot find a reader in "${path}"`);
}

Deno.test("recover finds that the books of a ring do not close", async () => {
  await using run = await TestRun.create(chain(), { slots: [32, 16] });
  const program = run.start();
  await killWhenRunning(run, program, 100);
  patchReleased(program.segments().find((path) => path.endsWith("RB_1"))!, -1);
  const { code, stdout } = await recover(run, run.runDirectories[0]);
  assertEquals(code, 1, stdout);
  assertMatch(stdout, /The books disagree: RB_1: published \d+, but accounted for by Fkt_2 \d+/);
  assertEquals(run.record().ledger.map(({ residual }) => residual), [1, 0]);
});

Deno.test("recover does not take for processed what the program was saving for a dead reader when it was killed", async () => {
  await using run = await TestRun.create([
    { name: "countSource", write: [1], config: { events: 400 } },
    { name: "diesInEvent", read: [1], write: [2], config: { at: 10 } },
    { name: "collect", read: [1], config: { name: "slow", sleep_s: 0.02 } },
    { name: "discards", read: [2] },
  ], { slots: [100, 4] });
  const program = run.start();
  await run.untilFile("unfinished/RB_1_Fkt_2.mjournal", 500);
  program.kill("SIGKILL");
  await program.output();
  const [directory] = run.runDirectories;
  const { code, stdout } = await recover(run, directory);
  assertEquals(code, 0, stdout);
  const record = run.record();
  assertBooksClose(record);
  const dead = record.ledger[0].groups.find(({ name }) => name === "Fkt_2")!;
  const { published } = record.ledger[0];
  assertEquals([dead.processed, dead.failed, dead.unfinished], [10, 1, published - 11]);
  const { saved: files } = parse(run.read("run.yaml")) as { saved: { events: number; file: string }[] };
  assertEquals(files.map(({ file }) => file), ["unfinished/RB_1_Fkt_2.mjournal"]);
  using journal = new JournalReader(join(directory, files[0].file));
  assertEquals(journal.length, files[0].events);
  const kept = [...Array.from(journal, ({ counter }) => counter), ...saved(directory, "RB_1_Fkt_2")];
  assertEquals(kept.toSorted((a, b) => a - b), Array.from({ length: published - 11 }, (_, i) => 11 + i));
});

Deno.test("recover and the next start free what a program left that was killed after its end record", async () => {
  await using run = await TestRun.create(chain(), { slots: [32, 16] });
  for (const next of ["recover", "start"] as const) {
    const program = run.start("--output", join(run.directory, next));
    await until("a run that takes data", () => processHasData(join(run.directory, next)));
    program.kill("SIGKILL");
    await program.output();
    const directory = join(run.directory, next, [...Deno.readDirSync(join(run.directory, next))][0].name);
    const path = join(directory, "run.yaml");
    Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace("status: running", "status: complete"));
    if (next === "recover") {
      const { code, stdout } = await recover(run, directory);
      assertEquals(code, 0, stdout);
      assertMatch(
        stdout,
        /Nothing to recover: .* ended by itself \(complete\)/,
      );
    } else {
      const { stdout } = await run.start("--runevents", "5", "--output", join(run.directory, "next")).output();
      assert(!stdout.includes("A run was killed"), stdout);
    }
    assertEquals(program.segments(), []);
  }
});

function processHasData(folder: string): boolean {
  try {
    const [{ name }] = [...Deno.readDirSync(folder)];
    return Deno.statSync(join(folder, name, "fast_0.txt")).size > 2;
  } catch {
    return false;
  }
}

Deno.test("recover frees what a program left that was killed while it loaded its functions", async () => {
  await using run = await TestRun.create([
    { name: "count_source", module: "hangs_at_import", write: [1] },
    { name: "collect", read: [1] },
  ], { slots: [4] });
  const program = run.start();
  await until("rings", () => program.segments().length > 0);
  await run.untilFile("log.txt", -1);
  program.kill("SIGKILL");
  await program.output();
  const [directory] = run.runDirectories;
  assert(!(await recover(run)).stdout.includes(directory), "nothing can be recovered of it");
  const { code, stdout } = await recover(run, directory);
  assertEquals(code, 0, stdout);
  assertMatch(stdout, /was killed before it began, and has taken nothing\n/);
  assertEquals(program.segments(), []);
  assertEquals((await recover(run, directory)).code, 0);
});

Deno.test("recover touches only files that the run itself writes", async () => {
  await using run = await TestRun.create([
    ...chain(),
    { name: "ownTable", read: [1], config: { filename: "late" } },
  ], { slots: [32, 16] });
  const program = run.start();
  await killWhenRunning(run, program, 100);
  const [directory] = run.runDirectories;
  const files = (parse(run.read("run.yaml")) as { files: string[] }).files;
  assert(files.includes("late.txt"), "a file that a function names after the start");
  const others = {
    "scan.csv": "counter,timestamp,deadtime,x\n0,1.5,0,2\n1,1.6,0,3",
    "calib.json": "{}",
    "calib.json.new": '{ "a": 1 }',
    "late_2.txt": "counter\ttimestamp\tdeadtime\tx\n1\t2\t3",
  };
  for (const [name, text] of Object.entries(others)) await Deno.writeTextFile(join(directory, name), text);
  await Deno.writeTextFile(join(directory, "late.txt"), "1\t2", { append: true });
  const { code, stdout } = await recover(run, directory);
  assertEquals(code, 0, stdout);
  for (const [name, text] of Object.entries(others)) assertEquals(await Deno.readTextFile(join(directory, name)), text);
  assertMatch(await Deno.readTextFile(join(directory, "late.txt")), /\n$/);
  assertMatch(stdout, /late\.txt: a torn last line was cut off/);
});

Deno.test("recover completes the files of a run of another machine, and saves the rest where its memory is", async () => {
  await using run = await TestRun.create(chain(), { slots: [32, 16] });
  const program = run.start();
  await killWhenRunning(run, program, 100);
  const [directory] = run.runDirectories;
  const path = join(directory, "run.yaml");
  const host = Deno.hostname();
  const rename = (from: string, to: string) =>
    Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace(`host: ${from}`, `host: ${to}`));
  rename(host, "elsewhere");
  // Renamed here while it writes: as if the other machine had its memory.
  const segments = program.segments();
  const hidden = segments.map((segment) => join(run.directory, segment.split("/").at(-1)!));
  segments.forEach((segment, i) => Deno.copyFileSync(segment, hidden[i]));
  segments.forEach((segment) => Deno.removeSync(segment));
  const writing = setInterval(() => Deno.writeTextFileSync(join(directory, "stats.csv"), "\n", { append: true }), 500);
  const refused = await recover(run, directory);
  clearInterval(writing);
  assertEquals(refused.code, 2);
  assertMatch(refused.stderr, /is still being written to by "elsewhere"/);
  const first = await recover(run, directory);
  assertEquals(first.code, 1);
  assertMatch(first.stdout, /Ring RB_1: the run was taken on "elsewhere".*recover the run there/);
  assertEquals((await recover(run, directory)).code, 0);
  // There:
  segments.forEach((segment, i) => Deno.copyFileSync(hidden[i], segment));
  const { code, stdout } = await recover(run, directory);
  assertEquals(code, 0, stdout);
  assertAccounted(run, run.record());
  assertEquals(program.segments(), []);
});

Deno.test("recover refuses a run whose memory somebody uses who cannot be seen, as one in another container", async () => {
  await using run = await TestRun.create(chain(), { slots: [32, 16] });
  const program = run.start();
  await killWhenRunning(run, program, 100);
  {
    using locks = new DisposableStack();
    for (const segment of program.segments()) locks.use(Deno.openSync(segment)).lockSync(false);
    const { code, stderr } = await recover(run, run.runDirectories[0]);
    assertEquals(code, 2);
    assertMatch(stderr, /in use by a process that cannot be seen from here/);
    assert(!(await recover(run)).stdout.includes(run.runDirectories[0]));
  }
  assertEquals((await recover(run, run.runDirectories[0])).code, 0);
});
