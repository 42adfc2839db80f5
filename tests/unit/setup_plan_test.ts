/** Look-up, precedence and form of plans, with files in memory. */
import type { Plan } from "../../src/setup/plan.ts";
import { type CommandLine, planSetup } from "../../src/setup/plan_setup.ts";
import { formatProblems } from "../../src/setup/problem.ts";
import type { SetupResolver } from "../../src/setup/setup_resolver.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../src/std/assert.js";
import { memoryResolver } from "./setup_fixture.ts";

const V1 = `
RingBuffer:
  - RB_1: {number_of_slots: 8, channel_per_slot: 4, data_type: {1: [chA, f4]}}
Functions:
  - Fkt_main: {config_file: config/all.yaml, runevents: 5, runtime: 7}
  - Fkt_1: {file_name: modules/source, fkt_name: my_source, RB_assign: {RB_1: write}}
  - Fkt_2: {file_name: modules/exporters, fkt_name: drain, RB_assign: {RB_1: read}}
`;
const V2 = `
Buffers:
  raw: {slot_count: 8, data_length: 4, data_dtype: {chA: f4}}
Workers:
  source: {file: modules/source.py, function: my_source, sinks: [raw], config: all.yaml}
  drain: {function: exporters.drain, sources: [raw]}
`;
const CONFIG = "general: {}\nmy_source: {where: setup}\ndrain: {}\n";

function planWith(files: Record<string, string>, setup: string, commandLine: CommandLine = {}): Plan {
  const outcome = planSetup(setup, { resolver: memoryResolver(files), commandLine });
  assert(outcome.ok, outcome.ok ? "" : formatProblems(outcome.problems));
  return outcome.plan;
}

Deno.test("planSetup() looks files up in the setup's folder, then in the working directory", () => {
  const both = {
    "lab/my_setup.yaml": V1,
    "lab/config/all.yaml": CONFIG,
    "config/all.yaml": CONFIG.replace("setup", "working"),
    "lab/modules/source.ts": "",
    "modules/source.ts": "",
  };
  const plan = planWith(both, "lab/my_setup.yaml");
  assertEquals(plan.functions[0].module, "file:///daq/lab/modules/source.ts");
  assertEquals(plan.functions[0].config, { where: "setup" });
  assertEquals(plan.configFiles, ["/daq/lab/config/all.yaml"]);
  const { ["lab/config/all.yaml"]: _, ["lab/modules/source.ts"]: __, ...onlyWorking } = both;
  const other = planWith(onlyWorking, "lab/my_setup.yaml");
  assertEquals(other.functions[0].module, "file:///daq/modules/source.ts");
  assertEquals(other.functions[0].config, { where: "working" });
});

Deno.test("planSetup() prefers .ts to .js in one folder, and the setup's folder to the working directory", () => {
  const files = { "lab/my_setup.yaml": V1, "config/all.yaml": CONFIG };
  const found = (...modules: string[]) =>
    planWith({ ...files, ...Object.fromEntries(modules.map((path) => [path, ""])) }, "lab/my_setup.yaml").functions[0]
      .module;
  assertEquals(found("lab/modules/source.js", "lab/modules/source.ts"), "file:///daq/lab/modules/source.ts");
  assertEquals(found("lab/modules/source.js", "modules/source.ts"), "file:///daq/lab/modules/source.js");
});

Deno.test("planSetup() takes the module beside a Python file and says so", () => {
  const files = { "a_setup.yaml": V2, "all.yaml": "x: 1", "modules/source.py": "", "modules/source.ts": "" };
  const outcome = planSetup("a_setup.yaml", { resolver: memoryResolver(files) });
  assert(outcome.ok);
  assertEquals(outcome.plan.functions[0].module, "file:///daq/modules/source.ts");
  assertStringIncludes(formatProblems(outcome.notices), "modules/source.ts is taken instead of the Python file");
});

