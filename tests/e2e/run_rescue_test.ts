/** Events whose readers are all dead: they are kept for later, and hold up nobody. */
import { join } from "node:path";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { assertEquals, assertGreater, assertMatch, assertStringIncludes } from "../../src/std/assert.js";
import { parse } from "../../src/std/yaml.js";
import { assertBooksClose, type TestFunction, TestRun } from "./run_fixture.ts";

interface Saved {
  readonly ring: string;
  readonly group: string;
  readonly events: number;
  readonly file: string;
}

function savedOf(run: TestRun): readonly Saved[] {
  return (parse(run.read("run.yaml")) as { saved: Saved[] }).saved;
}

/** Counters in a journal, each of which must be the event's number. */
function countersIn(run: TestRun, file: string): number[] {
  using journal = new JournalReader(join(run.runDirectories[0], file));
  return Array.from(journal, (event) => {
    assertEquals(event.data.data[0], event.counter);
    return event.counter;
  });
}

const SOURCE: TestFunction = { name: "countSource", write: [1], config: { sleep_s: 0.0005 } };

Deno.test("a run that stops because the only reader of a ring died keeps all events that it did not read", async () => {
  // The small rings make the dead reader's ring stop the filter before it, if nobody took its place.
  await using run = await TestRun.create(
    [
      { name: "countSource", write: [1] },
      { name: "everyNth", read: [1], write: [2], config: { sleep_s: 0.001 } },
      { name: "diesInEvent", read: [2], write: [3], config: { at: 5 } },
      { name: "collect", read: [2] },
      { name: "discards", read: [3] },
    ],
    { slots: [64, 4, 4] },
  );
  const { code, stdout } = await run.run();
  assertEquals(code, 1, stdout);
  assertMatch(stdout, /events of RB_2 saved for Fkt_3: unfinished\/RB_2_Fkt_3\.mjournal/);
  assertMatch(run.read("log.txt"), /Fkt_3 has no worker left; its events of RB_2 are saved for later/);
  const record = run.record();
  assertBooksClose(record);
  const [, second] = record.ledger;
  const dead = second.groups.find(({ name }) => name === "Fkt_3")!;
  const other = second.groups.find(({ name }) => name === "Fkt_4")!;
  assertEquals(other.processed, second.published, "the other group was drained");
  const expected = Array.from({ length: second.published - 6 }, (_, i) => 6 + i);
  assertEquals([dead.processed, dead.failed, dead.unfinished], [5, 1, expected.length]);
  assertGreater(expected.length, 4, "more than the ring holds");
  assertEquals(savedOf(run), [
    { ring: "RB_2", group: "Fkt_3", events: expected.length, file: "unfinished/RB_2_Fkt_3.mjournal" },
  ]);
  assertEquals(countersIn(run, "unfinished/RB_2_Fkt_3.mjournal").toSorted((a, b) => a - b), expected);
});

Deno.test("a run whose only reader died in the last event does not say that events are saved", async () => {
  await using run = await TestRun.create([
    { name: "countSource", write: [1], config: { events: 6 } },
    { name: "diesInEvent", read: [1], write: [2], config: { at: 5 } },
    { name: "discards", read: [2] },
  ]);
  await run.run();
  assertBooksClose(run.record());
  assertEquals(savedOf(run), []);
  assertEquals(run.read("log.txt").match(/.*saved.*/g), null);
});

Deno.test("a run with on_failure: continue lets go of the events of a dead reader, and counts them", async () => {
  await using run = await TestRun.create(
    [
      { name: "countSource", write: [1], config: { events: 60, sleep_s: 0.0005 } },
      { name: "diesInEvent", read: [1], write: [2], config: { at: 5 }, keys: { on_failure: "continue" } },
      { name: "collect", read: [1] },
      { name: "discards", read: [2] },
    ],
    { slots: [8, 4] },
  );
  const { code } = await run.run();
  assertEquals(code, 1);
  const record = run.record();
  assertBooksClose(record);
  assertEquals(record.ledger[0].groups.map(({ unfinished }) => unfinished), [54, 0]);
  assertEquals(savedOf(run), []);
});

Deno.test("a run that gives up a hung function keeps the events behind it", async () => {
  await using run = await TestRun.create([
    { name: "countSource", write: [1], config: { events: 12 } },
    { name: "hangsInEvent", read: [1], write: [2], config: { at: 3 } },
    { name: "discards", read: [2] },
  ]);
  const { code, stdout } = await run.start("--deadline", "1").output();
  assertEquals(code, 1, stdout);
  assertBooksClose(run.record());
  assertEquals(countersIn(run, "unfinished/RB_1_Fkt_2.mjournal"), [3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

Deno.test("a run that the user ends at once keeps nothing", async () => {
  await using run = await TestRun.create([SOURCE, { name: "discards", read: [1], config: { sleep_s: 0.3 } }], {
    slots: [16],
  });
  const program = run.start("--runtime", "30");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  program.kill("SIGTERM");
  await run.untilLogged(/stopped by SIGTERM/);
  await new Promise((resolve) => setTimeout(resolve, 600));
  program.kill("SIGTERM");
  const { stdout } = await program.output();
  assertStringIncludes(stdout, "left unfinished");
  assertBooksClose(run.record());
  assertEquals(savedOf(run), []);
});
