import { runProgress } from "../../src/control/run_progress.ts";
import { assertEquals } from "../../src/std/assert.js";

Deno.test("runProgress() is null without a goal", () => {
  assertEquals(runProgress({ runEvents: 0, runtimeS: 0 }, { published: 5, activeS: 1 }), null);
});

Deno.test("runProgress() estimates the time left from the mean rate", () => {
  const progress = runProgress({ runEvents: 100, runtimeS: 0 }, { published: 20, activeS: 10 });
  assertEquals(progress, { fraction: 0.2, leftS: 40 });
});

Deno.test("runProgress() knows no time left before the first event", () => {
  const progress = runProgress({ runEvents: 100, runtimeS: 0 }, { published: 0, activeS: 3 });
  assertEquals(progress, { fraction: 0, leftS: null });
});

Deno.test("runProgress() counts down the run time and stays within its bounds", () => {
  const timed = { runEvents: 0, runtimeS: 10 };
  assertEquals(runProgress(timed, { published: 0, activeS: 4 }), { fraction: 0.4, leftS: 6 });
  assertEquals(runProgress(timed, { published: 0, activeS: 12 }), { fraction: 1, leftS: 0 });
  assertEquals(runProgress({ runEvents: 10, runtimeS: 0 }, { published: 12, activeS: 1 }), { fraction: 1, leftS: 0 });
});

Deno.test("runProgress() shows the goal that comes first", () => {
  const goals = { runEvents: 1000, runtimeS: 10 };
  assertEquals(runProgress(goals, { published: 500, activeS: 1 })?.leftS, 1);
  assertEquals(runProgress(goals, { published: 10, activeS: 9 })?.leftS, 1);
});
