import { DistanceRule } from "../../src/pulses/peak_distance.ts";
import { PeakTable } from "../../src/pulses/peak_table.ts";
import { assertEquals } from "../../src/std/assert.js";

/** Positions that stay; undecided ones with a question mark. */
function apply(distance: number, peaks: readonly [number, number][], isComplete = true): string[] {
  const table = new PeakTable(peaks.length);
  table.count = peaks.length;
  for (const [row, [position, height]] of peaks.entries()) {
    table.positions[row] = position;
    table.peakHeights[row] = height;
  }
  new DistanceRule(distance, peaks.length).apply(table, { isComplete });
  return Array.from({ length: table.count }, (_, i) => `${table.positions[i]}${table.undecided[i] === 0 ? "" : "?"}`);
}

Deno.test("DistanceRule removes what is closer to a higher peak", () => {
  assertEquals(apply(5, [[10, 1], [14, 3], [19, 2], [25, 1]]), ["14", "19", "25"]);
});

Deno.test("DistanceRule keeps a peak whose higher neighbour was itself removed", () => {
  assertEquals(apply(5, [[10, 1], [14, 2], [18, 3]]), ["10", "18"]);
});

Deno.test("DistanceRule keeps the later of two equal peaks when there are few", () => {
  assertEquals(apply(5, [[10, 1], [14, 1]]), ["14"]);
  assertEquals(apply(5, [[10, 1], [14, 1], [18, 1]]), ["10", "18"]);
});

Deno.test("DistanceRule leaves equal peaks undecided when lower ones are unknown, and whom they might remove", () => {
  assertEquals(apply(5, [[10, 1], [14, 1]], false), ["10?", "14?"]);
  assertEquals(apply(5, [[6, 0.5], [10, 1], [14, 1], [30, 1]], false), ["6?", "10?", "14?", "30"]);
});

Deno.test("DistanceRule decides about equal peaks of which a higher one removes any", () => {
  assertEquals(apply(5, [[10, 1], [14, 1], [16, 2]], false), ["10", "16"]);
});
