/** Times and dead times of captures. */
import { LiveTime } from "../../src/functions/live_time.ts";
import { CaptureTimes } from "../../src/functions/picoscope/capture_times.ts";
import { assertAlmostEquals, assertEquals } from "../../src/std/assert.js";

/** 1000 samples of 1 us, 250 of them before the trigger: 1 ms. */
const FRAME = {
  sampleTimeNs: 1000,
  samples: 1000,
  preSamples: 250,
  delayNs: 0,
  isTriggered: true,
  captures: 4,
};

function near(found: ArrayLike<number>, expected: readonly number[]): void {
  expected.forEach((value, i) => assertAlmostEquals(found[i], value, 1e-9));
}

Deno.test("CaptureTimes ends a complete set when the device was ready, with the counter's distances", () => {
  const times = new CaptureTimes(FRAME);
  times.place({ armedMs: 100, readyMs: 120, count: 3, isComplete: true, triggerSamples: [0, 2000, 7000] });
  // The last trigger was 750 samples before the end.
  near(times.timesMs, [112.25, 114.25, 119.25]);
});

Deno.test("CaptureTimes puts the captures of a stopped set in its middle", () => {
  const times = new CaptureTimes(FRAME);
  times.place({ armedMs: 100, readyMs: 120, count: 2, isComplete: false, triggerSamples: [0, 5000] });
  // Between 100.25 and 119.25 there are 14 ms more than the 5 ms between the triggers.
  near(times.timesMs, [107.25, 112.25]);
});

Deno.test("CaptureTimes spreads captures evenly where the device does not tell", () => {
  const times = new CaptureTimes(FRAME);
  times.place({ armedMs: 100, readyMs: 108.75, count: 4, isComplete: true, triggerSamples: null });
  near(times.timesMs, [102, 104, 106, 108]);
  times.place({ armedMs: 200, readyMs: 208.75, count: 3, isComplete: false, triggerSamples: null });
  near(times.timesMs, [202, 204, 206]);
});

Deno.test("CaptureTimes counts a capture's own length and the shortest re-arming as dead", () => {
  const times = new CaptureTimes(FRAME);
  times.place({ armedMs: 0, readyMs: 20, count: 3, isComplete: true, triggerSamples: [0, 1002, 6002] });
  assertAlmostEquals(times.rearmMs, 0.002, 1e-12);
  // First: the samples before the trigger; then each capture before the one.
  near(times.deadMs, [0.25, 1.002, 1.002]);
  times.place({ armedMs: 21, readyMs: 40, count: 1, isComplete: true, triggerSamples: [0] });
  near(times.deadMs, [1]);
});

Deno.test("CaptureTimes takes no re-arming from captures that are far apart", () => {
  const times = new CaptureTimes(FRAME);
  times.place({ armedMs: 0, readyMs: 50, count: 2, isComplete: true, triggerSamples: [0, 40_000] });
  assertEquals(times.rearmMs, 0);
  near(times.deadMs, [0.25, 1]);
});

Deno.test("CaptureTimes has only the gaps as dead when captures follow one another without a trigger", () => {
  const times = new CaptureTimes({ ...FRAME, isTriggered: false });
  times.place({ armedMs: 0, readyMs: 3, count: 3, isComplete: true, triggerSamples: [0, 1001, 2002] });
  near(times.deadMs, [0, 0.001, 0.001]);
});

Deno.test("CaptureTimes keeps the order of events when the host's clock was read late", () => {
  const times = new CaptureTimes(FRAME);
  times.place({ armedMs: 0, readyMs: 20, count: 1, isComplete: true, triggerSamples: [0] });
  times.place({ armedMs: 10, readyMs: 12, count: 1, isComplete: true, triggerSamples: [0] });
  near(times.timesMs, [19.25]);
});

Deno.test("CaptureTimes counts the delay as part of a capture", () => {
  const times = new CaptureTimes({ ...FRAME, delayNs: 500_000 });
  times.place({ armedMs: 0, readyMs: 20, count: 2, isComplete: true, triggerSamples: [0, 3000] });
  near(times.timesMs, [15.75, 18.75]);
  near(times.deadMs, [0.25, 1.5]);
});

Deno.test("LiveTime gives each event the blind part of the time since the event before", () => {
  const time = new LiveTime(1000);
  time.live(1010);
  assertAlmostEquals(time.event(1100), 0.1);
  time.blind(1110);
  time.blind(1115);
  time.live(1130);
  assertAlmostEquals(time.event(1200, 5), 0.25);
  assertEquals(time.deadMs, 35);
  time.add(50);
  assertAlmostEquals(time.event(1300), 0.5);
  assertEquals(time.event(1300, 1), 0);
  assertEquals(time.event(1301, 4), 1);
});

Deno.test("LiveTime counts a gap at the end", () => {
  const time = new LiveTime(0);
  time.live(1);
  time.blind(10);
  time.live(15);
  time.live(99);
  assertEquals(time.deadMs, 6);
});
