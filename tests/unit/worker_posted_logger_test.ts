import { assertEquals } from "../../src/std/assert.js";
import { PostedLogger } from "../../src/worker/posted_logger.ts";

function makeLogger(level?: "debug" | "info" | "warn" | "error") {
  const lines: string[] = [];
  const clock = { nowMs: 0 };
  const options = { nowMs: () => clock.nowMs, ...(level === undefined ? {} : { level: () => level }) };
  return { log: new PostedLogger((level, text) => lines.push(`${level} ${text}`), options), lines, clock };
}

Deno.test("PostedLogger passes messages of its level and above", () => {
  const { log, lines } = makeLogger("warn");
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  assertEquals(lines, ["warn c", "error d"]);
});

Deno.test("PostedLogger looks its level up for each message", () => {
  const lines: string[] = [];
  let level: "debug" | "warn" = "warn";
  const log = new PostedLogger((_, text) => lines.push(text), { level: () => level });
  log.debug("a");
  level = "debug";
  log.debug("b");
  level = "warn";
  log.debug("c");
  assertEquals(lines, ["b"]);
});

Deno.test("PostedLogger counts repeated messages and tells their number with the next one", () => {
  const { log, lines, clock } = makeLogger();
  for (let i = 0; i < 1000; i++) log.warn("pulse too high");
  assertEquals(lines, ["warn pulse too high"]);
  clock.nowMs = 1500;
  log.info("next");
  assertEquals(lines, ["warn pulse too high", "warn pulse too high (999 more times)", "info next"]);
});

Deno.test("PostedLogger holds back what comes too fast and tells how much it was", () => {
  const { log, lines } = makeLogger();
  for (let i = 0; i < 80; i++) log.info(`event ${i}`);
  assertEquals(lines.length, 50);
  log.flush();
  assertEquals(lines.at(-1), "warn 30 more messages held back, too many at once");
});

Deno.test("PostedLogger does not lose errors in a flood of other messages, and counts those beyond their own bound", () => {
  const { log, lines } = makeLogger();
  for (let i = 0; i < 10_000; i++) log.info(`event ${i}`);
  for (let i = 0; i < 60; i++) log.error(`broken ${i}`);
  assertEquals(lines.filter((line) => line.startsWith("error broken")).length, 50);
  log.flush();
  assertEquals(lines.slice(-2), [
    "error 10 more errors held back, too many at once",
    "warn 9950 more messages held back, too many at once",
  ]);
  assertEquals(lines.length, 102);
});

Deno.test("PostedLogger says when the number of what it holds back is due, and tells it then", () => {
  let holds = 0;
  const lines: string[] = [];
  const clock = { nowMs: 200 };
  const log = new PostedLogger((_, text) => lines.push(text), { nowMs: () => clock.nowMs, onHolding: () => holds++ });
  log.info("a");
  assertEquals([log.dueMs, holds], [Infinity, 0]);
  for (let i = 0; i < 5; i++) log.info("a");
  assertEquals([log.dueMs, holds], [1200, 1]);
  log.look(1100);
  assertEquals(lines.length, 1);
  log.look(1200);
  assertEquals([lines, log.dueMs], [["a", "a (5 more times)"], Infinity]);
});

Deno.test("PostedLogger cuts endless messages", () => {
  const { log, lines } = makeLogger();
  log.info("x".repeat(1_000_000));
  assertEquals(lines, [`info ${"x".repeat(10_000)} … (990000 more characters)`]);
});
