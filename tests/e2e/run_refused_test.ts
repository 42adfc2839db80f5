import { assert, assertEquals, assertMatch } from "../../src/std/assert.js";
import { runProgram } from "./run_fixture.ts";

const BAD_SETUPS = `${import.meta.dirname}/../data/setups/bad`;

/** One setup for each step of reading one: text, keys, values, flow, files. */
const SAMPLE = [
  "empty",
  "brackets",
  "assign_wrong_word",
  "assign_unknown_ring",
  "config_file_missing",
  "config_is_broken",
  "flow_cycle",
  "flow_ring_not_fed",
];

Deno.test("run_daq refuses bad setups with place and reason, exit code 2 and no stack trace", async (t) => {
  for (const name of SAMPLE) {
    await t.step(name, async () => {
      const { code, stdout, stderr } = await runProgram([`${name}.yaml`], BAD_SETUPS);
      assertEquals(code, 2, stderr);
      assertEquals(stdout, "");
      assertMatch(stderr, /^[\w/.]+\.yaml(:\d+)?: .*expected .*, found /m);
      assertMatch(stderr, /^Setup refused: \d+ problems?$/m);
      assert(!/^\s+at .*:\d+:\d+/m.test(stderr), stderr);
    });
  }
});

Deno.test("run_daq refuses a setup that is not there, with and without its name", async () => {
  const directory = await Deno.makeTempDir();
  const named = await runProgram(["nothing.yaml"], directory);
  assertEquals(named.code, 2);
  assertMatch(named.stderr, /nothing.yaml: expected a setup file, found no file of that name/);
  const unnamed = await runProgram([], directory);
  assertEquals(unnamed.code, 2);
  assertMatch(unnamed.stderr, /demo_setup.yaml: expected a setup file/);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("run_daq refuses a bad command line", async () => {
  const { code, stdout, stderr } = await runProgram(["--runevnts", "5", "-v", "many"], BAD_SETUPS);
  assertEquals([code, stdout], [2, ""]);
  assertMatch(stderr, /did you mean "--runevents"\?/);
  assertMatch(stderr, /--verbose: expected 0, 1 or 2, found "many"/);
  assert(!/^\s+at /m.test(stderr), stderr);
});
