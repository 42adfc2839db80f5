import { assert, assertEquals, assertStringIncludes } from "../../src/std/assert.js";
import type { FromWorker, WorkerFailure, WorkerTask } from "../../src/worker/messages.ts";
import { fillRing, makeRing, makeTask, openReader, takeAll } from "./worker_fixture.ts";

const ENTRY = import.meta.resolve("../../src/worker/worker_entry.ts");
const MODULE = import.meta.resolve("./worker_test_functions.ts");
const WATCHDOG_MS = 20_000;

/** Loads a task in a worker, starts it when it is ready, and collects its messages until `ended`. */
async function runWorker(
  task: WorkerTask,
  options: {
    readonly whileRunning?: () => Promise<void>;
    readonly onLeaving?: () => void;
    readonly isVanishing?: boolean;
  } = {},
): Promise<FromWorker[]> {
  const messages: FromWorker[] = [];
  const worker = new Worker(ENTRY, { type: "module" });
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      watchdog = setTimeout(() => reject(new Error(`no end after ${JSON.stringify(messages)}`)), WATCHDOG_MS);
      worker.onerror = (event) => {
        event.preventDefault();
        if (options.isVanishing === true) resolve();
        else reject(new Error(event.message));
      };
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        messages.push(data);
        if (data.type === "ready") {
          worker.postMessage({ type: "start" });
          options.whileRunning?.().catch(reject);
        }
        if (data.type === "leaving") {
          options.onLeaving?.();
          worker.postMessage({ type: "leave" });
        }
        if (data.type === "ended") resolve();
      };
      worker.postMessage({ type: "load", task });
    });
    return messages;
  } finally {
    clearTimeout(watchdog);
    worker.terminate();
  }
}

function failures(messages: FromWorker[]): WorkerFailure[] {
  return messages.filter((message) => message.type === "failed").map((message) => message.failure);
}

function kinds(messages: FromWorker[]): string[] {
  return messages.map((message) => message.type);
}

Deno.test("worker_entry runs an importer and reports its own counts", async () => {
  using ring = await makeRing("RB_1");
  const task = makeTask({ sinks: [ring], config: { events: 3 }, task: { module: MODULE, exportName: "count_up" } });
  using reader = openReader(ring);
  const messages = await runWorker(task);
  assertEquals(kinds(messages), ["ready", "log", "log", "ended"]);
  assertEquals(messages[1], { type: "log", level: "info", text: "counting" });
  assertEquals(messages[2], { type: "log", level: "info", text: "printed { a: 1 }" });
  const ended = messages.at(-1);
  assert(ended?.type === "ended" && ended.ok && ended.counts !== null);
  const { deadS, ...counts } = ended.counts;
  assertEquals(counts, {
    taken: 0,
    published: [3],
    rejected: 0,
    failed: 0,
    doubles: 0,
    discarded: 0,
    produced: 3,
    late: 0,
  });
  assert(deadS > 0, "the time of three copies counts as dead");
  assertEquals(takeAll(reader).map((event) => event.data.chA[0]), [0, 1, 2]);
  assert(ring.status().ended);
});

Deno.test("worker_entry reports an event that throws, with its counter and stack, and goes on", async () => {
  using source = await makeRing("RB_1");
  using sink = await makeRing("RB_2");
  const task = makeTask({ sources: [source], sinks: [sink], task: { module: MODULE, exportName: "failInThird" } });
  using reader = openReader(sink);
  fillRing(source, 5, () => {});
  const messages = await runWorker(task);
  const [failure] = failures(messages);
  assertEquals([failure.phase, failure.eventCounter, failure.message], ["event", 2, "Error: third event"]);
  assertStringIncludes(failure.stack, "worker_test_functions.ts");
  const ended = messages.at(-1);
  assert(ended?.type === "ended");
  assertEquals([ended.ok, ended.counts?.failed, ended.counts?.taken], [false, 1, 5]);
  assertEquals(takeAll(reader).map((event) => event.counter), [0, 1, 3, 4]);
});

