import fc from "fast-check";
import { PeakFinder } from "../../src/pulses/peak_finder.ts";
import { PriorityOrder } from "../../src/pulses/priority_order.ts";
import { Random } from "../../src/pulses/random.ts";
import { assert, assertEquals, assertGreater, assertThrows } from "../../src/std/assert.js";

interface Conditions {
  readonly height?: number;
  readonly distance?: number;
  readonly prominence?: number;
  readonly width?: number;
}

/** The search step by step, each in the plainest way. */
function plainSearch(x: ArrayLike<number>, { height, distance, prominence, width }: Conditions): number[][] {
  let peaks: number[] = [];
  for (let i = 1; i < x.length - 1; i++) {
    let end = i;
    while (end < x.length - 1 && x[end] === x[i]) end++;
    if (x[i - 1] < x[i] && x[end] < x[i]) peaks.push((i + end - 1) >> 1);
  }
  if (height !== undefined) peaks = peaks.filter((peak) => x[peak] >= height);
  if (distance !== undefined) {
    const order = new PriorityOrder(peaks.length);
    order.sort(Float64Array.from(peaks, (peak) => x[peak]), peaks.length);
    const removed = new Set<number>();
    for (const row of [...order.indices].reverse()) {
      if (removed.has(peaks[row])) continue;
      for (const peak of peaks) {
        if (peak !== peaks[row] && Math.abs(peak - peaks[row]) < Math.ceil(distance)) removed.add(peak);
      }
    }
    peaks = peaks.filter((peak) => !removed.has(peak));
  }
  const rows: number[][] = [];
  for (const peak of peaks) {
    const side = (step: number): [number, number] => {
      let base = peak;
      for (let i = peak; i >= 0 && i < x.length && x[i] <= x[peak]; i += step) if (x[i] < x[base]) base = i;
      return [base, x[peak] - x[base]];
    };
    const [leftBase, leftDrop] = side(-1);
    const [rightBase, rightDrop] = side(1);
    const prominent = Math.min(leftDrop, rightDrop);
    if (prominence !== undefined && !(prominent >= prominence)) continue;
    const level = x[peak] - 0.5 * prominent;
    const crossing = (base: number, step: number): number => {
      let i = peak;
      while (i !== base && x[i] > level) i += step;
      return x[i] < level ? i - step * (level - x[i]) / (x[i - step] - x[i]) : i;
    };
    const [left, right] = [crossing(leftBase, -1), crossing(rightBase, 1)];
    if (width !== undefined && !(right - left >= width)) continue;
    rows.push([peak, prominent, leftBase, rightBase, left, right]);
  }
  return rows;
}

function search(finder: PeakFinder, signal: ArrayLike<number>): number[][] {
  const { peaks } = finder;
  return Array.from({ length: finder.find(signal) }, (_, i) => [
    peaks.positions[i],
    peaks.prominences[i],
    peaks.leftBases[i],
    peaks.rightBases[i],
    peaks.leftIps[i],
    peaks.rightIps[i],
  ]);
}

/** Noise, pulses and a baseline that jumps, in steps of a digitiser. */
function waveform(random: Random, { length, step }: { length: number; step: number }): Float32Array {
  const baseline = -480 + (random.uniform() < 0.1 ? 100 * random.gaussian() : 0);
  const signal = new Float32Array(length);
  random.fillUniform(signal, { center: baseline, width: 8 });
  for (let pulses = random.index(4); pulses > 0; pulses--) {
    const start = random.index(length);
    const height = 10 + 200 * random.uniform();
    const rise = 1 + random.index(6);
    for (let i = start; i < length; i++) {
      signal[i] += height * Math.exp(-(i - start) / 25) * (1 - Math.exp(-(i - start + 1) / rise));
    }
  }
  return step === 0 ? signal : signal.map((value) => Math.round(value / step) * step);
}

for (const step of [0, 0.25, 1, 4]) {
  Deno.test(`PeakFinder finds what a plain search finds, signal after signal, in steps of ${step} mV`, () => {
    const length = 700;
    const random = new Random(`peaks ${step}`);
    for (const prominence of [12, 35, 90]) {
      const conditions = { prominence, distance: 10, width: 5 };
      const finder = new PeakFinder(conditions, length);
      let found = 0;
      for (let i = 0; i < 60; i++) {
        const signal = waveform(random, { length, step });
        const expected = plainSearch(signal, conditions);
        assertEquals(search(finder, signal), expected);
        found += expected.length;
      }
      assertGreater(found, 20);
    }
  });
}

Deno.test("PeakFinder finds what a plain search finds for any small signal and conditions", () => {
  const signals = fc.array(fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 40, maxLength: 40 }), {
    minLength: 1,
    maxLength: 4,
  });
  const conditions = fc.record({
    height: fc.integer({ min: 0, max: 8 }),
    distance: fc.integer({ min: 1, max: 9 }),
    prominence: fc.integer({ min: -1, max: 8 }),
    width: fc.integer({ min: 0, max: 6 }),
  }, { requiredKeys: ["width"] });
  fc.assert(
    fc.property(signals, conditions, (signals, conditions) => {
      const finder = new PeakFinder(conditions, 40);
      for (const signal of signals) assertEquals(search(finder, signal), plainSearch(signal, conditions));
    }),
    { numRuns: 500 },
  );
});

Deno.test("PeakFinder chooses between equal high peaks as the sort of all maxima does", () => {
  const random = new Random("equal peaks");
  const conditions = { prominence: 5, distance: 8, width: 0 };
  const finder = new PeakFinder(conditions, 200);
  const chosen = new Set<number>();
  for (let i = 0; i < 50; i++) {
    const signal = Float32Array.from({ length: 200 }, () => random.index(4));
    signal[100] = signal[104] = 9;
    const expected = plainSearch(signal, conditions);
    assertEquals(search(finder, signal), expected);
    chosen.add(expected[0][0]);
  }
  assertEquals([...chosen].sort(), [100, 104]);
});

Deno.test("PeakFinder goes on after signals without a lowest sample", () => {
  const finder = new PeakFinder({ prominence: 3, distance: 3 }, 7);
  const positions = (signal: readonly number[]) =>
    Array.from({ length: finder.find(signal) }, (_, i) => finder.peaks.positions[i]);
  for (let repeat = 0; repeat < 2; repeat++) {
    assertEquals(positions([0, 5, 0, 1, 0, 4, 0]), [1, 5]);
    assertEquals(positions([NaN, NaN, NaN, NaN, NaN, NaN, NaN]), []);
    assertEquals(positions([-Infinity, 5, -Infinity, 1, 0, 4, 0]), [1, 5]);
    assertEquals(positions([0, 5, 0, Infinity, 0, 4, 0]), [3]);
    assertEquals(positions([1000, 1005, 1000, 1001, 1000, 1004, 1000]), [1, 5]);
  }
});

Deno.test("PeakFinder works on every kind of numbers", () => {
  for (const kind of [Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float64Array]) {
    const finder = new PeakFinder({ prominence: 10, width: 1 }, 5);
    assertEquals(search(finder, kind.of(1, 2, 40, 2, 1)).map(([position]) => position), [2]);
  }
  assert(new PeakFinder({}, 0).find([]) === 0);
});

Deno.test("PeakFinder refuses a signal of another length, and no length", () => {
  assertThrows(() => new PeakFinder({}, 10).find([1, 2, 1]), RangeError, "a signal of 10 samples, found one of 3");
  assertThrows(() => new PeakFinder({}, 1.5), RangeError, "an integer >= 0, found 1.5");
});
