import { assertAlmostEquals, assertEquals } from "../../src/std/assert.js";
import { Random } from "../../src/pulses/random.ts";
import { Pacer } from "../../src/worker/pacer.ts";

/** A clock that only sleeping and working move on; sleeping takes longer than asked for. */
function makeClock(overshootMs: number) {
  const clock = { nowMs: 1000, sleeps: 0, ending: false };
  const signal = {
    get ending() {
      return clock.ending;
    },
    sleep(durationMs: number): boolean {
      clock.nowMs += durationMs + overshootMs;
      clock.sleeps++;
      return !clock.ending;
    },
  };
  return { clock, signal };
}

for (const [meanS, overshootMs] of [[0.01, 0], [0.01, 1], [1e-4, 0.09], [1e-4, 1]]) {
  Deno.test(`Pacer keeps the rate with ${meanS} s between events when sleeping takes ${overshootMs} ms longer`, () => {
    const { clock, signal } = makeClock(overshootMs);
    const pacer = new Pacer(signal, { meanS, nowMs: () => clock.nowMs });
    for (let i = 0; i < 1000; i++) pacer.wait();
    assertAlmostEquals(clock.nowMs - 1000, 1000 * meanS * 1000, meanS * 1000 + overshootMs + 0.1);
  });
}

Deno.test("Pacer keeps the mean rate of random events", () => {
  const { clock, signal } = makeClock(0.1);
  const random = new Random(1);
  const pacer = new Pacer(signal, { meanS: 0.002, draw: () => random.exponential(), nowMs: () => clock.nowMs });
  for (let i = 0; i < 10_000; i++) pacer.wait();
  assertAlmostEquals((clock.nowMs - 1000) / 20_000, 1, 0.05);
});

Deno.test("Pacer begins its schedule anew after a long pause", () => {
  const { clock, signal } = makeClock(0);
  const pacer = new Pacer(signal, { meanS: 0.01, nowMs: () => clock.nowMs });
  pacer.wait();
  clock.nowMs += 10_000;
  pacer.wait();
  const sleepsBefore = clock.sleeps;
  pacer.wait();
  pacer.wait();
  assertEquals(clock.sleeps - sleepsBefore, 2);
});

Deno.test("Pacer says when the run is ending, and does not wait without a sleep time", () => {
  const { clock, signal } = makeClock(0);
  const pacer = new Pacer(signal, { meanS: 0, nowMs: () => clock.nowMs });
  assertEquals(pacer.wait(), true);
  assertEquals(clock.sleeps, 0);
  clock.ending = true;
  assertEquals(pacer.wait(), false);
});
