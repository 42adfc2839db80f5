import { isBackgroundJob, parseJobState } from "../../src/control/keyboard.ts";
import { isIgnored, SignalOrders } from "../../src/control/run_signals.ts";
import { mayFollow, type RunState } from "../../src/control/run_state.ts";
import { assertEquals } from "../../src/std/assert.js";

Deno.test("SignalOrders stops first and ends at the second signal", () => {
  let nowMs = 0;
  const orders = new SignalOrders(() => nowMs);
  assertEquals(orders.take("SIGINT"), "stop");
  nowMs += 600;
  assertEquals(orders.take("SIGTERM"), "end");
  nowMs += 600;
  assertEquals(orders.take("SIGINT"), "end");
});

Deno.test("SignalOrders takes repeats within half a second as one order", () => {
  let nowMs = 0;
  const orders = new SignalOrders(() => nowMs);
  assertEquals(orders.take("SIGINT"), "stop");
  nowMs += 1;
  assertEquals(orders.take("SIGINT"), null);
  nowMs += 498;
  assertEquals(orders.take("SIGTERM"), null);
  nowMs += 1;
  assertEquals(orders.take("SIGINT"), "end");
});

Deno.test("SignalOrders takes SIGHUP as stop, however often it comes", () => {
  let nowMs = 0;
  const orders = new SignalOrders(() => nowMs);
  assertEquals([orders.take("SIGHUP"), orders.take("SIGHUP")], ["stop", "stop"]);
  nowMs += 600;
  assertEquals(orders.take("SIGINT"), "stop");
});

Deno.test("parseJobState() reads past a program name with blanks and parentheses", () => {
  const stat = "4242 (my (odd) name) S 100 4242 4000 34816 4300 4194304 1093 0";
  assertEquals(parseJobState(stat), { processGroup: 4242, foregroundGroup: 4300 });
});

Deno.test("isBackgroundJob() knows a job in the background from one without terminal", () => {
  assertEquals(isBackgroundJob({ processGroup: 7, foregroundGroup: 9 }), true);
  assertEquals(isBackgroundJob({ processGroup: 7, foregroundGroup: 7 }), false);
  assertEquals(isBackgroundJob({ processGroup: 7, foregroundGroup: -1 }), false);
});

Deno.test("isIgnored() reads the mask of ignored signals", () => {
  const status = (mask: string) =>
    `Name:\tdeno\nSigBlk:\tffffffffffffffff\nSigIgn:\t${mask}\nSigCgt:\tffffffffffffffff\n`;
  const both = (text: string) => [isIgnored(text, "SIGHUP"), isIgnored(text, "SIGINT")];
  assertEquals(both(status("0000000000001000")), [false, false]);
  assertEquals(both(status("0000000000001001")), [true, false]);
  assertEquals(both(status("8000000000000006")), [false, true]);
  assertEquals(both(""), [false, false]);
});

Deno.test("mayFollow() allows the way of a run and nothing backwards", () => {
  const way: RunState[] = [
    "Initialized",
    "BuffersSet",
    "WorkersSet",
    "Running",
    "Paused",
    "Running",
    "Stopped",
    "Shutdown",
  ];
  for (let i = 1; i < way.length; i++) assertEquals(mayFollow(way[i - 1], way[i]), true, `${way[i - 1]} -> ${way[i]}`);
  for (
    const [from, to] of [
      ["Stopped", "Running"],
      ["Initialized", "Running"],
      ["WorkersSet", "Paused"],
      ["Shutdown", "Initialized"],
      ["Running", "WorkersSet"],
    ] as const
  ) assertEquals(mayFollow(from, to), false, `${from} -> ${to}`);
});
