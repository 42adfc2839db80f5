/** The peak search and the filters against reference results; the comparison is that of scripts/check_golden.ts. */
import { compareFindPeaks } from "../../scripts/golden/compare_find_peaks.ts";
import { compareLifetime } from "../../scripts/golden/compare_lifetime.ts";
import { compareSpectrum } from "../../scripts/golden/compare_spectrum.ts";
import { Tally } from "../../scripts/golden/tally.ts";
import { assertEquals, assertGreater } from "../../src/std/assert.js";

const FOLDER = `${import.meta.dirname}/../data/golden`;

const PARTS = [
  { desc: "findPeaks() finds what SciPy finds", compare: compareFindPeaks, least: 3000 },
  { desc: "LifetimeAnalysis finds what the reference analysis finds", compare: compareLifetime, least: 1000 },
  { desc: "SpectrumAnalysis finds what the reference analysis finds", compare: compareSpectrum, least: 200 },
];

for (const { desc, compare, least } of PARTS) {
  Deno.test(desc, () => {
    const lines: string[] = [];
    const tally = new Tally((line) => lines.push(line));
    compare(FOLDER, tally);
    assertEquals(lines, []);
    assertEquals(tally.differing, 0);
    assertGreater(tally.compared, least);
  });
}

Deno.test("Tally reports values that differ by more than the tolerance", () => {
  const lines: string[] = [];
  const tally = new Tally((line) => lines.push(line));
  tally.close("a", 1 + 5e-10, { expected: 1, tolerance: 1e-9 });
  tally.close("b", 1 + 5e-9, { expected: 1, tolerance: 1e-9 });
  tally.close("c", undefined, { expected: 1, tolerance: 1 });
  tally.close("d", NaN, { expected: 1, tolerance: 1 });
  tally.list("e", [1, 2], { expected: [1, 3], tolerance: 0 });
  tally.list("f", [1], { expected: [1, 3], tolerance: 0 });
  tally.same("g", null, null);
  tally.impossible("h", "no file");
  assertEquals(lines.map((line) => line.slice(0, 4)), ["b: e", "c: e", "d: e", "e[1]", "f: l", "h: n"]);
  assertEquals([tally.compared, tally.differing], [10, 6]);
});
