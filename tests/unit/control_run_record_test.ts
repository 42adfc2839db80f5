import { join } from "node:path";
import { parse } from "yaml";
import { describeGoals, describePlan, describePlanInDetail } from "../../src/control/describe_plan.ts";
import { describeEnd, type EndReport } from "../../src/control/end_report.ts";
import { beginRecord, endRecord, type RunEnd, writeRecord } from "../../src/control/run_record.ts";
import type { BeginRecord, RunRecord } from "../../src/control/run_record_format.ts";
import { judgeRun, type RunFacts } from "../../src/control/run_verdict.ts";
import { recordLayout } from "../../src/record/record_layout.ts";
import type { Plan } from "../../src/setup/plan.ts";
import { assert, assertEquals, assertMatch } from "../../src/std/assert.js";

const SHARED = { threshold: 3 };

const PLAN: Plan = {
  dialect: "v1",
  runName: "lifetime",
  setupFile: "/experiment/lifetime_setup.yaml",
  setupDirectory: "/experiment",
  targetDirectory: "/experiment/target",
  runEvents: 500,
  runtimeS: 90,
  keyboard: true,
  page: true,
  rings: [{
    name: "RB_1",
    slots: 128,
    layout: recordLayout({ chA: "float32", chB: "float32" }, 500),
    writers: 1,
    groups: [{ name: "Fkt_2", functions: ["Fkt_2"] }],
    isRoot: true,
    pause: "wait",
  }],
  functions: [1, 2].map((n) => ({
    name: `Fkt_${n}`,
    exportName: "f",
    functionName: "f",
    module: "file:///experiment/modules/f.ts",
    workers: n,
    sources: n === 2 ? ["RB_1"] : [],
    sinks: n === 1 ? ["RB_1"] : [],
    observes: [],
    config: { a: SHARED, b: SHARED, none: undefined, big: 5n },
    isolation: "thread",
    onFailure: "stop",
    restartLimit: 5,
    watchdogS: 10,
    place: "lifetime_setup.yaml:9",
  })),
  configFiles: ["/experiment/config/c.yaml"],
};

const BEGIN = {
  plan: PLAN,
  runDirectory: "/experiment/target/lifetime_1",
  began: new Date(0),
  commandLine: ["lifetime_setup.yaml", "-v", "1"],
  copies: new Map([["/experiment/lifetime_setup.yaml", "lifetime_setup.yaml"]]),
  segments: new Map([["RB_1", "/mimocorb-1-2-3-RB_1"]]),
};

const GROUP = { name: "Fkt_2", processed: 400, rejected: 99, failed: 0, doubles: 0, unfinished: 1 };
const LEDGER = {
  rings: [{
    name: "RB_1",
    produced: 501,
    published: 500,
    voided: 0,
    discarded: 0,
    late: 1,
    invalid: 0,
    groups: [GROUP],
    residual: 0,
    disagreements: [],
  }],
  residual: 0,
  unfinished: 1,
  failed: 0,
};
const IMPORTER = { worker: "Fkt_1/0", deadS: 1, pausedS: 0, fraction: 0.25 };
const DEAD_TIME = { fraction: 0.25, deadS: 1, liveS: 3, importers: [IMPORTER] };

const END: RunEnd = {
  ended: new Date(5000),
  activeS: 4,
  pausedS: 0.5,
  stopReason: { cause: "runevents", text: "500 events reached" },
  exitCode: 1,
  deadTime: DEAD_TIME,
  ledger: LEDGER,
  failures: [{
    name: "Fkt_2",
    functionName: "f",
    workerNumber: 1,
    phase: "event",
    eventCounter: 7,
    message: "Error: x",
    stack: "Error: x\n    at f",
  }],
  failureCount: 1,
  hung: [{ name: "Fkt_2", functionName: "f", workerNumber: 0, held: { ring: "RB_1", counter: 8 } }],
  functions: {},
  rings: {},
};

