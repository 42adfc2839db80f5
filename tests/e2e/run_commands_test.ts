/** Commands to a run that goes on: single workers are stopped, the level of messages is changed, functions show their share. */
import { assert, assertEquals, assertGreater, assertMatch } from "../../src/std/assert.js";
import { toolTest } from "../tools.ts";
import { TestBrowser } from "./browser_fixture.ts";
import { eventually, PageRun } from "./monitor_fixture.ts";
import { assertBooksClose, type TestFunction, type TestRecord, TestRun, unfinishedEvents } from "./run_fixture.ts";

const DYING = "dying_functions";
const COMMANDS = "command_functions";
/** Slots of rings that shall not become full while something hangs. */
const ROOMY = { slots: [1 << 16, 1 << 16] };

interface RunState {
  readonly state: string;
  readonly functions: readonly {
    readonly name: string;
    readonly busy: number | null;
    readonly published: readonly number[];
    readonly takenOf: readonly number[];
    readonly workers: readonly { readonly state: string; readonly isStopped: boolean; readonly cpu: number | null }[];
  }[];
}

/** A run of tests' functions that takes commands. */
class CommandedRun implements AsyncDisposable {
  readonly #test: TestRun;
  readonly page: PageRun;

  private constructor(test: TestRun, page: PageRun) {
    this.#test = test;
    this.page = page;
  }

  static async start(
    functions: readonly TestFunction[],
    options: { readonly slots?: readonly number[]; readonly args?: readonly string[] } = {},
  ): Promise<CommandedRun> {
    const { args = [], ...rest } = options;
    const test = await TestRun.create(functions, rest);
    const page = PageRun.start(test.directory, "test_setup.yaml", { args: ["--web", "0", ...args] });
    const run = new CommandedRun(test, page);
    await eventually("the start of the run", async () => !/Set$/.test((await run.state()).state));
    return run;
  }

  state(): Promise<RunState> {
    return this.page.api<RunState>("/api/run");
  }

  async fn(name: string): Promise<RunState["functions"][number]> {
    return (await this.state()).functions.find((fn) => fn.name === name)!;
  }

  /** Carries out a command that must be taken. */
  async does(command: string): Promise<string> {
    const { ok, text } = await this.page.command(command);
    assert(ok, `${command}: ${text}`);
    return text;
  }

  /** Waits until a function has published some more events. */
  async brings(name: string, more: number): Promise<void> {
    const { published: [before = 0] } = await this.fn(name);
    await eventually(`${more} more events of ${name}`, async () => (await this.fn(name)).published[0] >= before + more);
  }

  async hasEnded(name: string, worker = 0): Promise<void> {
    await eventually(
      `the end of ${name}/${worker}`,
      async () => (await this.fn(name)).workers[worker].state === "ended",
    );
  }