Deno.test("planSetup() writes module URLs with their special characters escaped", () => {
  const files = { "über #1/a_setup.yaml": V2, "über #1/all.yaml": "x: 1", "über #1/modules/source.ts": "" };
  const plan = planWith(files, "über #1/a_setup.yaml");
  assertEquals(plan.functions[0].module, "file:///daq/%C3%BCber%20%231/modules/source.ts");
  assertEquals(decodeURIComponent(new URL(plan.functions[0].module).pathname), "/daq/über #1/modules/source.ts");
});

Deno.test("planSetup() takes a user's module before a ready-made one, and keeps the function's name as written", () => {
  const files = { "a_setup.yaml": V1, "config/all.yaml": CONFIG, "modules/source.ts": "", "modules/exporters.ts": "" };
  const plan = planWith(files, "a_setup.yaml");
  assertEquals(plan.functions.map(({ module, exportName }) => [module, exportName]), [
    ["file:///daq/modules/source.ts", "my_source"],
    ["file:///daq/modules/exporters.ts", "drain"],
  ]);
});

Deno.test("planSetup() makes the target directory in the working directory for v1, in the setup's folder for v2", () => {
  const files = {
    "lab/a_setup.yaml": V1,
    "lab/b_setup.yaml": V2,
    "config/all.yaml": CONFIG,
    "lab/all.yaml": "x: 1",
    "lab/modules/source.ts": "",
  };
  assertEquals(planWith(files, "lab/a_setup.yaml").targetDirectory, "/daq/target");
  assertEquals(planWith(files, "lab/b_setup.yaml").targetDirectory, "/daq/lab/target");
  const commandLine = { outputDirectory: "runs" };
  assertEquals(planWith(files, "lab/b_setup.yaml", commandLine).targetDirectory, "/daq/runs");
  const home = { outputDirectory: "~/runs" };
  assertEquals(planWith(files, "lab/a_setup.yaml", home).targetDirectory, "/home/me/runs");
});

Deno.test("planSetup() lets the command line count before general, and general before Fkt_main", () => {
  const limits = (general: string, commandLine: CommandLine = {}) => {
    const config = CONFIG.replace("general: {}", `general: ${general}`);
    const files = { "a_setup.yaml": V1, "config/all.yaml": config, "modules/source.ts": "" };
    const { runEvents, runtimeS } = planWith(files, "a_setup.yaml", commandLine);
    return [runEvents, runtimeS];
  };
  assertEquals(limits("{}"), [5, 7]);
  assertEquals(limits("{runevents: 10}"), [10, 7]);
  assertEquals(limits("{runevents: 0, runtime: 0.5}"), [0, 0.5]);
  assertEquals(limits("{runevents: 10}", { runEvents: 20 }), [20, 7]);
  assertEquals(limits("{runevents: 10, runtime: 3}", { runEvents: 0, runtimeS: 2 }), [0, 2]);
});

Deno.test("planSetup() lets the command line switch keys and page off", () => {
  const files = { "a_setup.yaml": V1, "config/all.yaml": CONFIG, "modules/source.ts": "" };
  const { keyboard, page } = planWith(files, "a_setup.yaml", { keyboard: false, page: undefined });
  assertEquals([keyboard, page], [false, true]);
});

Deno.test("planSetup() refuses impossible limits of the command line as misuse", () => {
  const resolver = memoryResolver({});
  assertThrows(() => planSetup("a.yaml", { resolver, commandLine: { runEvents: -1 } }), RangeError, "runEvents");
  assertThrows(() => planSetup("a.yaml", { resolver, commandLine: { runtimeS: NaN } }), RangeError, "runtimeS");
});

Deno.test("planSetup() names a group of many readers by the first of them", () => {
  const readers = Array.from({ length: 9 }, (_, i) => `reader_number_${i}`);
  const setup = V2.replace(
    / {2}drain: .*/,
    readers.map((name) => `  ${name}: {function: exporters.drain, sources: [raw]}`).join("\n"),
  );
  const plan = planWith({ "a_setup.yaml": setup, "all.yaml": "x: 1", "modules/source.ts": "" }, "a_setup.yaml");
  assertEquals(plan.rings[0].groups, [{ name: "reader_number_0+8", functions: readers }]);
});

