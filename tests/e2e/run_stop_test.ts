import { join } from "node:path";
import { assert, assertEquals, assertGreater, assertMatch } from "../../src/std/assert.js";
import {
  assertBooksClose,
  PROGRAM,
  type RunningProgram,
  type TestFunction,
  TestRun,
  unfinishedEvents,
  until,
} from "./run_fixture.ts";

/** A source without end and a reader that takes a moment for each event. */
function endless(readerSleepS = 0.002): TestFunction[] {
  return [
    { name: "countSource", write: [1] },
    { name: "every_nth", workers: 2, read: [1], write: [2] },
    { name: "collect", read: [2], config: { sleep_s: readerSleepS } },
  ];
}

/** Waits until the run writes data. */
async function whenTakingData(run: TestRun): Promise<void> {
  const file = () => join(run.runDirectories[0], "Fkt_3_0.txt");
  await until("data in the run directory", () => {
    try {
      return Deno.statSync(file()).size > 20;
    } catch {
      return false;
    }
  });
}

async function stopWith(run: TestRun, program: RunningProgram, signal: Deno.Signal): Promise<void> {
  await whenTakingData(run);
  program.kill(signal);
}

Deno.test("run_daq stops at SIGINT, SIGTERM and SIGHUP and processes what it has taken", async (t) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    await t.step(signal, async () => {
      await using run = await TestRun.create(endless());
      const program = run.start();
      await stopWith(run, program, signal);
      const { code, stdout, stderr } = await program.output();
      assertEquals(code, 0, stdout + stderr);
      const record = run.record();
      assertBooksClose(record);
      assertEquals([record.end.stop_cause, unfinishedEvents(record)], ["user", 0]);
      const taken = record.ledger[0].published;
      assertGreater(taken, 0);
      assertEquals(run.collected("Fkt_3"), Array.from({ length: taken }, (_, i) => i));
      assertMatch(stdout, new RegExp(`Run complete: stopped by ${signal}`));
    });
  }
});

Deno.test("run_daq takes two SIGINTs at once for one", async () => {
  await using run = await TestRun.create(endless(0.01));
  const program = run.start();
  await stopWith(run, program, "SIGINT");
  program.kill("SIGINT");
  const { code, stdout, stderr } = await program.output();
  assertEquals(code, 0, stdout + stderr);
  assertEquals(unfinishedEvents(run.record()), 0);
});

Deno.test("run_daq ends at a second SIGINT and counts what is left", async () => {
  // Whatever is in the second ring would take the reader 12 s.
  await using run = await TestRun.create(endless(0.2), { slots: [16, 64] });
  const program = run.start();
  await stopWith(run, program, "SIGINT");
  // Its log says when it has taken the first one; another one within half a second would count as the same.
  await run.untilLogged(/stopped by SIGINT/);
  await new Promise((resolve) => setTimeout(resolve, 600));
  program.kill("SIGINT");
  const { code, stdout, stderr } = await program.output();
  assertEquals(code, 1, stdout + stderr);
  const record = run.record();
  assertBooksClose(record);
  assertGreater(unfinishedEvents(record), 0);
  assertEquals(record.hung, []);
  assertMatch(stdout, /ended by SIGINT/);
});

Deno.test("run_daq can be interrupted while modules are being loaded", async () => {
  await using run = await TestRun.create([{ name: "count_source", module: "hangs_at_import", write: [1] }, {
    name: "collect",
    read: [1],
  }], { slots: [4] });
  const program = run.start("-d");
  await until("a run directory", () => {
    try {
      return run.runDirectories.length === 1;
    } catch {
      return false;
    }
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  program.kill("SIGINT");
  const { code, stderr } = await program.output();
  assertEquals(code, 1);
  assertMatch(stderr, /interrupted by SIGINT/);
  assertEquals(run.runDirectories, []);
});

Deno.test("run_daq leaves a begin record when it is killed", async () => {
  await using run = await TestRun.create(endless());
  const program = run.start();
  await stopWith(run, program, "SIGKILL");
  assertEquals((await program.output()).code, -1);
  const record = run.record();
  assertEquals(record.status, "running");
  assert(!("end" in record));
});

Deno.test("run_daq goes on at SIGHUP and SIGINT when it was started to ignore them", async () => {
  await using run = await TestRun.create(endless());
  const child = new Deno.Command("sh", {
    args: [
      "-c",
      `trap '' HUP INT; exec "$@"`,
      "sh",
      Deno.execPath(),
      "run",
      "-A",
      "--quiet",
      PROGRAM,
      "test_setup.yaml",
    ],
    cwd: run.directory,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const watchdog = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const output = child.output();
  await whenTakingData(run);
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
    child.kill(signal);
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
  const { code, stdout } = await output;
  clearTimeout(watchdog);
  assertEquals(code, 0);
  assertMatch(new TextDecoder().decode(stdout), /Run complete: stopped by SIGTERM/);
});

Deno.test("run_daq counts the time that it was suspended as paused", async () => {
  await using run = await TestRun.create(endless());
  const program = run.start();
  await stopWith(run, program, "SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 3000));
  program.kill("SIGTERM");
  program.kill("SIGCONT");
  const { code, stdout, stderr } = await program.output();
  assertEquals(code, 0, stdout + stderr);
  const record = run.record();
  assertBooksClose(record);
  assertGreater(record.end.paused_s, 2.5);
  assertMatch(stderr, /warn: program was suspended for \d\.\d s/);
});
