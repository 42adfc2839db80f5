/** Every setup in tests/data/setups/bad has one mistake; what must be said about it stands at its top or beside it. */
import { resolve } from "node:path";
import { formatProblem } from "../../src/setup/problem.ts";
import { planSetup } from "../../src/setup/plan_setup.ts";
import { assert, assertEquals, assertGreaterOrEqual } from "../../src/std/assert.js";
import { diskResolver } from "./setup_fixture.ts";

const FOLDER = resolve(import.meta.dirname!, "../data/setups/bad");

const setups = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) => name.endsWith(".yaml")).sort();

/** Lines `# expect: …` of a setup, or of the text beside one that cannot hold them. */
function expectations(setup: string): string[] {
  const path = `${FOLDER}/${setup}`;
  const lines = Deno.readTextFileSync(path).split("\n").filter((line) => line.startsWith("# expect: "));
  if (lines.length > 0) return lines.map((line) => line.slice("# expect: ".length));
  return Deno.readTextFileSync(path.replace(".yaml", ".expect.txt")).trim().split("\n");
}

for (const setup of setups) {
  Deno.test(`planSetup() refuses bad/${setup} with the place and what was expected there`, () => {
    const outcome = planSetup(setup, { resolver: diskResolver(FOLDER) });
    assert(!outcome.ok, "the setup was accepted");
    assertEquals(outcome.problems.map(formatProblem), expectations(setup));
    for (const problem of outcome.problems) {
      assertGreaterOrEqual(problem.line, 1);
      assert(problem.expected !== "" && problem.found !== "");
      assert(!/\.ts:\d+/.test(problem.text), "a stack trace");
    }
  });
}

Deno.test("planSetup() is tried with at least 75 bad setups, most mistakes of which have a near word", () => {
  assertGreaterOrEqual(setups.length, 75);
  const suggested = setups.filter((setup) => expectations(setup).some((line) => line.includes("; did you mean ")));
  assertGreaterOrEqual(suggested.length, 45);
});

Deno.test("planSetup() reports all problems of a setup, in the order of the file", () => {
  const texts = [
    "RingBuffer:",
    "  - RB_1:",
    "      number_of_slots: zero",
    "      channel_per_slot: -1",
    "      data_type: {1: [chA, flot32]}",
    "Functions:",
    "  - Fkt_main:",
    "      runevent: 3",
    "  - Fkt_1:",
    "      file_name: modules/nowhere",
    "      fkt_name: simulation_source",
    "      num_process: 0",
    "      RB_assign: {RB_1: wirte}",
    "      isolation: procces",
    "      seed: 1.5",
  ];
  const resolver = diskResolver("/nowhere");
  const outcome = planSetup("setup.yaml", {
    resolver: { ...resolver, exists: (path) => path === "/nowhere/setup.yaml", readText: () => texts.join("\n") },
  });
  assert(!outcome.ok);
  assertEquals(outcome.problems.map(({ line }) => line), [3, 4, 5, 8, 10, 12, 13, 14, 15]);
});
