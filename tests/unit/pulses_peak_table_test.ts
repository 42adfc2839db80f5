import { PEAK_PROPERTIES, PeakTable } from "../../src/pulses/peak_table.ts";
import { assertEquals } from "../../src/std/assert.js";

Deno.test("PeakTable.moveRow() copies the position and every property", () => {
  const table = new PeakTable(3);
  const names = [...Object.values(PEAK_PROPERTIES), "positions", "valleysBefore", "undecided"] as const;
  for (const [i, name] of names.entries()) table[name][2] = i + 1;
  table.moveRow(2, 0);
  assertEquals(names.map((name) => table[name][0]), names.map((_, i) => i + 1));
});
