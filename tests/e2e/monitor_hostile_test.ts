import { assert, assertEquals, assertGreater } from "../../src/std/assert.js";
import { PageRun } from "./monitor_fixture.ts";

/** A run with an endless source that must not notice anything of what is done to its page. */
async function attacked(
  web: string,
  attack: (url: URL, run: PageRun) => Promise<void>,
  limits: { readonly openFiles?: number } = {},
): Promise<void> {
  await using run = await PageRun.pulses({ source: { sleep_s: 0.002 }, args: ["--web", web], ...limits });
  const url = new URL(await run.url());
  if (web.startsWith("0.0.0.0")) url.hostname = "127.0.0.1";
  await run.says(/Run ends after/);
  await attack(url, run);
  const before = (await run.api<{ published: number; paused: boolean }[]>("/api/rings"))[0];
  assertEquals(before.paused, false);
  assertEquals((await run.api<{ state: string }>("/api/run")).state, "Running");
  assert((await run.command("stop")).ok);
  assertEquals(await run.end(), 0, run.output);
  const record = run.record();
  assertEquals(record.status, "complete");
  assertEquals(record.ledger[0].residual, 0);
  assertGreater(record.ledger[0].published, 0);
}

/** Sends bytes over a connection of its own; returns what comes back until the other side or the time ends it. */
async function raw(url: URL, request: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const connection = await Deno.connect({ hostname: url.hostname, port: Number(url.port) });
  const timer = setTimeout(() => connection.close(), 3000);
  let text = "";
  try {
    await connection.write(typeof request === "string" ? new TextEncoder().encode(request) : request);
    for await (const chunk of connection.readable.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes("\r\n\r\n")) break;
    }
  } catch {
    // It was closed.
  }
  clearTimeout(timer);
  try {
    connection.close();
  } catch {
    // By the other side.
  }
  return text;
}

function status(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
}

function get(url: URL, path: string, headers: Record<string, string> = {}): Promise<string> {
  const lines = Object.entries({ Host: url.host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return raw(url, `GET ${path} HTTP/1.1\r\n${lines.join("")}Connection: close\r\n\r\n`);
}

const UPGRADE = {
  Upgrade: "websocket",
  "Connection": "Upgrade",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** Opens a WebSocket and waits until it is open. */
function open(url: URL): Promise<WebSocket> {
  const address = new URL("/ws", url);
  address.protocol = "ws:";
  address.search = url.search;
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket);
    socket.onerror = (event) => {
      event.preventDefault();
      reject(new Error("refused"));
    };
  });
}

/** Waits until the other side has ended a connection. */
function ended(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.onclose = () => resolve();
    socket.onerror = (event) => event.preventDefault();
  });
}

