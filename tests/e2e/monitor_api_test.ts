import { join } from "node:path";
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertMatch } from "../../src/std/assert.js";
import { eventually, PageRun } from "./monitor_fixture.ts";
import { TestRun } from "./run_fixture.ts";

async function get(run: PageRun, path: string): Promise<Response> {
  return await fetch(new URL(path, await run.url()));
}

Deno.test("page answers programs with the numbers of run.yaml", async () => {
  const source = { events: 200, sleep_s: 0.001 };
  await using run = await PageRun.pulses({ source, args: ["--web", "0", "--keep-open"] });
  await run.says(/The page stays/);
  const record = run.record();

  const state = await run.api<
    { run: string; state: string; isOver: boolean; stopReason: string; functions: { name: string; taken: number }[] }
  >("/api/run");
  assertEquals([state.run, state.state, state.isOver, state.stopReason], ["pulses", "Stopped", true, "end of input"]);
  assertEquals(state.functions.map(({ name, taken }) => [name, taken]), [["Fkt_1", 0], ["Fkt_2", 200], ["Fkt_3", 200], [
    "Fkt_4",
    0,
  ]]);
  const [ring] = await run.api<
    { name: string; slots: number; published: number; groups: { name: string; processed: number }[] }[]
  >("/api/rings");
  assertEquals([ring.name, ring.slots, ring.published], ["RB_1", 32, record.ledger[0].published]);
  assertEquals(ring.groups.map((g) => g.processed), record.ledger[0].groups.map((g) => g.processed));

  const event = await run.api<{ counter: number; data: { chA: number[]; chB: number[] } }>("/api/rings/RB_1/latest");
  assertEquals([event.counter, Math.max(...event.data.chA), event.data.chB.length], [199, 299, 500]);
  const whole = new Uint8Array(await (await get(run, "/api/rings/RB_1/latest?format=npy")).arrayBuffer());
  assertMatch(new TextDecoder().decode(whole.subarray(10, 128)), /\[\('chA', '<f4'\), \('chB', '<f4'\)\].*\(500,\)/);
  const one = await (await get(run, "/api/rings/RB_1/latest?format=npy&field=chA")).arrayBuffer();
  assertEquals([...new Float32Array(one.slice(one.byteLength - 2000))], event.data.chA);

  assertEquals(await run.api("/api/histograms"), ["Fkt_2/map"]);
  const map = await run.api<{ kind: string; counts: number[] }>("/api/histograms/Fkt_2/map");
  assertEquals([map.kind, map.counts.reduce((a, b) => a + b, 0)], ["histogram2d", 200]);
  assertEquals((await run.api<{ key: string }>("/api/histograms/map")).key, "Fkt_2/map");
  assertEquals((await get(run, "/api/histograms/map?format=npy")).headers.get("content-type"), "application/x-npy");
  const metrics = await (await get(run, "/metrics")).text();
  assert(metrics.includes(`mimocorb_ring_published_total{ring="RB_1"} 200\n`), metrics);
  assert(metrics.includes(`mimocorb_run_state{run="pulses",state="Stopped"} 1\n`), metrics);
  assert((await run.api<{ text: string }[]>("/api/log")).some(({ text }) => text.includes("end of input")));

  const foreign = await fetch(new URL("/api/run", await run.url()), { headers: { origin: "http://example.org" } });
  const nothing = await get(run, "/api/nothing");
  assertEquals([foreign.status, nothing.status], [403, 404]);
  for (const refusal of [foreign, nothing]) assertMatch((await refusal.json()).error, /^Cannot answer: /);

  assertEquals((await run.command("help")).ok, true);
  run.kill("SIGINT");
  assertEquals(await run.end(), 0);
  const log = Deno.readTextFileSync(join(run.runDirectory, "log.txt"));
  assert(log.trimEnd().endsWith("finished with exit code 0"), log);
});

