import { RunMimoDAQ } from "../../src/control/run_mimo_daq.ts";
import type { RunDisplay } from "../../src/control/run_display.ts";
import type { RunSnapshot } from "../../src/control/run_snapshot.ts";
import { SetupRefused } from "../../src/control/setup_refused.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../src/std/assert.js";
import { assertBooksClose, type TestFunction, TestRun } from "./run_fixture.ts";

function functions(source: Record<string, unknown>, readerSleepS = 0): TestFunction[] {
  return [
    { name: "countSource", write: [1], config: source },
    { name: "collect", read: [1], config: { sleep_s: readerSleepS } },
  ];
}

/** Remembers what it was told. */
class RememberingDisplay implements RunDisplay {
  printed = "";
  readonly messages: string[] = [];
  readonly snapshots: RunSnapshot[] = [];
  closed = 0;

  print(text: string): void {
    this.printed += text;
  }
  message(entry: { readonly text: string }): void {
    this.messages.push(entry.text);
  }
  status(snapshot: RunSnapshot): void {
    this.snapshots.push(snapshot);
  }
  close(): void {
    this.closed++;
  }
}

Deno.test("RunMimoDAQ runs a setup inside another program and leaves nothing behind in it", async () => {
  await using run = await TestRun.create(functions({ events: 50 }), { slots: [8] });
  const display = new RememberingDisplay();
  const daq = new RunMimoDAQ(`${run.directory}/test_setup.yaml`, {
    display,
    outputDirectory: `${run.directory}/target`,
  });
  await daq.setup();
  assertEquals(daq.plan?.runName, "test");
  const { exitCode, runDirectory, record, isHung } = await daq.run();
  assertEquals([exitCode, isHung, [runDirectory]], [0, false, run.runDirectories]);
  assertEquals(record.status, "complete");
  assertBooksClose(run.record());
  assertMatch(display.printed, /1 ring buffer[^]*Run complete: end of input/);
  assertEquals(display.snapshots.at(-1)?.state, "Stopped");
  assert(display.closed > 0);
  assertEquals(daq.control?.state, "Shutdown");
});

Deno.test("RunMimoDAQ can be paused, resumed, stopped and ended by the program, in any order", async () => {
  await using run = await TestRun.create(functions({ sleep_s: 0.001 }, 0.002), { slots: [8] });
  const daq = new RunMimoDAQ(`${run.directory}/test_setup.yaml`, {
    verbose: 0,
    outputDirectory: `${run.directory}/target`,
  });
  await daq.setup();
  const result = daq.run();
  await new Promise((resolve) => setTimeout(resolve, 100));
  for (const order of ["pause", "pause", "resume", "stop", "resume", "stop"] as const) daq[order]();
  assertEquals((await result).exitCode, 0);
  daq.end();
  daq.end();
  assertBooksClose(run.record());
});

Deno.test("RunMimoDAQ takes an order to stop that comes before the start", async () => {
  await using run = await TestRun.create(functions({ sleep_s: 0.001 }), { slots: [8] });
  const setupFile = `${run.directory}/test_setup.yaml`;
  const options = { verbose: 0, outputDirectory: `${run.directory}/target` } as const;
  const early = new RunMimoDAQ(setupFile, options);
  early.stop();
  await assertRejects(() => early.setup(), Error, "interrupted by the user");
  for (const order of ["stop", "end"] as const) {
    const daq = new RunMimoDAQ(setupFile, options);
    await daq.setup();
    const result = daq.run();
    daq[order]();
    assertEquals((await result).record.status === "complete" || order === "end", true);
  }
  assertEquals(run.runDirectories.length, 2);
});

Deno.test("RunMimoDAQ keeps to the order of setup() and run()", async () => {
  await using run = await TestRun.create(functions({ events: 5 }), { slots: [8] });
  const setupFile = `${run.directory}/test_setup.yaml`;
  const daq = new RunMimoDAQ(setupFile, { verbose: 0, outputDirectory: `${run.directory}/target` });
  await assertRejects(() => daq.run(), TypeError, "expected setup() before");
  await daq.setup();
  await assertRejects(() => daq.setup(), TypeError, "one call of setup()");
  await daq.run();
  await assertRejects(() => daq.run(), TypeError, "no run() yet");
});

Deno.test("RunMimoDAQ throws SetupRefused with all problems, and leaves no run directory", async () => {
  await using run = await TestRun.create([{ name: "notThere", write: [1] }, { name: "nor_this", read: [1] }], {
    slots: [8],
  });
  const options = { verbose: 0, outputDirectory: `${run.directory}/target` } as const;
  const error = await assertRejects(
    () => new RunMimoDAQ(`${run.directory}/test_setup.yaml`, options).setup(),
    SetupRefused,
  );
  assertEquals(error.problems.length, 2);
  assertEquals(run.runDirectories, []);
  const missing = new RunMimoDAQ(`${run.directory}/nothing.yaml`, options);
  await assertRejects(() => missing.check(), SetupRefused, "found no file of that name");
});

Deno.test("RunMimoDAQ takes signals if it is asked to, until its run is over", async () => {
  await using run = await TestRun.create(functions({ sleep_s: 0.001 }), { slots: [8] });
  const options = { verbose: 0, signals: true, outputDirectory: `${run.directory}/target` } as const;
  const daq = new RunMimoDAQ(`${run.directory}/test_setup.yaml`, options);
  await daq.setup();
  const result = daq.run();
  await new Promise((resolve) => setTimeout(resolve, 100));
  // Not SIGINT, which the test runner takes for itself.
  Deno.kill(Deno.pid, "SIGTERM");
  assertEquals((await result).exitCode, 0);
  assertEquals(run.record().end.stop_cause, "user");
});
