import { correlationLag } from "../../src/pulses/reference_pulse.ts";
import { assertEquals } from "../../src/std/assert.js";

const pulse = (length: number) => Array.from({ length }, (_, i) => ((i * 5) % 7) / 3);
const reference = (length: number) => Array.from({ length }, (_, i) => ((i * 3) % 5) / 2);

// Lengths of pulse and reference, and the lag that SciPy's labels give.
for (const [n, m, lag] of [[7, 4, 2], [7, 5, 1], [8, 4, 1], [8, 5, 1], [5, 9, -2], [5, 8, -1], [1, 3, -1]]) {
  Deno.test(`correlationLag() gives SciPy's lag for ${n} samples and a reference of ${m}`, () => {
    assertEquals(correlationLag(pulse(n), reference(m)), lag);
  });
}

Deno.test("correlationLag() finds a shift", () => {
  const shape = [0, 0, 0, 1, 3, 2, 1, 0, 0, 0, 0];
  for (const shift of [-2, -1, 0, 1, 2]) {
    const shifted = shape.map((_, i) => shape[(i - shift + shape.length) % shape.length]);
    assertEquals(correlationLag(shifted, shape), shift);
  }
});

Deno.test("correlationLag() takes the first of equal maxima", () => {
  assertEquals(correlationLag([1, 0, 1, 0, 1], [1]), 0);
});

Deno.test("correlationLag() gives null without samples", () => {
  assertEquals(correlationLag([], [1]), null);
  assertEquals(correlationLag([1], []), null);
});
