import { Random } from "../../src/pulses/random.ts";
import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "../../src/std/assert.js";

function sample(count: number, draw: () => number): { mean: number; sigma: number; min: number; max: number } {
  const values = Float64Array.from({ length: count }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  return { mean, sigma: Math.sqrt(square), min: values.toSorted()[0], max: values.toSorted()[count - 1] };
}

const draws = (random: Random, count = 5) => Array.from({ length: count }, () => random.uint32());

Deno.test("Random repeats its sequence for the same seed only", () => {
  assertEquals(draws(new Random(42)), draws(new Random(42)));
  assertEquals(draws(new Random("run 7")), draws(new Random("run 7")));
  const firsts = [42, 43, -1, 0.5, "42", "43", "", null, undefined].map((seed) => new Random(seed).uint32());
  assertEquals(new Set(firsts).size, firsts.length);
  assertNotEquals(draws(new Random()), draws(new Random()));
});

Deno.test("Random.uint32() fills all 32 bits and goes on beyond one block", () => {
  const random = new Random(1);
  const ones = new Float64Array(32);
  for (let i = 0; i < 20_000; i++) {
    const bits = random.uint32();
    assert(Number.isInteger(bits) && bits >= 0 && bits < 2 ** 32);
    for (let bit = 0; bit < 32; bit++) ones[bit] += (bits >>> bit) & 1;
  }
  for (const count of ones) assertAlmostEquals(count / 20_000, 0.5, 0.02);
});

Deno.test("Random.uniform() and index() are even", () => {
  const random = new Random(2);
  const { mean, sigma, min, max } = sample(50_000, () => random.uniform());
  assertAlmostEquals(mean, 0.5, 0.006);
  assertAlmostEquals(sigma, Math.sqrt(1 / 12), 0.004);
  assert(min >= 0 && max < 1);
  const counts = [0, 0, 0];
  for (let i = 0; i < 30_000; i++) counts[random.index(3)]++;
  for (const count of counts) assertAlmostEquals(count / 10_000, 1, 0.04);
});

Deno.test("Random.exponential() has its mean and its spread", () => {
  const random = new Random(3);
  const { mean, sigma, min } = sample(50_000, () => random.exponential(10));
  assertAlmostEquals(mean, 10, 0.2);
  assertAlmostEquals(sigma, 10, 0.3);
  assert(min >= 0);
});

Deno.test("Random.gaussian() is normal", () => {
  const random = new Random(4);
  const values = Float64Array.from({ length: 50_000 }, () => random.gaussian());
  const share = (limit: number) => values.filter((value) => Math.abs(value) < limit).length / values.length;
  assertAlmostEquals(share(1), 0.6827, 0.008);
  assertAlmostEquals(share(2), 0.9545, 0.004);
  assertAlmostEquals(values.reduce((sum, value) => sum + value, 0) / values.length, 0, 0.02);
});

Deno.test("Random.fillUniform() fills arrays of any length evenly and without repeating", () => {
  const random = new Random(5);
  for (const length of [0, 1, 2, 3, 2047, 2048, 4250]) {
    const target = new Float32Array(length + 1);
    random.fillUniform(target.subarray(0, length), { center: 100, width: 8 });
    assertEquals(target[length], 0);
    assert(target.subarray(0, length).every((value) => value > 96 - 1e-4 && value <= 104));
  }
  const target = new Float32Array(50_000);
  random.fillUniform(target, { center: 0, width: 1 });
  let i = 0;
  const { mean, sigma } = sample(50_000, () => target[i++]);
  assertAlmostEquals(mean, 0, 0.006);
  assertAlmostEquals(sigma, Math.sqrt(1 / 12), 0.004);
  assert(new Set(target).size > 30_000);
  let correlation = 0;
  for (let k = 1; k < target.length; k++) correlation += target[k] * target[k - 1];
  assertAlmostEquals(12 * correlation / target.length, 0, 0.02);
});

Deno.test("Random.fillUniform() gives the same numbers whatever was filled before in pieces of even length", () => {
  const [whole, pieces] = [new Float32Array(6000), new Float32Array(6000)];
  new Random(6).fillUniform(whole, { center: 0, width: 1 });
  const random = new Random(6);
  for (let start = 0; start < 6000; start += 1000) {
    random.fillUniform(pieces.subarray(start, start + 1000), { center: 0, width: 1 });
  }
  assertEquals(pieces, whole);
});
