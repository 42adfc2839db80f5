import { assertEquals } from "../../src/std/assert.js";
import { PostedLogger } from "../../src/worker/posted_logger.ts";

function makeLogger(level?: "debug" | "info" | "warn" | "error") {
  const lines: string[] = [];
  const clock = { nowMs: 0 };
  const options = { nowMs: () => clock.nowMs, ...(level === undefined ? {} : { level }) };
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
