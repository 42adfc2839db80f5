/** docs/setup_reference.md says what the code does. */
import { OWN_KEYS, V1_FUNCTION_KEYS, V1_KEYS, V1_MAIN_KEYS, V1_RING_KEYS } from "../../src/setup/setup_keys.ts";
import { V2_FUNCTION_KEYS, V2_KEYS, V2_RING_KEYS } from "../../src/setup/setup_keys.ts";
import { equivalentFunctions, V2_BUILT_INS } from "../../src/setup/older_names.ts";
import { planSetup } from "../../src/setup/plan_setup.ts";
import { formatProblem } from "../../src/setup/problem.ts";
import type { SetupKey } from "../../src/setup/setup_key.ts";
import { assert, assertEquals, assertStringIncludes } from "../../src/std/assert.js";
import { memoryResolver } from "./setup_fixture.ts";

const REFERENCE = Deno.readTextFileSync(new URL("../../docs/setup_reference.md", import.meta.url));

/** The table of some keys as the reference must have it. */
function keyTable(keys: readonly Omit<SetupKey<unknown>, "read">[]): string {
  const rows = keys.map(({ name, expects, defaultText, meaning }) =>
    `| \`${name}\` | ${expects} | ${defaultText} | ${meaning} |`
  );
  return ["| key | value | default | meaning |", "|---|---|---|---|", ...rows].join("\n");
}

/** A text without what the formatter adds to tables. */
function withoutPadding(text: string): string {
  return text.replaceAll(/ *\| */g, "|").replaceAll(/-{3,}/g, "---");
}

const TABLES = {
  "own keys": OWN_KEYS,
  "the top of a v1 setup": V1_KEYS,
  "a v1 ring": V1_RING_KEYS,
  "Fkt_main": V1_MAIN_KEYS,
  "a v1 function": V1_FUNCTION_KEYS,
  "the top of a v2 setup": V2_KEYS,
  "a v2 ring": V2_RING_KEYS,
  "a v2 function": V2_FUNCTION_KEYS,
};

for (const [what, keys] of Object.entries(TABLES)) {
  Deno.test(`docs/setup_reference.md has the keys of ${what} as the code reads them`, () => {
    assertStringIncludes(withoutPadding(REFERENCE), withoutPadding(keyTable(Object.values(keys))));
  });
}

Deno.test("docs/setup_reference.md lists older names that lead to the same function", () => {
  const rows = REFERENCE.matchAll(/^\| `(\w+)\.(\w+)` +\| (.*\.\w+.*) \|$/gm);
  let count = 0;
  for (const [, module, name, older] of rows) {
    for (const [, oldModule, oldName] of older.matchAll(/`(\w+)\.(\w+)`/g)) {
      const found = equivalentFunctions(oldModule, oldName).some(([m, f]) => m === module && f === name);
      assert(found, `${oldModule}.${oldName} does not lead to ${module}.${name}`);
      count++;
    }
  }
  assert(count >= 8, `${count} older names found in the text`);
});

Deno.test("docs/setup_reference.md names all functions of mimoCoRB2", () => {
  for (const name of V2_BUILT_INS) assertStringIncludes(REFERENCE, `\`${name}\``);
});

Deno.test("docs/setup_reference.md shows messages as they are", () => {
  const files = [...REFERENCE.matchAll(/<!-- (\S+) -->\n+```yaml\n(.*?)```/gs)].map(([, name, text]) => [name, text]);
  const [messages] = [...REFERENCE.matchAll(/<!-- messages -->\n+```\n(.*?)\n```/gs)].map(([, text]) => text);
  const outcome = planSetup("broken_setup.yaml", { resolver: memoryResolver(Object.fromEntries(files)) });
  assert(!outcome.ok);
  assertEquals(outcome.problems.map(formatProblem).join("\n"), messages);
});

Deno.test("docs/setup_reference.md shows two setups that can be planned", () => {
  const setups = [...REFERENCE.matchAll(/<!-- (v[12]) -->\n+```yaml\n(.*?)```/gs)];
  assertEquals(setups.map(([, dialect]) => dialect), ["v1", "v2"]);
  for (const [, dialect, text] of setups) {
    const files = {
      "a_setup.yaml": text,
      "config/all.yaml": "simulation_source: {sleeptime: 0}\n",
      "own/filter.ts": "",
    };
    const outcome = planSetup("a_setup.yaml", { resolver: memoryResolver(files) });
    assert(outcome.ok, outcome.ok ? "" : outcome.problems.map(formatProblem).join("\n"));
    assertEquals(outcome.plan.dialect, dialect);
  }
});