Deno.test("worker_entry reports a function that throws at its start, and signs off", async () => {
  using ring = await makeRing("RB_1");
  const task = makeTask({ sinks: [ring], task: { module: MODULE, exportName: "throwAtStart" } });
  const messages = await runWorker(task);
  assertEquals(kinds(messages), ["ready", "failed", "ended"]);
  const [failure] = failures(messages);
  assertEquals([failure.phase, failure.eventCounter, failure.message], ["start", null, "Error: not today"]);
  assert(ring.status().ended);
});

Deno.test("worker_entry says what is missing around a function of single events", async () => {
  using ring = await makeRing("RB_1");
  const task = makeTask({ sources: [ring], task: { module: MODULE, exportName: "forgottenFilter" } });
  const [failure] = failures(await runWorker(task));
  assertEquals(failure.phase, "start");
  assertStringIncludes(failure.message, "found one that returned true at once; perhaps filter()");
});

Deno.test("worker_entry releases the event in which a function throws as failed, and voids what it had claimed", async () => {
  using source = await makeRing("RB_1");
  using sink = await makeRing("RB_2");
  const task = makeTask({ sources: [source], sinks: [sink], task: { module: MODULE, exportName: "throwInLoop" } });
  fillRing(source, 5, () => {});
  const messages = await runWorker(task);
  const [failure] = failures(messages);
  assertEquals([failure.phase, failure.message], ["event", "Error: in my own loop"]);
  const [group] = source.status().groups;
  assertEquals([group.processed, group.failed, group.unread], [1, 1, 3]);
  const status = sink.status();
  assertEquals([status.published, status.voided, status.ended], [1, 1, true]);
  const ended = messages.at(-1);
  assert(ended?.type === "ended");
  assertEquals([ended.ok, ended.counts], [false, null]);
});

Deno.test("worker_entry tells an exception after the last event from one in an event", async () => {
  using source = await makeRing("RB_1");
  const task = makeTask({ sources: [source], task: { module: MODULE, exportName: "throwAtEnd" } });
  fillRing(source, 2, () => {});
  const [failure] = failures(await runWorker(task));
  assertEquals([failure.phase, failure.eventCounter], ["end", null]);
});

Deno.test("worker_entry keeps its rings open after an exception until it is told to leave", async () => {
  using source = await makeRing("RB_1");
  using sink = await makeRing("RB_2");
  const part = { module: MODULE, exportName: "throwInLoop", isRestartable: true };
  const task = makeTask({ sources: [source], sinks: [sink], task: part });
  fillRing(source, 5, () => {});
  let hasEndedEarly: boolean | null = null;
  const messages = await runWorker(task, {
    onLeaving: () => hasEndedEarly = sink.status().ended,
  });
  assertEquals(kinds(messages), ["ready", "failed", "leaving", "ended"]);
  // The event was released before, so that it is not offered again.
  assertEquals(source.status().groups[0].failed, 1);
  assertEquals([hasEndedEarly, sink.status().ended], [false, true]);
  const ended = messages.at(-1);
  assert(ended?.type === "ended" && !ended.hasReturned && !ended.ok);
});

Deno.test("worker_entry reports what a timer throws, with its stack, before the thread is gone", async () => {
  const messages = await runWorker(makeTask({ task: { module: MODULE, exportName: "throwByTimer" } }), {
    isVanishing: true,
  });
  assertEquals(kinds(messages), ["ready", "failed"]);
  const [failure] = failures(messages);
  assertEquals([failure.phase, failure.message], ["start", "Error: by a timer"]);
  assertStringIncludes(failure.stack, "worker_test_functions.ts");
  assert(messages[1].type === "failed" && messages[1].isLast);
});

Deno.test("worker_entry names the event in which a display throws", async () => {
  using ring = await makeRing("RB_1");
  const task = makeTask({ observes: [ring], task: { module: MODULE, exportName: "showBadly" } });
  fillRing(ring, 3, () => {});
  const [failure] = failures(await runWorker(task));
  assertEquals([failure.phase, failure.eventCounter, failure.message], ["event", 2, "Error: cannot show"]);
});

