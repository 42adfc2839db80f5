import { findPeaks } from "../../src/pulses/find_peaks.ts";
import { assertEquals } from "../../src/std/assert.js";

const signal = [0, 3, 1, 5, 5, 2, 4, 0];

Deno.test("findPeaks() finds all local maxima without conditions and measures nothing", () => {
  const { positions, properties } = findPeaks(signal);
  assertEquals([...positions], [1, 3, 6]);
  assertEquals(properties, {});
});

Deno.test("findPeaks() gives the properties that the conditions need", () => {
  const names = (options: Parameters<typeof findPeaks>[1]) => Object.keys(findPeaks(signal, options).properties).sort();
  assertEquals(names({ height: 0 }), ["peakHeights"]);
  assertEquals(names({ threshold: 0 }), ["leftThresholds", "rightThresholds"]);
  assertEquals(names({ prominence: 0 }), ["leftBases", "prominences", "rightBases"]);
  assertEquals(names({ plateauSize: [null, null] }), ["leftEdges", "plateauSizes", "rightEdges"]);
  assertEquals(names({ distance: 2, wlen: 5, relHeight: 0.2 }), []);
  assertEquals(names({ width: 0 }), [
    "leftBases",
    "leftIps",
    "prominences",
    "rightBases",
    "rightIps",
    "widthHeights",
    "widths",
  ]);
});

Deno.test("findPeaks() selects by every condition", () => {
  const positions = (options: Parameters<typeof findPeaks>[1]) => [...findPeaks(signal, options).positions];
  assertEquals(positions({ height: [4, null] }), [3, 6]);
  assertEquals(positions({ height: [null, 4] }), [1, 6]);
  assertEquals(positions({ threshold: 1 }), [1, 6]);
  assertEquals(positions({ threshold: [null, 3] }), [1]);
  assertEquals(positions({ plateauSize: 2 }), [3]);
  assertEquals(positions({ distance: 3 }), [3, 6]);
  assertEquals(positions({ distance: 3.5 }), [3]);
  assertEquals(positions({ prominence: 3 }), [3]);
  assertEquals(positions({ width: 2 }), [3]);
  assertEquals(positions({ height: [9, 9, 9, 5, 9, 9, 9, 9] }), [3]);
});

Deno.test("findPeaks() gives properties in memory of their own", () => {
  const { properties } = findPeaks(signal, { height: 0, prominence: 2 });
  assertEquals([...properties.peakHeights!], [3, 5, 4]);
  assertEquals([...properties.prominences!], [2, 5, 2]);
  assertEquals([...properties.leftBases!], [0, 0, 5]);
  assertEquals(properties.peakHeights!.byteLength, properties.peakHeights!.buffer.byteLength);
});

Deno.test("findPeaks() applies the distance before the prominence", () => {
  // The peak at 3 has no prominence of 2, but removes the one at 1 all the same.
  assertEquals([...findPeaks([0, 4, 3, 5, 4.9, 6, 0], { distance: 3, prominence: 2 }).positions], [5]);
});