function post(url: URL, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(new URL(`/api/command${url.search}`, url), {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
}

Deno.test("page refuses foreign origins and foreign names of the machine", async () => {
  await attacked("0", async (url) => {
    assertEquals(status(await get(url, "/")), 200);
    for (const origin of ["http://evil.example", "null", `https://${url.host}`, `http://${url.hostname}:1`]) {
      assertEquals(status(await get(url, "/ws", { ...UPGRADE, Origin: origin })), 403, origin);
      assertEquals(status(await get(url, "/api/run", { Origin: origin })), 403, origin);
    }
    for (const host of ["evil.example", `evil.example:${url.port}`, "", "127.0.0.1", `127.0.0.1.evil:${url.port}`]) {
      assertEquals(status(await get(url, "/api/run", { Host: host })) === 200, false, host);
    }
    const { status: refused } = await post(url, `{"command":"end"}`, { origin: "http://evil.example" });
    assertEquals(refused, 403);
    const asText = await post(url, `{"command":"end"}`, { "content-type": "text/plain" });
    assertEquals(asText.status, 415);
    const fromSite = await post(url, `{"command":"end"}`, { "sec-fetch-site": "cross-site" });
    assertEquals(fromSite.status, 403);
    for (const response of [asText, fromSite]) await response.body?.cancel();
  });
});

Deno.test("page refuses everything without the right token on other addresses", async () => {
  await attacked("0.0.0.0:0", async (url) => {
    const token = url.searchParams.get("token")!;
    assertEquals(token.length, 32);
    const wrong = token.replace(/.$/, (c) => c === "0" ? "1" : "0");
    const paths = ["/", "/page/main.js", "/api/run", "/api/rings/RB_1/latest", "/metrics", "/nothing"];
    for (const path of paths) {
      for (const query of ["", "?token=", `?token=${wrong}`, `?token=${token.slice(0, -1)}`, `?token=${token}0`]) {
        assertEquals(status(await get(url, path + query)), 401, path + query);
      }
    }
    assertEquals(status(await get(url, `/ws?token=${wrong}`, UPGRADE)), 401);
    assertEquals(status(await get(url, "/api/run", { Authorization: `Bearer ${wrong}` })), 401);
    assertEquals(status(await get(url, "/api/run", { Cookie: `mimocorb_${url.port}=${wrong}` })), 401);
    assertEquals((await fetch(new URL("/api/command", url), { method: "POST" })).status, 401);
    assertEquals(status(await get(url, "/api/run", { Authorization: `Bearer ${token}` })), 200);
    const page = await get(url, `/?token=${token}`);
    assertEquals(status(page), 200);
    assert(/set-cookie: mimocorb_\d+=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Strict/i.test(page), page);
    assertEquals(status(await get(url, "/api/run", { Cookie: `mimocorb_${url.port}=${token}` })), 200);
  });
});

Deno.test("page gives out no file of the machine", async () => {
  await attacked("0", async (url) => {
    const names = ["etc/passwd", "deno.json", "src/monitor/page/index.html", "run.yaml"];
    const ways = [
      "/",
      "/../",
      "/../../../../",
      "/page/../../../../../",
      "/%2e%2e/%2e%2e/%2e%2e/",
      "/page/..%2f..%2f..%2f",
      "//",
      "/page//",
      "/\\..\\..\\",
      "/file:///",
      "/api/rings/../../",
      "/api/rings/%2e%2e%2f%2e%2e%2f/latest/",
      "/%00/",
      "/%zz/",
    ];
    for (const way of ways) {
      for (const name of names) {
        const answer = await get(url, way + name);
        assert([400, 404].includes(status(answer)), `${way + name}: ${answer.slice(0, 80)}`);
        assert(!answer.includes("root:"), way + name);
      }
    }
    assertEquals(status(await get(url, "/api/rings/..%2f..%2fetc%2fpasswd/latest")), 404);
    assertEquals(status(await get(url, "/api/histograms/__proto__")), 404);
    assertEquals(status(await get(url, "/api/rings/constructor/latest")), 404);
    assertEquals(status(await get(url, "/api/rings/RB_1/latest?field=__proto__")), 404);
  });
});

Deno.test("page refuses malformed and oversized requests", async () => {
  await attacked("0", async (url) => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    for (
      const garbage of ["\r\n\r\n", "GET\r\n\r\n", "BREW / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nHost\r\n\r\n", bytes]
    ) {
      const answer = await raw(url, garbage);
      assert(answer === "" || status(answer) >= 400, answer.slice(0, 100));
    }
    const long = await get(url, `/${"a".repeat(500_000)}`);
    assert(long === "" || status(long) >= 400, long.slice(0, 100));
    const many = await get(
      url,
      "/",
      Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`x-${i}`, "y".repeat(100)])),
    );
    assert(many === "" || status(many) >= 400, many.slice(0, 100));
    const bodies = ["", "{", "[]", "null", `{"command":7}`, `{"order":"end"}`, "é".repeat(10), `"${"a".repeat(3000)}"`];
    for (const body of bodies) assertEquals((await post(url, body)).status, 400, body.slice(0, 20));
    assertEquals((await post(url, `{"command":"${"a".repeat(5000)}"}`)).status, 413);
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(10_000).fill(97)) });
    const answer = await post(url, endless).then((response) => response.status, () => 413);
    assertEquals(answer, 413);
    for (
      const command of ["pause __proto__", "shutdown constructor", "log toString", "end now", "stop RB_1", "toString"]
    ) {
      const response = await post(url, JSON.stringify({ command }));
      assertEquals([response.status, (await response.json()).ok], [400, false], command);
    }
    for (const method of ["PUT", "DELETE", "OPTIONS", "PATCH"]) {
      for (const path of ["/", "/api/run", "/api/command", "/metrics"]) {
        const response = await fetch(new URL(path, url), { method });
        assertEquals(response.status, 405, `${method} ${path}`);
        await response.body?.cancel();
      }
    }
  });
});

Deno.test("page sends WebSocket clients away that send garbage, too much, or too large messages", async () => {
  await attacked("0", async (url) => {
    const garbage = await open(url);
    for (const text of ["", "{", "[]", `{"type":"explode"}`, `{"type":"ack","what":"state","seq":-1}`]) {
      garbage.send(text);
    }
    await ended(garbage);
    const large = await open(url);
    large.send("x".repeat(5000));
    await ended(large);
    const binary = await open(url);
    binary.send(new Uint8Array(10));
    await ended(binary);
    const flood = await open(url);
    for (let i = 0; i < 3000; i++) flood.send(`{"type":"ack","what":"frame","seq":0}`);
    await ended(flood);
    // 20 MB in one message: never looked at.
    const huge = await open(url);
    huge.send("y".repeat(20_000_000));
    await ended(huge);
    // Things that are not there, in messages of the right form.
    const curious = await open(url);
    const end = ended(curious);
    curious.send(`{"type":"scope","ring":"__proto__","on":true}`);
    curious.send(`{"type":"fold","ring":"nowhere","on":true,"low":0,"high":1}`);
    curious.send(`{"type":"records","ring":"../etc","on":true}`);
    curious.send(`{"type":"reset","key":"constructor"}`);
    curious.send(`{"type":"fit","id":1,"key":"toString","kind":"gauss","from":0,"to":1}`);
    curious.send(`{"type":"ack","what":"frame","seq":9007199254740991}`);
    const reply = await new Promise<string>((resolve) => {
      curious.onmessage = ({ data }) => typeof data === "string" && data.includes("fitted") && resolve(data);
    });
    assertEquals(JSON.parse(reply).fit, null);
    curious.close();
    await end;
  });
});

