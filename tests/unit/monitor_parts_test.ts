import { AccessGuard, isLoopback, newToken } from "../../src/monitor/access_guard.ts";
import { CommandLine } from "../../src/monitor/command_line.ts";
import { cpuSecondsOf, CpuShares } from "../../src/monitor/cpu_share.ts";
import { FoldMap } from "../../src/monitor/fold_map.ts";
import { metricsText } from "../../src/monitor/metrics.ts";
import { decodeFrame } from "../../src/monitor/page/wave_frame.js";
import { PageClient } from "../../src/monitor/page_client.ts";
import { PanelBoard } from "../../src/monitor/panel_board.ts";
import { parseFromPage } from "../../src/monitor/parse_from_page.ts";
import type { StateMessage } from "../../src/monitor/protocol.ts";
import { RateHistory } from "../../src/monitor/rate_history.ts";
import { encodeMap, encodeWaveform, numberFrame } from "../../src/monitor/wave_frame.ts";
import { parseWebAddress } from "../../src/monitor/web_address.ts";
import { assert, assertEquals, assertMatch } from "../../src/std/assert.js";

function visitor(url: string, headers: Record<string, string> = {}, method = "GET") {
  return { method, url: new URL(url), headers: new Headers({ host: new URL(url).host, ...headers }) };
}

Deno.test("AccessGuard.judge() lets only this machine's names in when there is no token", () => {
  const guard = new AccessGuard({ hostname: "127.0.0.1", port: 8055, token: null });
  for (const host of ["127.0.0.1:8055", "localhost:8055", "[::1]:8055"]) {
    assertEquals(guard.judge(visitor("http://127.0.0.1:8055/", { host })), null, host);
  }
  for (const host of ["127.0.0.1", "localhost:8056", "evil.example:8055", "localhost.evil.example:8055", ""]) {
    assertEquals(guard.judge(visitor("http://127.0.0.1:8055/", { host }))?.status, 403, host);
  }
});

Deno.test("AccessGuard.judge() refuses other origins, and commands from other sites", () => {
  const guard = new AccessGuard({ hostname: "127.0.0.1", port: 8055, token: null });
  const url = "http://127.0.0.1:8055/ws";
  assertEquals(guard.judge(visitor(url, { origin: "http://127.0.0.1:8055" })), null);
  for (const origin of ["http://localhost:8055", "https://127.0.0.1:8055", "null", "http://evil.example"]) {
    assertEquals(guard.judge(visitor(url, { origin }))?.status, 403, origin);
  }
  assertEquals(guard.judge(visitor(url, { "sec-fetch-site": "cross-site" }, "POST"))?.status, 403);
  assertEquals(guard.judge(visitor(url, { "sec-fetch-site": "same-origin" }, "POST")), null);
});

Deno.test("AccessGuard.judge() wants the token in the address, a header or its cookie", () => {
  const token = newToken();
  const guard = new AccessGuard({ hostname: "0.0.0.0", port: 80, token });
  assertMatch(token, /^[0-9a-f]{32}$/);
  const url = "http://lab.example/";
  assertEquals(guard.judge(visitor(url))?.status, 401);
  assertEquals(guard.judge(visitor(`${url}?token=${newToken()}`))?.status, 401);
  assertEquals(guard.judge(visitor(`${url}?token=${token.toUpperCase()}x`))?.status, 401);
  assertEquals(guard.judge(visitor(`${url}?token=${token}`)), null);
  assertEquals(guard.judge(visitor(url, { authorization: `Bearer ${token}` })), null);
  assertEquals(guard.judge(visitor(url, { cookie: `other=1; mimocorb_80=${token}` })), null);
  assertEquals(guard.judge(visitor(url, { cookie: `mimocorb_81=${token}` }))?.status, 401);
  assertMatch(guard.cookieFor(visitor(`${url}?token=${token}`)) ?? "", /HttpOnly; SameSite=Strict$/);
  assertEquals(guard.cookieFor(visitor(`${url}?token=wrong`)), null);
});

