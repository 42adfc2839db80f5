import { assert, assertEquals, assertGreater, assertMatch } from "../../src/std/assert.js";
import { toolTest } from "../tools.ts";
import { TestBrowser, type TestPage } from "./browser_fixture.ts";
import { eventually, PageRun } from "./monitor_fixture.ts";

const CHROMIUM = ["chromium", "chromium-browser", "google-chrome"];

/** Counts are written with thin spaces between thousands. */
function count(text: string): number {
  return Number(text.replaceAll("\u2009", ""));
}

async function figure(page: TestPage, key: string, name: string): Promise<number> {
  const panel = `[data-key=${JSON.stringify(key)}]`;
  const [text = "0"] = await page.texts(`${panel} [data-figure=${name}] b`);
  return count(text);
}

toolTest(CHROMIUM, "page shows the numbers of run.yaml in every panel", async (chromium) => {
  await using run = await PageRun.lifetime({
    sleepS: 0.0005,
    args: ["--web", "0", "--keep-open", "--runevents", "2000"],
  });
  await using browser = await TestBrowser.launch(chromium);
  const page = await browser.open(await run.url());
  await page.shows("#run-state", "Over");
  await run.says(/The page stays/);
  const record = run.record();

  assertEquals(count(await page.text("#run-events-value")), 2000);
  assertMatch(await page.text("#run-note"), /2000 events reached/);
  for (const { ring, published, groups } of record.ledger) {
    const cells = await page.texts(`#panel-rings [data-ring=${ring}] td`);
    assertEquals(count(cells[1]), published, ring);
    for (const group of groups) assert(cells[5].includes(`${group.name}: lag 0`), cells[5]);
  }
  for (const [name, workers] of Object.entries(record.function_counts)) {
    const cells = await page.texts(`#panel-functions [data-function=${name}] td`);
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    const sources = workers.flatMap((worker) => worker.sources);
    const sinks = workers.flatMap((worker) => worker.sinks);
    const taken = sum(sources.map((s) => s.processed + s.rejected + s.failed + s.doubles));
    const cell = (text: string) => /^[\d\u2009]+/.exec(text)?.[0] ?? "";
    if (sources.length > 0) assert(cells[2].startsWith(taken < 10000 ? String(taken) : cell(cells[2])), cells[2]);
    if (sinks.length > 0) assert(cells[3].startsWith(String(sum(sinks.map((s) => s.published)))), cells[3]);
    if (sources.length === 0) {
      assertEquals(cells.slice(4, 6), ["–", "–"], name);
      continue;
    }
    assertEquals(count(cells[4]), sum(sources.map((s) => s.rejected)), name);
    assertEquals(count(cells[5]), sum(sources.map((s) => s.failed)), name);
  }
  // A histogram has every event of its reader group, in range or out of it.
  const shown = record.ledger[2].groups.find((group) => group.name === "Fkt_6")!.processed;
  for (const field of ["decay_time", "1st_chA_h", "1st_chB_h", "2nd_chA_h", "2nd_chB_h"]) {
    const key = `Fkt_6/${field}`;
    await eventually(`the last entries of ${key}`, async () => await figure(page, key, "entries") > 0.5 * shown);
    const inAndOut = await figure(page, key, "entries") + await figure(page, key, "underflow") +
      await figure(page, key, "overflow");
    assertEquals(inAndOut, shown, key);
  }
  assertEquals((await page.texts("#panel-functions [data-function=Fkt_5] td"))[1], "page");
  await page.until(
    "an event on the oscilloscope",
    `Number(document.querySelector("#panel-scope-RB_2").dataset.counter) > 0`,
  );
  assertEquals((await page.texts("#panel-flow .rate")).length, 7);
  assert((await page.texts("#panel-log .text")).some((text) => text.includes("Run complete: 2000 events reached")));
  assertEquals((await page.texts("#panel-rates .u-legend .u-label")).slice(1), ["RB_1", "RB_2", "RB_3"]);
  assert((await Deno.stat(`${run.runDirectory}/waveform_RB_2.svg`)).size > 1000);

  await page.click("#button-end");
  await page.click("#dialog-yes");
  assertEquals(await run.end(), 0);
  assertEquals(page.errors, []);
});

