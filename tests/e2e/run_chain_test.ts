import { assert, assertEquals, assertGreaterOrEqual, assertMatch } from "../../src/std/assert.js";
import { assertBooksClose, runProgram, type TestFunction, TestRun, unfinishedEvents } from "./run_fixture.ts";

const ESCAPE = "\x1b";

/** Source, filter and reader, as in the examples; an observer looks at the first ring. */
function chain(
  options: { events?: number; workers?: number; every?: number; filterSleepS?: number; readerSleepS?: number } = {},
): TestFunction[] {
  const { events = 2000, workers = 2, every = 10, filterSleepS = 0, readerSleepS = 0 } = options;
  return [
    { name: "countSource", write: [1], config: { events } },
    { name: "every_nth", workers, read: [1], write: [2], config: { every, sleep_s: filterSleepS } },
    { name: "collect", read: [2], config: { sleep_s: readerSleepS } },
    { name: "watch", observe: [1], config: { min_sleeptime: 0.05 } },
  ];
}

function multiples(step: number, below: number): number[] {
  return Array.from({ length: Math.ceil(below / step) }, (_, i) => i * step);
}

Deno.test("run_daq processes every event once with 1, 2 and 4 filter workers", async (t) => {
  for (const workers of [1, 2, 4]) {
    await t.step(`${workers} workers`, async () => {
      await using run = await TestRun.create(chain({ workers }));
      const { code, stdout, stderr } = await run.run();
      assertEquals(code, 0, stdout + stderr);
      assertEquals(run.collected("Fkt_3"), multiples(10, 2000));
      const record = run.record();
      assertBooksClose(record);
      assertEquals(record.ledger.map((ring) => ring.published), [2000, 200]);
      assertEquals(unfinishedEvents(record), 0);
      assertEquals([record.status, record.end.stop_cause, record.end.exit_code], ["complete", "input", 0]);
    });
  }
});

Deno.test("run_daq loses nothing with rings of two slots", async () => {
  await using run = await TestRun.create(chain({ events: 500, every: 2 }), { slots: [2, 2] });
  const { code, stdout, stderr } = await run.run();
  assertEquals(code, 0, stdout + stderr);
  assertEquals(run.collected("Fkt_3"), multiples(2, 500));
  assertBooksClose(run.record());
});

Deno.test("run_daq takes a slow reader for progress, not for hung", async () => {
  const functions = chain({ events: 300, every: 1, readerSleepS: 0.005 });
  await using run = await TestRun.create(functions, { slots: [16, 300] });
  const { code, stdout, stderr } = await run.run("--deadline", "0.8");
  assertEquals(code, 0, stdout + stderr);
  assertEquals(run.collected("Fkt_3"), multiples(1, 300));
  assertBooksClose(run.record());
});

Deno.test("run_daq takes exactly --runevents events, also from several importers", async (t) => {
  for (const importers of [1, 3]) {
    await t.step(`${importers} importers`, async () => {
      const [source, ...others] = chain({ events: 0 });
      await using run = await TestRun.create([{ ...source, workers: importers }, ...others]);
      const { code, stdout, stderr } = await run.run("--runevents", "777", "-v", "1");
      assertEquals(code, 0, stdout + stderr);
      const record = run.record();
      assertBooksClose(record);
      assertEquals(record.ledger[0].published, 777);
      assertEquals(record.end.stop_cause, "runevents");
      assertMatch(stdout, /Run complete: 777 events reached/);
    });
  }
});

Deno.test("run_daq ends after --runtime seconds of active time", async () => {
  await using run = await TestRun.create(chain({ events: 0, filterSleepS: 0.001 }));
  const { code, stdout, stderr } = await run.run("--runtime", "0.4");
  assertEquals(code, 0, stdout + stderr);
  const record = run.record();
  assertBooksClose(record);
  assertEquals(record.end.stop_cause, "runtime");
  assertGreaterOrEqual(record.end.active_s, 0.4);
  assertEquals(unfinishedEvents(record), 0);
});

Deno.test("run_daq takes limits from the setup, and the command line's before them", async () => {
  await using run = await TestRun.create(chain({ events: 0 }), { main: { runevents: 50, runtime: 0 } });
  assertEquals((await run.run("-v0")).code, 0);
  assertEquals((await run.run("-v0", "--runevents", "60")).code, 0);
  const published = run.runDirectories.map((path) => {
    const [, count] = /published: (\d+)/.exec(Deno.readTextFileSync(`${path}/run.yaml`))!;
    return Number(count);
  });
  assertEquals(published.sort(), [50, 60]);
});