async function written(record: BeginRecord | RunRecord): Promise<{ text: string; value: Record<string, unknown> }> {
  const directory = await Deno.makeTempDir();
  const path = join(directory, "run.yaml");
  await writeRecord(path, record);
  const text = await Deno.readTextFile(path);
  assertEquals([...Deno.readDirSync(directory)].map((entry) => entry.name), ["run.yaml"]);
  await Deno.remove(directory, { recursive: true });
  return { text, value: parse(text) };
}

Deno.test("beginRecord() says which run it is, on which machine, and with which settings", async () => {
  const { text, value } = await written(beginRecord(BEGIN));
  assertEquals([value.run, value.status], ["lifetime", "running"]);
  const begin = value.begin as Record<string, unknown>;
  assertEquals(begin.time_utc, "1970-01-01T00:00:00.000Z");
  assertEquals(begin.command_line, ["lifetime_setup.yaml", "-v", "1"]);
  assertEquals((begin.versions as Record<string, unknown>).deno, Deno.version.deno);
  assertEquals((value.functions as { config: unknown }[])[1].config, { a: SHARED, b: SHARED, big: 5 });
  assert(!text.includes("&") && !text.includes("*"), `anchors in\n${text}`);
});

Deno.test("endRecord() completes the begin record and has one residual per ring", async () => {
  const { text, value } = await written(endRecord(beginRecord(BEGIN), END));
  assertEquals([value.run, value.status], ["lifetime", "failed"]);
  assertEquals(text.match(/residual: 0/g)?.length, 1);
  assertEquals((value.ledger as { groups: unknown[] }[])[0].groups, [GROUP]);
  assertEquals((value.dead_time as Record<string, unknown>).live_s, 3);
  assertEquals((value.failures as Record<string, unknown>[])[0].stack, "Error: x\n    at f");
  assertEquals((value.hung as Record<string, unknown>[])[0].event, 8);
});

Deno.test("describePlan() lists rings and functions as v1 does", () => {
  const lines = describePlan(PLAN).split("\n");
  assertEquals(lines.slice(0, 5), [
    "1 ring buffer",
    "  RB_1  128 slots  500 values",
    "2 functions",
    "  Fkt_1  f  (1)  RB_1: write",
    "  Fkt_2  f  (2)  RB_1: read",
  ]);
  assertEquals(
    describeGoals(PLAN),
    "Run ends after 500 events in RB_1, 1 min 30 s of active time, the end of the input, or the user's word",
  );
});

Deno.test("describePlanInDetail() shows fields, groups, modules and configurations", () => {
  const text = describePlanInDetail(PLAN);
  assertMatch(text, /fields {3}chA chB \(float32\)/);
  assertMatch(text, /readers {2}Fkt_2/);
  assertMatch(text, /module {3}file:\/\/\/experiment\/modules\/f.ts/);
  assertMatch(text, /a: \{ threshold: 3 \}/);
  assertMatch(text, /runs {5}in threads; on failure: stop; watchdog: 10.0 s/);
  assertMatch(text, /configuration {4}\/experiment\/config\/c.yaml/);
});

const REPORT: EndReport = {
  runDirectory: "/experiment/target/lifetime_1",
  files: ["log.txt", "run.yaml"],
  verdict: { exitCode: 1, headline: "Run failed: stopped by the user", complaints: ["1 event left unfinished"] },
  activeS: 4,
  pausedS: 0.5,
  wallS: 4.6,
  deadTime: DEAD_TIME,
  ledger: LEDGER,
};

Deno.test("describeEnd() tells what came of the run, ring by ring, and leaves out what did not happen", () => {
  assertEquals(describeEnd(REPORT, null).split("\n"), [
    "Run failed: stopped by the user",
    "  1 event left unfinished",
    "Execution time: 4.600 s (active 4.000 s, paused 0.500 s) - Events taken: 500",
    "Dead time: 25.0 %, live time: 3.000 s",
    "Ledger",
    "  ring  events  rate    reader group  processed  rejected  unfinished  residual",
    "  RB_1  500     125 Hz  Fkt_2         400        99        1           0",
    "Files in /experiment/target/lifetime_1",
    "  log.txt  run.yaml",
    "",
  ]);
});