Deno.test("page refuses commands and fits of a WebSocket client that sends hundreds at once", async () => {
  await attacked("0", async (url) => {
    const client = await open(url);
    const replies: { type: string; ok?: boolean; text?: string; reason?: string }[] = [];
    const all = new Promise<void>((resolve) => {
      client.onmessage = ({ data }) => {
        if (typeof data !== "string") return;
        const message = JSON.parse(data);
        if (message.type === "reply" || message.type === "fitted") replies.push(message);
        if (replies.length === 800) resolve();
      };
    });
    for (let id = 0; id < 400; id++) {
      client.send(`{"type":"command","id":${id},"command":"help"}`);
      client.send(`{"type":"fit","id":${400 + id},"key":"Fkt_2/map","kind":"gauss","from":0,"to":1}`);
    }
    await all;
    const taken = replies.filter(({ ok }) => ok === true).length;
    assert(taken >= 20 && taken < 200, `${taken} commands of 400 were taken`);
    assertEquals(replies.filter(({ text }) => text === "Too many commands at once").length, 400 - taken);
    const refused = replies.filter(({ reason }) => reason === "too many fits at once").length;
    assert(refused > 100, `${refused} fits of 400 were refused`);
    const end = ended(client);
    client.close();
    await end;
  });
});

Deno.test("page survives a thousand connections at once, idle or half open, and WebSockets beyond its limit", async () => {
  await attacked("0", async (url, run) => {
    const connections: Deno.TcpConn[] = [];
    for (let i = 0; i < 1000; i++) {
      connections.push(await Deno.connect({ hostname: url.hostname, port: Number(url.port) }));
      // Every second one begins a request and never ends it.
      if (i % 2 === 0) await connections[i].write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a"));
    }
    // Another visitor is served all the same.
    assertEquals((await run.api<{ state: string }>("/api/run")).state, "Running");
    for (const connection of connections) connection.close();
    const sockets = await Promise.allSettled(Array.from({ length: 100 }, () => open(url)));
    const opened = sockets.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
    assertEquals(opened.length, 64);
    await Promise.all(opened.map((socket) => {
      const end = ended(socket);
      socket.close();
      return end;
    }));
    const again = await open(url);
    const end = ended(again);
    again.close();
    await end;
  });
});

for (const { openFiles, flood } of [{ openFiles: 1024, flood: 4000 }, { openFiles: 128, flood: 100 }]) {
  const name = `page leaves a run that may open ${openFiles} files enough of them in a flood of ${flood} connections`;
  Deno.test(name, async () => {
    const connections: Deno.TcpConn[] = [];
    await attacked("0", async (url, run) => {
      const before = run.openFiles();
      let most = 0;
      for (let i = 0; i < flood; i++) {
        connections.push(await Deno.connect({ hostname: url.hostname, port: Number(url.port) }));
        // Every second one begins a request; it may have been ended by then.
        if (i % 2 === 0) connections[i].write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a")).catch(() => {});
        if (i % 10 === 0) most = Math.max(most, run.openFiles());
      }
      // An eighth of them held, as many accepted at once, and some for the files of the run itself.
      assert(most - before <= openFiles / 4 + 16, `${before} files open before, ${most} in the flood`);
      assertEquals((await run.api<{ state: string }>("/api/run")).state, "Running");
      const page = await open(url);
      const end = ended(page);
      page.close();
      await end;
      // The run ends and writes its files while the connections are still held.
    }, { openFiles });
    for (const connection of connections) connection.close();
  });
}

Deno.test("page that reads nothing gets a bounded amount", async () => {
  await attacked("0", async (url, run) => {
    // A WebSocket by hand that subscribes to waveforms and never reads.
    const connection = await Deno.connect({ hostname: url.hostname, port: Number(url.port) });
    const lines = Object.entries({ Host: url.host, ...UPGRADE }).map(([name, value]) => `${name}: ${value}\r\n`);
    await connection.write(new TextEncoder().encode(`GET /ws HTTP/1.1\r\n${lines.join("")}\r\n`));
    await connection.write(textFrame(`{"type":"scope","ring":"RB_1","on":true}`));
    await new Promise((resolve) => setTimeout(resolve, 3000));
    assertEquals((await run.api<{ state: string }>("/api/run")).state, "Running");
    // What has come by now is all that there is: hello, history, log, a few states and two frames of 4 kB each.
    let bytes = 0;
    const timer = setTimeout(() => connection.close(), 500);
    try {
      for await (const chunk of connection.readable) bytes += chunk.length;
    } catch {
      // Closed by the timer.
    }
    clearTimeout(timer);
    assert(bytes > 4000 && bytes < 200_000, String(bytes));
  });
});

/** A masked frame of a WebSocket client (RFC 6455, 5.2). */
function textFrame(text: string): Uint8Array<ArrayBuffer> {
  const payload = new TextEncoder().encode(text);
  return new Uint8Array([0x81, 0x80 | payload.length, 0, 0, 0, 0, ...payload]);
}