Deno.test("isLoopback() knows the addresses that only this machine reaches", () => {
  for (const name of ["127.0.0.1", "127.1.2.3", "localhost", "::1"]) assert(isLoopback(name), name);
  for (const name of ["0.0.0.0", "10.0.0.1", "127.0.0.1.example", "::", "lab"]) assert(!isLoopback(name), name);
});

Deno.test("parseWebAddress() reads off, ports and addresses", () => {
  assertEquals(parseWebAddress("OFF"), null);
  assertEquals(parseWebAddress("lab.example:9000"), { hostname: "lab.example", port: 9000, isExact: true });
  assertEquals(parseWebAddress("[::]:1"), { hostname: "::", port: 1, isExact: true });
  for (const text of ["", "http://a:1", "a:b", ":80", "-1", "99999", "1:2:3"]) {
    assertEquals(parseWebAddress(text), "unreadable", text);
  }
});

Deno.test("parseFromPage() takes messages of the protocol and nothing else", () => {
  assertEquals(parseFromPage(`{"type":"scope","ring":"RB_1","on":true,"more":1}`), {
    type: "scope",
    ring: "RB_1",
    on: true,
  });
  assertEquals(parseFromPage(`{"type":"fold","ring":"RB_1","on":false}`), { type: "fold", ring: "RB_1", on: false });
  const wrong = [
    "",
    "null",
    "[]",
    `"x"`,
    `{"type":"scope","ring":1,"on":true}`,
    `{"type":"scope","ring":"${"x".repeat(501)}","on":true}`,
    `{"type":"fold","ring":"a","on":true}`,
    `{"type":"fold","ring":"a","on":true,"low":1,"high":1}`,
    `{"type":"fit","id":1,"key":"k","kind":"cubic","from":0,"to":1}`,
    `{"type":"fit","id":1,"key":"k","kind":"gauss","from":1,"to":0}`,
    `{"type":"ack","what":"all","seq":1}`,
    `{"type":"ack","what":"state","seq":1.5}`,
    `{"type":"command","id":-1,"command":"stop"}`,
    `{"type":"__proto__"}`,
  ];
  for (const text of wrong) assertEquals(parseFromPage(text), null, text);
});

Deno.test("encodeWaveform() and decodeFrame() give back every sample", () => {
  const channels = [Float32Array.of(1, -2.5, 3e6), Int16Array.of(-5, 0, 7), BigInt64Array.of(1n, 2n, -3n)];
  const bytes = encodeWaveform({ ringNumber: 2, counter: 2 ** 40 + 1, timestamp: 1.7e9, rateHz: null, channels });
  numberFrame(bytes, 77);
  const frame = decodeFrame(bytes.buffer);
  assert(frame?.kind === "waveform");
  assertEquals([frame.ringNumber, frame.seq, frame.counter, frame.timestamp], [2, 77, 2 ** 40 + 1, 1.7e9]);
  assert(Number.isNaN(frame.rateHz));
  assertEquals(frame.channels.map((values) => [...values]), [[1, -2.5, 3e6], [-5, 0, 7], [1, 2, -3]]);
});

Deno.test("FoldMap and encodeMap() show where traces pass, the most frequent place brightest", () => {
  const map = new FoldMap(1, 10, { low: 0, high: 256 });
  for (let i = 0; i < 9; i++) map.add([new Float32Array(10).fill(10.5)]);
  map.add([Float32Array.from({ length: 10 }, (_, i) => i === 3 ? 999 : 100)]);
  assertEquals(map.waveforms, 10);
  const { waveforms, low, high, channels, columns, rows, hits } = map;
  const bytes = encodeMap({ ringNumber: 0, waveforms, low, high, channels, columns, rows, hits });
  const frame = decodeFrame(bytes.buffer);
  assert(frame?.kind === "map");
  assertEquals([frame.columns, frame.rows, frame.waveforms, frame.low, frame.high], [10, 256, 10, 0, 256]);
  const [cells] = frame.channels;
  assertEquals([cells[10 * 10], cells[100 * 10], cells[100 * 10 + 3], cells[0]], [255, 1, 0, 0]);
});

