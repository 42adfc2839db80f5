import { deadTimeOf } from "../../src/control/dead_time.ts";
import { RateMeter } from "../../src/control/rate_meter.ts";
import { assertAlmostEquals, assertEquals } from "../../src/std/assert.js";

Deno.test("RateMeter gives 0 Hz and no dead time before there is anything to compare", () => {
  const meter = new RateMeter();
  assertEquals([meter.rateHz, meter.deadtime], [0, NaN]);
  meter.add(0, 10, 1);
  assertEquals([meter.rateHz, meter.deadtime], [0, NaN]);
});

Deno.test("RateMeter averages over its window only", () => {
  const meter = new RateMeter(1000);
  for (let timeMs = 0; timeMs <= 5000; timeMs += 100) meter.add(timeMs, timeMs, 0.2 * timeMs);
  assertAlmostEquals(meter.rateHz, 1000);
  assertAlmostEquals(meter.deadtime, 0.2);
  for (let timeMs = 5100; timeMs <= 7000; timeMs += 100) meter.add(timeMs, 5000, 1000);
  assertEquals([meter.rateHz, meter.deadtime], [0, NaN]);
});

Deno.test("RateMeter with an empty window compares the last two samples", () => {
  const meter = new RateMeter(0);
  meter.add(0, 0, 0);
  meter.add(1000, 100, 10);
  meter.add(1500, 200, 30);
  assertAlmostEquals(meter.rateHz, 200);
  assertAlmostEquals(meter.deadtime, 0.2);
});

Deno.test("deadTimeOf() is the mean of the importers' workers over the active time", () => {
  const { fraction, deadS, liveS, importers } = deadTimeOf(
    [{ worker: "Fkt_1/0", deadS: 1 }, { worker: "Fkt_1/1", deadS: 3 }],
    10,
  );
  assertAlmostEquals(fraction, 0.2);
  assertAlmostEquals(deadS, 2);
  assertAlmostEquals(liveS, 8);
  assertEquals(importers.map((importer) => importer.fraction), [0.1, 0.3]);
});

Deno.test("deadTimeOf() stays within the active time", () => {
  assertEquals(deadTimeOf([{ worker: "Fkt_1/0", deadS: 3 }], 2).fraction, 1);
  assertEquals(deadTimeOf([{ worker: "Fkt_1/0", deadS: 0 }], 0).fraction, 0);
  assertEquals(deadTimeOf([], 5), { fraction: 0, deadS: 0, liveS: 5, importers: [] });
});

Deno.test("deadTimeOf() counts the time in which an importer's ring was paused alone neither as live nor as dead", () => {
  const alone = { worker: "Fkt_1/0", deadS: 1, pausedS: 6 };
  const { fraction, deadS, liveS, importers } = deadTimeOf([alone], 10);
  assertEquals([fraction, deadS, liveS], [0.25, 1, 3]);
  assertEquals(importers, [{ ...alone, fraction: 0.25 }]);
  const both = deadTimeOf([alone, { worker: "Fkt_2/0", deadS: 1 }], 10);
  assertEquals([both.deadS, both.liveS], [1, 6]);
});
