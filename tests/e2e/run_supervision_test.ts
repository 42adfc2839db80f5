/** Deaths of workers: seen at once, what they held handed on, others in their place, and books that close. */
import { assert, assertEquals, assertGreater, assertGreaterOrEqual, assertMatch } from "../../src/std/assert.js";
import {
  assertBooksClose,
  type TestFunction,
  type TestRecord,
  TestRun,
  unfinishedEvents,
  until,
} from "./run_fixture.ts";

const DYING = "dying_functions";
const PROCESS = { isolation: "process" };
const RESTART = { on_failure: "restart" };

/** A source, a function that dies, and a reader. */
function chain(fn: Omit<TestFunction, "read" | "write">, events = 100): TestFunction[] {
  return [
    { name: "countSource", write: [1], config: { events } },
    { module: DYING, ...fn, read: [1], write: [2] },
    { name: "collect", read: [2] },
  ];
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** What of its deaths tests compare. */
function deathsOf({ deaths }: TestRecord) {
  return deaths.map(({ name, cause, signal, exit_code, event, restarted }) => ({
    name,
    cause,
    signal,
    exit_code,
    event,
    restarted,
  }));
}

const DEATH = { name: "Fkt_2", cause: "exception", exit_code: null, event: 7, restarted: true };

Deno.test("run_daq starts a process anew that died in an event; the event is offered again and lost for nobody", async (t) => {
  const cases: [name: string, expected: object, message: RegExp][] = [
    ["killsItself", { cause: "signal", signal: "SIGKILL" }, /its process was ended by SIGKILL/],
    ["crashes", { cause: "signal", signal: "SIGSEGV" }, /its process was ended by SIGSEGV/],
    ["exits", { cause: "exit", signal: null, exit_code: 7 }, /its process ended by itself, with exit code 7/],
  ];
  for (const [name, expected, message] of cases) {
    await t.step(name, async () => {
      await using run = await TestRun.create(chain({ name, config: { at: 7 }, keys: { ...PROCESS, ...RESTART } }));
      const { code, stdout } = await run.run();
      const record = run.record();
      assertBooksClose(record);
      assertEquals(deathsOf(record), [{ ...DEATH, signal: null, ...expected }]);
      assertEquals([code, record.end.stop_cause, record.restarts, unfinishedEvents(record)], [1, "input", 1, 0]);
      // The function lets the event pass only if it is flagged as redelivered.
      assertEquals(run.collected("Fkt_3"), numbers(100));
      assertEquals(record.deaths[0].ring, "RB_1");
      assertMatch(String(record.failures[0].message), message);
      assertEquals([record.failures[0].phase, record.failures[0].event], ["event", 7]);
      const [worker] = record.function_counts.Fkt_2;
      assertEquals([worker.ended, worker.restarts, worker.own_counts], ["ok", 1, null]);
      assertMatch(stdout, /Fkt_2\/0 \(\w+\) failed in event 7: its process/);
      assertMatch(stdout, /1 restart of workers/);
    });
  }
});

Deno.test("run_daq survives a process that runs out of memory, and says so", async () => {
  const fn = { name: "allocates", config: { at: 7 }, keys: { ...PROCESS, ...RESTART } };
  await using run = await TestRun.create(chain(fn));
  const { code, stdout, stderr } = await run.finish(run.startWith(["--v8-flags=--max-old-space-size=64"]));
  assertEquals(code, 1, stderr);
  const record = run.record();
  assertBooksClose(record);
  assertEquals(record.deaths.map(({ cause, event }) => [cause, event]), [["signal", 7]]);
  assertMatch(stdout, /Fkt_2\/0 \(allocates\) failed in event 7: its process ran out of memory \(SIG\w+\)/);
  assertMatch(run.read("log.txt"), /JavaScript out of memory/);
  assertEquals(run.collected("Fkt_3"), numbers(100));
});

Deno.test("run_daq ends with a thread that runs out of memory, and leaves the rings for recovery", async () => {
  await using run = await TestRun.create(chain({ name: "allocates", config: { at: 7 } }));
  const program = run.startWith(["--v8-flags=--max-old-space-size=64"]);
  const { code } = await program.output();
  assertEquals(code, -1);
  const record = run.record() as TestRecord & { readonly rings: readonly { readonly segment: string }[] };
  assertEquals(record.status, "running");
  assertEquals(program.segments().sort(), record.rings.map(({ segment }) => `/dev/shm${segment}`).sort());
  for (const path of program.segments()) Deno.removeSync(path);
});

Deno.test("run_daq gives the event of a killed process to another worker, and drains the rest", async () => {
  const fn = { name: "killsItself", workers: 2, config: { at: 7 }, keys: PROCESS };
  await using run = await TestRun.create(chain(fn, 0));
  const { code } = await run.run();
  const record = run.record();
  assertBooksClose(record);
  assertEquals([code, record.end.stop_cause, unfinishedEvents(record)], [1, "failure", 0]);
  assertEquals(deathsOf(record), [{ ...DEATH, cause: "signal", signal: "SIGKILL", restarted: false }]);
  assertEquals(run.collected("Fkt_3"), numbers(record.ledger[0].published));
});

Deno.test("run_daq writes an event once that was handed on before its worker died, and counts the double", async () => {
  await using run = await TestRun.create([
    { name: "countSource", write: [1], config: { events: 100 } },
    {
      name: "diesAfterHandingOn",
      module: DYING,
      read: [1],
      write: [2],
      config: { at: 7 },
      keys: { ...PROCESS, ...RESTART },
    },
    { name: "save_to_txt", module: "exporters", read: [2], config: { filename: "numbers" } },
  ]);
  const { code, stderr } = await run.run();
  assertEquals(code, 1, stderr);
  const record = run.record();
  assertBooksClose(record);
  assertEquals(record.ledger.map(({ published }) => published), [100, 101]);
  assertEquals(record.ledger[1].groups.map(({ processed, doubles }) => [processed, doubles]), [[100, 1]]);
  const lines = run.read("numbers.txt").trim().split("\n").filter((line) => /^[\d.]/.test(line));
  assertEquals(lines.map((line) => Number(line.split(/[\t ,]/).at(-1))).sort((a, b) => a - b), numbers(100));
});

Deno.test("run_daq takes a second death in the same event for the event's fault", async () => {
  const fn = { name: "killsItself", config: { at: 7, again: true }, keys: { ...PROCESS, ...RESTART } };
  await using run = await TestRun.create(chain(fn));
  const { code } = await run.run();
  assertEquals(code, 1);
  const record = run.record();
  assertBooksClose(record);
  assertEquals(record.deaths.map(({ event }) => event), [7, 7]);
  const [group] = record.ledger[0].groups;
  assertEquals([group.processed, group.failed, group.unfinished], [99, 1, 0]);
  assertEquals(run.collected("Fkt_3"), numbers(100).filter((n) => n !== 7));
  assertMatch(run.read("log.txt"), /Fkt_2\/0 left RB_1: 1 event failed for good, it was the second death in it/);
});

Deno.test("run_daq starts a worker anew with fresh modules", async () => {
  const fn = { name: "countsLoads", config: { at: 50 }, keys: { ...PROCESS, ...RESTART } };
  await using run = await TestRun.create(chain(fn));
  await run.run();
  const lines = run.read("log.txt").match(/loads \d restarts \d/g);
  assertEquals(lines, ["loads 1 restarts 0", "loads 1 restarts 1"]);
});

for (const isolation of ["thread", "process"]) {
  const keys = { isolation, ...RESTART };

  Deno.test(`run_daq starts a function anew that threw outside of its events (${isolation})`, async () => {
    await using run = await TestRun.create(chain({ name: "throwsOutside", config: { at: 7 }, keys }));
    const { code, stderr } = await run.run();
    assertEquals(code, 1);
    const record = run.record();
    assertBooksClose(record);
    assertEquals(deathsOf(record), [{ ...DEATH, signal: null }]);
    const [group] = record.ledger[0].groups;
    assertEquals([record.restarts, group.processed, group.failed], [1, 99, 1]);
    // The event was failed and not offered again; the ring behind it did not end in between.
    assertEquals(run.collected("Fkt_3"), numbers(100).filter((n) => n !== 7));
    assertMatch(
      stderr,
      /throwsOutside failed in event 7: RangeError: dead in event 7\n +at throwsOutside \(.*:\d+:\d+\)\n/,
    );
    assert(!/serve_worker/.test(stderr), "a terminal shows the user's part of the stack only");
    assertMatch(run.read("log.txt"), /at throwsOutside[^]*serve_worker/);
  });

  Deno.test(`run_daq needs no restart for an exception inside of an event (${isolation})`, async () => {
    await using run = await TestRun.create(chain({ name: "throwsInside", config: { at: 7 }, keys }));
    const { code } = await run.run();
    const record = run.record();
    assertBooksClose(record);
    assertEquals([code, record.restarts, record.deaths, record.end.stop_cause], [1, 0, [], "input"]);
    assertEquals([record.failures[0].event, record.ledger[0].groups[0].failed], [7, 1]);
    assertEquals(run.collected("Fkt_3"), numbers(100).filter((n) => n !== 7));
  });

  Deno.test(`run_daq starts an importer anew behind what it has published (${isolation})`, async (t) => {
    for (const workers of [1, 2]) {
      await t.step(`${workers} workers`, async () => {
        await using run = await TestRun.create([
          {
            name: "mortalSource",
            module: DYING,
            workers,
            write: [1],
            config: { events: 100, at: 30, by_signal: isolation === "process" },
            keys,
          },
          { name: "counters", module: DYING, read: [1] },
        ], { slots: [16] });
        const { code } = await run.run();
        const record = run.record();
        assertBooksClose(record);
        assertEquals([code, record.restarts, record.end.stop_cause], [1, workers, "input"]);
        assertEquals(record.ledger[0].published, 100 * workers);
        // Each counter once, whatever the number of workers.
        assertEquals(run.collected("Fkt_2"), numbers(100 * workers));
      });
    }
  });

  Deno.test(`run_daq ends after the last restart, and waits longer before each (${isolation})`, async () => {
    const own = { ...keys, restart_limit: 2 };
    await using run = await TestRun.create([
      { name: "countSource", write: [1] },
      { name: "throwsAtStart", module: DYING, read: [1], keys: own },
    ], { slots: [16] });
    const { code, stdout } = await run.run();
    assertEquals(code, 1);
    const record = run.record();
    assertBooksClose(record);
    assertEquals([record.end.stop_cause, record.restarts, record.failures.map(({ phase }) => phase)], [
      "failure",
      2,
      ["start", "start", "start"],
    ]);
    assertEquals(record.deaths.map(({ restarted }) => restarted), [true, true, false]);
    const times = record.deaths.map(({ time_utc }) => Date.parse(String(time_utc)));
    assertGreaterOrEqual(times[1] - times[0], 100);
    assertGreaterOrEqual(times[2] - times[1], 200);
    assertMatch(
      run.read("log.txt"),
      /begins anew in 0.1 s, restart 1 of at most 2[^]*in 0.2 s, restart 2 of at most 2/,
    );
    assertMatch(run.read("log.txt"), /stopped: Fkt_2\/0 \(throwsAtStart\) failed after 2 restarts/);
    assertMatch(stdout, /2 restarts of workers/);
  });

  Deno.test(`run_daq goes on when a worker comes up at its third start (${isolation})`, async () => {
    await using run = await TestRun.create([
      { name: "countSource", write: [1], config: { events: 100 } },
      { name: "throwsAtStart", module: DYING, read: [1], config: { times: 2 }, keys },
    ], { slots: [16] });
    const { code } = await run.run();
    const record = run.record();
    assertBooksClose(record);
    assertEquals([code, record.restarts, record.ledger[0].groups[0].processed], [1, 2, 100]);
  });

  Deno.test(`run_daq goes on without a group whose last worker died, and counts what it did not read (${isolation})`, async () => {
    await using run = await TestRun.create([
      { name: "countSource", write: [1], config: { events: 100 } },
      { name: "throwsAtStart", module: DYING, read: [1], keys: { isolation, on_failure: "continue" } },
      { name: "collect", read: [1] },
    ], { slots: [8] });
    const { code } = await run.run();
    const record = run.record();
    assertBooksClose(record);
    assertEquals([code, record.end.stop_cause, record.restarts], [1, "input", 0]);
    assertEquals(record.ledger[0].groups.map(({ processed, unfinished }) => [processed, unfinished]), [[0, 100], [
      100,
      0,
    ]]);
    assertEquals(run.collected("Fkt_3"), numbers(100));
  });
}

Deno.test("run_daq reports a worker that stays in an event while the run goes on, once, with the event", async () => {
  const slow = { name: "every_nth", module: "run_functions", config: { sleep_s: 0.4 }, workers: 2 };
  const fn = {
    name: "hangs",
    config: { at: 3 },
    workers: 2,
    keys: { watchdog_s: 2, ...PROCESS, on_failure: "continue" },
  };
  await using run = await TestRun.create([
    { name: "countSource", write: [1], config: { sleep_s: 0.1 } },
    { module: DYING, ...fn, read: [1], write: [2] },
    { name: "collect", read: [2] },
    // Slow, but not for so long; and one that is slow by design and says so.
    { ...slow, read: [2], write: [3], keys: { watchdog_s: 2 } },
    { name: "discards", read: [3], config: { sleep_s: 1.5 }, keys: { watchdog_s: 0 } },
  ], { slots: [64, 64, 1] });
  const { code } = await run.run("--runtime", "4", "--deadline", "1");
  assertEquals(code, 1);
  const warnings = run.read("log.txt").match(/.* has been in event .*/g) ?? [""];
  assertEquals(warnings.length, 1, warnings.join("\n"));
  assertMatch(warnings[0], /WARN {2}Fkt_2\/[01] hangs has been in event 3 of RB_1 for 2 s$/);
  const record = run.record();
  assertBooksClose(record);
  assertEquals(record.deaths.map(({ cause, event, ring }) => [cause, event, ring]), [["hung", 3, "RB_1"]]);
});

Deno.test("run_daq kills a process that hangs at the end, and gives its event to another worker", async () => {
  await using run = await TestRun.create(chain({ name: "hangs", workers: 2, config: { at: 95 }, keys: PROCESS }));
  const { code, stdout, stderr } = await run.run("--deadline", "0.7");
  assertEquals(code, 1);
  assertMatch(stderr, /no event has moved for [\d.]+ s: Fkt_2\/[01] \(hangs\) holds event 95 of RB_1/);
  assertMatch(
    stdout,
    /Fkt_2\/[01] \(hangs\) failed in event 95: its process was killed: it did not come back for [\d.]+ s/,
  );
  const record = run.record();
  assertBooksClose(record);
  assertEquals([record.hung, unfinishedEvents(record)], [[], 0]);
  assertEquals(deathsOf(record), [{ ...DEATH, cause: "hung", signal: "SIGKILL", event: 95, restarted: false }]);
  assertEquals(run.collected("Fkt_3"), numbers(100));
});

Deno.test("run_daq kills the last process that hangs at the end, and counts its event as unfinished", async () => {
  await using run = await TestRun.create(chain({ name: "hangs", config: { at: 95 }, keys: PROCESS }));
  await run.run("--deadline", "0.7");
  const record = run.record();
  assertBooksClose(record);
  assertEquals(record.ledger[0].groups[0].unfinished, 5);
  assertEquals(run.collected("Fkt_3"), numbers(95));
});

Deno.test("run_daq kills and restarts a process that hangs while importers wait, and the run goes on", async () => {
  const fn = { name: "hangs", config: { at: 20 }, keys: { ...PROCESS, ...RESTART } };
  await using run = await TestRun.create(chain(fn, 0));
  const { code } = await run.run("--deadline", "0.7", "--runevents", "200");
  const record = run.record();
  assertBooksClose(record);
  assertEquals([code, record.end.stop_cause, record.restarts], [1, "runevents", 1]);
  assertEquals(run.collected("Fkt_3"), numbers(200));
});

Deno.test("run_daq kills a process that hangs while importers wait if others shall go on, and they do", async () => {
  const fn = { name: "hangs", workers: 2, config: { at: 20 }, keys: { ...PROCESS, on_failure: "continue" } };
  await using run = await TestRun.create(chain(fn, 0));
  const { code } = await run.run("--deadline", "0.7", "--runevents", "200");
  const record = run.record();
  assertBooksClose(record);
  assertEquals([code, record.end.stop_cause, record.restarts], [1, "runevents", 0]);
  assertEquals(record.deaths.map(({ cause, event }) => [cause, event]), [["hung", 20]]);
  assertEquals(run.collected("Fkt_3"), numbers(200));
});

Deno.test("run_daq kills processes that do not end at once, and waits for none of them", async () => {
  await using run = await TestRun.create(chain({ name: "hangs", config: { at: 5 }, keys: PROCESS }, 0));
  const program = run.start();
  await until("the start", () => hasStarted(run));
  await new Promise((resolve) => setTimeout(resolve, 300));
  program.kill("SIGINT");
  await run.untilLogged(/stopped by SIGINT/);
  await new Promise((resolve) => setTimeout(resolve, 600));
  program.kill("SIGINT");
  const { code } = await run.finish(program);
  assertEquals(code, 1);
  const record = run.record();
  assertBooksClose(record);
  assertEquals([record.end.stop_cause, record.hung, record.deaths.map(({ cause }) => cause)], ["user", [], ["hung"]]);
});

Deno.test("run_daq loses nothing when processes are killed at random", async () => {
  const seed = Number(Deno.env.get("MIMOCORB_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  let state = seed;
  const random = (below: number) => {
    // Park and Miller, "Random number generators: good ones are hard to find" (1988).
    state = state * 48271 % 2147483647;
    return state % below;
  };
  const keys = { ...PROCESS, ...RESTART, restart_limit: 500 };
  await using run = await TestRun.create([
    { name: "mortalSource", module: DYING, write: [1], config: { events: 1e9, sleep_s: 0.0005 }, keys },
    { name: "every_nth", workers: 3, read: [1], write: [2], keys },
    { name: "every_nth", workers: 2, read: [2], write: [3], keys },
    { name: "once", module: DYING, read: [3] },
  ], { slots: [64, 32, 16] });
  const program = run.start();
  await until("the start", () => hasStarted(run));
  const KILLS = 40;
  for (let kill = 0; kill < KILLS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, 50 + random(100)));
    const workers = processesInLog(run);
    const victim = workers[random(workers.length)];
    try {
      Deno.kill(victim, "SIGKILL");
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
  // An event in which two died is failed, perhaps after the first one had handed it on; one that was comes twice, flagged.
  const failed = record.ledger.reduce((sum, ring) => sum + ring.groups[0].failed, 0);
  const seen = run.collected("Fkt_4");
  const { published } = record.ledger[0];
  const [, dropped] = run.read("log.txt").match(/dropped (\d+) doubles/) ?? [];
  console.log(`${record.restarts} restarts, ${published} events, ${failed} failed, ${dropped} doubles, residual 0`);
  assertEquals(new Set(seen).size, seen.length, "doubles");
  assertGreaterOrEqual(seen.length + failed, published, "lost");
  if (failed === 0) assertEquals(seen, numbers(published));
});

function hasStarted(run: TestRun): boolean {
  try {
    return run.read("log.txt").includes("run started");
  } catch {
    return false;
  }
}

/** Numbers of the processes that the workers have now, by the log. */
function processesInLog(run: TestRun): number[] {
  const newest = new Map<string, number>();
  for (const [, worker, pid] of run.read("log.txt").matchAll(/ (Fkt_\d+\/\d+) is process (\d+)$/gm)) {
    newest.set(worker, Number(pid));
  }
  return [...newest.values()];
}