toolTest(CHROMIUM, "page steers the run and its panels with every button and key", async (chromium) => {
  await using run = await PageRun.lifetime({ sleepS: 0.001, args: ["--web", "0"] });
  await using browser = await TestBrowser.launch(chromium);
  const page = await browser.open(await run.url());
  const { page: tab } = page;
  await page.shows("#run-state", "Running");
  const button = (panel: string, label: string) =>
    tab.evaluate(`(() => {
    const buttons = [...document.querySelectorAll(${JSON.stringify(`${panel} button`)})];
    buttons.find((it) => it.textContent === ${JSON.stringify(label)}).click();
  })()`);

  await page.click("#button-pause");
  await page.shows("#run-state", "Paused");
  await page.shows("[data-ring=RB_1]", "paused");
  await page.click("#button-resume");
  await page.shows("#run-state", "Running");
  await tab.keyboard.press("p");
  await page.shows("#run-state", "Paused");
  await tab.keyboard.press("r");
  await page.shows("#run-state", "Running");

  // The oscilloscope
  const scope = "#panel-scope-RB_2";
  const frames = async () =>
    Number(await tab.$eval(scope, (node) => (node as unknown as { dataset: { frames: string } }).dataset.frames));
  await page.until("frames", `Number(document.querySelector("${scope}").dataset.frames) > 3`);
  await tab.keyboard.press("h");
  // One that had come before may be drawn after the key was pressed.
  await page.shows(scope, "held");
  const held = await frames();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assertEquals(await frames(), held);
  await button(scope, "single");
  await page.until("one more frame", `Number(document.querySelector("${scope}").dataset.frames) === ${held} + 1`);
  await page.until(
    "a hold",
    `document.querySelector("${scope} header button[aria-pressed=true]")?.textContent === "hold"`,
  );
  await button(scope, "hold");
  await page.until("frames again", `Number(document.querySelector("${scope}").dataset.frames) > ${held} + 3`);
  await button(scope, "persistence");
  await page.shows(scope, "waveforms folded");
  await page.until(
    "many folded",
    `Number(/(\\d+) waveforms folded/.exec(document.querySelector("${scope}").textContent.replaceAll("\\u2009", ""))?.[1]) > 50`,
  );
  const folded = () =>
    tab.evaluate(`/[\\d\u2009]+ waveforms folded/.exec(document.querySelector("${scope}").textContent)[0]`);
  await button(scope, "hold");
  await page.shows(scope, "held");
  const heldMap = await folded();
  await new Promise((resolve) => setTimeout(resolve, 500));
  assertEquals(await folded(), heldMap);
  await button(scope, "hold");
  await button(scope, "cursors");
  await page.shows(scope, "Δt");
  await button(scope, "persistence");
  await tab.keyboard.press("1");
  await page.until("chA off", `document.querySelector("${scope} [data-channel=chA]").dataset.on === "false"`);
  await button(scope, "chA");
  await page.until("chA on", `document.querySelector("${scope} [data-channel=chA]").dataset.on === "true"`);
  await button(scope, "fit");

  // A histogram
  const tau = `[data-key="Fkt_6/decay_time"]`;
  await page.until("entries", `document.querySelector('${tau} [data-figure=entries] b')?.textContent > 20`);
  await button(tau, "exp");
  await page.until("a lifetime", `/τ = \\d+ ± \\d+/.test(document.querySelector('${tau} .fit').textContent)`);
  await button(tau, "Gauss");
  await page.until("a Gaussian", `/(μ = |No fit)/.test(document.querySelector('${tau} .fit').textContent)`);
  // A range that is dragged with the mouse, and stays over another theme
  const plot = await (await tab.$(`${tau} .u-over`))!.boundingBox();
  await tab.mouse.move(plot!.x + 0.1 * plot!.width, plot!.y + 0.5 * plot!.height);
  await tab.mouse.down();
  await tab.mouse.move(plot!.x + 0.5 * plot!.width, plot!.y + 0.5 * plot!.height, { steps: 5 });
  await tab.mouse.up();
  const isChosen = `Math.abs(document.querySelector('${tau} .u-select').offsetWidth - ${0.4 * plot!.width}) < 5`;
  await page.until("a range", isChosen);
  await tab.keyboard.press("t");
  await page.until("the range in another theme", isChosen);
  await button(tau, "log");
  await button(tau, "step");
  await page.click("#button-pause");
  await page.shows("#run-state", "Paused");
  // The function sends its histograms every two seconds; then nothing is added any more.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  assertGreater(await figure(page, "Fkt_6/decay_time", "entries"), 0);
  await button(tau, "reset");
  await page.until("no entries", `document.querySelector('${tau} [data-figure=entries] b').textContent === "0"`);
  await page.click("#button-resume");
  await page.shows("#run-state", "Running");

  // Panels by hand
  await tab.select("#add-panel", "records RB_3");
  await page.until("records", `document.querySelectorAll("#panel-records-RB_3 tbody tr").length > 3`);
  await tab.select("#add-panel", "scope RB_1");
  await page.until("frames of RB_1", `Number(document.querySelector("#panel-scope-RB_1").dataset.frames) > 3`);
  await button("#panel-scope-RB_1", "✕");
  await page.until("no scope", `document.querySelector("#panel-scope-RB_1") === null`);
  await button(tau, "✕");
  await tab.select("#add-panel", "display Fkt_6/decay_time");
  await page.until("it is back", `document.querySelector('${tau}') !== null`);

  // Log lines of one function, theme, help, commands
  await page.click("[data-function=Fkt_2]");
  await page.shows("#panel-log h2", "only Fkt_2");
  await page.click("[data-function=Fkt_2]");
  const theme = await tab.$eval("html", (node) => node.getAttribute("data-theme"));
  await tab.keyboard.press("t");
  await page.until("another theme", `document.documentElement.dataset.theme !== ${JSON.stringify(theme)}`);
  await tab.keyboard.type("?");
  await page.shows("#dialog", "Keyboard");
  await tab.keyboard.press("Escape");
  await tab.keyboard.type(":pause RB_1\n");
  await page.shows("#command-reply", "RB_1: paused");
  await page.shows("[data-ring=RB_1]", "paused");
  await tab.keyboard.type("resume all\n");
  await page.shows("#command-reply", "RB_1, RB_2, RB_3: resumed");
  await tab.keyboard.type("resume RB_9\n");
  await page.shows("#command-reply", "Cannot do that");
  await tab.keyboard.press("Escape");

  await page.click("#button-stop");
  await page.shows("#dialog", "Stop the run?");
  await tab.keyboard.press("Escape");
  await tab.keyboard.press("s");
  await page.click("#dialog-yes");
  assertEquals(await run.end(), 0);
  const record = run.record();
  assertEquals([record.status, record.end.stop_cause], ["complete", "user"]);
  assertGreater(record.end.paused_s, 0);
  assertEquals(record.ledger.map((ring) => ring.residual), [0, 0, 0]);
  await page.until("offline", `document.documentElement.dataset.online === "false"`);
  assertEquals(page.errors, []);
});

