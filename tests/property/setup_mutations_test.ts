/**
 * Whatever is done to a good setup: it runs to its plan, or it is refused with problems that have a place; never a stack
 * trace, never a hang. More with `MIMOCORB_MUTATIONS=100000`, again the same with `MIMOCORB_SEED=…`.
 */
import fc from "fast-check";
import { RunMimoDAQ } from "../../src/control/run_mimo_daq.ts";
import { SetupRefused } from "../../src/control/setup_refused.ts";
import { FileResolver } from "../../src/control/file_resolver.ts";
import { RingError } from "../../src/ring/ring_error.ts";
import { planSetup } from "../../src/setup/plan_setup.ts";
import type { Plan } from "../../src/setup/plan.ts";
import { formatProblem } from "../../src/setup/problem.ts";
import { assert, assertEquals } from "../../src/std/assert.js";
import { memoryResolver } from "../unit/setup_fixture.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);
const V2_EXAMPLE = "v2/simple";
const SETUPS = [...Deno.readDirSync(EXAMPLES)].map(({ name }) => name).filter((name) =>
  name.endsWith("_setup.yaml") && !name.includes("picoscope") && !name.includes("redpitaya")
).sort().concat(`${V2_EXAMPLE}/setup.yaml`);
/** Setups that need no module of the user's: these are run, too. */
const READY_MADE_SETUPS = ["demo_setup.yaml", "simulsource_setup.yaml", "spin_setup.yaml"];

const MUTATIONS = Number(Deno.env.get("MIMOCORB_MUTATIONS") || 6000);
const RUNS = 30;
const SEED = Number(Deno.env.get("MIMOCORB_SEED") || crypto.getRandomValues(new Int32Array(1))[0]);
const MOST_RING_BYTES = 2 ** 28;

/** What is put between or in place of characters: YAML's own signs, numbers at the edges, odd texts. */
const PIECES = [
  ..."|:|-|- |[|]|{|}|\"|'|&a |*a|<<: |~|0|-1|1e999|x|%|@|`|!|!!int |? |,|#|> |\\|../../x|/|NaN|.inf|0x10|1_000|yes"
    .split("|"),
  ..."\t|\n|\r\n|\0|\u2028|\u00b5|\ud83d\ude00|\ufeff|99999999999999999999|on|null|2026-01-01|1:30|-0|3.5|&a [*a, *a]"
    .split("|"),
];

type Edit = (text: string) => string;

function inLines(edit: (lines: string[], at: number) => void, at: number): Edit {
  return (text) => {
    const lines = text.split("\n");
    edit(lines, Math.floor(at * lines.length));
    return lines.join("\n");
  };
}

function place(text: string, at: number): number {
  return Math.floor(at * (text.length + 1));
}

const at = fc.double({ min: 0, max: 0.999999, noNaN: true });
const piece = fc.constantFrom(...PIECES);
const indent = fc.constantFrom("", " ", "  ", "    ", "- ");

const edit: fc.Arbitrary<Edit> = fc.oneof(
  at.map((a) => inLines((lines, i) => lines.splice(i, 1), a)),
  fc.tuple(at, fc.integer({ min: 1, max: 12 })).map(([a, count]) => inLines((lines, i) => lines.splice(i, count), a)),
  at.map((a) => inLines((lines, i) => lines.splice(i, 0, lines[i]), a)),
  fc.tuple(at, at).map(([a, b]) =>
    inLines((lines, i) => {
      const j = Math.floor(b * lines.length);
      [lines[i], lines[j]] = [lines[j], lines[i]];
    }, a)
  ),
  fc.tuple(at, indent).map(([a, by]) => inLines((lines, i) => lines[i] = by + lines[i].trimStart(), a)),
  fc.tuple(at, piece).map(([a, value]) => inLines((lines, i) => lines[i] = lines[i].replace(/:.*/s, `: ${value}`), a)),
  fc.tuple(at, fc.integer({ min: -3, max: 300 })).map(([a, value]) =>
    inLines((lines, i) => lines[i] = lines[i].replace(/\d+/, String(value)), a)
  ),
  fc.tuple(at, piece).map(([a, insert]): Edit => (text) => {
    const i = place(text, a);
    return text.slice(0, i) + insert + text.slice(i);
  }),
  fc.tuple(at, fc.integer({ min: 1, max: 5 })).map(([a, count]): Edit => (text) => {
    const i = place(text, a);
    return text.slice(0, i) + text.slice(i + count);
  }),
  at.map((a): Edit => (text) => text.slice(0, place(text, a))),
  fc.tuple(at, at).map(([a, b]): Edit => (text) => {
    const words = text.match(/[\w.]+/g) ?? [];
    if (words.length === 0) return text;
    const [from, to] = [words[Math.floor(a * words.length)], words[Math.floor(b * words.length)]];
    return text.replace(from, to);
  }),
);

