import { LiveDisplay } from "../../src/control/live_display.ts";
import { PlainDisplay, statusLine, writeTo } from "../../src/control/plain_display.ts";
import type { LogEntry } from "../../src/control/run_log.ts";
import type { RunSnapshot } from "../../src/control/run_snapshot.ts";
import { ASCII_GLYPHS } from "../../src/control/text_format.ts";
import { assert, assertEquals, assertMatch } from "../../src/std/assert.js";

const ESCAPE = "\x1b\\[";
const COLOUR = new RegExp(`${ESCAPE}[\\d;]*m`);
const UP = new RegExp(`^${ESCAPE}(\\d+)A$`);
const CODES = new RegExp(`(${ESCAPE}\\d*[A-Z]|${ESCAPE}[\\d;]*m|\n|\r)`);
const HELP = "Keys: p r s e";

function snapshot(changes: Partial<RunSnapshot> = {}): RunSnapshot {
  return {
    state: "Running",
    activeS: 12.34,
    pausedS: 0,
    progress: { fraction: 0.25, leftS: 37 },
    rings: [
      { name: "RB_1", slots: 128, published: 5000, discarded: 0, filled: 64, rateHz: 405.2, deadtime: 0.012 },
      { name: "RB_20", slots: 8, published: 12, discarded: 3, filled: 0, rateHz: 1, deadtime: NaN },
    ],
    workersLeft: 4,
    workers: 4,
    failures: 0,
    restarts: 0,
    ...changes,
  };
}

function entry(level: LogEntry["level"], text: string): LogEntry {
  return { time: new Date(0), level, source: "run", text };
}

/** What a terminal shows after some output; knows the few codes that the display uses. */
function screenAfter(output: string): string[] {
  let lines = [""];
  let row = 0;
  let column = 0;
  for (const part of output.split(CODES)) {
    const up = UP.exec(part);
    if (up !== null) row -= Number(up[1]);
    else if (part === "\r") column = 0;
    else if (part === "\n") lines[++row] ??= "", column = 0;
    else if (part === "\x1b[J") lines = [...lines.slice(0, row), lines[row].slice(0, column)];
    else if (part === "\x1b[K") lines[row] = lines[row].slice(0, column);
    else if (!part.startsWith("\x1b")) {
      lines[row] = lines[row].slice(0, column).padEnd(column) + part + lines[row].slice(column + part.length);
      column += part.length;
    }
    assert(row >= 0, "the display went above its first line");
  }
  return lines;
}

function liveDisplay(options: { columns?: number; rows?: number; useColour?: boolean; verbose?: 0 | 1 | 2 } = {}) {
  const written: string[] = [];
  const clock = { nowMs: 0 };
  const keys = { help: HELP };
  const { columns = 120, rows = 24, useColour = false, verbose = 2 } = options;
  const display = new LiveDisplay({
    verbose,
    debug: false,
    write: (text) => written.push(text),
    size: () => ({ columns, rows }),
    useColour,
    glyphs: ASCII_GLYPHS,
    help: () => keys.help,
    now: () => clock.nowMs,
  });
  return { display, clock, keys, written, screen: () => screenAfter(written.join("")) };
}

Deno.test("LiveDisplay shows a line per ring, the state with its goal, and the keys", () => {
  const { display, screen } = liveDisplay();
  display.status(snapshot());
  assertEquals(screen(), [
    "RB_1      5000    405 Hz  ##########..........  64/128  dead   1.2 %",
    "RB_20       12   1.00 Hz  ....................   0/8    dead       -  discarded 3",
    "Running  12.3 s  ########...................... 25.0 %  37.0 s left",
    HELP,
    "",
  ]);
});

Deno.test("LiveDisplay draws in place, not before its time, and messages scroll by above", () => {
  const { display, clock, written, screen } = liveDisplay();
  display.status(snapshot());
  display.status(snapshot({ activeS: 13 }));
  assertEquals(written.length, 1);
  clock.nowMs = 300;
  display.status(snapshot({ activeS: 14 }));
  display.message(entry("warn", "RB_1 is full"));
  display.message(entry("info", "not shown"));
  clock.nowMs = 600;
  display.status(snapshot({ activeS: 15 }));
  const lines = screen();
  assertEquals(lines.length, 6);
  assertMatch(lines[0], /^\d\d:\d\d:\d\d run: warn: RB_1 is full$/);
  assertMatch(lines[3], /^Running {2}15.0 s/);
});

Deno.test("LiveDisplay draws a new state at once", () => {
  const { display, screen } = liveDisplay();
  display.status(snapshot());
  display.status(snapshot({ state: "Paused" }));
  assertMatch(screen()[2], /^Paused/);
});