Deno.test("page of a run that is over shows no flow, refuses to steer, and goes by command", async () => {
  const source = { events: 2000, sleep_s: 0.0005 };
  await using run = await PageRun.pulses({ source, args: ["--web", "0", "--keep-open"] });
  await run.says(/The page stays/);
  const { isOver, functions, beganMs, runEvents, runtimeS, runDirectory } = await run.api<
    {
      isOver: boolean;
      functions: { inHz: number[]; outHz: number[] }[];
      beganMs: number;
      runEvents: number;
      runtimeS: number;
      runDirectory: string;
    }
  >("/api/run");
  assertEquals([isOver, runEvents, runtimeS, runDirectory], [true, 0, 0, run.runDirectory]);
  assert(Math.abs(Date.now() - beganMs) < 3_600_000, String(beganMs));
  assertEquals(functions.flatMap(({ inHz, outHz }) => [...inHz, ...outHz]), [0, 0, 0]);
  assertEquals((await run.api<{ rateHz: number }[]>("/api/rings")).map(({ rateHz }) => rateHz), [0]);
  const metrics = await (await get(run, "/metrics")).text();
  assert(metrics.includes(`mimocorb_ring_rate_hertz{ring="RB_1"} 0\n`), metrics);
  for (const line of ["pause", "resume", "shutdown RB_1", "shutdown all", "stop worker Fkt_2", "log debug"]) {
    const { ok, text } = await run.command(line);
    assertEquals([ok, text.includes("The run is over")], [false, true], line);
  }
  assertMatch((await run.command("rings")).text, /RB_1 +2000 +0/);
  assertEquals(await run.command("end"), { ok: true, text: "The run is over; closing the page" });
  assertEquals(await run.end(), 0);
  const log = Deno.readTextFileSync(join(run.runDirectory, "log.txt"));
  assert(log.trimEnd().endsWith("finished with exit code 0"), log);
});

Deno.test("docs/http_api.md names the fields of /api/run, each of them", async () => {
  await using run = await PageRun.pulses({ source: { events: 5, sleep_s: 0.01 }, args: ["--web", "0", "--keep-open"] });
  await run.says(/The page stays/);
  const answer = await run.api<{ functions: Record<string, unknown>[] }>("/api/run");
  const text = Deno.readTextFileSync(new URL("../../docs/http_api.md", import.meta.url));
  const rows = text.slice(text.indexOf("`GET /api/run` gives:")).split("\n\n")[1].split("\n").slice(2);
  const named = (ofFunction: boolean) =>
    rows.filter((row) => row.startsWith("| …") === ofFunction)
      .flatMap((row) => [...row.split("|")[1].matchAll(/`(\w+)`/g)].map(([, name]) => name)).sort();
  assertEquals(named(false), Object.keys(answer).sort());
  assertEquals(named(true), Object.keys(answer.functions[0]).sort());
});

Deno.test("page pauses the run by the name of its only root ring, and its books say so", async () => {
  await using run = await PageRun.pulses({ source: { sleep_s: 0.002 }, args: ["--web", "0"] });
  const state = async () => (await run.api<{ state: string }>("/api/run")).state;
  await eventually("the start", async () => await state() === "Running");
  assertEquals((await run.command("pause RB_1")).ok, true);
  await eventually("the pause", async () => await state() === "Paused");
  await new Promise((resolve) => setTimeout(resolve, 1000));
  assertEquals((await run.command("resume RB_1")).ok, true);
  await eventually("the end of the pause", async () => await state() === "Running");
  await run.command("pause");
  assertEquals((await run.command("resume RB_1")).ok, true);
  await eventually("the end of the second pause", async () => await state() === "Running");
  await run.command("stop");
  assertEquals(await run.end(), 0);
  assertGreater(run.record().end.paused_s, 0.9);
});

Deno.test("page pauses one of two root rings; that is neither live nor dead time of its importer", async () => {
  const source = { name: "countSource", config: { sleep_s: 0.001 } };
  const test = await TestRun.create([
    { ...source, write: [1] },
    { ...source, write: [2] },
    { name: "collect", read: [1] },
    { name: "collect", read: [2] },
  ]);
  await using run = PageRun.start(test.directory, "test_setup.yaml", { args: ["--web", "0"] });
  const state = async () => (await run.api<{ state: string }>("/api/run")).state;
  await eventually("the start", async () => await state() === "Running");
  assertEquals(await run.command("pause RB_1"), { ok: true, text: "RB_1: paused" });
  const published = async () => (await run.api<{ published: number }[]>("/api/rings")).map((ring) => ring.published);
  await eventually("the pause", async () => (await run.api<{ paused: boolean }[]>("/api/rings"))[0].paused);
  const before = await published();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const after = await published();
  assert(after[0] <= before[0] + 1 && after[1] > before[1] + 100, `${before} ${after}`);
  assertEquals(await state(), "Running");
  await run.command("resume RB_1");
  await run.command("pause");
  const refused = await run.command("resume RB_1");
  assertEquals([refused.ok, /whole run is paused/.test(refused.text)], [false, true]);
  await run.command("resume");
  await run.command("stop");
  assertEquals(await run.end(), 0);
  const { end, dead_time: { importers, live_s, dead_s } } = run.record();
  assert(end.paused_s < 1, String(end.paused_s));
  assert(importers[0].paused_s > 1.4, String(importers[0].paused_s));
  assertEquals(importers[1].paused_s, 0);
  assertAlmostEquals(live_s, end.active_s - importers[0].paused_s / 2 - dead_s, 0.01);
  for (const { dead_s } of importers) assert(dead_s < 1, `${dead_s} s dead`);
});