Deno.test("RateHistory keeps hours in a bounded memory, the last minutes second by second", () => {
  const history = new RateHistory();
  const sizes: number[] = [];
  for (let s = 0; s < 4 * 86_400; s++) {
    history.add(1e12 + 1000 * s, [s, 1]);
    if (s % 86_400 === 86_399) sizes.push(history.size);
  }
  assert(Math.max(...sizes) <= 600 + 1080 + 1152, String(sizes));
  const points = history.points();
  assert(points.every((point, i) => i === 0 || point.timeMs > points[i - 1].timeMs), "not in order");
  assert(points[0].timeMs <= 1e12 + 600_000, "the begin is missing");
  const lastMinutes = points.slice(-600);
  assert(lastMinutes.every((point, i) => i === 0 || point.timeMs - lastMinutes[i - 1].timeMs === 1000));
  assertEquals(points.at(-1)!.ratesHz[1], 1);
});

Deno.test("PageClient sends nothing new to a page that does not acknowledge, and goes on when it does", () => {
  let sent = 0;
  const socket = { bufferedAmount: 0, readyState: 1, send: () => void sent++, close: () => {} };
  const client = new PageClient(socket);
  client.scopes.add("RB_1");
  for (let i = 0; i < 10; i++) if (client.isReadyForFrame) client.sendFrame(new Uint8Array(40));
  assertEquals(sent, 2);
  client.acknowledge("frame", 99);
  assertEquals(client.isReadyForFrame, false);
  client.acknowledge("frame", 1);
  assertEquals(client.isReadyForFrame, true);
  for (let i = 0; i < 10 && client.isReady; i++) client.nextStateSeq();
  client.acknowledge("state", 4);
  assertEquals(client.isReady, true);
  socket.bufferedAmount = 2 << 20;
  assertEquals([client.isReady, client.isReadyForFrame], [false, false]);
});

Deno.test("PageClient.admit() lets bursts in, but no flood", () => {
  const client = new PageClient({ bufferedAmount: 0, readyState: 1, send: () => {}, close: () => {} });
  assert(Array.from({ length: 900 }, () => client.admit(1000)).every(Boolean));
  assert(!Array.from({ length: 200 }, () => client.admit(1000)).every(Boolean));
  assert(client.admit(3000));
});

Deno.test("PanelBoard sums the parts of workers, hides what was reset, and fits what is shown", () => {
  const board = new PanelBoard();
  const counts = (factor: number) =>
    Float64Array.from({ length: 40 }, (_, i) => Math.round(factor * 1000 * Math.exp(-i / 8)));
  const panel = (factor: number) => ({
    kind: "histogram" as const,
    title: "t",
    label: "x",
    min: 0,
    max: 40,
    counts: counts(factor),
    underflow: 1,
    overflow: 2,
    logScale: false,
  });
  board.put({ entry: "Fkt_1", worker: 0, life: 0, name: "tau" }, panel(1));
  board.put({ entry: "Fkt_1", worker: 1, life: 0, name: "tau" }, panel(2));
  const sum = counts(1).map((n, i) => n + counts(2)[i]);
  const shown = board.message("Fkt_1/tau")!.panel;
  assert(shown.kind === "histogram");
  assertEquals([...shown.counts], [...sum]);
  assertEquals([shown.underflow, shown.overflow, shown.entries], [2, 4, sum.reduce((a, b) => a + b, 0)]);
  assertEquals(board.find("tau"), ["Fkt_1/tau"]);
  const fit = board.fit("Fkt_1/tau", { kind: "exponential", from: 0, to: 40 });
  assert(typeof fit !== "string" && Math.abs(fit.parameters[1].value - 8) < 3 * fit.parameters[1].error, String(fit));
  assert(board.reset("Fkt_1/tau"));
  const version = board.version("Fkt_1/tau");
  const empty = board.message("Fkt_1/tau")!.panel;
  assert(empty.kind === "histogram");
  assertEquals([empty.entries, empty.underflow, empty.mean], [0, 0, null]);
  assertEquals(typeof board.fit("Fkt_1/tau", { kind: "gauss", from: 0, to: 40 }), "string");
  board.put({ entry: "Fkt_1", worker: 1, life: 0, name: "tau" }, panel(3));
  assert(board.version("Fkt_1/tau") > version);
  assertEquals(board.reset("nothing"), false);
  for (let i = 0; i < 2000; i++) {
    board.put({ entry: "Fkt_2", worker: 0, life: 0, name: `name ${i}` }, { kind: "value", title: "", value: i });
  }
  assertEquals(board.keys().length, 500);
});

