/** Whatever is done to a good setup: it is planned or refused with problems, never anything else. */
import { planSetup } from "../../src/setup/plan_setup.ts";
import { assert } from "../../src/std/assert.js";
import { memoryResolver } from "./setup_fixture.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);
const SETUPS = ["demo_setup.yaml", "spin_setup.yaml", "simulsource_setup.yaml", "simple_v2_setup.yaml"];
const PIECES = [
  "",
  " ",
  ":",
  "-",
  "- ",
  "[",
  "]",
  "{",
  "}",
  '"',
  "'",
  "&a ",
  "*a",
  "<<: ",
  "~",
  "0",
  "-1",
  "1e999",
  "x",
];
const ROUNDS = 150;

/** The configuration files that the examples use, and a module of the user's. */
const CONFIGS = Object.fromEntries(
  [...Deno.readDirSync(new URL("config/", EXAMPLES))].map(({ name }) => [
    `config/${name}`,
    Deno.readTextFileSync(new URL(`config/${name}`, EXAMPLES)),
  ]),
);
const FILES = { ...CONFIGS, "modules/simple_waveforms.ts": "" };

/** A small generator, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

for (const setup of SETUPS) {
  Deno.test(`planSetup() survives ${ROUNDS} mutations of examples/${setup}`, () => {
    const text = Deno.readTextFileSync(new URL(setup, EXAMPLES));
    let planned = 0;
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const next = random(seed);
      const pick = (length: number) => Math.floor(next() * length);
      const lines = text.split("\n");
      for (let edits = 1 + pick(3); edits > 0; edits--) {
        const at = pick(lines.length);
        const line = lines[at] ?? "";
        const column = pick(line.length + 1);
        const edited = [
          () => lines.splice(at, 1),
          () => lines.splice(at, 0, line),
          () => lines.splice(at, 1, ` ${line}`),
          () => lines.splice(at, 1, line.slice(0, column) + PIECES[pick(PIECES.length)] + line.slice(column)),
          () => lines.splice(at, 1, line.slice(0, column) + line.slice(column + 1)),
          () => lines.splice(at, 1, line.replace(/:.*/, `: ${PIECES[pick(PIECES.length)]}`)),
        ];
        edited[pick(edited.length)]();
      }
      const resolver = memoryResolver({ ...FILES, "a_setup.yaml": lines.join("\n") });
      const outcome = planSetup("a_setup.yaml", { resolver });
      if (outcome.ok) planned++;
      else assert(outcome.problems.every(({ line, found }) => line >= 1 && found !== ""), `seed ${seed}`);
    }
    assert(planned > ROUNDS / 20 && planned < ROUNDS, `${planned} of ${ROUNDS} were planned`);
  });
}
