import { type ExponentialFit, fitExponential } from "../../src/pulses/exponential_fit.ts";
import { Random } from "../../src/pulses/random.ts";
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "../../src/std/assert.js";

function determined(fit: ExponentialFit): ExponentialFit & { state: "ok" } {
  assert(fit.state === "ok", JSON.stringify(fit));
  return fit;
}

/** Negative log-likelihood of a lifetime for times in the window. */
function cost(times: readonly number[], { lifetime, tMin, tMax }: { lifetime: number; tMin: number; tMax: number }) {
  const norm = lifetime * (Math.exp(-tMin / lifetime) - Math.exp(-tMax / lifetime));
  return times.reduce((sum, time) => sum + time / lifetime + Math.log(norm), 0);
}

Deno.test("fitExponential() finds the greatest likelihood and its curvature", () => {
  const times = [210, 500, 800, 1200, 1300, 2500, 2600, 4000, 7000];
  for (const tMax of [8000, 20000, 12000.5]) {
    const { lifetime, standardError } = determined(fitExponential(times, { tMin: 200, tMax }));
    const at = (tau: number) => cost(times, { lifetime: tau, tMin: 200, tMax });
    const step = lifetime * 1e-3;
    assert(at(lifetime) <= at(lifetime + step) && at(lifetime) <= at(lifetime - step));
    const curvature = (at(lifetime + step) - 2 * at(lifetime) + at(lifetime - step)) / step ** 2;
    assertAlmostEquals(standardError * Math.sqrt(curvature), 1, 1e-4);
  }
});

Deno.test("fitExponential() is the mean without an upper end", () => {
  const fit = determined(fitExponential([1, 2, 6], {}));
  assertEquals([fit.lifetime, fit.entries, fit.iterations], [3, 3, 0]);
  assertAlmostEquals(fit.standardError, 3 / Math.sqrt(3));
  assertAlmostEquals(determined(fitExponential([1, 2, 6], { tMax: 1e6 })).lifetime, 3, 1e-9);
});

Deno.test("fitExponential() uses only the window, its ends included", () => {
  const inside = determined(fitExponential([2, 3, 4, 10], { tMin: 2, tMax: 10 }));
  assertEquals(fitExponential([1.9, 2, 3, 4, 10, 10.1, NaN, Infinity], { tMin: 2, tMax: 10 }), inside);
});

Deno.test("fitExponential() estimates without bias and with the right error", () => {
  const random = new Random("lifetimes");
  const pulls = Array.from({ length: 400 }, () => {
    const times = Float64Array.from({ length: 1000 }, () => random.exponential(2197));
    const { lifetime, standardError } = determined(fitExponential(times, { tMin: 200, tMax: 8000 }));
    return (lifetime - 2197) / standardError;
  });
  const mean = pulls.reduce((sum, pull) => sum + pull, 0) / pulls.length;
  const square = pulls.reduce((sum, pull) => sum + pull * pull, 0) / pulls.length;
  assertLess(Math.abs(mean), 0.2);
  assertAlmostEquals(square, 1, 0.25);
});

Deno.test("fitExponential() finds lifetimes much longer and much shorter than the window", () => {
  for (const x of [1e-6, 1e-3, 0.049, 0.051, 1, 30, 1e3]) {
    const mean = x < 1e-2 ? 0.5 - x / 12 : 1 / x - 1 / Math.expm1(x);
    const { lifetime, standardError, iterations } = determined(fitExponential([mean], { tMax: 1 }));
    assertAlmostEquals(lifetime * x, 1, 1e-6);
    assert(Number.isFinite(standardError) && standardError > 0 && iterations < 60);
  }
});

Deno.test("fitExponential() says why there is no lifetime", () => {
  const reason = (times: readonly number[]) => {
    const fit = fitExponential(times, { tMin: 0, tMax: 10 });
    return fit.state === "undetermined" ? [fit.entries, fit.reason] : fit;
  };
  assertEquals(reason([]), [0, "no times in the window"]);
  assertEquals(reason([11, -1]), [0, "no times in the window"]);
  assertEquals(reason([0, 0]), [2, "all times are at the start of the window"]);
  assertEquals(reason([4, 6]), [2, "the times do not get rarer in the window"]);
  assertEquals(reason([9, 8, 9]), [3, "the times do not get rarer in the window"]);
});

Deno.test("fitExponential() refuses a window that is none", () => {
  assertThrows(() => fitExponential([1], { tMin: 5, tMax: 5 }), RangeError, "tMin < tMax, found 5 and 5");
  assertThrows(() => fitExponential([1], { tMin: -Infinity }), RangeError, "a finite tMin");
});
