import { BufferControl } from "../../src/control/buffer_control.ts";
import type { BufferControlOptions } from "../../src/control/buffer_control_options.ts";
import { SetupRefused } from "../../src/control/setup_refused.ts";
import { recordLayout } from "../../src/record/record_layout.ts";
import type { FunctionPlan, Plan, RingPlan } from "../../src/setup/plan.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "../../src/std/assert.js";

const MODULES = new URL("../data/modules/", import.meta.url);
const USER = { cause: "user", text: "by a test" } as const;

function functionPlan(name: string, exportName: string, part: Partial<FunctionPlan> = {}): FunctionPlan {
  return {
    name,
    exportName,
    functionName: exportName,
    module: new URL("run_functions.ts", MODULES).href,
    workers: 1,
    sources: [],
    sinks: [],
    observes: [],
    config: {},
    isolation: "thread",
    onFailure: "stop",
    restartLimit: 5,
    watchdogS: 10,
    place: "test_setup.yaml:1",
    ...part,
  };
}

function ringPlan(name: string, part: Partial<RingPlan> = {}): RingPlan {
  const layout = recordLayout("float64", 1);
  return { name, slots: 8, layout, writers: 1, groups: [], isRoot: true, pause: "wait", ...part };
}

/** An endless source and a reader that throws what it reads away after a moment. */
function endlessPlan(part: Partial<Plan> = {}, source: Partial<FunctionPlan> = {}): Plan {
  return {
    dialect: "v1",
    runName: "test",
    setupFile: "/nowhere/test_setup.yaml",
    setupDirectory: "/nowhere",
    targetDirectory: "/nowhere/target",
    runEvents: 0,
    runtimeS: 0,
    keyboard: true,
    page: true,
    rings: [ringPlan("RB_1", { groups: [{ name: "reader", functions: ["reader"] }] })],
    functions: [
      functionPlan("source", "countSource", { sinks: ["RB_1"], config: { sleep_s: 0.001 }, ...source }),
      functionPlan("reader", "discards", { sources: ["RB_1"] }),
    ],
    configFiles: [],
    ...part,
  };
}

function newControl(plan: Plan, options: Partial<BufferControlOptions> = {}): BufferControl {
  return new BufferControl(plan, { runDirectory: "/nowhere/target/run", ...options });
}

async function started(plan: Plan, options: Partial<BufferControlOptions> = {}): Promise<BufferControl> {
  const control = newControl(plan, options);
  await control.setupBuffers();
  await control.setupWorkers();
  control.startWorkers();
  return control;
}

async function superviseUntil(control: BufferControl, isReached: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    control.supervise();
    if (isReached()) return;
    assert(performance.now() < deadline, `the run got stuck in state ${control.state}`);
    await control.waitForChange(20);
  }
}

function published(control: BufferControl): number {
  return control.rings.get("RB_1")!.status().published;
}

Deno.test("BufferControl goes through the states of a run, and every ring's books close", async () => {
  const control = newControl(endlessPlan());
  const states: string[] = [control.state];
  await control.setupBuffers();
  states.push(control.state);
  await control.setupWorkers();
  states.push(control.state);
  control.startWorkers();
  states.push(control.state);
  await superviseUntil(control, () => published(control) >= 10);
  control.pause();
  states.push(control.state);
  control.resume();
  states.push(control.state);
  control.stop(USER);
  states.push(control.state);
  await superviseUntil(control, () => control.isFinished);
  const ledger = control.closeLedger(control.tally());
  control.close();
  states.push(control.state);
  control.close();
  assertEquals(states, [
    "Initialized",
    "BuffersSet",
    "WorkersSet",
    "Running",
    "Paused",
    "Running",
    "Stopped",
    "Shutdown",
  ]);
  assertEquals([ledger.residual, ledger.unfinished, control.failureCount], [0, 0, 0]);
  assertEquals(control.stopReason, USER);
});

Deno.test("BufferControl refuses steps that are out of order and ignores orders that make no sense", async () => {
  const control = newControl(endlessPlan());
  assertThrows(() => control.startWorkers(), TypeError, "found Initialized");
  control.pause();
  control.resume();
  control.stop(USER);
  control.end(USER);
  assertEquals(control.state, "Initialized");
  await control.setupBuffers();
  await assertRejects(() => control.setupBuffers(), TypeError, "found BuffersSet");
  control.close();
  assertEquals(control.state, "Shutdown");
});

Deno.test("BufferControl pauses root rings; paused time is not active time, resuming twice changes nothing", async () => {
  const control = await started(endlessPlan());
  await superviseUntil(control, () => published(control) >= 3);
  control.resume();
  control.pause();
  control.pause();
  // The source may hold one event that it brought in before.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = published(control);
  const { activeS } = control.clock;
  await new Promise((resolve) => setTimeout(resolve, 150));
  assertEquals([published(control), control.clock.activeS], [before, activeS]);
  assert(control.clock.pausedS >= 0.19, `${control.clock.pausedS}`);
  control.resume();
  control.resume();
  await superviseUntil(control, () => published(control) > before + 3);
  control.stop(USER);
  await superviseUntil(control, () => control.isFinished);
  control.close();
});

