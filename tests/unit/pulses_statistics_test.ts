import fc from "fast-check";
import { argmax, argmin, max, mean, min, peakToPeak, rms, std, sum } from "../../src/pulses/statistics.ts";
import { type FieldType, parseFieldType } from "../../src/record/field_type.ts";
import { assertAlmostEquals, assertEquals, assertThrows } from "../../src/std/assert.js";

const TYPES = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "bool"];

for (const name of TYPES) {
  Deno.test(`statistics of a column work on ${parseFieldType(name)!.name}`, () => {
    const type: FieldType = parseFieldType(name)!;
    const column = new type.columnClass(new ArrayBuffer(4 * type.valueBytes), 0, 4);
    const isBig = column instanceof BigInt64Array || column instanceof BigUint64Array;
    for (const [i, value] of [2, 7, 1, 6].entries()) column[i] = isBig ? BigInt(value) : value;
    assertEquals([max(column), min(column), argmax(column), argmin(column)], [7, 1, 1, 2]);
    assertEquals([peakToPeak(column), sum(column), mean(column)], [6, 16, 4]);
    assertAlmostEquals(std(column), Math.sqrt(6.5));
    assertAlmostEquals(rms(column), Math.sqrt(22.5));
  });
}

Deno.test("max() compares 64-bit integers that no number can hold", () => {
  assertEquals(argmax(BigInt64Array.of(2n ** 60n, 2n ** 60n + 1n, 2n ** 60n)), 1);
  assertEquals(argmin(BigInt64Array.of(2n ** 60n, 2n ** 60n - 1n)), 1);
});

Deno.test("max() works on a column that is too long to be spread", () => {
  const column = new Float32Array(2_000_000);
  column[1_999_999] = 3;
  assertEquals(max(column), 3);
});

Deno.test("argmax() takes the first of equal values, and NaN before all", () => {
  assertEquals([argmax([1, 3, 3]), argmin([2, 1, 1])], [1, 1]);
  assertEquals([argmax([1, NaN, 3]), argmin([NaN, -1])], [1, 0]);
  assertEquals([max([1, NaN, 3]), min([1, NaN]), peakToPeak([NaN, 1]), mean([NaN, 1]), std([NaN])], Array(5).fill(NaN));
});

Deno.test("statistics refuse an empty column, but its sum is 0", () => {
  assertEquals(sum([]), 0);
  for (const statistic of [max, min, argmax, argmin, mean, std, rms, peakToPeak]) {
    assertThrows(() => statistic([]), RangeError, "expected at least one value, found none");
  }
});

Deno.test("std() is not disturbed by a large mean", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 2 }), (values) => {
    assertAlmostEquals(std(values.map((value) => value + 1e12)), std(values), 1e-3);
  }));
});

Deno.test("statistics of a field that the event does not have say so", () => {
  const data: Record<string, Float32Array> = {};
  const message = "expected a column, found undefined; has the event a field of that name?";
  for (const statistic of [max, min, argmax, argmin, mean, std, rms, peakToPeak, sum]) {
    assertThrows(() => statistic(data.ch_A), TypeError, message);
  }
  assertThrows(() => max(data.ch_A), TypeError, "Cannot take the maximum: expected");
  assertThrows(() => sum(5 as unknown as number[]), TypeError, "Cannot take the sum: expected a column, found 5");
});