Deno.test("worker_entry reports a promise that nobody awaits", async () => {
  const messages = await runWorker(makeTask({ task: { module: MODULE, exportName: "forgetPromise" } }));
  assertEquals(failures(messages).map((failure) => failure.message), ["Error: nobody waits"]);
  assert(messages.at(-1)?.type === "ended");
});

Deno.test("worker_entry releases the event that a function still holds when it returns", async () => {
  using source = await makeRing("RB_1");
  const task = makeTask({ sources: [source], task: { module: MODULE, exportName: "keepLast" } });
  fillRing(source, 4, () => {});
  await runWorker(task);
  const [group] = source.status().groups;
  assertEquals([group.processed, group.unread], [2, 2]);
});

Deno.test("worker_entry reports a function that would end its thread", async () => {
  const [failure] = failures(await runWorker(makeTask({ task: { module: MODULE, exportName: "exitAtOnce" } })));
  assertStringIncludes(failure.message, "Cannot call Deno.exit(): expected the function to return");
});

Deno.test("worker_entry runs an importer that stands still while its ring is paused", async () => {
  using ring = await makeRing("RB_1");
  const task = makeTask({ sinks: [ring], config: { events: 1e9 }, task: { module: MODULE, exportName: "countUp" } });
  const published = () => ring.status().published;
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const grownBeyond = async (count: number) => {
    while (published() <= count) await sleep(5);
  };
  const whileRunning = async () => {
    await grownBeyond(100);
    ring.pause();
    await sleep(50);
    const before = published();
    await sleep(100);
    assertEquals(published(), before);
    ring.resume();
    await grownBeyond(before);
    ring.setEnding();
  };
  await runWorker(task, { whileRunning });
  assert(ring.status().ended);
});

for (
  const [why, change, expected] of [
    [
      "the module does not exist",
      { module: "file:///nowhere/filter.ts" },
      "Cannot load module file:///nowhere/filter.ts",
    ],
    ["the module has no such function", { exportName: "evenOnyl" }, 'did you mean "even_only"?'],
    ["the export is no function", { exportName: "aNumber" }, "expected a function, found number"],
    ["the rings do not suit the function", { exportName: "evenOnly" }, "expected 1 source (read), found none"],
  ] as const
) {
  Deno.test(`worker_entry refuses to load when ${why}`, async () => {
    const messages = await runWorker(makeTask({ task: { module: MODULE, functionName: "", ...change } }));
    assertEquals(kinds(messages), ["failed", "ended"]);
    const [failure] = failures(messages);
    assertEquals(failure.phase, "load");
    assertStringIncludes(failure.message, expected);
  });
}

Deno.test("worker_entry warns of a misspelt key before the function is ready", async () => {
  using ring = await makeRing("RB_1", { valuesPerSlot: 300 });
  const config = {
    number_of_samples: 300,
    analogue_offset: -0.48,
    sample_time_ns: 4,
    pre_trigger_samples: 50,
    eventcount: 1,
    sleeptime: 0,
    randon: true,
  };
  const module = import.meta.resolve("../../src/functions/simulation_source.ts");
  const messages = await runWorker(
    makeTask({ sinks: [ring], config, task: { module, exportName: "simulationSource" } }),
  );
  assertEquals(kinds(messages), ["log", "ready", "ended"]);
  const text = 'test_function does not use the key "randon"; did you mean "random"?';
  assertEquals(messages[0], { type: "log", level: "warn", text });
});

Deno.test("worker_entry reports a module with a syntax error with the place of the error", async () => {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, "export function broken( {\n");
    const [failure] = failures(await runWorker(makeTask({ task: { module: `file://${file}`, exportName: "broken" } })));
    assertEquals(failure.phase, "load");
    assertStringIncludes(failure.message, file);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("worker_entry refuses a ring that is gone", async () => {
  const ring = await makeRing("RB_1");
  const task = makeTask({ sinks: [ring], task: { module: MODULE, exportName: "countUp" } });
  ring.close();
  const [failure] = failures(await runWorker(task));
  assertEquals(failure.phase, "load");
  assertStringIncludes(failure.message, "RB_1");
});