/** Counts of the panel `a` of `Fkt_1` as pages get them. */
function countsOn(board: PanelBoard): readonly number[] {
  const { panel } = board.message("Fkt_1/a")!;
  assert(panel.kind === "histogram" || panel.kind === "histogram2d");
  return panel.counts;
}

Deno.test("PanelBoard never shows negative counts: neither after a reset and a restart, nor when a function begins anew", () => {
  const board = new PanelBoard();
  const put = (life: number, ...counts: number[]) =>
    board.put({ entry: "Fkt_1", worker: 0, life, name: "a" }, {
      ...{ kind: "histogram", title: "t", label: "x", min: 0, max: 2, underflow: 0, overflow: 0, logScale: false },
      counts: Float64Array.from(counts),
    });
  put(0, 100, 50);
  assert(board.reset("Fkt_1/a"));
  put(0, 101, 50);
  assertEquals(countsOn(board), [1, 0]);
  put(1, 5, 6);
  assertEquals(countsOn(board), [6, 6]);
  board.reset("Fkt_1/a");
  put(1, 0, 1);
  assertEquals(countsOn(board), [101, 51]);
});

Deno.test("PanelBoard resets histograms of two variables, and shows the latest of other panels", () => {
  const board = new PanelBoard();
  const source = (worker: number) => ({ entry: "Fkt_1", worker, life: 0, name: "a" });
  const put = (worker: number, ...counts: number[]) =>
    board.put(source(worker), {
      ...{ kind: "histogram2d", title: "t", xRange: [0, 1, 2], yRange: [0, 1, 1] },
      counts: Float64Array.from(counts),
    });
  put(0, 3, 4);
  put(1, 1, 1);
  assert(board.reset("Fkt_1/a"));
  put(0, 5, 4);
  assertEquals(countsOn(board), [2, 0]);
  for (const [worker, value] of [[0, 1], [1, 2], [0, 3]]) {
    board.put(source(worker), { kind: "value", title: "", value });
  }
  assertEquals(board.message("Fkt_1/a")!.panel, { kind: "value", title: "", value: 3, unit: "" });
  assertEquals(board.reset("Fkt_1/a"), false);
});

Deno.test("PageClient.answer() closes a page that asks on and on and never reads, and no other", () => {
  const socket = {
    bufferedAmount: 5_000_000,
    readyState: 1,
    sent: 0,
    code: 0,
    send: (data: { readonly length: number }) => {
      socket.sent += data.length;
    },
    close: (code?: number) => {
      socket.code = code ?? 0;
      socket.readyState = 2;
    },
  };
  const text = "x".repeat(10_000);
  const deaf = new PageClient(socket);
  // What was sent before on its own account, a large panel for example, is not the page's fault.
  for (let i = 0; i < 100; i++) deaf.answer({ type: "reply", id: i, ok: true, text });
  assertEquals(socket.code, 0);
  for (let i = 0; i < 100; i++) deaf.answer({ type: "reply", id: i, ok: true, text });
  assertEquals(socket.code, 1013);
  assert(socket.sent < 1.1e6, String(socket.sent));
  Object.assign(socket, { bufferedAmount: 0, readyState: 1, code: 0 });
  const reader = new PageClient(socket);
  for (let i = 0; i < 1000; i++) reader.answer({ type: "reply", id: i, ok: true, text });
  assertEquals(socket.code, 0);
});

