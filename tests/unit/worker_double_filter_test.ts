import { assertEquals } from "../../src/std/assert.js";
import { DoubleFilter } from "../../src/worker/double_filter.ts";

function doubles(records: readonly [counter: number, redelivered: boolean][], memory?: number): boolean[] {
  const filter = new DoubleFilter(memory === undefined ? {} : { memory });
  return records.map(([counter, redelivered]) => filter.isDouble({ counter, redelivered }));
}

Deno.test("DoubleFilter keeps equal counters that were not redelivered", () => {
  assertEquals(doubles([[7, false], [7, false], [8, false]]), [false, false, false]);
});

Deno.test("DoubleFilter drops a redelivered record that came before", () => {
  assertEquals(doubles([[7, false], [8, false], [7, true]]), [false, false, true]);
});

Deno.test("DoubleFilter keeps a redelivered record that did not come before", () => {
  assertEquals(doubles([[7, false], [8, true], [8, true]]), [false, false, false]);
});

Deno.test("DoubleFilter keeps those of several records that a worker did not get to", () => {
  assertEquals(doubles([[7, false], [7, false], [7, true], [7, true], [7, true]]), [false, false, true, true, false]);
});

Deno.test("DoubleFilter forgets what is long ago", () => {
  assertEquals(doubles([[7, false], [1, false], [2, false], [7, true]], 2), [false, false, false, false]);
});

Deno.test("DoubleFilter drops a record that was overtaken by the redelivered one", () => {
  assertEquals(doubles([[7, true], [8, false], [7, false], [7, false]]), [false, false, true, false]);
  assertEquals(doubles([[7, true], [7, false], [7, true], [7, false]]), [false, true, false, true]);
});

Deno.test("DoubleFilter takes a counter that comes again long after a redelivered one for another event", () => {
  assertEquals(doubles([[7, true], [1, false], [2, false], [7, false]], 2), [false, false, false, false]);
});
