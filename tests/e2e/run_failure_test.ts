import { assert, assertEquals, assertGreater, assertMatch } from "../../src/std/assert.js";
import { assertBooksClose, runProgram, type TestFunction, TestRun, unfinishedEvents } from "./run_fixture.ts";

/** A source, a function that misbehaves, and a reader. */
function chainWith(fn: Omit<TestFunction, "read" | "write">, events = 100): TestFunction[] {
  return [
    { name: "countSource", write: [1], config: { events } },
    { read: [1], write: [2], ...fn },
    { name: "collect", read: [2] },
  ];
}

Deno.test("run_daq refuses a module that throws when it is loaded, without a stack trace", async () => {
  await using run = await TestRun.create(chainWith({ name: "count_source", module: "throws_at_import" }));
  const { code, stdout, stderr } = await run.run();
  assertEquals(code, 2, stdout);
  assertMatch(stderr, /Fkt_2 \(count_source\): Cannot load module .*throws_at_import.ts: .*no luck with the module/);
  assert(!/^ +at /m.test(stderr), stderr);
  assertEquals([...Deno.readDirSync(`${run.directory}/target`)], []);
});

Deno.test("run_daq refuses a function that its module does not export, and says what there is", async () => {
  await using run = await TestRun.create(chainWith({ name: "everyNht" }));
  const { code, stderr } = await run.run("--dry-run");
  assertEquals(code, 2);
  assertMatch(stderr, /Fkt_2 \(everyNht\): Cannot find function "everyNht": .*did you mean "everyNth"\?/);
  assertMatch(stderr, /Setup refused: 1 problem/);
});

Deno.test("run_daq refuses a function that cannot work with its rings", async () => {
  await using run = await TestRun.create(chainWith({ name: "countSource" }));
  const { code, stderr } = await run.run();
  assertEquals(code, 2);
  assertMatch(stderr, /Fkt_2 \(countSource\): Cannot /);
  assert(!/^ +at /m.test(stderr), stderr);
});

Deno.test("run_daq refuses a module that never comes back from loading", async (t) => {
  for (const module of ["hangs_at_import", "loops_at_import"]) {
    await t.step(module, async () => {
      await using run = await TestRun.create(chainWith({ name: "count_source", module }));
      const { code, stdout, stderr } = await runProgram(["test_setup.yaml"], run.directory, {
        program: `${import.meta.dirname}/../data/impatient_run.ts`,
      });
      assertEquals(code, 2, stdout + stderr);
      assertMatch(
        stderr,
        new RegExp(`Fkt_2 \\(count_source\\): Cannot load module .*${module}.ts: expected .* by now`),
      );
    });
  }
});

Deno.test("run_daq fails when a function throws at its start", async () => {
  await using run = await TestRun.create(chainWith({ name: "throws_at_start" }));
  const { code, stdout } = await run.run();
  assertEquals(code, 1);
  const record = run.record();
  assertBooksClose(record);
  const [failure] = record.failures;
  assertEquals([failure.name, failure.function, failure.worker, failure.phase, failure.event], [
    "Fkt_2",
    "throws_at_start",
    0,
    "start",
    null,
  ]);
  assertMatch(stdout, /Fkt_2\/0 \(throws_at_start\) failed: RangeError: no luck at the start/);
});

Deno.test("run_daq processes the rest when a function throws in one event", async () => {
  await using run = await TestRun.create(chainWith({ name: "throws_in_event", config: { at: 7 } }, 0));
  const { code, stdout, stderr } = await run.run();
  assertEquals(code, 1);
  const record = run.record();
  assertBooksClose(record);
  assertEquals([record.end.stop_cause, unfinishedEvents(record)], ["failure", 0]);
  const taken = record.ledger[0].published;
  assertEquals(record.ledger[0].groups[0].failed, 1);
  assertEquals(run.collected("Fkt_3"), Array.from({ length: taken }, (_, i) => i).filter((n) => n !== 7));
  const [failure] = record.failures;
  assertEquals([failure.phase, failure.event, failure.message], ["event", 7, "RangeError: no luck in event 7"]);
  assertMatch(String(failure.stack), /run_functions.ts:\d+/);
  assertMatch(stderr, /run_functions.ts:\d+/);
  assertMatch(stdout, /^Run failed: Fkt_2\/0 \(throws_in_event\) failed in event 7; stopped at \d+ events$/m);
});