Deno.test("BufferControl stops and drains out of a pause", async () => {
  const control = await started(endlessPlan());
  await superviseUntil(control, () => published(control) >= 3);
  control.pause();
  control.stop(USER);
  await superviseUntil(control, () => control.isFinished);
  const ledger = control.closeLedger(control.tally());
  assertEquals([ledger.residual, ledger.unfinished], [0, 0]);
  control.close();
});

Deno.test("BufferControl discards and counts events in a pause when the ring says so", async () => {
  const rings = [ringPlan("RB_1", { groups: [{ name: "reader", functions: ["reader"] }], pause: "discard" })];
  const control = await started(endlessPlan({ rings }));
  await superviseUntil(control, () => published(control) >= 3);
  control.pause();
  await superviseUntil(control, () => control.rings.get("RB_1")!.status().discarded >= 3);
  control.stop(USER);
  await superviseUntil(control, () => control.isFinished);
  const ledger = control.closeLedger(control.tally());
  assertEquals([ledger.residual, ledger.unfinished], [0, 0]);
  control.close();
});

Deno.test("BufferControl ends at once, also twice, and counts what is left", async () => {
  const slow = functionPlan("reader", "discards", { sources: ["RB_1"], config: { sleep_s: 5 } });
  const plan = endlessPlan();
  const control = await started({ ...plan, functions: [plan.functions[0], slow] });
  await superviseUntil(control, () => published(control) >= 8);
  control.end(USER);
  control.end(USER);
  await superviseUntil(control, () => control.isFinished);
  const ledger = control.closeLedger(control.tally());
  assertEquals([ledger.residual, control.hung.length], [0, 0]);
  assert(ledger.unfinished > 0);
  control.close();
});

Deno.test("BufferControl ends nothing any more once all has been processed, and says nothing of the kind", async () => {
  const texts: string[] = [];
  const plan = endlessPlan({}, { config: { events: 5 } });
  const control = await started(plan, { onLog: (_level, _source, text) => texts.push(text) });
  await superviseUntil(control, () => control.isFinished);
  const { stopReason } = control;
  control.end(USER);
  assertEquals(control.stopReason, stopReason);
  assert(!texts.some((text) => text.startsWith("ended:")), texts.join("\n"));
  control.close();
});

Deno.test("BufferControl ends by itself at the limit and at the end of the input", async (t) => {
  const cases = [
    { desc: "runevents", runEvents: 25, events: 0, workers: 3, expected: 25 },
    { desc: "input", runEvents: 0, events: 10, workers: 1, expected: 10 },
    { desc: "input", runEvents: 1000, events: 10, workers: 2, expected: 20 },
  ];
  for (const { desc, runEvents, events, workers, expected } of cases) {
    await t.step(`${desc} after ${expected} events`, async () => {
      const plan = endlessPlan({ runEvents }, { workers, config: { events } });
      const control = await started({ ...plan, rings: [{ ...plan.rings[0], writers: workers }] });
      await superviseUntil(control, () => control.isFinished);
      assertEquals([control.stopReason?.cause, published(control)], [desc, expected]);
      control.close();
    });
  }
});

Deno.test("BufferControl shares the events among the functions of one group", async () => {
  const readers = ["a", "b"].map((name) => functionPlan(name, "discards", { sources: ["RB_1"] }));
  const plan = endlessPlan({ runEvents: 40 }, { config: {} });
  const rings = [ringPlan("RB_1", { groups: [{ name: "a+b", functions: ["a", "b"] }] })];
  const control = await started({ ...plan, rings, functions: [plan.functions[0], ...readers] });
  await superviseUntil(control, () => control.isFinished);
  const ledger = control.closeLedger(control.tally());
  assertEquals([ledger.residual, ledger.rings[0].groups[0].processed], [0, 40]);
  control.close();
});

Deno.test("BufferControl refuses functions that cannot be loaded, all in one message", async () => {
  const plan = endlessPlan();
  const missing = functionPlan("x", "notThere", { observes: ["RB_1"] });
  const broken = functionPlan("y", "countSource", {
    module: new URL("throws_at_import.ts", MODULES).href,
    observes: ["RB_1"],
  });
  const control = newControl({ ...plan, functions: [...plan.functions, missing, broken] });
  await control.setupBuffers();
  const error = await assertRejects(() => control.setupWorkers(), SetupRefused);
  assertEquals(error.problems.length, 2);
  assertMatch(error.message, /x \(notThere\): Cannot find function/);
  assertMatch(error.message, /y \(countSource\): Cannot load module/);
  control.close();
});

