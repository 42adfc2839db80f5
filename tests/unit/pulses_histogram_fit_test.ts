import { Histogram } from "../../src/pulses/histogram.ts";
import { fitHistogram } from "../../src/pulses/histogram_fit.ts";
import { Random } from "../../src/pulses/random.ts";
import { assert, assertEquals, assertThrows, fail } from "../../src/std/assert.js";

/** Mean and mean square of (found − true)/error over many fits; 0 and 1 if values and errors are right. */
function pulls(kind: "gauss" | "exponential", parameter: number, truth: number, fill: (random: Random) => number) {
  const random = new Random(7);
  let sum = 0;
  let squares = 0;
  const fits = 300;
  for (let i = 0; i < fits; i++) {
    const histogram = new Histogram({ bins: 60, min: 0, max: 12 });
    for (let k = 0; k < 400; k++) histogram.fill(fill(random));
    const fit = fitHistogram(histogram, { kind });
    if (fit.state !== "ok") fail(fit.reason);
    const { value, error } = fit.parameters[parameter];
    sum += (value - truth) / error;
    squares += ((value - truth) / error) ** 2;
  }
  return { mean: sum / fits, square: squares / fits };
}

Deno.test("fitHistogram() finds mean and width of a Gaussian with errors that mean what they say", () => {
  for (const [parameter, truth] of [[1, 6], [2, 1.5]]) {
    const { mean, square } = pulls("gauss", parameter, truth, (random) => 6 + 1.5 * random.gaussian());
    assert(Math.abs(mean) < 0.25 && Math.abs(square - 1) < 0.3, `${parameter}: ${mean}, ${square}`);
  }
});

Deno.test("fitHistogram() finds the constant of an exponential with its error, also from few entries per bin", () => {
  const { mean, square } = pulls("exponential", 1, 2, (random) => random.exponential(2));
  assert(Math.abs(mean) < 0.25 && Math.abs(square - 1) < 0.3, `${mean}, ${square}`);
});

Deno.test("fitHistogram() uses only bins whose centres are in the range", () => {
  const counts = Float64Array.from({ length: 100 }, (_, i) => i < 20 ? 1e6 : 1000 * Math.exp(-i / 15));
  const fit = fitHistogram({ min: 0, max: 100, counts }, { kind: "exponential", from: 20, to: 100 });
  if (fit.state !== "ok") fail(fit.reason);
  assert(Math.abs(fit.parameters[1].value - 15) < 0.01, JSON.stringify(fit.parameters));
  assertEquals([fit.x[0], fit.x.length, fit.degrees], [20.5, 80, 78]);
});

Deno.test("fitHistogram() says so when the counts do not determine a function", () => {
  const fit = (counts: number[], kind: "gauss" | "exponential") =>
    fitHistogram({ min: 0, max: 10, counts }, { kind }).state;
  assertEquals(fit(new Array(10).fill(0), "gauss"), "undetermined");
  assertEquals(fit([0, 0, 5, 0, 0, 0, 0, 0, 0, 0], "gauss"), "undetermined");
  assertEquals(fit(new Array(10).fill(3), "exponential"), "undetermined");
  assertEquals(fit([1, 2, 3, 4, 5, 6, 7, 8, 9, 100], "exponential"), "undetermined");
  assertThrows(() => fitHistogram({ min: 0, max: 1, counts: [1] }, { kind: "gauss", from: 1, to: 0 }), RangeError);
});
