/** Workers in processes of their own: the same as in threads, and no more of them left than of the program. */
import { join } from "node:path";
import { RunMimoDAQ } from "../../src/control/run_mimo_daq.ts";
import type { Panel } from "../../src/worker/panel.ts";
import { assert, assertEquals, assertGreater, assertMatch } from "../../src/std/assert.js";
import { assertBooksClose, processesIn, runProgram, type TestFunction, TestRun, until } from "./run_fixture.ts";

const DYING = "dying_functions";
const REPOSITORY = new URL("../../", import.meta.url);

/** A source, a filter and a reader. */
function chain(fn: Omit<TestFunction, "read" | "write">, events = 100, source = {}): TestFunction[] {
  return [
    { name: "countSource", write: [1], config: { events, ...source } },
    { module: DYING, ...fn, read: [1], write: [2] },
    { name: "collect", read: [2] },
  ];
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

Deno.test("run_daq gives the same with each worker in a process of its own", async () => {
  const functions: TestFunction[] = [
    { name: "countSource", write: [1], workers: 2, config: { events: 300 } },
    { name: "every_nth", read: [1], write: [2], workers: 3, config: { every: 3 } },
    { name: "collect", read: [2] },
    { name: "watch", observe: [1], config: { min_sleeptime: 0.01 } },
  ];
  const results = [];
  for (const isolation of ["thread", "process"]) {
    await using run = await TestRun.create(functions);
    const { code, stderr } = await run.run("--isolation", isolation);
    assertEquals(code, 0, stderr);
    const record = run.record();
    assertBooksClose(record);
    assertEquals(/ is process \d+$/m.test(run.read("log.txt")), isolation === "process");
    assertMatch(run.read("log.txt"), /Fkt_4\/0 saw some events/);
    const counts = Object.values(record.function_counts).flat().filter(({ own_counts }) => own_counts !== null);
    results.push({ collected: run.collected("Fkt_3"), ledger: record.ledger, known: counts.length });
  }
  assertEquals(results[1], results[0]);
  assertEquals(results[0].collected.length, 200);
});

Deno.test("run_daq runs only those functions in processes that are to be", async () => {
  await using run = await TestRun.create(chain({ name: "prints", keys: { isolation: "process" } }));
  const { code } = await run.run();
  assertEquals(code, 0);
  const processes = run.read("log.txt").match(/Fkt_\d\/\d is process/g);
  assertEquals(processes, ["Fkt_2/0 is process"]);
});

Deno.test("run_daq takes everything that a process prints into the log, and nothing of it for a message", async () => {
  await using run = await TestRun.create(chain({ name: "prints", keys: { isolation: "process" } }));
  const { code, stdout, stderr } = await run.run();
  assertEquals(code, 0, stderr);
  const log = run.read("log.txt");
  for (
    const line of [
      "INFO  Fkt_2/0 by the logger",
      "INFO  Fkt_2/0 by the console [ 1, NaN ]",
      "INFO  Fkt_2/0 past the console",
      "INFO  Fkt_2/0 and without end",
      "WARN  Fkt_2/0 on standard error",
    ]
  ) {
    assertEquals(log.split("\n").filter((text) => text.endsWith(line)).length, 1, `${line} in\n${log}`);
  }
  assert(!stdout.includes("the console"), stdout);
  assertEquals(run.collected("Fkt_3"), numbers(100));
});

Deno.test("RunMimoDAQ gets the same displays from processes as from threads", async () => {
  const panels: Panel[][] = [];
  for (const isolation of ["thread", "process"] as const) {
    await using run = await TestRun.create(chain({ name: "publishes" }));
    const got: Panel[] = [];
    const daq = new RunMimoDAQ(join(run.directory, "test_setup.yaml"), {
      verbose: 0,
      isolation,
      outputDirectory: join(run.directory, "target"),
      onPanel: (_entry, _worker, _name, panel) => got.push(panel),
    });
    await daq.setup();
    const { exitCode } = await daq.run();
    assertEquals([exitCode, daq.control?.workers.map(({ pid }) => typeof pid)], [
      0,
      Array(3).fill(isolation === "process" ? "number" : "object"),
    ]);
    panels.push(got);
    await run.untilNoProcesses();
  }
  assertEquals(panels[0].length, 3);
  assertEquals(panels[1], panels[0]);
});

Deno.test("run_daq finds what user modules import in processes as in threads, also with a project's own deno.json", async () => {
  const folder = await Deno.makeTempDir({ prefix: "mimocorb_test_" });
  try {
    const { imports } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", REPOSITORY)));
    const own = { "@mimocorb/daq": new URL("mod.ts", REPOSITORY).href, "limits": "./limits.ts" };
    await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify({ imports: { ...imports, ...own } }));
    await Deno.writeTextFile(join(folder, "limits.ts"), "export const LIMIT = 7;\n");
    await Deno.writeTextFile(
      join(folder, "own_source.ts"),
      `import { importer } from "@mimocorb/daq";
import { LIMIT } from "limits";

export const source = importer(function* ({ log }) {
  log.info("arguments " + Deno.args.join());
  for (let n = 0; n < LIMIT; n++) yield [n];
});
`,
    );
    await Deno.writeTextFile(
      join(folder, "main.ts"),
      `import { RunMimoDAQ } from "@mimocorb/daq";

const daq = new RunMimoDAQ("own_setup.yaml", { verbose: 1, isolation: Deno.args[0] as "thread" | "process" });
await daq.setup();
Deno.exit((await daq.run()).exitCode);
`,
    );
    await Deno.writeTextFile(
      join(folder, "own_setup.yaml"),
      `RingBuffer:
  - RB_1: { number_of_slots: 8, channel_per_slot: 1, data_type: float64 }
Functions:
  - Fkt_main: {}
  - Fkt_1: { file_name: own_source, fkt_name: source, RB_assign: { RB_1: write } }
  - Fkt_2: { file_name: exporters, fkt_name: drain, RB_assign: { RB_1: read } }
`,
    );
    for (const isolation of ["thread", "process"]) {
      const { code, stdout, stderr } = await runProgram([isolation], folder, { program: join(folder, "main.ts") });
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /Run complete: end of input[^]*RB_1 +7 /);
      const [directory] = [...Deno.readDirSync(join(folder, "target"))].map(({ name }) => name).sort().slice(-1);
      assertMatch(
        Deno.readTextFileSync(join(folder, "target", directory, "log.txt")),
        new RegExp(`arguments ${isolation}`),
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("run_daq stops in order at signals that a terminal or a service manager sends to all processes", async (t) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    await t.step(signal, async () => {
      await using run = await TestRun.create(chain({ name: "prints" }, 0, { sleep_s: 0.001 }));
      const program = run.start("--isolation", "process");
      await until("a line of results", () => hasResults(run));
      const processes = processesIn(run.directory);
      assertEquals(processes.length, 4);
      for (const pid of processes) Deno.kill(pid, signal);
      const { code, stdout, stderr } = await run.finish(program);
      const record = run.record();
      assertBooksClose(record);
      assertEquals([code, record.end.stop_cause, record.deaths], [0, "user", []], stdout + stderr);
      assertEquals(run.collected("Fkt_3"), numbers(record.ledger[0].published));
    });
  }
});

Deno.test("run_daq wakes functions that sleep in processes when the run is stopped", async () => {
  await using run = await TestRun.create(chain({ name: "prints" }, 0, { sleep_s: 1000 }));
  const program = run.start("--isolation", "process");
  await until("the start", () => isRunning(run));
  program.kill("SIGINT");
  const { code } = await run.finish(program);
  assertEquals([code, run.record().ledger[0].published], [0, 0]);
});

Deno.test("run_daq takes its processes with it when it is killed, and what they have started, too", async () => {
  await using run = await TestRun.create(chain({ name: "startsOthers", config: { at: 5 } }));
  const program = run.start("--isolation", "process");
  await until("a process of a process", () => processesIn(run.directory).some(isSleeping));
  assertGreater(processesIn(run.directory).length, 4);
  program.kill("SIGKILL");
  assertEquals((await program.output()).code, -1);
  await run.untilNoProcesses();
  // The events in them can be recovered as long as the run directory is there.
  assertEquals(program.segments().length, 2);
  for (const path of program.segments()) Deno.removeSync(path);
});

Deno.test("run_daq kills what a process has started with it", async () => {
  await using run = await TestRun.create(chain({ name: "startsOthers", config: { at: 99 } }));
  const { code } = await run.run("--isolation", "process", "--deadline", "0.5");
  assertEquals(code, 1);
  assertEquals(run.record().deaths.map(({ cause, event }) => [cause, event]), [["hung", 99]]);
});

Deno.test("run_daq refuses a function whose process cannot load it, with its place and the process's words", async (t) => {
  const cases: [desc: string, fn: Omit<TestFunction, "read" | "write">, expected: RegExp][] = [
    [
      "throws at load",
      { name: "countSource", module: "throws_at_import" },
      /^test_setup.yaml:\d+: Fkt_2 \(countSource\): Cannot load module .*: .*no luck with the module/m,
    ],
    [
      "has no such function",
      { name: "printz" },
      /^test_setup.yaml:\d+: Fkt_2 \(printz\): Cannot find function "printz": .*did you mean "prints"\?/m,
    ],
    [
      "dies at load",
      { name: "countSource", module: "dies_at_import" },
      /^test_setup.yaml:\d+: Fkt_2 \(countSource\): its process was ended by SIGKILL\n {4}last words$/m,
    ],
  ];
  for (const [desc, fn, expected] of cases) {
    await t.step(desc, async () => {
      await using run = await TestRun.create(chain(fn));
      const { code, stderr } = await run.run("--isolation", "process");
      assertEquals(code, 2, stderr);
      assertMatch(stderr, expected);
      assertMatch(stderr, /Setup refused: 1 problem/);
      assertEquals([...Deno.readDirSync(join(run.directory, "target"))], []);
    });
  }
});

function isSleeping(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/comm`) === "sleep\n";
  } catch {
    return false;
  }
}

function hasResults(run: TestRun): boolean {
  try {
    return run.collected("Fkt_3").length > 10;
  } catch {
    return false;
  }
}

function isRunning(run: TestRun): boolean {
  try {
    return run.read("log.txt").includes("run started");
  } catch {
    return false;
  }
}
