import { NormalisedPulse } from "../../src/pulses/normalised_pulse.ts";
import { PeakFinder } from "../../src/pulses/peak_finder.ts";
import { assertAlmostEquals, assertEquals } from "../../src/std/assert.js";

/** Samples relative to a baseline of -480 mV. */
function above(...values: number[]): Float32Array {
  return Float32Array.from(values, (value) => value - 480);
}

function measure(pulse: NormalisedPulse, signal: ArrayLike<number>, prominence = 20): boolean {
  const finder = new PeakFinder({ prominence }, signal.length);
  finder.find(signal);
  return pulse.measure(signal, { peaks: finder.peaks, row: 0 });
}

Deno.test("NormalisedPulse cuts the pulse 10 mV above the baseline and sums it up", () => {
  const pulse = new NormalisedPulse({ baseline: -480 });
  assertEquals(measure(pulse, above(0, 2, 40, 30, 20, 12, 5, 0)), true);
  // The crossings are at 1.2 and 5.3: samples 1 to 5.
  assertEquals([pulse.start, pulse.length, pulse.integral], [1, 5, 104]);
  assertEquals([...pulse.values()], [2, 40, 30, 20, 12].map((value) => value / 104));
});

Deno.test("NormalisedPulse takes a sample at the cut as the first and not as the last one", () => {
  const pulse = new NormalisedPulse({ baseline: -480 });
  measure(pulse, above(0, 10, 40, 10, 0));
  assertEquals([pulse.start, pulse.length, pulse.integral], [1, 2, 50]);
});

Deno.test("NormalisedPulse ends at the bases of the peak", () => {
  const pulse = new NormalisedPulse({ baseline: -480 });
  measure(pulse, above(0, 60, 15, 90, 20, 70, 0), 75);
  assertEquals([pulse.start, pulse.length], [0, 6]);
  const finder = new PeakFinder({ prominence: 40 }, 7);
  const signal = above(0, 60, 15, 90, 20, 70, 0);
  finder.find(signal);
  pulse.measure(signal, { peaks: finder.peaks, row: 0 });
  assertEquals([pulse.start, pulse.length], [0, 2]);
});

Deno.test("NormalisedPulse finds no pulse where the peak is not above the cut", () => {
  const pulse = new NormalisedPulse({ baseline: -480 });
  measure(pulse, above(0, 40, 0));
  for (const height of [10, 9, -5]) {
    assertEquals(measure(pulse, above(-30, height, -30), 5), false);
    assertEquals([pulse.length, pulse.integral, pulse.values().length], [0, 0, 0]);
  }
});

Deno.test("NormalisedPulse works on other types and another cut", () => {
  const pulse = new NormalisedPulse({ baseline: 100, cut: 30 });
  assertEquals(measure(pulse, Int16Array.of(100, 120, 200, 120, 100)), true);
  assertEquals([pulse.start, pulse.length], [1, 2]);
  assertAlmostEquals(pulse.integral, 120);
});