const CONFIGS = Object.fromEntries(
  [
    ...[...Deno.readDirSync(new URL("config/", EXAMPLES))].map(({ name }) => `config/${name}`),
    `${V2_EXAMPLE}/config.yaml`,
  ].map((path) => [path, Deno.readTextFileSync(new URL(path, EXAMPLES))]),
);
const MODULES = Object.fromEntries(
  [
    ...[...Deno.readDirSync(new URL("modules/", EXAMPLES))].map(({ name }) => `modules/${name}`),
    `${V2_EXAMPLE}/functions.ts`,
  ].map((path) => [path, ""]),
);

/** A setup with its configuration files, one to three edits away from an example. */
interface Mutant {
  readonly setup: string;
  readonly files: Readonly<Record<string, string>>;
}

function mutants(setups: readonly string[]): fc.Arbitrary<Mutant> {
  const names = Object.keys(CONFIGS);
  return fc.tuple(
    fc.constantFrom(...setups),
    fc.array(edit, { minLength: 1, maxLength: 3 }),
    fc.option(fc.tuple(fc.constantFrom(...names), edit), { freq: 4 }),
  ).map(([setup, edits, other]) => {
    const text = edits.reduce((before, change) => change(before), Deno.readTextFileSync(new URL(setup, EXAMPLES)));
    const files: Record<string, string> = { ...CONFIGS, [setup]: text };
    if (other !== null) files[other[0]] = other[1](CONFIGS[other[0]]);
    return { setup, files };
  });
}

/** Every problem says where, what was expected and what was found. */
function assertLocated(mutant: Mutant, outcome: ReturnType<typeof planSetup>): void {
  if (outcome.ok) return;
  assert(outcome.problems.length > 0, "refused without a problem");
  for (const problem of outcome.problems) {
    const text = formatProblem(problem);
    assert(problem.line >= 1 && problem.found !== "" && problem.expected !== "", text);
    assert(!/\n\s+at |undefined|\[object /.test(text), text);
    const known = Object.keys(mutant.files).some((file) => problem.file.endsWith(file));
    assert(known, `${text}: names no file of the setup`);
  }
}

function ringBytes(plan: Plan): number {
  return plan.rings.reduce((sum, { slots, layout }) => sum + slots * layout.recordBytes, 0);
}

Deno.test(`planSetup() plans or refuses, with a place, ${MUTATIONS} mutations of the examples (MIMOCORB_SEED=${SEED})`, () => {
  let planned = 0;
  fc.assert(
    fc.property(mutants(SETUPS), (mutant) => {
      const resolver = memoryResolver({ ...MODULES, ...mutant.files });
      const outcome = planSetup(mutant.setup, { resolver });
      if (outcome.ok) planned++;
      assertLocated(mutant, outcome);
    }),
    { numRuns: MUTATIONS, seed: SEED },
  );
  assert(planned > MUTATIONS / 50 && planned < MUTATIONS * 0.9, `${planned} of ${MUTATIONS} were planned`);
});

Deno.test(`RunMimoDAQ runs to its plan or refuses ${RUNS} mutated setups that can be planned (MIMOCORB_SEED=${SEED})`, async () => {
  const runnable = fc.sample(mutants(READY_MADE_SETUPS), { numRuns: 40 * RUNS, seed: SEED });
  let tried = 0;
  for (const mutant of runnable) {
    if (tried === RUNS) break;
    const folder = await Deno.makeTempDir();
    try {
      for (const name of ["config", V2_EXAMPLE]) await Deno.mkdir(`${folder}/${name}`, { recursive: true });
      for (const [name, text] of Object.entries(mutant.files)) await Deno.writeTextFile(`${folder}/${name}`, text);
      const setupFile = `${folder}/${mutant.setup}`;
      const outcome = planSetup(setupFile, { resolver: new FileResolver() });
      if (!outcome.ok || ringBytes(outcome.plan) > MOST_RING_BYTES) continue;
      if (outcome.plan.functions.some(({ workers }) => workers > 8)) continue;
      tried++;
      await runMutant(setupFile, `${folder}/target`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  assertEquals(tried, RUNS);
});

async function runMutant(setupFile: string, outputDirectory: string): Promise<void> {
  const daq = new RunMimoDAQ(setupFile, { verbose: 0, outputDirectory, runEvents: 20, runtimeS: 0.5, deadlineS: 5 });
  try {
    await daq.setup();
  } catch (error) {
    assert(error instanceof SetupRefused || error instanceof RingError, Deno.inspect(error));
    const text = error instanceof SetupRefused ? error.problems.join("\n") : error.message;
    assert(/expected .*found/s.test(text), text);
    return;
  }
  const { record, isHung } = await daq.run();
  assert(!isHung, `${setupFile}: hung`);
  for (const account of record.ledger) assertEquals(account.residual, 0, Deno.inspect(account, { depth: 5 }));
  // A function may fail at a value that only shows with data; then the run says so.
  if (record.status !== "complete") assert(record.failures.length > 0, Deno.inspect(record.end));
}
