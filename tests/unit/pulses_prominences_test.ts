import fc from "fast-check";
import { collectLocalMaxima } from "../../src/pulses/local_maxima.ts";
import { PeakTable } from "../../src/pulses/peak_table.ts";
import { measureProminences } from "../../src/pulses/prominences.ts";
import { ValleyTable } from "../../src/pulses/valleys.ts";
import { assertEquals } from "../../src/std/assert.js";

/** Rows `[position, prominence, left base, right base]` of the peaks that are at least `floor` high. */
function prominences(signal: readonly number[], { floor = -Infinity, reach = Infinity } = {}): number[][] {
  const peaks = new PeakTable(signal.length);
  const valleys = new ValleyTable(signal.length);
  collectLocalMaxima(peaks, signal, { floor, valleys });
  measureProminences(peaks, signal, { reach, valleys });
  return Array.from(
    { length: peaks.count },
    (_, i) => [peaks.positions[i], peaks.prominences[i], peaks.leftBases[i], peaks.rightBases[i]],
  );
}

Deno.test("measureProminences() takes the higher base and stops at higher ground", () => {
  assertEquals(prominences([0, 5, 1, 3, 2, 6, 4]), [[1, 4, 0, 2], [3, 1, 2, 4], [5, 2, 0, 6]]);
});

Deno.test("measureProminences() takes the nearest of equal bases and walks over equal peaks", () => {
  assertEquals(prominences([0, 0, 5, 0, 0, 5, 0, 0]), [[2, 5, 1, 3], [5, 5, 4, 6]]);
});

Deno.test("measureProminences() looks no farther than its reach", () => {
  assertEquals(prominences([0, 1, 2, 3, 9, 3, 2, 1, -1], { reach: 2 }), [[4, 7, 2, 6]]);
});

Deno.test("measureProminences() stops at NaN", () => {
  assertEquals(prominences([0, NaN, 1, 4, 2, NaN, 0]), [[3, 2, 2, 4]]);
});

Deno.test("measureProminences() gives the same with valleys as without", () => {
  const signals = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 80 });
  const options = fc.record({ floor: fc.integer({ min: 0, max: 10 }), reach: fc.constantFrom(1, 2, 5, 20, Infinity) });
  fc.assert(fc.property(signals, options, (signal, { floor, reach }) => {
    const high = prominences(signal, { reach }).filter(([position]) => signal[position] >= floor);
    assertEquals(prominences(signal, { floor, reach }), high);
  }));
});
