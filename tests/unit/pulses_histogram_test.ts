import fc from "fast-check";
import { Histogram } from "../../src/pulses/histogram.ts";
import { assertAlmostEquals, assertEquals, assertThrows } from "../../src/std/assert.js";

Deno.test("Histogram counts values in bins that hold their lower edge", () => {
  const histogram = new Histogram({ bins: 4, min: 0, max: 2 });
  histogram.fillAll([0, 0.49, 0.5, 1.99, 2, 5, -0.001, -3, NaN, Infinity, -Infinity]);
  assertEquals([...histogram.counts], [2, 1, 0, 1]);
  const { entries, underflow, overflow, undefinedCount } = histogram;
  assertEquals({ entries, underflow, overflow, undefinedCount }, {
    entries: 4,
    underflow: 3,
    overflow: 3,
    undefinedCount: 1,
  });
});

Deno.test("Histogram gives mean and standard deviation of the values in range, exactly and binned", () => {
  const histogram = new Histogram({ bins: 10, min: 0, max: 10 });
  histogram.fillAll([1.25, 1.75, 4.25, 100]);
  assertAlmostEquals(histogram.mean, 7.25 / 3);
  assertAlmostEquals(histogram.sigma, Math.sqrt((1.25 ** 2 + 1.75 ** 2 + 4.25 ** 2) / 3 - (7.25 / 3) ** 2));
  assertAlmostEquals(histogram.binnedMean, 2.5);
  assertAlmostEquals(histogram.binnedSigma, Math.sqrt(2));
  assertEquals(histogram.centre(0), 0.5);
});

Deno.test("Histogram keeps its precision for values that differ little", () => {
  const histogram = new Histogram({ bins: 1, min: 0, max: 1e10 });
  histogram.fillAll([1e9 + 1, 1e9 + 2, 1e9 + 3]);
  assertAlmostEquals(histogram.sigma, Math.sqrt(2 / 3), 1e-9);
});

Deno.test("Histogram has no mean without entries, and none after a reset", () => {
  const histogram = new Histogram({ bins: 2, min: 0, max: 1 });
  assertEquals([histogram.mean, histogram.sigma, histogram.binnedMean, histogram.binnedSigma], [NaN, NaN, NaN, NaN]);
  histogram.fillAll([0.5, -1, 2, NaN]);
  histogram.reset();
  const { entries, underflow, overflow, undefinedCount, mean } = histogram;
  assertEquals([entries, underflow, overflow, undefinedCount, mean, ...histogram.counts], [0, 0, 0, 0, NaN, 0, 0]);
  histogram.fill(0.25);
  assertEquals([histogram.mean, histogram.sigma], [0.25, 0]);
});

Deno.test("Histogram counts every value exactly once", () => {
  fc.assert(fc.property(fc.array(fc.double()), fc.integer({ min: 1, max: 20 }), (values, bins) => {
    const histogram = new Histogram({ bins, min: -1, max: 1e3 });
    histogram.fillAll(values);
    const inBins = histogram.counts.reduce((sum, count) => sum + count, 0);
    assertEquals(inBins, histogram.entries);
    assertEquals(
      histogram.entries + histogram.underflow + histogram.overflow + histogram.undefinedCount,
      values.length,
    );
  }));
});

Deno.test("Histogram refuses limits that leave no bins", () => {
  assertThrows(() => new Histogram({ bins: 0, min: 0, max: 1 }), RangeError, "an integer >= 1, found 0");
  assertThrows(() => new Histogram({ bins: 1, min: 1, max: 1 }), RangeError, "min < max, found 1 and 1");
  assertThrows(() => new Histogram({ bins: 1, min: 0, max: Infinity }), RangeError, "finite limits");
});
