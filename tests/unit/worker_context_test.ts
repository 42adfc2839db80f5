import { assert, assertEquals, assertStringIncludes } from "../../src/std/assert.js";
import { userStack } from "../../src/worker/user_stack.ts";
import { workerFailure } from "../../src/worker/worker_context.ts";
import { makeContext } from "./worker_fixture.ts";

Deno.test("WorkerContext can be taken apart", () => {
  const { context, posted } = makeContext();
  const { publish, failed, log: { debug, info, warn, error } } = context;
  publish("height", { kind: "value", title: "Height", value: 3, unit: "mV" });
  failed(new Error("no pulse"));
  debug("a");
  info("b");
  warn("c");
  error("d");
  assertEquals(posted.map((message) => message.type), ["panel", "failed", "log", "log", "log", "log"]);
  context.close();
});

Deno.test("userStack() keeps the message and the lines of users' modules", () => {
  const own = import.meta.resolve("../../src/worker/transfer.ts");
  const lines = [
    "TypeError: Cannot read a column",
    "because it is not there",
    `    at max (${own}:3:1)`,
    "    at highPulses (file:///home/user/modules/high_pulses.ts:4:7)",
    "    at Array.map (<anonymous>)",
    `    at new Transfer (${own}:9:1)`,
    "    at ext:core/01_core.js:5:1",
  ];
  assertEquals(userStack(lines.join("\n")), [lines[0], lines[1], lines[3]].join("\n"));
  const withoutUsers = [lines[0], lines[2]].join("\n");
  assertEquals(userStack(withoutUsers), withoutUsers);
});

Deno.test("workerFailure() keeps the whole stack beside the user's lines", () => {
  const { stack, userStack: short } = workerFailure(new Error("third"), "event", 3);
  assertStringIncludes(stack, "worker_context_test.ts");
  assert(short !== undefined && short.length <= stack.length);
  assertStringIncludes(short, "worker_context_test.ts");
});
