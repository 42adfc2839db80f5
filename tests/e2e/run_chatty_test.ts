/** Functions that publish and log with every event of a source that runs freely. */
import { assert, assertEquals, assertGreater } from "../../src/std/assert.js";
import { PageRun } from "./monitor_fixture.ts";
import { assertBooksClose, TestRun } from "./run_fixture.ts";

/** Messages of a function that pass in a second. */
const LINES_PER_S = 50;

for (const isolation of ["thread", "process"]) {
  Deno.test(`run with a function that publishes and logs with every event obeys its limit (${isolation})`, async () => {
    const test = await TestRun.create([
      { name: "endless", module: "chatty_functions", write: [1] },
      { name: "chatty", module: "chatty_functions", read: [1], keys: { isolation } },
    ], { slots: [64], main: { runtime: 4 } });
    await using run = PageRun.start(test.directory, "test_setup.yaml", { args: ["--web", "0"] });
    await run.url();
    let mostMb = 0;
    const watch = setInterval(() => mostMb = Math.max(mostMb, run.residentMb()), 100);
    const code = await run.end();
    clearInterval(watch);
    assertEquals(code, 0, run.output);
    const record = test.record();
    assertBooksClose(record);
    assertEquals(record.end.stop_cause, "runtime");
    // A run like this without any displays takes some 350 MB.
    assert(mostMb > 50 && mostMb < 1200, `${mostMb} MB`);
    // Of thousands of states the last one is in the report.
    const [{ groups: [{ processed }] }] = record.ledger;
    assertGreater(processed, 1000);
    assert(test.read("report.html").includes(`Count: <b>${processed}</b>`), `${processed}`);
    const log = test.read("log.txt");
    const lines = [...log.matchAll(/ Fkt_2\/0 event \d+$/gm)].length;
    const heldBack = [...log.matchAll(/ (\d+) more messages held back/g)].reduce((sum, [, n]) => sum + Number(n), 0);
    assert(lines <= LINES_PER_S * (record.end.active_s + 30), `${lines} lines`);
    assertEquals(lines + heldBack, processed);
  });
}

Deno.test("report.html adds what a worker had counted before its death to what it counted after", async () => {
  await using run = await TestRun.create([
    { name: "endless", module: "chatty_functions", write: [1] },
    { name: "mortalCounter", module: "chatty_functions", read: [1], keys: { on_failure: "restart" } },
  ], { slots: [16] });
  await run.run("--runevents", "100", "--web", "off");
  const record = run.record();
  // One event is that of its death.
  const [{ processed, failed }] = record.ledger[0].groups;
  assertEquals([record.restarts, processed, failed], [1, 99, 1]);
  assert(run.read("report.html").includes(">Σ 99  ·"), "not 99 entries");
});
