import { ProgressLine } from "../../src/cli/progress_line.ts";
import { assertEquals } from "../../src/std/assert.js";

function shown(
  isTerminal: boolean,
  columns = 200,
): { text: () => string; line: ProgressLine; clock: { nowMs: number } } {
  let text = "";
  const clock = { nowMs: 0 };
  const output = { isTerminal, columns, write: (more: string) => void (text += more) };
  return { text: () => text, line: new ProgressLine("a.mjournal", output, { nowMs: () => clock.nowMs }), clock };
}

Deno.test("ProgressLine draws a bar in one line of a terminal, ten times a second, and takes it away", () => {
  const { text, line, clock } = shown(true);
  line.update(0.2, "20 events");
  assertEquals(text(), "");
  clock.nowMs = 1000;
  line.update(0.25, "25 events");
  line.update(0.26, "26 events");
  assertEquals(text(), "\r\x1b[Ka.mjournal [######------------------] 25 %, 25 events, 3 s left");
  line.clear();
  line.clear();
  assertEquals(text().slice(-4), "\r\x1b[K");
});

Deno.test("ProgressLine never fills more than a line", () => {
  const { text, line, clock } = shown(true, 20);
  clock.nowMs = 100;
  line.update(2, "25 events");
  assertEquals(text(), "\r\x1b[Ka.mjournal [#######");
});

Deno.test("ProgressLine writes a line every ten seconds where no terminal is", () => {
  const { text, line, clock } = shown(false);
  for (; clock.nowMs < 25_000; clock.nowMs += 500) line.update(clock.nowMs / 100_000, `${clock.nowMs} events`);
  assertEquals(text(), "a.mjournal: 10 %, 10000 events\na.mjournal: 20 %, 20000 events\n");
  line.clear();
  assertEquals(text().length, 62);
});
