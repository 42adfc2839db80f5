import { type FindPeaksOptions, parsePeakConditions } from "../../src/pulses/peak_conditions.ts";
import { assert, assertEquals, assertThrows } from "../../src/std/assert.js";

Deno.test("parsePeakConditions() fills in what is absent or null", () => {
  for (const options of [{}, { height: null, distance: null, wlen: null, relHeight: null }]) {
    const conditions = parsePeakConditions(options, 10);
    assertEquals(conditions.height, null);
    assertEquals(conditions.distance, 1);
    assertEquals(conditions.reach, Infinity);
    assertEquals(conditions.relHeight, 0.5);
  }
});

Deno.test("parsePeakConditions() reads numbers, pairs, open sides and bounds by sample", () => {
  const accepts = (height: FindPeaksOptions["height"], value: number, position = 0) =>
    parsePeakConditions({ height: height! }, 3).height!.accepts(value, position);
  assert(accepts(2, 2) && accepts(2, 1e9) && !accepts(2, 1.9));
  assert(accepts([1, 2], 1) && accepts([1, 2], 2) && !accepts([1, 2], 2.1) && !accepts([1, 2], 0.9));
  assert(accepts([null, 2], -1e9) && !accepts([null, 2], 3));
  assert(accepts([null, null], 0));
  const bounds = [1, 2, 3];
  assert(accepts(bounds, 2, 1) && !accepts(bounds, 2, 2));
  assert(accepts([0, Float32Array.from(bounds)], 2, 1) && !accepts([0, Float32Array.from(bounds)], 2, 0));
});

Deno.test("parsePeakConditions() rounds distance and wlen up to whole samples", () => {
  const { distance, reach } = parsePeakConditions({ distance: 2.2, wlen: 6.5 }, 10);
  assertEquals(distance, 3);
  assertEquals(reach, 3);
  assertEquals(parsePeakConditions({ wlen: 6 }, 10).reach, 3);
  assertEquals(parsePeakConditions({ wlen: 1.5 }, 10).reach, 1);
});

const refused: [FindPeaksOptions, "TypeError" | "RangeError", string][] = [
  [{ distance: 0.5 }, "RangeError", "distance to be a number >= 1, found 0.5"],
  [{ wlen: 1 }, "RangeError", "wlen to be a number > 1, found 1"],
  [{ relHeight: -1 }, "RangeError", "relHeight to be a number >= 0, found -1"],
  [{ height: [1, 2, 3] }, "RangeError", "one number for each of the 10 samples, found 3 numbers"],
  [{ width: [1, [1, 2, 3]] }, "RangeError", "the bounds of width"],
  [{ distance: "7" as unknown as number }, "TypeError", 'distance to be a number, found "7"'],
  [{ prominence: "high" as unknown as number }, "TypeError", "prominence to be a number or [lower, upper]"],
  [{ prominence: { min: 3 } as unknown as number }, "TypeError", 'found {"min":3}'],
];

for (const [options, errorName, message] of refused) {
  Deno.test(`parsePeakConditions() refuses ${JSON.stringify(options)}`, () => {
    assertThrows(() => parsePeakConditions(options, 10), errorName === "TypeError" ? TypeError : RangeError, message);
  });
}