Deno.test("planSetup() names runs by the setup's file", () => {
  const name = (file: string) => {
    const files = { [file]: V1, "config/all.yaml": CONFIG, "modules/source.ts": "" };
    return planWith(files, file).runName;
  };
  assertEquals(name("lifetime_setup.yaml"), "lifetime");
  assertEquals(name("my.lab-setup.v2.yaml"), "my.lab");
  assertEquals(name("muons.yaml"), "muons");
  assertEquals(name("setup.yaml"), "run");
});

Deno.test("planSetup() freezes the plan with everything in it", () => {
  const files = { "a_setup.yaml": V1, "config/all.yaml": CONFIG, "modules/source.ts": "" };
  const plan = planWith(files, "a_setup.yaml");
  assert(Object.isFrozen(plan) && Object.isFrozen(plan.rings[0].groups[0].functions));
  assert(Object.isFrozen(plan.functions[0].config) && Object.isFrozen(plan.rings[0].layout.fields[0]));
  assertEquals(structuredClone(plan.functions[0]), plan.functions[0]);
});

Deno.test("planSetup() says that there is no such setup, and which one may be meant", () => {
  const outcome = planSetup("demo_stup.yaml", { resolver: memoryResolver({ "demo_setup.yaml": V1 }) });
  assert(!outcome.ok);
  assertEquals(
    formatProblems(outcome.problems),
    'demo_stup.yaml: expected a setup file, found no file of that name; did you mean "demo_setup.yaml"?',
  );
});

Deno.test("planSetup() says that a setup or a configuration cannot be read", () => {
  const resolver = memoryResolver({ "a_setup.yaml": V1, "config/all.yaml": CONFIG, "modules/source.ts": "" });
  const without = (path: string): SetupResolver => ({
    ...resolver,
    readText: (wanted) => wanted === path ? null : resolver.readText(wanted),
  });
  const setup = planSetup("a_setup.yaml", { resolver: without("/daq/a_setup.yaml") });
  assert(!setup.ok);
  assertEquals(
    formatProblems(setup.problems),
    "a_setup.yaml: expected a setup file, found one that cannot be read",
  );
  const config = planSetup("a_setup.yaml", { resolver: without("/daq/config/all.yaml") });
  assert(!config.ok);
  assertStringIncludes(formatProblems(config.problems), 'expected a file that can be read, found "config/all.yaml"');
});

Deno.test("planSetup() reports a broken configuration file once, however many functions use it", () => {
  const setup = V2.replace("{function: exporters.drain, ", "{function: exporters.drain, config: all.yaml, ");
  const files = { "a_setup.yaml": setup, "all.yaml": "a: [1", "modules/source.ts": "" };
  const outcome = planSetup("a_setup.yaml", { resolver: memoryResolver(files) });
  assert(!outcome.ok);
  assertEquals(outcome.problems.map(({ file }) => file), ["all.yaml"]);
});

Deno.test("planSetup() shows files outside the working directory with their whole path", () => {
  const outcome = planSetup("/other/a_setup.yaml", { resolver: memoryResolver({ "/other/a_setup.yaml": "a: 1" }) });
  assert(!outcome.ok);
  assertEquals(outcome.problems[0].file, "/other/a_setup.yaml");
});

Deno.test("planSetup() shows a ready-made function's own notice", () => {
  const resolver = memoryResolver({ "a_setup.yaml": V2, "all.yaml": "x: 1", "modules/source.ts": "" });
  const outcome = planSetup("a_setup.yaml", {
    resolver: {
      ...resolver,
      readyMade: () => ({ module: "ready-made:x", exportName: "drain", notice: "drain throws events away" }),
    },
  });
  assert(outcome.ok);
  assertStringIncludes(formatProblems(outcome.notices), "Workers.drain.function: notice: drain throws events away");
});