toolTest(CHROMIUM, "page shows panels of all kinds that functions put up, and texts as texts", async (chromium) => {
  const source = { events: 300, sleep_s: 0.001 };
  await using run = await PageRun.pulses({ source, args: ["--web", "0", "--keep-open"] });
  await using browser = await TestBrowser.launch(chromium);
  const page = await browser.open(await run.url());
  await page.shows("#run-state", "Over");
  await page.shows("[id='panel-panel-Fkt_2/value'] .value", "300 events");
  await page.shows("[id='panel-panel-Fkt_2/table'] td", "events");
  await page.shows("[id='panel-panel-Fkt_2/table'] tr td:nth-child(2)", "300");
  await page.shows("[id='panel-panel-Fkt_2/map'] .readout", "300 entries");
  await page.shows("[id='panel-panel-Fkt_2/points'] h2", "Points");
  await page.shows("[id='panel-panel-Fkt_2/wave'] h2", "# 300");
  await page.shows("#panel-scope-RB_1 [data-figure=event]", "# 299");
  assert((await page.texts("#panel-log .error .text")).includes("<b>an error of the talker</b>"));
  await run.command("end");
  assertEquals(await run.end(), 0);
  assertEquals(page.errors, []);
});

toolTest(CHROMIUM, "page comes back after the line was cut, in two browsers, with a token", async (chromium) => {
  await using run = await PageRun.pulses({ source: { sleep_s: 0.002 }, args: ["--web", "0.0.0.0:0"] });
  const url = new URL(await run.url());
  url.hostname = "127.0.0.1";
  await using line = new CutLine(Number(url.port));
  url.port = String(line.port);
  await using one = await TestBrowser.launch(chromium);
  await using two = await TestBrowser.launch(chromium);
  const pages = [await one.open(url.href), await two.open(url.href)];
  for (const page of pages) await page.shows("#run-state", "Running");
  line.cut();
  for (const page of pages) {
    await page.until("offline", `document.documentElement.dataset.online === "false"`);
    assertMatch(await page.text("#offline"), /No connection/);
  }
  line.mend();
  for (const page of pages) {
    await page.until("online", `document.documentElement.dataset.online === "true"`);
    await page.until(
      "events that came while the line was cut",
      `Number(document.querySelector("#panel-scope-RB_1").dataset.frames) > 0`,
    );
  }
  const seen = await Promise.all(pages.map((page) => page.text("#run-events-value")));
  await eventually("newer counts in both", async () => {
    const now = await Promise.all(pages.map((page) => page.text("#run-events-value")));
    return now.every((text, i) => count(text) > count(seen[i]));
  });
  await pages[0].page.keyboard.press("p");
  for (const page of pages) await page.shows("#run-state", "Paused");
  await run.api("/api/run");
  assert((await run.command("stop")).ok);
  assertEquals(await run.end(), 0);
});

