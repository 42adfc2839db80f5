/** Commands on single workers and on levels, completion of their words, and shares of processors. */
import { RingPauses } from "../../src/control/ring_pauses.ts";
import { RunClock } from "../../src/control/run_clock.ts";
import type { WatchedRun } from "../../src/control/run_watcher.ts";
import { CpuShares } from "../../src/monitor/cpu_share.ts";
import { FunctionStates } from "../../src/monitor/function_states.ts";
import type { RawState, RawWorker } from "../../src/monitor/messages.ts";
import { RunCommands } from "../../src/monitor/run_commands.ts";
import { RunMonitor } from "../../src/monitor/run_monitor.ts";
import type { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { assertEquals, assertMatch } from "../../src/std/assert.js";

interface FakeWorker {
  readonly label: string;
  readonly plan: { readonly name: string; readonly functionName: string };
  readonly state: string;
  readonly ok: boolean;
  readonly retiredAt: Date | null;
}

function worker(name: string, n: number, changed: Partial<FakeWorker> = {}): FakeWorker {
  const plan = { name, functionName: `of_${name}` };
  return { label: `${name}/${n}`, plan, state: "running", ok: false, retiredAt: null, ...changed };
}

/** A run that only takes notes of what it shall do. */
class FakeRun {
  readonly done: string[] = [];
  readonly printed: string[] = [];
  readonly log = { minimum: "info", add: () => {} };
  readonly control;

  constructor(workers: readonly FakeWorker[], state = "Running", { roots = ["RB_1"] } = {}) {
    const rings = ["RB_1", "RB_2", "RB_3"].filter((name) => name !== "RB_3" || roots.includes(name));
    const functions = [...new Set(workers.map(({ plan }) => plan.name)), "Fkt_9"].map((name) => ({
      name,
      workers: workers.filter(({ plan }) => plan.name === name).length,
    }));
    this.control = {
      state,
      plan: { functions, rings: rings.map((name) => ({ name, isRoot: roots.includes(name) })) },
      workers,
      rings: new Map(rings.map((name) => [name, this.#ring(name)])),
      ringPauses: {
        pause: ({ name }: { readonly name: string }) => this.done.push(`pause ${name} alone`),
        resume: ({ name }: { readonly name: string }) => this.done.push(`resume ${name} alone`),
      },
      stopWorkers: (them: readonly FakeWorker[]) => this.done.push(`stop ${them.map(({ label }) => label)}`),
      setLogLevel: (level: string) => this.done.push(`level ${level}`),
    };
  }

  print(text: string): void {
    this.printed.push(text);
  }

  stop(): void {
    this.done.push("stop");
  }

  pause(): void {
    this.done.push("pause run");
    this.control.state = "Paused";
  }

  resume(): void {
    this.done.push("resume run");
    this.control.state = "Running";
  }

  #ring(name: string) {
    return {
      name,
      pause: () => this.done.push(`pause ${name}`),
      resume: () => this.done.push(`resume ${name}`),
      setEnding: () => this.done.push(`end ${name}`),
    };
  }

  get watched(): WatchedRun {
    return this as unknown as WatchedRun;
  }
}

const WORKERS = [
  worker("Fkt_1", 0),
  worker("Fkt_2", 0, { state: "ended", ok: true }),
  worker("Fkt_2", 1, { state: "restarting" }),
  worker("Fkt_2", 2, { retiredAt: new Date(0) }),
  worker("Fkt_3", 0, { state: "ended", retiredAt: new Date(0) }),
];

Deno.test("RunCommands stops the workers that are named, and those of a function that can be stopped", () => {
  const run = new FakeRun(WORKERS);
  const commands = new RunCommands(run.watched, () => null);
  assertEquals(commands.execute("stop worker Fkt_2"), { ok: true, text: "Stopping: Fkt_2/1" });
  assertEquals(commands.execute(" STOP  workers Fkt_1 Fkt_2/1 Fkt_1/0 ").text, "Stopping: Fkt_1/0, Fkt_2/1");
  assertEquals(commands.execute("stop").ok, true);
  assertEquals(run.done, ["stop Fkt_2/1", "stop Fkt_1/0,Fkt_2/1", "stop"]);
  assertMatch(
    commands.execute("workers").text,
    /Fkt_2\/0 .* ended\n.* restarting\n.*Fkt_2\/2 .* stopping\n.*Fkt_3\/0 .* stopped, failed$/,
  );
});

Deno.test("RunCommands refuses to stop what is not at work, and stops nobody then", () => {
  const cases: [line: string, text: RegExp][] = [
    ["stop worker", /expected its name/],
    ["stop worker all", /expected a worker or a function, one of Fkt_1, Fkt_1\/0, Fkt_2, .*found "all"/],
    ["stop worker Fkt_1 fkt_1/0", /perhaps "Fkt_1\/0", found "fkt_1\/0"/],
    ["stop worker Fkt_2/0", /Cannot stop Fkt_2\/0: expected it to be at work, found it ended/],
    ["stop worker Fkt_2/2", /Cannot stop Fkt_2\/2: expected it to be at work, found it stopping already/],
    ["stop worker Fkt_9", /Cannot stop Fkt_9: expected a function with workers, found one whose work the page does/],
    ["stop Fkt_1", /expected "stop" alone or "stop worker NAME"/],
    ["end Fkt_1", /expected "end" alone$/],
    ["log loud", /expected a level/],
  ];
  const run = new FakeRun(WORKERS);
  for (const [line, text] of cases) {
    const reply = new RunCommands(run.watched, () => null).execute(line);
    assertEquals(reply.ok, false, line);
    assertMatch(reply.text, text);
  }
  const early = new FakeRun(WORKERS, "WorkersSet");
  assertEquals(new RunCommands(early.watched, () => null).execute("stop worker Fkt_1").ok, false);
  assertEquals([run.done, early.done], [[], []]);
});

Deno.test("RunCommands sets the level of the log and of the functions", () => {
  const run = new FakeRun(WORKERS);
  assertEquals(new RunCommands(run.watched, () => null).execute("log debug").ok, true);
  assertEquals([run.log.minimum, run.done], ["debug", ["level debug"]]);
});

Deno.test("RunMonitor completes words of commands by their place, workers by their names", async () => {
  const run = new FakeRun(WORKERS);
  const monitor = new RunMonitor({ address: null });
  await monitor.open(run.watched);
  const typed = (keys: string) => {
    for (const key of `:${keys}`) monitor.key(key);
    const line = monitor.prompt();
    monitor.key("\x15");
    monitor.key("\x7f");
    return line;
  };
  assertEquals(typed("pau\t"), ":pause _");
  assertEquals(typed("pause R\t1"), ":pause RB_1_");
  assertEquals(typed("sto\tw\tFkt_1/\t"), ":stop worker Fkt_1/0 _");
  assertEquals(typed("stop worker Fk\t2/\t1"), ":stop worker Fkt_2/1_");
  assertEquals(typed("log de\t"), ":log debug _");
  assertEquals(typed("rings RB\t"), ":rings RB_");
  for (const key of ":stop worker Fkt_1\r") monitor.key(key);
  assertEquals([run.done, run.printed], [["stop Fkt_1/0"], [":stop worker Fkt_1\nStopping: Fkt_1/0\n"]]);
  monitor.close();
});

/** What a run is told by commands. */
function told(lines: readonly string[], options: { readonly roots?: string[]; readonly state?: string } = {}) {
  const run = new FakeRun([], options.state, options);
  const commands = new RunCommands(run.watched, () => null);
  const replies = lines.map((line) => commands.execute(line));
  return { done: run.done, state: run.control.state, replies };
}

Deno.test("RunCommands takes the only root ring for the run, in pauses by either name", () => {
  const { done, state, replies } = told(["pause", "resume RB_1"]);
  assertEquals([done.slice(0, 2), state], [["pause run", "resume run"], "Running"]);
  assertEquals(replies[1], { ok: true, text: "RB_1: resumed" });
  assertEquals(told(["pause RB_1"]).state, "Paused");
  assertEquals(told(["pause RB_2"]).done, ["pause RB_2"]);
  assertEquals(told(["pause RB_1 RB_3"], { roots: ["RB_1", "RB_3"] }).state, "Paused");
});

Deno.test("RunCommands pauses one of several root rings alone, but not while the run is paused", () => {
  const roots = ["RB_1", "RB_3"];
  const alone = told(["pause RB_1", "resume RB_1", "pause RB_3"], { roots });
  assertEquals([alone.done, alone.state], [["pause RB_1 alone", "resume RB_1 alone", "pause RB_3 alone"], "Running"]);
  const both = told(["pause", "resume RB_1", "pause RB_3"], { roots });
  assertEquals([both.done, both.state], [["pause run"], "Paused"]);
  for (const { ok, text } of both.replies.slice(1)) assertEquals([ok, /whole run is paused/.test(text)], [false, true]);
  const roundabout = told(["pause RB_1", "resume"], { roots });
  assertEquals(roundabout.done, ["pause RB_1 alone", "resume run", "resume RB_1 alone", "resume RB_3 alone"]);
});

Deno.test("RingPauses counts active seconds only, and ends with the pause of the whole run", () => {
  let nowMs = 0;
  const clock = new RunClock(() => nowMs);
  const pauses = new RingPauses(clock);
  const ring = { name: "RB_1", pause: () => {}, resume: () => {} } as unknown as RingBuffer;
  const passes = (s: number) => nowMs += 1000 * s;
  clock.run();
  passes(1);
  pauses.pause(ring);
  pauses.pause(ring);
  passes(2);
  assertEquals(pauses.pausedS("RB_1"), 2);
  clock.pause();
  passes(10);
  assertEquals(pauses.pausedS("RB_1"), 2);
  clock.run();
  pauses.noteResumed();
  passes(4);
  assertEquals([pauses.pausedS("RB_1"), pauses.pausedS("RB_2")], [2, 0]);
  pauses.pause(ring);
  passes(1);
  pauses.resume(ring);
  passes(1);
  pauses.pause(ring);
  clock.stop();
  passes(5);
  assertEquals([pauses.pausedS("RB_1"), clock.activeS, clock.pausedS], [3, 9, 10]);
});

Deno.test("CpuShares.share() measures a whole process, and its threads apart", () => {
  const ticks = new Map([["/proc/5/stat", 100], ["/proc/5/task/7/stat", 100]]);
  const shares = new CpuShares((path) => `5 (x) R 1 7 7 0 -1 4194304 1 0 0 0 ${ticks.get(path)!} 0 0 0`);
  const places = [{ pid: 5, tid: null }, { pid: 5, tid: 7 }];
  assertEquals(places.map((place) => shares.share(place, 0)), [null, null]);
  ticks.set("/proc/5/stat", 250).set("/proc/5/task/7/stat", 150);
  assertEquals(places.map((place) => shares.share(place, 1000)), [1.5, 0.5]);
});

Deno.test("FunctionStates has a share for displays with workers, and none for those of the page", () => {
  const fn = { functionName: "f", workers: 0, sources: [], sinks: [], observes: ["RB_1"], isDisplay: false };
  const states = new FunctionStates([{ ...fn, name: "Fkt_1", workers: 2 }, { ...fn, name: "Fkt_2", isDisplay: true }]);
  const raw = (n: number, state: RawWorker["state"]): RawWorker => ({
    ...{ name: "Fkt_1", worker: n, state, ok: false, isStopped: n === 1, sourceRows: [], sinkRows: [] },
    host: { pid: 5, tid: n },
  });
  const state = { timeMs: 0, statuses: new Map(), workers: [raw(0, "running"), raw(1, "ended")] };
  const [own, ofPage] = states.update(state as unknown as RawState, ({ host }) => host!.tid === 0 ? 0.25 : 0.75);
  assertEquals([own.busy, own.workers.map(({ cpu, isStopped }) => [cpu, isStopped])], [0.25, [[0.25, false], [
    null,
    true,
  ]]]);
  assertEquals([ofPage.busy, ofPage.workers], [null, []]);
});
