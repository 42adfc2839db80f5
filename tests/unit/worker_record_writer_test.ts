import { allocateColumns, recordLayout } from "../../src/record/record_layout.ts";
import { assertEquals, assertThrows } from "../../src/std/assert.js";
import { type RecordValues, RecordWriter } from "../../src/worker/record_writer.ts";

/** Writes one record of one field and returns what is in its column. */
function written(type: string, value: unknown, valuesPerSlot = 1): (number | bigint)[] {
  const layout = recordLayout({ x: type }, valuesPerSlot);
  const columns = allocateColumns(layout);
  new RecordWriter(layout, "RB_1").write(columns, { x: value } as RecordValues);
  return Array.from<number | bigint>(columns.x);
}

for (
  const [type, value, found] of [
    ["int32", 2.7, 2],
    ["int32", -2.7, -2],
    ["int8", -128.9, -128],
    ["uint8", -0.5, 0],
    ["uint32", 4294967295, 4294967295],
    ["int64", 1.5, 1n],
    ["int64", 2 ** 62, 2n ** 62n],
    ["uint64", 2n ** 64n - 1n, 2n ** 64n - 1n],
    ["int16", true, 1],
    ["int16", 7n, 7],
    ["bool", true, 1],
    ["bool", 0, 0],
    ["float32", NaN, NaN],
    ["float64", -Infinity, -Infinity],
  ] as const
) {
  Deno.test(`RecordWriter writes ${found} into ${type} for ${value}`, () => {
    assertEquals(written(type, value).map((element) => element === 0 ? 0 : element), [found]);
    assertEquals(written(type, [value, value], 2).map((element) => element === 0 ? 0 : element), [found, found]);
  });
}

for (
  const [type, value, expected] of [
    ["int32", NaN, "expected int32, -2147483648 to 2147483647, found NaN"],
    ["int32", Infinity, "found Infinity"],
    ["int8", 128, "expected int8, -128 to 127, found 128"],
    ["uint8", -1, "expected uint8, 0 to 255, found -1"],
    ["int64", NaN, "found NaN"],
    ["int64", -Infinity, "found -Infinity"],
    ["int64", 2n ** 63n, "expected int64, -9223372036854775808 to 9223372036854775807, found 9223372036854775808"],
    ["uint64", 2 ** 64, "found 18446744073709552000"],
    ["bool", 2, "expected true, false, 0 or 1, found 2"],
    ["bool", 0.5, "found 0.5"],
  ] as const
) {
  Deno.test(`RecordWriter refuses ${value} for ${type}`, () => {
    const message = `Cannot write field "x" of ring RB_1: `;
    assertThrows(() => written(type, value), RangeError, message);
    assertThrows(() => written(type, value), RangeError, expected);
    assertThrows(() => written(type, [0, value], 2), RangeError, expected);
  });
}

Deno.test("RecordWriter checks typed arrays of another type", () => {
  assertEquals(written("int16", Float32Array.of(1.5, -1.5), 2), [1, -1]);
  assertEquals(written("int16", Int16Array.of(3, 4), 2), [3, 4]);
  assertEquals(written("float32", Float64Array.of(0.5, NaN), 2), [0.5, NaN]);
  assertThrows(() => written("int16", Float32Array.of(1, NaN), 2), RangeError, "found NaN");
  assertThrows(() => written("int8", Uint8Array.of(1, 200), 2), RangeError, "found 200");
  assertThrows(() => written("int64", BigUint64Array.of(2n ** 63n), 1), RangeError, "expected int64");
  assertThrows(() => written("bool", Uint8Array.of(1, 2), 2), RangeError, "found 2");
});

Deno.test("RecordWriter refuses a named field without a value, and names one of the ring", () => {
  assertThrows(
    () => written("float32", undefined),
    TypeError,
    'Cannot write field "x" of ring RB_1: expected a value, found undefined',
  );
});
