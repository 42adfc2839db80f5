import { join } from "node:path";
import { formatLogEntry, formatLogLine, type LogEntry, RunLog } from "../../src/control/run_log.ts";
import { assertEquals, assertMatch, assertThrows } from "../../src/std/assert.js";

Deno.test("formatLogEntry() writes time, level and source, and indents further lines", () => {
  const text = formatLogEntry({ time: new Date(0), level: "error", source: "Fkt_2/0", text: "TypeError: x\n  at f\n" });
  assertMatch(text, /^\d{4}-\d\d-\d\dT\S+ ERROR Fkt_2\/0 TypeError: x\n {6}at f\n$/);
});

Deno.test("RunLog writes early messages to its file and passes every one on", async () => {
  const path = join(await Deno.makeTempDir(), "log.txt");
  const heard: string[] = [];
  const log = new RunLog((entry: LogEntry) => heard.push(`${entry.level} ${entry.source} ${entry.text}`));
  log.add("warn", "setup", "early");
  log.openFile(path);
  log.logger("Fkt_1/0").info("later");
  log.add("debug", "run", "too low");
  const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
  log.close();
  log.add("info", "run", "after the end");
  assertEquals(lines.map((line) => line.split(" ").slice(1).filter((word) => word !== "").join(" ")), [
    "WARN setup early",
    "INFO Fkt_1/0 later",
  ]);
  assertEquals(heard, ["warn setup early", "info Fkt_1/0 later", "info run after the end"]);
  await Deno.remove(path);
});

Deno.test("RunLog takes debug messages when it is asked to", () => {
  const heard: string[] = [];
  new RunLog((entry) => heard.push(entry.text), "debug").logger("run").debug("detail");
  assertEquals(heard, ["detail"]);
});

Deno.test("RunLog never writes into a log that exists", async () => {
  const path = await Deno.makeTempFile();
  const log = new RunLog(() => {});
  assertThrows(() => log.openFile(path), Deno.errors.AlreadyExists);
  await Deno.remove(path);
});

Deno.test({
  name: "RunLog reports a full disk once and the run goes on (skipped without /dev/full)",
  ignore: !exists("/dev/full"),
  fn: () => {
    const heard: string[] = [];
    const log = new RunLog((entry) => heard.push(entry.text));
    const file = Deno.openSync("/dev/full", { write: true });
    const { openSync } = Deno;
    Deno.openSync = () => file;
    try {
      log.openFile("log.txt");
    } finally {
      Deno.openSync = openSync;
    }
    log.add("info", "run", "one");
    log.add("info", "run", "two");
    assertEquals(heard.length, 3);
    assertMatch(heard[0], /^Cannot write "log.txt": expected free space on its disk/);
    assertEquals(heard.slice(1), ["one", "two"]);
  },
});

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test("formatLogLine() leaves out the day, and the level of mere information", () => {
  const line = (level: LogEntry["level"]) => formatLogLine({ time: new Date(0), level, source: "run", text: "paused" });
  assertMatch(line("info"), /^\d\d:\d\d:\d\d run: paused\n$/);
  assertMatch(line("warn"), /^\d\d:\d\d:\d\d run: warn: paused\n$/);
});