Deno.test("describeEnd() fits into the width of a terminal", () => {
  const group = { name: "Fkt_2", processed: 1, rejected: 2, failed: 3, doubles: 4, unfinished: 5 };
  const [ring] = LEDGER.rings;
  const ledger = { ...LEDGER, rings: [{ ...ring, groups: [group, { ...group, name: "Fkt_3" }] }] };
  const report = { ...REPORT, ledger, files: Array.from({ length: 30 }, (_, i) => `histograms_${i}.csv`) };
  for (const width of [40, 60, 80]) {
    const lines = describeEnd(report, width).split("\n");
    assert(lines.every((line) => line.length <= width), `${width}\n${lines.join("\n")}`);
    assertMatch(lines.join(" "), /3 +failed, +4 +doubles|failed +doubles/);
  }
});

const FACTS: RunFacts = {
  stopReason: END.stopReason,
  failures: [],
  failureCount: 0,
  hung: [],
  ledger: { ...LEDGER, unfinished: 0 },
};

Deno.test("judgeRun() names the stop reason of a run without faults", () => {
  assertEquals(judgeRun(FACTS), { exitCode: 0, headline: "Run complete: 500 events reached", complaints: [] });
});

Deno.test("judgeRun() puts what went wrong first, not what ended the run", () => {
  assertEquals(judgeRun({ ...FACTS, failures: END.failures, failureCount: 2 }), {
    exitCode: 1,
    headline: "Run failed: Fkt_2/1 (f) failed in event 7; stopped at 500 events",
    complaints: ["Fkt_2/1 (f) failed in event 7: Error: x", "1 more failure, see log.txt and run.yaml"],
  });
  assertEquals(judgeRun({ ...FACTS, ledger: LEDGER }), {
    exitCode: 1,
    headline: "Run failed: 1 event left unfinished; stopped at 500 events",
    complaints: [],
  });
  assertEquals(judgeRun({ ...FACTS, ledger: LEDGER, stopReason: { cause: "user", text: "ended by the user" } }), {
    exitCode: 1,
    headline: "Run failed: ended by the user",
    complaints: ["1 event left unfinished"],
  });
});

Deno.test("judgeRun() names a worker that hangs once", () => {
  const hung = "Fkt_2/0 (f) holds event 8 of RB_1";
  assertEquals(judgeRun({ ...FACTS, hung: END.hung, ledger: LEDGER }), {
    exitCode: 1,
    headline: `Run failed: hung: ${hung}; stopped at 500 events`,
    complaints: ["1 event left unfinished"],
  });
  const text = `no event has moved for 60.0 s: ${hung}`;
  assertEquals(judgeRun({ ...FACTS, hung: END.hung, stopReason: { cause: "stalled", text } }), {
    exitCode: 1,
    headline: `Run failed: ${text}`,
    complaints: [],
  });
});

Deno.test("judgeRun() does not blame a run for what a worker left that was stopped by command", () => {
  const retiredGroups = [{ ring: "RB_1", group: "Fkt_2", worker: "Fkt_2/0 (f)" }];
  const remarks = ["Fkt_2/0 (f) was stopped by command; Fkt_2 left 1 event of RB_1 unread"];
  const complete = { exitCode: 0 as const, headline: "Run complete: 500 events reached", complaints: [] };
  assertEquals(judgeRun({ ...FACTS, ledger: LEDGER, retiredGroups }), { ...complete, remarks });
  assertMatch(
    describeEnd({ ...REPORT, verdict: { ...complete, remarks } }, null),
    /^Run complete.*\n {2}Fkt_2\/0 .* unread\n/,
  );
  // What others have left is no less a fault.
  const [ring] = LEDGER.rings;
  const ledger = {
    ...LEDGER,
    unfinished: 4,
    rings: [{ ...ring, groups: [GROUP, { ...GROUP, name: "Fkt_3", unfinished: 3 }] }],
  };
  const { exitCode, headline } = judgeRun({ ...FACTS, ledger, retiredGroups });
  assertEquals([exitCode, headline], [1, "Run failed: 3 events left unfinished; stopped at 500 events"]);
});
