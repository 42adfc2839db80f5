/** Functions that misbehave in other ways than by dying in an event; in threads and in processes. */
import { assert, assertEquals, assertMatch } from "../../src/std/assert.js";
import { assertBooksClose, type TestFunction, TestRun, unfinishedEvents } from "./run_fixture.ts";

const DYING = "dying_functions";

/** A source, a function that misbehaves, and a reader. */
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

for (const isolation of ["thread", "process"]) {
  const keys = { isolation };

  Deno.test(`run_daq reports a function that throws after its last event (${isolation})`, async () => {
    await using run = await TestRun.create([
      { name: "countSource", write: [1], config: { events: 50 } },
      { name: "throwsAtEnd", module: DYING, read: [1], keys },
    ], { slots: [16] });
    const { code, stdout } = await run.run();
    assertEquals(code, 1);
    const record = run.record();
    assertBooksClose(record);
    assertEquals(record.ledger[0].groups[0].processed, 50);
    assertEquals(record.failures.map(({ phase, event, message }) => [phase, event, message]), [
      ["end", null, "RangeError: thrown at the end"],
    ]);
    assertMatch(stdout, /Run failed: Fkt_2\/0 \(throwsAtEnd\) failed; stopped at 50 events/);
  });

  Deno.test(`run_daq names the event in which a display throws (${isolation})`, async () => {
    await using run = await TestRun.create([
      { name: "countSource", write: [1], config: { events: 50 } },
      { name: "collect", read: [1] },
      { name: "showsBadly", module: DYING, observe: [1], keys },
    ], { slots: [16] });
    const { code, stderr } = await run.run();
    assertEquals(code, 1);
    const record = run.record();
    assertBooksClose(record);
    const [{ phase, event, message }] = record.failures;
    assertEquals([phase, message], ["event", `RangeError: cannot show event ${event}`]);
    assertMatch(stderr, /showsBadly failed in event \d+: RangeError.*\n +at .*dying_functions.ts:\d+:\d+/);
  });

  Deno.test(`run_daq shows where a timer threw (${isolation})`, async () => {
    await using run = await TestRun.create([
      { name: "countSource", write: [1], config: { sleep_s: 0.001 } },
      { name: "collect", read: [1] },
      { name: "vanishes", observe: [1], keys },
    ], { slots: [16] });
    const { code } = await run.run();
    assertEquals(code, 1);
    const record = run.record();
    assertBooksClose(record);
    assertEquals(record.failures.length, 1);
    assertMatch(String(record.failures[0].stack), /^RangeError: thrown by a timer\n.*run_functions.ts:\d+:\d+/);
    assertEquals(record.deaths.map(({ cause, message }) => [cause, message]), [
      ["exception", "RangeError: thrown by a timer"],
    ]);
  });

  Deno.test(`run_daq keeps what a function writes outside of its record from its neighbours (${isolation})`, async () => {
    await using run = await TestRun.create(chain({ name: "writesOutside", keys }));
    const { code } = await run.run();
    assertEquals(code, 0);
    assertBooksClose(run.record());
    assertEquals(run.collected("Fkt_3"), numbers(100));
    assertMatch(run.read("log.txt"), /RangeError in event 0$/m);
  });

  Deno.test(`run_daq goes on without a function that closes its reader early (${isolation})`, async () => {
    await using run = await TestRun.create([
      { name: "countSource", write: [1], config: { events: 100 } },
      { name: "closesEarly", module: DYING, read: [1], config: { at: 7 }, keys },
      { name: "collect", read: [1] },
    ], { slots: [8] });
    const { code, stderr } = await run.run();
    assertEquals(code, 1);
    const record = run.record();
    assertBooksClose(record);
    assertEquals([record.failures, record.deaths], [[], []]);
    // The event that it held is handed back, and nobody is left to take it.
    assertEquals(record.ledger[0].groups.map(({ processed, unfinished }) => [processed, unfinished]), [[7, 93], [
      100,
      0,
    ]]);
    assertEquals(run.collected("Fkt_3"), numbers(100));
    assertMatch(stderr, /Fkt_2 ended before RB_1 did; later events stay unread/);
  });

  Deno.test(`run_daq counts an event whose data do not fit, and all that was before it is kept (${isolation})`, async () => {
    await using run = await TestRun.create([
      { name: "wrongSource", module: DYING, write: [1], config: { events: 100, at: 30 }, keys },
      { name: "collect", read: [1] },
    ], { slots: [16] });
    const { code } = await run.run();
    assertEquals(code, 1);
    const record = run.record();
    assertBooksClose(record);
    const [{ produced, published, discarded, late, invalid }] = record.ledger;
    assertEquals({ produced, published, discarded, late, invalid }, {
      produced: 31,
      published: 30,
      discarded: 0,
      late: 0,
      invalid: 1,
    });
    assertEquals([record.failures[0].phase, record.failures[0].event], ["event", 30]);
    assertEquals(run.collected("Fkt_2"), numbers(30));
  });

  Deno.test(`run_daq counts the event that a source has when the ring takes no more (${isolation})`, async () => {
    await using run = await TestRun.create([
      { name: "countSource", write: [1], keys },
      { name: "collect", read: [1] },
    ], { slots: [16] });
    const { code } = await run.run("--runevents", "50");
    assertEquals(code, 0);
    const record = run.record();
    assertBooksClose(record);
    const [{ produced, published, late }] = record.ledger;
    assert(produced === 50 + late && (late === 0 || late === 1), JSON.stringify(record.ledger[0]));
    assertEquals(published, 50);
  });
}

Deno.test("run_daq gives up a thread that never comes back, and exits with its event unfinished", async () => {
  await using run = await TestRun.create(chain({ name: "hangs", config: { at: 95 }, keys: { watchdog_s: 0.5 } }));
  const { code, stdout, stderr } = await run.run("--deadline", "1");
  assertEquals(code, 1);
  assertMatch(stderr, /Fkt_2\/0: warn: hangs has been in event 95 of RB_1 for 0.5 s/);
  assertMatch(stdout, /hung: Fkt_2\/0 \(hangs\) holds event 95 of RB_1/);
  const record = run.record();
  assertBooksClose(record);
  assertEquals([record.hung.length, record.deaths.length, unfinishedEvents(record)], [1, 0, 5]);
  assertEquals(run.collected("Fkt_3"), numbers(95));
});

// What setups may ask for at all is 64 GiB.
const FREE_BYTES = Deno.systemMemoryInfo().available;
const HAS_TOO_MUCH = FREE_BYTES > 40e9;

Deno.test({
  name: `run_daq refuses rings that together are larger than the memory${
    HAS_TOO_MUCH ? " (ignored: this machine has more than any setup may ask for)" : ""
  }`,
  ignore: HAS_TOO_MUCH,
  fn: async () => {
    const slots = Math.ceil(0.7 * FREE_BYTES / 8e6);
    await using run = await TestRun.create(chain({ name: "prints" }), { slots: [slots, slots] });
    const setup = `${run.directory}/test_setup.yaml`;
    const large = Deno.readTextFileSync(setup).replaceAll("channel_per_slot: 1\n", "channel_per_slot: 1000000\n");
    Deno.writeTextFileSync(setup, large);
    const { code, stderr } = await run.run();
    assertEquals(code, 2);
    assertMatch(stderr, /Cannot make the rings: expected at most [\d.]+ MB \(.*free.*\), found [\d.]+ MB in all/);
    assertEquals([...Deno.readDirSync(`${run.directory}/target`)], []);
  },
});