Deno.test("run_daq goes on after a failed event when the setup says so, and still fails in the end", async () => {
  const keys = { on_failure: "continue" };
  await using run = await TestRun.create(chainWith({ name: "throws_in_event", config: { at: 7 }, keys }));
  const { code } = await run.run();
  assertEquals(code, 1);
  const record = run.record();
  assertEquals([record.end.stop_cause, record.ledger[0].published], ["input", 100]);
  assertEquals(record.ledger[1].published, 99);
});

Deno.test("run_daq drains what it can when a whole worker dies", async () => {
  const dies = { name: "dies_in_event", workers: 2, config: { at: 7 } };
  await using run = await TestRun.create(chainWith(dies, 0));
  const { code } = await run.run();
  assertEquals(code, 1);
  const record = run.record();
  assertBooksClose(record);
  assertEquals(record.failures[0].event, 7);
  const first = record.ledger[0].groups[0];
  assertEquals(run.collected("Fkt_3").length, first.processed);
  assertEquals(first.failed, 1);
});

Deno.test("run_daq ends when the last worker of a function dies with its ring full", async () => {
  await using run = await TestRun.create(chainWith({ name: "dies_in_event", config: { at: 3 } }, 0), { slots: [2, 2] });
  const { code } = await run.run();
  assertEquals(code, 1);
  const record = run.record();
  assertBooksClose(record);
  assertEquals(run.collected("Fkt_3"), [0, 1, 2]);
});

Deno.test("run_daq notices a worker that ends without a word", async () => {
  await using run = await TestRun.create([
    { name: "countSource", write: [1], config: { sleep_s: 0.001 } },
    { name: "collect", read: [1] },
    { name: "vanishes", observe: [1] },
  ], { slots: [16] });
  const { code, stdout } = await run.run();
  assertEquals(code, 1);
  assertBooksClose(run.record());
  assertMatch(stdout, /Fkt_3\/0 \(vanishes\) failed.*thrown by a timer/);
});

Deno.test("run_daq reports a function that hangs while the run is drained, keeps its record and exits", async () => {
  await using run = await TestRun.create(chainWith({ name: "hangs_in_event", config: { at: 95 } }));
  const { code, stdout, stderr } = await run.run("--deadline", "0.7");
  assertEquals(code, 1);
  assertMatch(stderr, /no event has moved for [\d.]+ s: Fkt_2\/0 \(hangs_in_event\) holds event 95 of RB_1/);
  assertMatch(stdout, /hung: Fkt_2\/0 \(hangs_in_event\) holds event 95 of RB_1/);
  const record = run.record();
  assertBooksClose(record);
  assertEquals(record.hung, [{ name: "Fkt_2", function: "hangs_in_event", worker: 0, ring: "RB_1", event: 95 }]);
  assertEquals(record.ledger[0].groups[0].unfinished, 5);
  assertEquals(run.collected("Fkt_3"), Array.from({ length: 95 }, (_, i) => i));
});

Deno.test("run_daq notices a function that hangs while importers wait for space", async () => {
  await using run = await TestRun.create(chainWith({ name: "hangs_in_event", workers: 2, config: { at: 20 } }, 0));
  const { code, stdout, stderr } = await run.run("--deadline", "0.7");
  assertEquals(code, 1);
  const record = run.record();
  assertBooksClose(record);
  assertEquals(record.end.stop_cause, "stalled");
  assertMatch(
    stdout,
    /^Run failed: no event has moved for [\d.]+ s: Fkt_2\/[01] \(hangs_in_event\) holds event 20 of RB_1$/m,
  );
  assertEquals(stdout.match(/holds event 20/g)?.length, 1);
  assertEquals(record.hung.map((worker) => worker.event), [20]);
  assertGreater(unfinishedEvents(record), 0);
  assertMatch(stderr, /given up: Fkt_2\/[01] \(hangs_in_event\) holds event 20/);
});

Deno.test("run_daq does not wait for ever for a function without rings", async () => {
  await using run = await TestRun.create([...chainWith({ name: "every_nth" }), { name: "never_returns" }]);
  const { code, stdout } = await run.run("--deadline", "0.7");
  assertEquals(code, 1);
  const record = run.record();
  assertBooksClose(record);
  assertEquals(unfinishedEvents(record), 0);
  assertMatch(stdout, /hung: Fkt_4\/0 \(never_returns\) does not return/);
});