  /** Waits for the end of the program, whose books must close. */
  async end(): Promise<{ code: number; record: TestRecord; log: string; collected: (name: string) => number[] }> {
    const code = await this.page.end();
    await this.#test.untilNoProcesses();
    const record = this.#test.record();
    assertBooksClose(record);
    return { code, record, log: this.#test.read("log.txt"), collected: (name) => this.#test.collected(name) };
  }

  log(): string {
    return this.#test.read("log.txt");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page[Symbol.asyncDispose]();
  }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Whether each worker of a function was stopped by command. */
function stopped(record: TestRecord, name: string): boolean[] {
  return record.function_counts[name].map(({ stopped_by_command_utc: at }) =>
    at !== null && !Number.isNaN(Date.parse(at))
  );
}

const SOURCE: TestFunction = { name: "countSource", write: [1], config: { sleep_s: 0.001 } };

for (const isolation of ["thread", "process"]) {
  const keys = { isolation };

  Deno.test(`stop worker ends one of two filters in the middle of a run that loses nothing (${isolation})`, async () => {
    await using run = await CommandedRun.start([
      SOURCE,
      { name: "everyNth", read: [1], write: [2], workers: 2, keys, config: { sleep_s: 0.001 } },
      { name: "collect", read: [2] },
    ]);
    await run.brings("Fkt_2", 50);
    assertEquals(await run.does("stop worker Fkt_2/1"), "Stopping: Fkt_2/1");
    await run.hasEnded("Fkt_2", 1);
    const { workers } = await run.fn("Fkt_2");
    assertEquals(workers.map(({ state, isStopped }) => [state, isStopped]), [["running", false], ["ended", true]]);
    assertMatch(await run.does("workers"), /Fkt_2\/0 +everyNth +running\n +Fkt_2\/1 +everyNth +stopped\n/);
    await run.brings("Fkt_2", 50);
    await run.does("stop");
    const { code, record, log, collected } = await run.end();
    assertEquals([code, record.status, record.end.stop_cause, unfinishedEvents(record)], [0, "complete", "user", 0]);
    assertEquals(stopped(record, "Fkt_2"), [false, true]);
    assertEquals([record.failures, record.deaths, record.restarts], [[], [], 0]);
    assertEquals(collected("Fkt_3"), numbers(record.ledger[0].published));
    assertMatch(log, /INFO +run Fkt_2\/1 \(everyNth\) stops by command/);
  });

  Deno.test(`stop worker lets the rest of a run go on without the only reader of a group (${isolation})`, async () => {
    // A ring that is full for the slow reader: the group that has gone must not hold it back.
    await using run = await CommandedRun.start([
      { name: "countSource", write: [1], config: {} },
      { name: "collect", read: [1], keys: { ...keys, on_failure: "restart" }, config: { sleep_s: 0.002 } },
      { name: "collect", read: [1] },
    ], { slots: [16] });
    await run.brings("Fkt_1", 50);
    await run.does("stop worker Fkt_2");
    await run.hasEnded("Fkt_2");
    await run.brings("Fkt_1", 50);
    await run.does("stop");
    const { code, record, collected } = await run.end();
    assertEquals([code, record.status, record.restarts], [0, "complete", 0]);
    const [gone, other] = record.ledger[0].groups;
    assertEquals([other.unfinished, stopped(record, "Fkt_2")], [0, [true]]);
    assertGreater(gone.unfinished, 0);
    // What it took it has finished: the numbers are in its file, without a gap.
    assertEquals(collected("Fkt_2"), numbers(gone.processed));
    assertEquals(collected("Fkt_3"), numbers(record.ledger[0].published));
    assertMatch(run.page.output, /Fkt_2\/0 \(collect\) was stopped by command; Fkt_2 left \d+ events of RB_1 unread/);
  });

  Deno.test(`stop worker ends a run in order when it was the importer, however long that sleeps (${isolation})`, async () => {
    await using run = await CommandedRun.start([
      { name: "oneAndNoMore", module: COMMANDS, write: [1], keys },
      { name: "everyNth", read: [1], write: [2] },
      { name: "collect", read: [2] },
    ]);
    await eventually(
      "the event",
      async () => (await run.fn("Fkt_3")).takenOf[0] === 1 || (await run.fn("Fkt_1")).published[0] === 1,
    );
    await run.does("stop worker Fkt_1/0");
    const { code, record, collected } = await run.end();
    assertEquals([code, record.status, record.end.stop_cause], [0, "complete", "user"]);
    assertEquals([unfinishedEvents(record), collected("Fkt_3"), stopped(record, "Fkt_1")], [0, [0], [true]]);
    assertMatch(run.page.output, /Run complete: Fkt_1\/0 stopped by command/);
  });

  Deno.test(`stop worker ends one of two importers at a full ring, and counts what it had (${isolation})`, async () => {
    await using run = await CommandedRun.start([
      { name: "countSource", write: [1], workers: 2, keys, config: {} },
      { name: "discards", read: [1], config: { sleep_s: 0.002 } },
    ], { slots: [4] });
    await run.brings("Fkt_1", 20);
    await run.does("stop worker Fkt_1/0");
    await run.hasEnded("Fkt_1", 0);
    await run.brings("Fkt_1", 20);
    await run.does("stop");
    const { code, record } = await run.end();
    const [{ produced, published, late }] = record.ledger;
    assertEquals([code, produced - published - late, unfinishedEvents(record)], [0, 0, 0]);
    assertEquals(stopped(record, "Fkt_1"), [true, false]);
  });

  Deno.test(`stop worker ends a function that only observes (${isolation})`, async () => {
    await using run = await CommandedRun.start([
      SOURCE,
      { name: "discards", read: [1] },
      { name: "watch", observe: [1], keys, config: { min_sleeptime: 1e6 } },
    ], { slots: [16] });
    await run.brings("Fkt_1", 20);
    await run.does("stop worker Fkt_3");
    await run.hasEnded("Fkt_3");
    await run.brings("Fkt_1", 20);
    await run.does("stop");
    const { code, record, log } = await run.end();
    assertEquals([code, unfinishedEvents(record), stopped(record, "Fkt_3")], [0, 0, [true]]);
    assertMatch(log, /Fkt_3\/0 saw some events/);
  });

  Deno.test(`log LEVEL reaches functions that are at work (${isolation})`, async () => {
    await using run = await CommandedRun.start([
      SOURCE,
      { name: "mutters", module: COMMANDS, read: [1], write: [2], keys },
      { name: "discards", read: [2] },
    ]);
    await run.brings("Fkt_2", 20);
    assert(!run.log().includes("looks at"), "a debug message before the command");
    await run.does("log debug");
    await eventually("debug messages", () => /DEBUG Fkt_2\/0 looks at \d+/.test(run.log()));
    await run.does("log error");
    const { length } = run.log();
    await run.brings("Fkt_2", 200);
    assertEquals(run.log().length, length);
    await run.does("log info");
    await eventually("info messages", () => /INFO +Fkt_2\/0 has seen \d+/.test(run.log().slice(length)));
    assert(!run.log().slice(length).includes("looks at"), "a debug message after the command");
    await run.does("end");
    await run.end();
  });

  Deno.test(`/api/run has the processor share of functions that only observe (${isolation})`, async () => {
    await using run = await CommandedRun.start([
      SOURCE,
      { name: "discards", read: [1] },
      { name: "calculates", module: COMMANDS, observe: [1], keys, config: { min_sleeptime: 0 } },
      { name: "rests", module: COMMANDS, observe: [1], keys, config: { min_sleeptime: 1e6 } },
    ], { slots: [16] });
    const share = async (name: string) => (await run.fn(name)).workers[0].cpu;
    await eventually("a share of the display that calculates", async () => (await share("Fkt_3") ?? 0) > 0.1);
    assertGreater((await run.fn("Fkt_3")).busy!, 0.1);
    await eventually("none of the display that rests", async () => (await share("Fkt_4") ?? 1) < 0.05);
    await run.does("stop");
    assertEquals((await run.end()).code, 0);
  });
}

Deno.test("stop worker kills a process that does not come back; its event goes to another one, and the run goes on", async () => {
  await using run = await CommandedRun.start([
    { name: "countSource", write: [1], config: { sleep_s: 0.005 } },
    {
      name: "hangs",
      module: DYING,
      read: [1],
      write: [2],
      workers: 2,
      config: { at: 7 },
      keys: { isolation: "process", watchdog_s: 0.2 },
    },
    { name: "collect", read: [2] },
  ], { ...ROOMY, args: ["--deadline", "1"] });
  let hanging: string | undefined;
  await eventually(
    "a report of the watchdog",
    () => (hanging = /Fkt_2\/(\d)(?= hangs has been in)/.exec(run.log())?.[1]) !== undefined,
  );
  await run.does(`stop worker Fkt_2/${hanging}`);
  await run.hasEnded("Fkt_2", Number(hanging));
  await run.brings("Fkt_2", 20);
  await run.does("stop");
  const { code, record, log, collected } = await run.end();
  assertEquals([code, record.status, record.end.stop_cause, unfinishedEvents(record)], [1, "failed", "user", 0]);
  assertEquals(
    record.deaths.map(({ name, worker, cause, event, restarted }) => [name, worker, cause, event, restarted]),
    [
      ["Fkt_2", Number(hanging), "hung", 7, false],
    ],
  );
  assertEquals([record.restarts, stopped(record, "Fkt_2")[Number(hanging)]], [0, true]);
  assertEquals(collected("Fkt_3"), numbers(record.ledger[0].published));
  assertMatch(log, /ERROR run stopped by command 1\.\d s ago: .* holds event 7 of RB_1; its process is killed/);
});

Deno.test("stop worker says that a thread which does not come back cannot be ended; it is given up with the run", async () => {
  await using run = await CommandedRun.start([
    SOURCE,
    { name: "hangs", module: DYING, read: [1], write: [2], config: { at: 7 } },
    { name: "collect", read: [2] },
  ], { ...ROOMY, args: ["--deadline", "0.5"] });
  await eventually("event 7", async () => (await run.fn("Fkt_2")).takenOf[0] === 7);
  await run.does("stop worker Fkt_2");
  await eventually("the end of patience", () => /holds event 7 of RB_1; a thread cannot be ended/.test(run.log()));
  await run.brings("Fkt_1", 20);
  await run.does("end");
  const { code, record } = await run.end();
  assertEquals([code, record.end.stop_cause], [1, "user"]);
  assertEquals(record.hung.map(({ name, worker, event }) => [name, worker, event]), [["Fkt_2", 0, 7]]);
  assertEquals(stopped(record, "Fkt_2"), [true]);
});

Deno.test("stop worker ends a worker that is about to be started anew, and nobody takes its place", async () => {
  await using run = await CommandedRun.start([
    SOURCE,
    { name: "throwsAtStart", read: [1], write: [2], keys: { on_failure: "restart", restart_limit: 100 } },
    { name: "discards", read: [1] },
  ], ROOMY);
  // The fourth start would come after 0.8 s.
  await eventually("three restarts", () => /begins anew in .* s, restart 4 of/.test(run.log()));
  await run.does("stop worker Fkt_2/0");
  await run.hasEnded("Fkt_2");
  await run.brings("Fkt_1", 20);
  await run.does("stop");
  const { code, record, log } = await run.end();
  assertEquals([code, record.end.stop_cause, record.restarts, stopped(record, "Fkt_2")], [1, "user", 3, [true]]);
  // Nobody reads in its place either: the events that it leaves are left on purpose.
  assert(!log.includes("saved"), log);
  assertMatch(log, /Fkt_2\/0 \(throwsAtStart\) was stopped by command; Fkt_2 left \d+ events of RB_1 unread/);
  assertGreater(record.ledger[0].groups[0].unfinished, 0);
  assertEquals(record.ledger[0].groups[1].unfinished, 0);
});

Deno.test("Ctrl-C while a worker is stopping ends the run in order", async () => {
  await using run = await CommandedRun.start([
    SOURCE,
    { name: "everyNth", read: [1], write: [2], workers: 2, config: { sleep_s: 0.01 } },
    { name: "collect", read: [2] },
  ]);
  await run.brings("Fkt_2", 10);
  await run.does("stop worker Fkt_2/0");
  run.page.kill("SIGINT");
  const { code, record, collected } = await run.end();
  assertEquals([code, record.end.stop_cause, unfinishedEvents(record)], [0, "user", 0]);
  assertEquals(collected("Fkt_3"), numbers(record.ledger[0].published));
});

Deno.test("stop worker refuses names that it does not know, and workers that have ended", async () => {
  await using run = await CommandedRun.start([
    SOURCE,
    { name: "readsFive", read: [1], keys: { on_failure: "continue" } },
    { name: "discards", read: [1] },
  ], { slots: [16] });
  await run.hasEnded("Fkt_2");
  const refusals: [command: string, text: RegExp][] = [
    ["stop worker", /expected its name, "stop worker Fkt_2\/0"/],
    ["stop worker Fkt_33", /expected a worker or a function, perhaps "Fkt_3", found "Fkt_33"/],
    ["stop worker Fkt_3/0 Fkt_1/1", /expected a worker or a function, perhaps "Fkt_1\/0", found "Fkt_1\/1"/],
    ["stop worker Fkt_2", /Cannot stop Fkt_2: expected it to be at work, found it ended/],
    ["stop Fkt_3", /Cannot stop Fkt_3: expected "stop" alone or "stop worker NAME"/],
  ];
  for (const [command, text] of refusals) {
    const reply = await run.page.command(command);
    assertEquals(reply.ok, false, command);
    assertMatch(reply.text, text);
  }
  // What was refused has stopped nobody.
  const { functions } = await run.state();
  assertEquals(functions.map(({ workers }) => workers[0].isStopped), [false, false, false]);
  await run.does("stop workers Fkt_3");
  await run.hasEnded("Fkt_3");
  await run.does("stop");
  await run.end();
});

toolTest(
  ["chromium", "chromium-browser", "google-chrome"],
  "page stops the worker that is chosen, after a question",
  async (chromium) => {
    await using run = await CommandedRun.start([
      SOURCE,
      { name: "everyNth", read: [1], write: [2], workers: 2 },
      { name: "collect", read: [2] },
    ]);
    await using browser = await TestBrowser.launch(chromium);
    const page = await browser.open(await run.page.url());
    const menu = "#panel-functions [data-function=Fkt_2] select.stop";
    await page.until("both workers on the menu", `document.querySelectorAll("${menu} option").length === 4`);
    assertEquals(await page.texts(`${menu} option`), ["stop…", "all of Fkt_2", "Fkt_2/0", "Fkt_2/1"]);
    await page.page.select(menu, "Fkt_2");
    await page.shows("#dialog h2", "Stop Fkt_2?");
    await page.shows("#dialog", "Nobody else reads RB_1 for Fkt_2");
    await page.page.keyboard.press("Escape");
    await page.until("no question", `!document.querySelector("#dialog").open`);
    await page.page.select(menu, "Fkt_2/1");
    await page.shows("#dialog h2", "Stop Fkt_2/1?");
    await page.shows("#dialog", "other workers read on");
    await page.click("#dialog-yes");
    await run.hasEnded("Fkt_2", 1);
    await page.until("one worker on the menu", `document.querySelectorAll("${menu} option").length === 3`);
    await run.does("stop");
    const { code, record } = await run.end();
    assertEquals([code, stopped(record, "Fkt_2"), page.errors], [0, [false, true], []]);
  },
);