Deno.test("BufferControl does not wait for ever for a module to be loaded, and can be told to wait no longer", async () => {
  const plan = endlessPlan({}, { module: new URL("hangs_at_import.ts", MODULES).href });
  const control = newControl(plan, { loadTimeoutMs: 300 });
  await control.setupBuffers();
  await assertRejects(() => control.setupWorkers(), SetupRefused, "source (countSource): Cannot load module");
  control.close();

  const interrupted = newControl(plan);
  await interrupted.setupBuffers();
  const signal = AbortSignal.abort(new Error("interrupted"));
  await assertRejects(() => interrupted.setupWorkers({ signal }), Error, "interrupted");
  interrupted.close();
});

Deno.test("BufferControl gives up an asynchronous function that never comes back", async () => {
  const messages: string[] = [];
  const plan = endlessPlan({ runEvents: 10 });
  const control = await started({ ...plan, functions: [...plan.functions, functionPlan("idle", "neverReturns")] }, {
    drainTimeoutMs: 200,
    endTimeoutMs: 200,
    onLog: (level, source, text) => messages.push(`${level} ${source} ${text}`),
  });
  await superviseUntil(control, () => control.isFinished);
  assertEquals(control.hung.map(({ name, held }) => [name, held]), [["idle", null]]);
  assertMatch(messages.join("\n"), /error run given up: idle\/0 \(neverReturns\) does not return/);
  control.close();
});

Deno.test("BufferControl warns once of an event that does not move, and names only who holds it", async () => {
  const rings = [ringPlan("RB_1", { groups: [{ name: "hanging", functions: ["hanging"] }] })];
  const plan = endlessPlan({
    rings: [...rings, ringPlan("RB_2", { isRoot: false, groups: [{ name: "reader", functions: ["reader"] }] })],
    functions: [
      functionPlan("source", "countSource", { sinks: ["RB_1"] }),
      functionPlan("hanging", "holdsForEver", { sources: ["RB_1"], sinks: ["RB_2"] }),
      functionPlan("reader", "discards", { sources: ["RB_2"] }),
    ],
  });
  const warnings: string[] = [];
  const control = await started(plan, {
    stallWarningMs: 200,
    stallTimeoutMs: 1000,
    endTimeoutMs: 300,
    drainTimeoutMs: 300,
    onLog: (level, _source, text) => level === "warn" && warnings.push(text),
  });
  await superviseUntil(control, () => control.isFinished);
  assertEquals(control.stopReason?.cause, "stalled");
  assertEquals(warnings.length, 1, warnings.join("\n"));
  for (const text of [warnings[0], control.stopReason!.text]) {
    assertMatch(text, /^no event has moved for [\d.]+ s: hanging\/0 \(holdsForEver\) holds event 0 of RB_1$/);
  }
  control.close();
});

Deno.test("BufferControl starts a worker anew in its place, and sums the books of its lives", async () => {
  const rings = [
    ringPlan("RB_1", { groups: [{ name: "mortal", functions: ["mortal"] }] }),
    ringPlan("RB_2", { isRoot: false, groups: [{ name: "reader", functions: ["reader"] }] }),
  ];
  const module = new URL("dying_functions.ts", MODULES).href;
  const restart = { module, sources: ["RB_1"], sinks: ["RB_2"], onFailure: "restart" as const, config: { at: 5 } };
  const functions = [
    functionPlan("source", "countSource", { sinks: ["RB_1"], config: { events: 20 } }),
    functionPlan("mortal", "throwsOutside", restart),
    functionPlan("reader", "discards", { sources: ["RB_2"] }),
  ];
  const control = await started(endlessPlan({ rings, functions }), { restartDelayMs: 10 });
  const worker = control.workers[1];
  const states = new Set<string>();
  await superviseUntil(control, () => {
    states.add(worker.state);
    return control.isFinished;
  });
  const ledger = control.closeLedger(control.tally());
  assertEquals([ledger.residual, ledger.unfinished, ledger.failed], [0, 0, 1]);
  assertEquals(ledger.rings.map((ring) => ring.groups[0].processed), [19, 19]);
  assertEquals([control.restarts, control.deathCount, worker.lives.length, worker.restarts], [1, 1, 2, 1]);
  assert(states.has("restarting"), [...states].join());
  const [{ cause, eventCounter, ring, isRestarted, name, workerNumber }] = control.deaths;
  assertEquals([cause, eventCounter, ring, isRestarted, name, workerNumber], [
    "exception",
    5,
    "RB_1",
    true,
    "mortal",
    0,
  ]);
  control.close();
});

Deno.test("BufferControl does not start an importer anew once the run is stopped", async () => {
  const module = new URL("dying_functions.ts", MODULES).href;
  const plan = endlessPlan({}, {
    module,
    exportName: "mortalSource",
    onFailure: "restart",
    config: { events: 100, at: 5 },
  });
  const control = await started(plan, { restartDelayMs: 60_000 });
  await superviseUntil(control, () => control.workers[0].state === "restarting");
  control.stop(USER);
  await superviseUntil(control, () => control.isFinished);
  const ledger = control.closeLedger(control.tally());
  assertEquals([ledger.residual, ledger.rings[0].published, control.restarts], [0, 5, 0]);
  control.close();
});