Deno.test("PageClient.admitCostly() has less room for commands and fits than for other messages", () => {
  const client = new PageClient({ bufferedAmount: 0, readyState: 1, send: () => {}, close: () => {} });
  const admitted = (kind: "command" | "fit", nowMs: number) => {
    let count = 0;
    for (let i = 0; i < 500; i++) if (client.admitCostly(kind, nowMs)) count++;
    return count;
  };
  assertEquals([admitted("command", 1000), admitted("fit", 1000)], [30, 100]);
  // Who goes on and on has to wait longer.
  assertEquals([admitted("command", 1100), admitted("fit", 1100)], [0, 0]);
  assertEquals([admitted("command", 600_000), admitted("fit", 600_000)], [30, 100]);
});

Deno.test("cpuSecondsOf() reads times of threads whose names hold blanks and parentheses", () => {
  const stat = "7 (Fkt_1 ) (0) R 1 7 7 0 -1 4194304 1 0 0 0 250 50 0 0 20 0 9 0 100 1 1";
  assertEquals(cpuSecondsOf(stat), 3);
  let ticks = 100;
  const shares = new CpuShares((path) => {
    if (path.includes("/9/")) throw new Error("gone");
    return `7 (x) R 1 7 7 0 -1 4194304 1 0 0 0 ${ticks} 0 0 0`;
  });
  assertEquals(shares.share({ pid: 1, tid: 7 }, 1000), null);
  ticks += 75;
  assertEquals(shares.share({ pid: 1, tid: 7 }, 2000), 0.75);
  ticks += 75;
  assertEquals(shares.share({ pid: 1, tid: 7 }, 2100), 0.75);
  assertEquals(shares.share({ pid: 1, tid: 9 }, 2100), null);
});

Deno.test("CommandLine edits, recalls and completes lines", async () => {
  const lines: string[] = [];
  const line = new CommandLine({
    onLine: (text) => lines.push(text),
    words: () => ["pause", "RB_1", "RB_2", "resume"],
  });
  const type = (keys: string) => [...keys].map((key) => line.key(key));
  assertEquals(type("p"), [false]);
  type(":pausx\x7fe RB_1\r");
  assertEquals(lines, ["pause RB_1"]);
  type(":\x1b[A");
  assertEquals(line.line, "pause RB_1");
  type("\x1b[B");
  assertEquals(line.line, "");
  type("re\tRB\t");
  assertEquals(line.line, "resume RB_");
  type("2\n");
  assertEquals(lines.at(-1), "resume RB_2");
  type(":abc\x15");
  assertEquals(line.line, "");
  type("x\x1b");
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(line.line, null);
  type(":\x7f");
  assertEquals(line.line, null);
  type(":\r");
  assertEquals(lines.length, 2);
});

Deno.test("metricsText() writes what Prometheus reads", () => {
  const group = {
    name: "g",
    processed: 3,
    rejected: 1,
    failed: 0,
    doubles: 0,
    redelivered: 0,
    saved: 0,
    held: 0,
    unread: 2,
    detached: false,
  };
  const state: StateMessage = {
    type: "state",
    seq: 0,
    timeMs: 0,
    state: "Running",
    stopReason: null,
    activeS: 1.5,
    pausedS: 0,
    progress: null,
    failures: 0,
    rings: [{
      name: `a"b\\c`,
      published: 6,
      voided: 0,
      discarded: 0,
      filled: 2,
      highestFill: 3,
      paused: false,
      closing: false,
      ended: false,
      rateHz: 4,
      deadtime: null,
      groups: [group],
    }],
    functions: [],
    cpu: null,
    isOver: false,
  };
  const text = metricsText(
    "r",
    [{ name: "", slots: 8, valuesPerSlot: 1, fields: [], isRoot: true, pause: "wait" }],
    state,
  );
  assert(text.includes(`mimocorb_ring_published_total{ring="a\\"b\\\\c"} 6\n`), text);
  assert(text.includes(`mimocorb_group_unread_events{ring="a\\"b\\\\c",group="g"} 2\n`), text);
  assert(!text.includes("deadtime") && !text.includes("null"), text);
  for (const line of text.trim().split("\n")) assertMatch(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? -?[\d.e+-]+)$/);
});
