import { assertAlmostEquals, assertEquals } from "../../src/std/assert.js";
import { UtcClock } from "../../src/worker/utc_clock.ts";

Deno.test("UtcClock.utcS() gives the system's time with the resolution of performance.now()", () => {
  const clock = new UtcClock();
  assertAlmostEquals(clock.utcS(performance.now()), Date.now() / 1000, 1);
  const first = clock.utcS(100);
  assertAlmostEquals(clock.utcS(100.001) - first, 1e-6, 5e-7);
});

Deno.test("UtcClock.utcS() follows steps of the system's clock, but not its rounding", () => {
  let systemMs = 1_000_000;
  const clock = new UtcClock(() => systemMs, 1_000_000.4);
  assertEquals(clock.utcS(0), 1000.0004);
  systemMs = 1_002_000;
  assertEquals(clock.utcS(2000), 1002.0004);
  systemMs = 4_603_000;
  assertEquals(clock.utcS(3000), 4603);
});
