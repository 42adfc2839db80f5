import fc from "fast-check";
import { PriorityOrder } from "../../src/pulses/priority_order.ts";
import { assert, assertEquals } from "../../src/std/assert.js";

function orderOf(values: readonly number[]): number[] {
  const order = new PriorityOrder(values.length);
  order.sort(Float64Array.from(values), values.length);
  return [...order.indices];
}

Deno.test("PriorityOrder orders equal values as NumPy's general argsort does", () => {
  const values = Array.from({ length: 40 }, (_, i) => (i * i * 7) % 5);
  // deno-fmt-ignore
  assertEquals(orderOf(values), [
    0, 35, 5, 30, 25, 10, 20, 15, 36, 34, 31, 29, 26, 24, 21, 16, 19, 39, 1, 11, 9, 4, 6, 14, 37, 2, 3, 33, 32, 17, 27, 8,
    23, 22, 12, 13, 38, 18, 7, 28,
  ]);
});

Deno.test("PriorityOrder is stable for up to 16 values", () => {
  const values = Array.from({ length: 16 }, (_, i) => i % 3);
  assertEquals(orderOf(values), [0, 3, 6, 9, 12, 15, 1, 4, 7, 10, 13, 2, 5, 8, 11, 14]);
});

Deno.test("PriorityOrder sorts values that split badly", () => {
  // Each partition takes off two values, so that the rest is left to the heap sort.
  // deno-fmt-ignore
  const values = [
    0, 24, 2, 36, 4, 26, 6, 37, 8, 28, 10, 38, 12, 30, 14, 46, 16, 32, 18, 33, 20, 34, 22, 1, 3, 5, 7, 9, 11, 13, 15, 17,
    19, 21, 23, 25, 27, 29, 31, 39, 40, 41, 42, 43, 44, 45, 35, 48,
  ];
  assertEquals(orderOf(values).map((i) => values[i]), values.toSorted((a, b) => a - b));
});

Deno.test("PriorityOrder orders any values and loses no index", () => {
  const values = fc.oneof(
    fc.array(fc.double({ noNaN: true }), { maxLength: 300 }),
    fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 300 }),
  );
  fc.assert(fc.property(values, (values) => {
    const order = orderOf(values);
    assertEquals(order.toSorted((a, b) => a - b), values.map((_, i) => i));
    for (let i = 1; i < order.length; i++) assert(values[order[i - 1]] <= values[order[i]]);
  }));
});

Deno.test("PriorityOrder sorts only the first count values", () => {
  const order = new PriorityOrder(4);
  order.sort(Float64Array.of(3, 2, 1, 0), 2);
  assertEquals([...order.indices.subarray(0, 2)], [1, 0]);
});
