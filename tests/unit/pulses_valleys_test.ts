import { ValleyTable } from "../../src/pulses/valleys.ts";
import { assertEquals } from "../../src/std/assert.js";

Deno.test("ValleyTable.lowest() looks only at the rows in use", () => {
  const valleys = new ValleyTable(3);
  valleys.lows.set([2, 1, -5]);
  assertEquals(valleys.lowest(), Infinity);
  valleys.count = 2;
  assertEquals(valleys.lowest(), 1);
});
