import { PeakTable } from "../../src/pulses/peak_table.ts";
import { measureWidths } from "../../src/pulses/widths.ts";
import { assertEquals } from "../../src/std/assert.js";

function widthOf(signal: readonly number[], peak: { at: number; prominence: number; bases: [number, number] }) {
  const table = new PeakTable(1);
  table.count = 1;
  table.positions[0] = peak.at;
  table.prominences[0] = peak.prominence;
  table.leftBases[0] = peak.bases[0];
  table.rightBases[0] = peak.bases[1];
  return (relHeight: number) => {
    measureWidths(table, signal, { relHeight });
    return [table.leftIps[0], table.rightIps[0], table.widths[0], table.widthHeights[0]];
  };
}

const triangle = widthOf([0, 2, 4, 8, 4, 0], { at: 3, prominence: 8, bases: [0, 5] });

Deno.test("measureWidths() interpolates between samples and stops on samples at the level", () => {
  assertEquals(triangle(0.25), [2.5, 3.5, 1, 6]);
  assertEquals(triangle(0.5), [2, 4, 2, 4]);
  assertEquals(triangle(0.875), [0.5, 4.75, 4.25, 1]);
});

Deno.test("measureWidths() gives no width at the peak itself", () => {
  assertEquals(triangle(0), [3, 3, 0, 8]);
});

Deno.test("measureWidths() ends at the bases", () => {
  assertEquals(triangle(2), [0, 5, 5, -8]);
  assertEquals(widthOf([0, 3, 4, 8, 4, 3, 0], { at: 3, prominence: 5, bases: [1, 5] })(1), [1, 5, 4, 3]);
});
