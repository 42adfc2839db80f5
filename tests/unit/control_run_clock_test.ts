import { ProgressWatch } from "../../src/control/progress_watch.ts";
import { RunClock } from "../../src/control/run_clock.ts";
import { assertEquals } from "../../src/std/assert.js";

Deno.test("RunClock does not count paused time as active", () => {
  let nowMs = 1000;
  const clock = new RunClock(() => nowMs);
  nowMs += 500;
  assertEquals([clock.activeS, clock.pausedS], [0, 0]);
  clock.run();
  nowMs += 2000;
  clock.pause();
  nowMs += 3000;
  assertEquals([clock.activeS, clock.pausedS], [2, 3]);
  clock.run();
  nowMs += 1000;
  assertEquals([clock.activeS, clock.pausedS], [3, 3]);
  clock.stop();
  nowMs += 9000;
  assertEquals([clock.activeS, clock.pausedS], [3, 3]);
});

Deno.test("RunClock counts a pause that ends with the run, and stays stopped", () => {
  let nowMs = 0;
  const clock = new RunClock(() => nowMs);
  clock.run();
  clock.pause();
  nowMs += 1000;
  clock.stop();
  clock.run();
  nowMs += 1000;
  assertEquals([clock.activeS, clock.pausedS], [0, 1]);
});

Deno.test("RunClock counts the time that the program was suspended as paused, also after the stop", () => {
  let nowMs = 0;
  const clock = new RunClock(() => nowMs);
  clock.run();
  nowMs += 6000;
  clock.discount(5000);
  assertEquals([clock.activeS, clock.pausedS], [1, 5]);
  nowMs += 4000;
  clock.stop();
  clock.discount(3000);
  assertEquals([clock.activeS, clock.pausedS], [2, 8]);
});

Deno.test("ProgressWatch adds up the time without movement and starts anew with each movement", () => {
  let nowMs = 0;
  const watch = new ProgressWatch(() => nowMs);
  assertEquals(watch.look(5), 0);
  nowMs += 300;
  assertEquals(watch.look(5), 300);
  nowMs += 400;
  assertEquals(watch.look(5), 700);
  nowMs += 400;
  assertEquals(watch.look(6), 0);
  nowMs += 100;
  assertEquals(watch.look(6), 100);
  watch.reset();
  assertEquals(watch.look(6), 0);
});

Deno.test("ProgressWatch does not take a suspended machine for a hung run", () => {
  let nowMs = 0;
  const watch = new ProgressWatch(() => nowMs);
  watch.look(1);
  nowMs += 3_600_000;
  assertEquals(watch.look(1), 1000);
});
