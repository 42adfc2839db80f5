/** The gamma example, as a user runs it. */
import { join } from "node:path";
import { parse } from "yaml";
import { readTextTable } from "../../src/files/text_table_reader.ts";
import { assert, assertAlmostEquals, assertEquals } from "../../src/std/assert.js";
import { assertBooksClose, runProgram, type TestRecord } from "./run_fixture.ts";

const EXAMPLE = `${import.meta.dirname}/../../examples/gamma_setup.yaml`;
const EVENTS = 3000;

Deno.test("examples/gamma_setup.yaml gives a table and a spectrum with the lines of the source", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "mimocorb_gamma_" });
  try {
    const args = [EXAMPLE, "--output", "target", "--runevents", String(EVENTS), "--web", "off"];
    const { code, stdout, stderr } = await runProgram(args, folder);
    assertEquals(code, 0, stdout + stderr);
    const [{ name }] = [...Deno.readDirSync(join(folder, "target"))];
    const run = join(folder, "target", name);
    assertBooksClose(parse(Deno.readTextFileSync(join(run, "run.yaml"))) as TestRecord);
    const { columns, rows } = readTextTable(join(run, "heights.csv"));
    assertEquals(rows, EVENTS);
    const heights = Array.from(columns.get("chA_height")!);
    // 65 % of the events, 1.8 : 1, at 0.5 mV per keV; ± 10 % holds both lines and little of the background.
    for (const [heightMv, share] of [[255.5, 0.65 * 1.8 / 2.8], [637.25, 0.65 / 2.8]]) {
      const inLine = heights.filter((height) => Math.abs(height - heightMv) < 0.1 * heightMv);
      assertAlmostEquals(inLine.reduce((sum, height) => sum + height, 0) / inLine.length, heightMv, 0.01 * heightMv);
      assert(inLine.length / EVENTS > share - 0.03 && inLine.length / EVENTS < share + 0.1, `${inLine.length}`);
    }
    for (const file of ["chA_height.npy", "info.csv", "histograms.svg"]) {
      assert(Deno.statSync(join(run, "Histograms_stored", file)).size > 0, file);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