Deno.test("page steers one ring, the roots and the log by commands", async () => {
  await using run = await PageRun.pulses({ source: { sleep_s: 0.002 }, args: ["--web", "0"] });
  const paused = async () => (await run.api<{ paused: boolean }[]>("/api/rings"))[0].paused;
  await run.says(/Run ends after/);
  assertEquals(await run.command("pause RB_1"), { ok: true, text: "RB_1: paused" });
  assertEquals((await run.command("resume RB_1")).ok, true);
  assertEquals(await run.command("pause"), { ok: true, text: "Paused" });
  assertEquals((await run.command("pause roots")).ok, true);
  assertEquals((await run.command("resume all")).ok, true);
  assertMatch((await run.command("workers")).text, /Fkt_2\/0\s+allPanels\s+running/);
  assertMatch((await run.command("rings")).text, /RB_1/);
  assertEquals((JSON.parse((await run.command("stats")).text) as { state: string }).state, "Running");
  assertEquals((await run.command("log debug")).ok, true);
  const wrong = await run.command("pasue");
  assertEquals(wrong.ok, false);
  assertMatch(wrong.text, /perhaps "pause"/);
  await eventually("the ring to go on", async () => !await paused());
  assertEquals(await run.command("shutdown roots"), { ok: true, text: "Stopping: what was taken is processed" });
  assertEquals(await run.end(), 0);
  assertEquals(run.record().end.stop_cause, "user");
});

Deno.test("page takes the next free port, says nothing when it is off, and refuses a port that is taken", async () => {
  await using first = await PageRun.pulses({ source: { events: 5, sleep_s: 0 }, args: ["--web", "0", "--keep-open"] });
  const taken = new URL(await first.url()).port;
  await using second = await PageRun.pulses({ source: { events: 5, sleep_s: 0 }, args: ["--web", taken] });
  assertEquals(await second.end(), 2);
  assertMatch(second.output, new RegExp(`Cannot serve the page at 127.0.0.1:${taken}`));
  await using off = await PageRun.pulses({ source: { events: 5, sleep_s: 0 }, args: ["--web", "off"] });
  assertEquals(await off.end(), 0);
  assert(!off.output.includes("Page:"), off.output);
  assertMatch(off.output, /Fkt_4\s+plot_waveform\s+\(1\)/);
  await using unwanted = await PageRun.pulses({
    source: { events: 5, sleep_s: 0 },
    top: { GUI_control: false },
    args: [],
  });
  assertEquals(await unwanted.end(), 0);
  assert(!unwanted.output.includes("Page:"), unwanted.output);
  await using usual = await PageRun.pulses({ source: { events: 5, sleep_s: 0 }, args: [] });
  assertGreater(Number(new URL(await usual.url()).port), 8054);
  assertEquals(await usual.end(), 0);
  // Displays that the page does write the same files as their workers would.
  for (const run of [usual, off]) {
    assertGreater((await Deno.stat(`${run.runDirectory}/waveform_RB_1.svg`)).size, 1000);
    const report = await Deno.readTextFile(`${run.runDirectory}/report.html`);
    for (const part of ["Run complete: end of input", "Data flow of pulses", "Rates over time", "pulses_setup.yaml"]) {
      assert(report.includes(part), part);
    }
    assert(!/<script|<b>an error/.test(report));
    assert((await Deno.stat(`${run.runDirectory}/setup.yaml`)).isFile);
  }
  await first.command("end");
  await first.end();
});