Deno.test("LiveDisplay leaves the last state without the keys when it is closed, then only prints", () => {
  const { display, keys, screen } = liveDisplay();
  display.status(snapshot({ state: "Stopped", workersLeft: 1 }));
  display.status(snapshot({ state: "Stopped", workersLeft: 0, failures: 2 }));
  assertMatch(screen()[2], /1 of 4 workers at work$/);
  keys.help = "";
  display.close();
  display.close();
  display.print("Run complete\n");
  const lines = screen();
  assertMatch(lines[2], /^Stopped .*% {2}2 failures$/);
  assertEquals(lines.slice(3), ["Run complete", ""]);
});

Deno.test("LiveDisplay fits narrow and low terminals", () => {
  const narrow = liveDisplay({ columns: 30 });
  narrow.display.status(snapshot());
  assert(narrow.screen().every((line) => line.length < 30), narrow.screen().join("\n"));
  const low = liveDisplay({ rows: 3 });
  low.display.status(snapshot());
  assertEquals(low.screen().length, 2);
});

Deno.test("LiveDisplay shrinks its bars before it cuts numbers", () => {
  const { display, screen } = liveDisplay({ columns: 72 });
  display.status(snapshot({ failures: 1 }));
  const [ring, other, state] = screen();
  assertMatch(ring, /^RB_1 +5000 +405 Hz {2}#+\.+ {2}64\/128 {2}dead +1\.2 %$/);
  assertMatch(other, /discarded 3$/);
  assertMatch(state, /#\.+ 25\.0 % {2}37\.0 s left {2}1 failure$/);
  const tiny = liveDisplay({ columns: 62 });
  tiny.display.status(snapshot());
  assertMatch(tiny.screen()[0], /^RB_1 +5000 +405 Hz {3}64\/128 {2}dead +1\.2 %$/);
});

Deno.test("LiveDisplay uses colours only where they are wanted", () => {
  const plain = liveDisplay();
  plain.display.status(snapshot());
  assert(!COLOUR.test(plain.written.join("")));
  const coloured = liveDisplay({ useColour: true });
  coloured.display.status(snapshot());
  assert(coloured.written.join("").includes("\x1b[1;32mRunning\x1b[0m"));
});

Deno.test("LiveDisplay shows less when it is asked to", () => {
  const { display, written } = liveDisplay({ verbose: 0 });
  display.status(snapshot());
  display.print("layout\n");
  display.message(entry("warn", "careful"));
  assertEquals(written, []);
  display.message(entry("error", "broken"));
  assertEquals(written.length, 1);
});

Deno.test("PlainDisplay writes a line every ten seconds and no escape codes", () => {
  const written: string[] = [];
  let nowMs = 0;
  const display = new PlainDisplay({ write: (text) => written.push(text), now: () => nowMs });
  for (; nowMs <= 25_000; nowMs += 100) display.status(snapshot());
  display.close();
  assertEquals(written, [`${statusLine(snapshot())}\n`, `${statusLine(snapshot())}\n`]);
  assert(!written.join("").includes("\x1b"));
  assertMatch(
    statusLine(snapshot()),
    /^Running 12.3 s {2}25.0 % done, 37.0 s left {2}RB_1: 5000 \(64\/128\) 405 Hz dead 1.2 %/,
  );
});

Deno.test("PlainDisplay keeps to its verbosity", () => {
  const shown = (verbose: 0 | 1 | 2, debug = false) => {
    const out: string[] = [];
    const display = new PlainDisplay({
      verbose,
      debug,
      write: () => out.push("print"),
      writeError: (text) => out.push(text.trim().split(" ").at(-1)!),
    });
    display.print("layout\n");
    for (const level of ["debug", "info", "warn", "error"] as const) display.message(entry(level, level));
    return out;
  };
  assertEquals(shown(0), ["error"]);
  assertEquals(shown(1), ["print", "warn", "error"]);
  assertEquals(shown(2), ["print", "warn", "error"]);
  assertEquals(shown(1, true), ["print", "debug", "info", "warn", "error"]);
});

Deno.test("writeTo() writes all of a text and survives a reader that has gone", () => {
  let written = "";
  const slow = { writeSync: (bytes: Uint8Array) => (written += new TextDecoder().decode(bytes.subarray(0, 2)), 2) };
  writeTo(slow, "abcd");
  assertEquals(written, "abcd");
  writeTo({
    writeSync: () => {
      throw new Deno.errors.BrokenPipe();
    },
  }, "lost");
});
