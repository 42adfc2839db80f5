import { FileResolver } from "../../src/control/file_resolver.ts";
import { resolvedSetup } from "../../src/control/resolved_setup.ts";
import type { Plan } from "../../src/setup/plan.ts";
import { planSetup } from "../../src/setup/plan_setup.ts";
import { assertEquals, fail } from "../../src/std/assert.js";

const EXAMPLES = `${import.meta.dirname}/../../examples`;

function plan(file: string): Plan {
  const outcome = planSetup(file, { resolver: new FileResolver() });
  return outcome.ok ? outcome.plan : fail(JSON.stringify(outcome.problems));
}

/** What a setup means, without where it was written and what it calls ready-made functions. */
function meaning({ rings, functions, runEvents, runtimeS, targetDirectory }: Plan): unknown {
  const plain = functions.map(({ functionName: _, place: __, ...fn }) => fn);
  return JSON.parse(JSON.stringify({ rings, functions: plain, runEvents, runtimeS, targetDirectory }));
}

const SETUPS = ["lifetime", "spin", "demo", "simulsource", "high_pulses"].map((name) => `${name}_setup.yaml`);
const V2_SETUPS = ["simple/setup.yaml", "muon/spin_setup.yaml", "mimo_files/read_setup.yaml", "gamma/setup.yaml"];

for (const name of [...SETUPS, ...V2_SETUPS.map((path) => `v2/${path}`)]) {
  Deno.test(`resolvedSetup() means the same as ${name}`, async () => {
    const original = plan(`${EXAMPLES}/${name}`);
    const folder = await Deno.makeTempDir();
    for (const [file, text] of resolvedSetup(original)) await Deno.writeTextFile(`${folder}/${file}`, text);
    assertEquals(meaning(plan(`${folder}/setup.yaml`)), meaning(original));
    await Deno.remove(folder, { recursive: true });
  });
}