toolTest(CHROMIUM, "page keeps its memory over hours of history", async (chromium) => {
  await using run = await PageRun.pulses({ source: { sleep_s: 0.01 }, args: ["--web", "0"] });
  await using browser = await TestBrowser.launch(chromium);
  const page = await browser.open(await run.url());
  // An hour of seconds, thrice; ten log lines a second.
  const grown = await page.page.evaluate(`(async () => {
    const { RatesPanel } = await import("/page/rates_panel.js");
    const { LogPanel } = await import("/page/log_panel.js");
    const [rates, log] = [new RatesPanel(), new LogPanel()];
    document.body.append(rates.root, log.root);
    rates.hello({ rings: [{ name: "a" }, { name: "b" }] });
    const sizes = [];
    for (let hour = 0; hour < 3; hour++) {
      for (let s = 0; s < 3600; s++) {
        const timesMs = [1e12 + 1000 * (3600 * hour + s)];
        rates.update({ isWhole: false, timesMs, ratesHz: [[s], [2 * s]] });
        const entry = { timeMs: timesMs[0], level: "info", source: "run", text: "line " + s };
        if (s % 10 === 0) log.add({ skipped: 0, entries: new Array(100).fill(entry) });
      }
      sizes.push([rates.timesS.length, log.entries.length, log.list.childElementCount]);
    }
    return sizes;
  })()`) as number[][];
  for (const [points, entries, lines] of grown) {
    assert(points <= 4001 && points > 1000, String(points));
    assertEquals([entries, lines], [1000, 1000]);
  }
  await run.command("end");
  await run.end();
});

/** A line between browser and run that can be cut. */
class CutLine implements AsyncDisposable {
  readonly #target: number;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #serving: Promise<void>;
  #isCut = false;

  constructor(target: number) {
    this.#target = target;
    this.#serving = this.#serve();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  cut(): void {
    this.#isCut = true;
    for (const connection of this.#open) close(connection);
    this.#open.clear();
  }

  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#listener.close();
    await this.#serving;
  }

  async #serve(): Promise<void> {
    for await (const near of this.#listener) {
      if (this.#isCut) {
        close(near);
        continue;
      }
      const far = await Deno.connect({ hostname: "127.0.0.1", port: this.#target }).catch(() => null);
      if (far === null) {
        // The run is over.
        close(near);
        continue;
      }
      for (const connection of [near, far]) this.#open.add(connection);
      for (const [from, to] of [[near, far], [far, near]]) {
        from.readable.pipeTo(to.writable).catch(() => {}).finally(() => [from, to].forEach(close));
      }
    }
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // The other side was faster.
  }
}