Deno.test("run_daq writes all files of a run directory, and no escape codes without a terminal", async () => {
  await using run = await TestRun.create(chain({ events: 100 }));
  const { stdout, stderr } = await run.run();
  const names = [...Deno.readDirSync(run.runDirectories[0])].map((entry) => entry.name);
  for (const name of ["run.yaml", "log.txt", "stats.csv", "data_flow.svg", "test_setup.yaml", "config_1.yaml"]) {
    assert(names.includes(name), `${name} is missing in ${names}`);
    assertGreaterOrEqual(run.read(name).length, 10, name);
    if (!name.startsWith("config")) assert(stdout.includes(name), `${name} is not in the report:\n${stdout}`);
  }
  assertEquals(run.read("test_setup.yaml"), await Deno.readTextFile(`${run.directory}/test_setup.yaml`));
  assertMatch(run.read("log.txt"), /INFO {2}Fkt_4\/0 saw some events/);
  assertEquals(run.read("stats.csv").trimEnd().split("\n").at(-1)!.split(",")[1], "Stopped");
  assert(!stdout.includes(ESCAPE) && !stderr.includes(ESCAPE), stdout + stderr);
});

Deno.test("run_daq keeps configuration files of the same name apart", async () => {
  const [source, ...others] = chain({ events: 100 });
  await using run = await TestRun.create([{ ...source, keys: { config_file: "other/config_2.yaml" } }, ...others]);
  await Deno.mkdir(`${run.directory}/other`);
  await Deno.writeTextFile(`${run.directory}/other/config_2.yaml`, "events: 20\n");
  assertEquals((await run.run("-v0")).code, 0);
  assertEquals(run.read("config_2.yaml"), "events: 20\n");
  assertMatch(run.read("config_2_1.yaml"), /every: 10/);
  assertEquals(run.record().ledger[0].published, 20);
});

Deno.test("run_daq with --output makes run directories there, a new one for each run", async () => {
  await using run = await TestRun.create(chain({ events: 10 }));
  const outputs = await Promise.all([0, 1].map(() => run.run("--output", "elsewhere/deep", "-v0")));
  assertEquals(outputs.map(({ code, stdout, stderr }) => [code, stdout, stderr]), [[0, "", ""], [0, "", ""]]);
  assertEquals([...Deno.readDirSync(`${run.directory}/elsewhere/deep`)].length, 2);
});

Deno.test("run_daq ends when a reader returns early, and counts what it left", async () => {
  await using run = await TestRun.create([
    { name: "countSource", write: [1], config: { events: 200 } },
    { name: "reads_five", read: [1] },
  ], { slots: [16] });
  const { code, stdout } = await run.run();
  assertEquals(code, 1);
  const record = run.record();
  assertBooksClose(record);
  assertEquals(record.ledger[0].published, 200);
  assertGreaterOrEqual(unfinishedEvents(record), 195);
  assertMatch(stdout, /\d+ events left unfinished/);
  assertMatch(run.read("log.txt"), /Fkt_2 ended before RB_1 did/);
});

Deno.test("run_daq with --dry-run prints the plan, loads the functions and leaves nothing behind", async () => {
  await using run = await TestRun.create(chain());
  const { code, stdout } = await run.run("--dry-run");
  assertEquals(code, 0, stdout);
  for (const part of ["RB_1: 16 slots of 1 value", "Fkt_2: every_nth, 2 workers", "every: 10", "run_functions.ts"]) {
    assert(stdout.includes(part), `${part} is not in:\n${stdout}`);
  }
  assertEquals([...Deno.readDirSync(run.directory)].some((entry) => entry.name === "target"), false);
});

Deno.test("run_daq shows its help and version", async () => {
  const help = await runProgram(["--help"], ".");
  assertEquals([help.code, help.stdout.includes("--runevents")], [0, true]);
  const version = await runProgram(["--version"], ".");
  assertEquals(version.code, 0);
  assertMatch(version.stdout, /^mimocorb \d+\.\d+\.\d+ /);
});
