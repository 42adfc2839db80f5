import { join } from "node:path";
import type { RunSnapshot } from "../../src/control/run_snapshot.ts";
import { StatsFile } from "../../src/control/stats_file.ts";
import { assertEquals } from "../../src/std/assert.js";

function snapshot(published: number, changes: Partial<RunSnapshot> = {}): RunSnapshot {
  const ring = { name: "RB_1", slots: 8, published, discarded: 1, filled: 2, rateHz: 99, deadtime: 0.5 };
  return {
    state: "Running",
    activeS: 1.5,
    pausedS: 0.25,
    progress: null,
    rings: [ring],
    workersLeft: 3,
    workers: 3,
    restarts: 0,
    failures: 0,
    ...changes,
  };
}

Deno.test("StatsFile writes lines that can be read at once, with rates since the line before", async () => {
  const path = join(await Deno.makeTempDir(), "stats.csv");
  const stats = new StatsFile(path, ["RB_1"]);
  stats.add(snapshot(0), new Map([["RB_1", 0]]), { date: new Date(0), nowMs: 0 });
  stats.add(snapshot(50, { state: "Stopped" }), new Map([["RB_1", 5]]), { date: new Date(2000), nowMs: 2000 });
  const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
  stats.close();
  stats.close();
  assertEquals(lines, [
    "time_utc,state,active_s,paused_s,RB_1.published,RB_1.discarded,RB_1.filled,RB_1.rate_hz,RB_1.deadtime,workers,failures",
    "1970-01-01T00:00:00.000Z,Running,1.500,0.250,0,1,2,0.00,,3,0",
    "1970-01-01T00:00:02.000Z,Stopped,1.500,0.250,50,1,2,25.00,0.100000,3,0",
  ]);
  await Deno.remove(path);
});

Deno.test("StatsFile quotes names of rings that CSV would split", async () => {
  const path = join(await Deno.makeTempDir(), "stats.csv");
  new StatsFile(path, ['a,"b"']).close();
  const [header] = (await Deno.readTextFile(path)).split("\n");
  assertEquals(header.includes('"a,""b"".published"'), true, header);
  await Deno.remove(path);
});
