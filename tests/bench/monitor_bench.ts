/**
 * What the page costs the run, and how fast it is.
 *
 *     lifetime chain  <- page  <- 0, 1, 10 clients that take everything and draw nothing
 *     slow source     <- page  <- Chromium: frames per second, and the age of an event when it is on the screen
 */
import { findTool } from "../tools.ts";
import { TestBrowser } from "../e2e/browser_fixture.ts";
import { PageRun } from "../e2e/monitor_fixture.ts";
import { parse } from "yaml";
import { type Figure, figure } from "./figure.ts";

const CLIENTS = [0, 1, 10] as const;
/** A run of some seconds: long enough for the clients to count. */
const EVENTS = 100_000;
const FRAMES_TIME_MS = 5000;
const LATENCIES = 60;

/** Connects in the way of a page that shows all waveforms and records, and acknowledges all of them at once. */
function greedyClient(url: URL): { close(): void; readonly frames: () => number } {
  const address = new URL("/ws", url);
  address.protocol = "ws:";
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  let frames = 0;
  socket.onopen = () => {
    for (const ring of ["RB_1", "RB_2"]) socket.send(JSON.stringify({ type: "scope", ring, on: true }));
    socket.send(JSON.stringify({ type: "records", ring: "RB_3", on: true }));
  };
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data !== "string") {
      frames++;
      socket.send(JSON.stringify({ type: "ack", what: "frame", seq: new DataView(data).getUint32(4, true) }));
      return;
    }
    const message = JSON.parse(data) as { type: string; seq?: number };
    if (message.type === "state") socket.send(JSON.stringify({ type: "ack", what: "state", seq: message.seq }));
  };
  socket.onerror = (event) => event.preventDefault();
  return { close: () => socket.close(), frames: () => frames };
}

async function chainRate(clients: number): Promise<number> {
  await using run = await PageRun.lifetime({ sleepS: 0, args: ["--web", "0", "--runevents", String(EVENTS)] });
  const url = new URL(await run.url());
  const greedy = Array.from({ length: clients }, () => greedyClient(url));
  if (await run.end() !== 0) throw new Error(`The run failed: ${run.output}`);
  if (greedy.some((client) => client.frames() < 3)) throw new Error("A client got no frames");
  const record = parse(await Deno.readTextFile(`${run.runDirectory}/run.yaml`)) as {
    end: { active_s: number };
    ledger: { published: number; residual: number }[];
  };
  const isWhole = record.ledger[0].published === EVENTS && record.ledger.every((ring) => ring.residual === 0);
  if (!isWhole) throw new Error(`Wrong result of the chain: ${JSON.stringify(record.ledger)}`);
  return EVENTS / record.end.active_s;
}

/** Loss in percent against runs without a client, each round with all numbers of clients after one another. */
async function clientCosts(repeats: number): Promise<Figure[]> {
  const losses = new Map<number, number[]>(CLIENTS.slice(1).map((n) => [n, []]));
  for (let i = 0; i < repeats; i++) {
    const rates: number[] = [];
    for (const clients of i % 2 === 0 ? CLIENTS : CLIENTS.toReversed()) rates.push(await chainRate(clients));
    const [none, one, ten] = i % 2 === 0 ? rates : rates.toReversed();
    losses.get(1)!.push(100 * (1 - one / none));
    losses.get(10)!.push(100 * (1 - ten / none));
  }
  return [
    figure("page_one_greedy_client_loss", losses.get(1)!, { unit: "%", wanted: "<= 3" }),
    figure("page_ten_greedy_clients_loss", losses.get(10)!, { unit: "%", wanted: "<= 8" }),
  ];
}

async function framesPerSecond(browser: TestBrowser): Promise<number> {
  await using run = await PageRun.lifetime({ sleepS: 0.002, args: ["--web", "0"] });
  const page = await browser.open(await run.url(), { width: 1400, height: 900 });
  await page.page.select("#add-panel", "scope RB_1");
  // Only this oscilloscope of 4 x 4250 samples, at the top of the page.
  await page.page.evaluate(`document.querySelector("#panel-scope-RB_2 .close").click()`);
  await page.page.evaluate(`document.querySelector("#panels").prepend(document.querySelector("#panel-scope-RB_1"))`);
  await page.until("frames", `Number(document.querySelector("#panel-scope-RB_1").dataset.frames) > 20`);
  const frames = async () => Number(await page.page.$eval("#panel-scope-RB_1", (it) => it.getAttribute("data-frames")));
  const [first, beganMs] = [await frames(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, FRAMES_TIME_MS));
  const rate = 1000 * (await frames() - first) / (performance.now() - beganMs);
  await run.command("end");
  await run.end();
  await page.page.close();
  return rate;
}

/** Ages of events, in ms after they were published, when their drawing is handed to the screen. */
async function ages(browser: TestBrowser): Promise<number[]> {
  await using run = await PageRun.pulses({ source: { sleep_s: 0.117 }, samples: 4250, args: ["--web", "0"] });
  const page = await browser.open(await run.url(), { width: 1400, height: 900 });
  await page.until("a frame", `Number(document.querySelector("#panel-scope-RB_1").dataset.frames) > 3`);
  const found = await page.page.evaluate(`new Promise((resolve) => {
    const panel = document.querySelector("#panel-scope-RB_1");
    const ages = [];
    new MutationObserver(() => {
      ages.push(Date.now() - 1000 * panel.dataset.timestamp);
      if (ages.length === ${LATENCIES}) resolve(ages);
    }).observe(panel, { attributes: true, attributeFilter: ["data-counter"] });
  })`) as number[];
  await run.command("end");
  await run.end();
  await page.page.close();
  return found;
}

/** Measures the page. Without Chromium only its cost. */
export async function monitorBench(repeats: number): Promise<Figure[]> {
  const figures = await clientCosts(repeats);
  const chromium = findTool("chromium", "chromium-browser", "google-chrome");
  if (chromium === null) return figures;
  await using browser = await TestBrowser.launch(chromium);
  const rates: number[] = [];
  for (let i = 0; i < Math.min(repeats, 3); i++) rates.push(await framesPerSecond(browser));
  return [
    ...figures,
    figure("page_oscilloscope_frames", rates, { unit: "frames/s", wanted: ">= 30" }),
    figure("page_event_on_screen", await ages(browser), { unit: "ms", wanted: "<= 100" }),
  ];
}

if (import.meta.main) {
  for (const { name, median, min, max, unit, wanted } of await monitorBench(Number(Deno.args[0] ?? 3))) {
    console.log(
      `${name.padEnd(34)} ${median.toPrecision(4)} ${unit} (${min.toPrecision(3)} to ${max.toPrecision(3)}) ${wanted}`,
    );
  }
}
