/** Good setups in tests/data/setups/ok: what the plan must hold stands beside each, expected notices at its top. */
import { resolve } from "node:path";
import type { Plan } from "../../src/setup/plan.ts";
import { planSetup } from "../../src/setup/plan_setup.ts";
import { formatProblem, formatProblems } from "../../src/setup/problem.ts";
import { assert, assertEquals, assertGreaterOrEqual } from "../../src/std/assert.js";
import { diskResolver } from "./setup_fixture.ts";

const FOLDER = resolve(import.meta.dirname!, "../data/setups/ok");
const MODULES = ["own/source.ts", "own/filter.ts", "own/filter.js", "own/with.dots.js"];

/** What is compared with the text beside a setup: the plan, paths relative to the folder. */
function comparable(plan: Plan): Record<string, unknown> {
  const below = (path: string) => path.replace(`file://${FOLDER}/`, "").replace(`${FOLDER}/`, "");
  return {
    ...plan,
    targetDirectory: below(plan.targetDirectory),
    configFiles: plan.configFiles.map(below),
    functions: plan.functions.map((it) => ({ ...it, module: below(it.module), configKeys: Object.keys(it.config) })),
  };
}

/** Keeps of a value the parts that another one has: keys of objects, but all items of lists. */
function partsOf(value: unknown, wanted: unknown, path: string): unknown {
  if (Array.isArray(wanted) && Array.isArray(value)) {
    return value.map((item, index) => index < wanted.length ? partsOf(item, wanted[index], `${path}[${index}]`) : item);
  }
  // The configuration of a function is compared whole.
  if (path.endsWith(".config") || typeof wanted !== "object" || wanted === null || typeof value !== "object") {
    return value;
  }
  const parts = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(wanted).map(([key, inner]) => [key, partsOf(parts[key], inner, `${path}.${key}`)]),
  );
}

const setups = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) => name.endsWith(".yaml")).sort();

for (const setup of setups) {
  Deno.test(`planSetup() makes the plan of ok/${setup}`, () => {
    const text = Deno.readTextFileSync(`${FOLDER}/${setup}`);
    const wanted = JSON.parse(Deno.readTextFileSync(`${FOLDER}/${setup.replace(".yaml", ".plan.json")}`));
    const outcome = planSetup(setup, { resolver: diskResolver(FOLDER, { modules: MODULES }) });
    assert(outcome.ok, outcome.ok ? "" : formatProblems(outcome.problems));
    assertEquals(partsOf(comparable(outcome.plan), wanted, ""), wanted);
    const notices = text.split("\n").filter((line) => line.startsWith("# notice: ")).map((line) => line.slice(10));
    assertEquals(outcome.notices.map(formatProblem), notices);
  });
}

Deno.test("planSetup() is tried with at least 20 good setups", () => {
  assertGreaterOrEqual(setups.length, 20);
});
