import { assert, assertEquals, assertRejects } from "../../src/std/assert.js";
import { HttpListener } from "../../src/monitor/http_listener.ts";
import { isHandshake, ServerWebSocket, webSocketServer } from "../../src/monitor/web_socket.ts";

const ANY_PORT = { hostname: "127.0.0.1", port: 0, isExact: true };

const HANDSHAKE = "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** A listener that answers with what it was asked, and sends the messages of WebSockets back. */
class Echo implements AsyncDisposable {
  readonly listener: HttpListener;
  readonly messages: (string | null)[] = [];
  readonly opened: PromiseWithResolvers<ServerWebSocket | null> = Promise.withResolvers();
  readonly closed: PromiseWithResolvers<void> = Promise.withResolvers();

  private constructor(listener: HttpListener, quietMs: number) {
    this.listener = listener;
    const server = webSocketServer(200_000);
    listener.serve({
      isUpgraded: isHandshake,
      upgrade: (connection) => {
        const onMessage = (text: string | null) => {
          this.messages.push(text);
          if (text === "leave") socket?.close(4000, "as asked");
          else socket?.send(text ?? new Uint8Array([1, 2]));
        };
        const onClose = () => this.closed.resolve();
        const socket = ServerWebSocket.open(connection, { server, onMessage, onClose, quietMs });
        this.opened.resolve(socket);
      },
      answer: async (request) => {
        const { method, url, headers } = request;
        if (url.endsWith("/unread")) return new Response("too much", { status: 413 });
        if (url.endsWith("/throw")) throw new Error("expected by the test");
        return Response.json({ method, url, host: headers.get("host"), body: await request.text() });
      },
    });
  }

  static async open({ quietMs = 15_000 } = {}): Promise<Echo> {
    return new Echo(await HttpListener.open(ANY_PORT), quietMs);
  }

  connect(): Promise<Deno.TcpConn> {
    return Deno.connect({ hostname: "127.0.0.1", port: this.listener.port });
  }

  /** Sends parts of bytes one after the other; returns all that comes until the other side ends the connection. */
  async exchange(...parts: (string | Uint8Array<ArrayBuffer>)[]): Promise<Uint8Array> {
    using connection = await this.connect();
    for (const part of parts) {
      await connection.write(typeof part === "string" ? new TextEncoder().encode(part) : part);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return await readAll(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.close();
  }
}

/** Reads until the other side ends the connection, or until a part that is the last one. */
async function readAll(connection: Deno.TcpConn, isLast = (_: Uint8Array) => false): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  do {
    const part = new Uint8Array(65_536);
    const count = await connection.read(part).catch(() => null);
    if (count === null) break;
    parts.push(part.subarray(0, count));
  } while (!isLast(parts.at(-1)!));
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** A masked frame of a client. */
function frame(opcode: number, payload: string | Uint8Array, isLast = true): Uint8Array<ArrayBuffer> {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const { length } = bytes;
  const mask = [1, 2, 3, 250];
  const size = length < 126
    ? [length]
    : length < 65_536
    ? [126, length >> 8, length & 0xff]
    : [127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff];
  const head = [(isLast ? 0x80 : 0) | opcode, 0x80 | size[0], ...size.slice(1), ...mask];
  return new Uint8Array([...head, ...bytes.map((byte, i) => byte ^ mask[i % 4])]);
}

/** What a WebSocket's server sent behind its handshake. */
function afterHandshake(bytes: Uint8Array): number[] {
  const text = new TextDecoder("latin1").decode(bytes);
  // The answer to the key of RFC 6455, 1.3.
  assert(/^HTTP\/1\.1 101 .*Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/s.test(text), text);
  return [...bytes.subarray(text.indexOf("\r\n\r\n") + 4)];
}

const bytesOf = (text: string) => [...new TextEncoder().encode(text)];

Deno.test("HttpListener answers requests with their method, address, headers and body", async () => {
  await using echo = await Echo.open();
  const url = `http://127.0.0.1:${echo.listener.port}`;
  const host = `127.0.0.1:${echo.listener.port}`;
  const asked = { url: "http://localhost/a?b=1", host };
  assertEquals(await (await fetch(`${url}/a?b=1`)).json(), { method: "GET", body: "", ...asked });
  const posted = await fetch(`${url}/a?b=1`, { method: "POST", body: "något" });
  assertEquals(await posted.json(), { method: "POST", body: "något", ...asked });
  const failed = await fetch(`${url}/throw`);
  assertEquals([failed.status, await failed.text()], [500, "Cannot answer: an error happened\n"]);
});

Deno.test("HttpListener answers a request for a protocol that it does not have as any other", async () => {
  await using echo = await Echo.open();
  const answer = await echo.exchange(
    "GET /a HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n",
  );
  assert(/^HTTP\/1\.1 200 .*"method":"GET"/s.test(new TextDecoder().decode(answer)));
  // An address that begins with two slashes names no other machine.
  const slashes = await echo.exchange("GET //evil/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assert(new TextDecoder().decode(slashes).includes('"http://localhost//evil/a"'));
});

Deno.test("HttpListener ends the connection of a request whose body nobody wants", async () => {
  await using echo = await Echo.open();
  const answer = await echo.exchange("POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc");
  const text = new TextDecoder().decode(answer);
  assert(/^HTTP\/1\.1 413 .*connection: close.*too much$/is.test(text), text);
});

Deno.test("HttpListener ends the connections that were quiet for longest when there are too many", async () => {
  await using echo = await Echo.open();
  const request = new TextEncoder().encode("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  const ask = async (connection: Deno.TcpConn) => {
    await connection.write(request);
    return await connection.read(new Uint8Array(1000)).catch(() => null) !== null;
  };
  const connections: Deno.TcpConn[] = [];
  for (let i = 0; i < 128; i++) connections.push(await echo.connect());
  // One that asks again and again outlives those that came later.
  assertEquals(await ask(connections[0]), true);
  for (let i = 0; i < 100; i++) connections.push(await echo.connect());
  assertEquals(await ask(connections[227]), true);
  assertEquals(await ask(connections[0]), true);
  for (const i of [1, 50, 100]) assertEquals(await ask(connections[i]), false, String(i));
  for (const connection of connections) connection.close();
});

Deno.test("HttpListener takes the next port when one is taken, unless only that one will do", async () => {
  await using echo = await Echo.open();
  const { port } = echo.listener;
  await assertRejects(() => HttpListener.open({ ...ANY_PORT, port }), Error, "expected a free port, found one in use");
  const next = await HttpListener.open({ ...ANY_PORT, port, isExact: false });
  assert(next.port > port && next.port < port + 50);
  await next.close();
});

Deno.test("ServerWebSocket takes messages in one frame, in several, and in frames that come byte by byte", async () => {
  await using echo = await Echo.open();
  const long = Array.from({ length: 10_000 }, (_, i) => String(i).padStart(7)).join("");
  const longFrame = frame(1, long);
  const inPieces = [...frame(1, "in pieces")].map((byte) => new Uint8Array([byte]));
  const sent = afterHandshake(
    await echo.exchange(
      HANDSHAKE,
      frame(1, "één"),
      new Uint8Array([...frame(1, "a", false), ...frame(9, "ping"), ...frame(0, "b", false), ...frame(0, "c")]),
      ...inPieces,
      frame(1, "y".repeat(300)),
      longFrame.subarray(0, 9),
      longFrame.subarray(9, 30_001),
      longFrame.subarray(30_001, 69_999),
      longFrame.subarray(69_999),
      frame(2, new Uint8Array([0])),
      frame(8, new Uint8Array([3, 232, 98])),
    ),
  );
  assertEquals(echo.messages, ["één", "abc", "in pieces", "y".repeat(300), long, null]);
  assertEquals(sent, [
    ...[0x81, 5, ...bytesOf("één")],
    ...[0x8a, 4, ...bytesOf("ping")],
    ...[0x81, 3, ...bytesOf("abc")],
    ...[0x81, 9, ...bytesOf("in pieces")],
    ...[0x81, 126, 1, 44, ...bytesOf("y".repeat(300))],
    ...[0x81, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70, ...bytesOf(long)],
    ...[0x82, 2, 1, 2],
    ...[0x88, 3, 3, 232, 98],
  ]);
  await echo.closed.promise;
});

Deno.test("ServerWebSocket takes what came together with its handshake", async () => {
  await using echo = await Echo.open();
  const together = new Uint8Array([...bytesOf(HANDSHAKE), ...frame(1, "early"), ...frame(8, "")]);
  assertEquals(afterHandshake(await echo.exchange(together)), [0x81, 5, ...bytesOf("early"), 0x88, 0]);
});

Deno.test("ServerWebSocket closes with the reason what no browser sends", async (t) => {
  const cases: [string, number, number[] | Uint8Array][] = [
    ["a frame without mask", 1002, [0x81, 1, 65]],
    ["reserved bits", 1002, [0xc1, 0x81, 0, 0, 0, 0, 65]],
    ["an unknown opcode", 1002, frame(3, "a")],
    ["an unknown control frame", 1002, frame(11, "a")],
    ["a long control frame", 1002, frame(9, "a".repeat(126))],
    ["a control frame in parts", 1002, frame(9, "a", false)],
    ["a continuation of nothing", 1002, frame(0, "a")],
    ["a beginning within a message", 1002, [...frame(1, "a", false), ...frame(1, "b")]],
    ["bytes that are no text", 1007, frame(1, new Uint8Array([0xff, 0xfe]))],
    ["a message too long", 1009, [0x81, 0xff, 0, 0, 0, 0, 0, 3, 0x0d, 0x41, 0, 0, 0, 0]],
    ["a message of 2^63 bytes", 1009, [0x81, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]],
    ["parts that are too long together", 1009, [
      ...frame(1, "a".repeat(150_000), false),
      ...frame(0, "a".repeat(50_001)),
    ]],
  ];
  for (const [what, code, bytes] of cases) {
    await t.step(what, async () => {
      await using echo = await Echo.open();
      const [opcode, , high, low] = afterHandshake(await echo.exchange(HANDSHAKE, new Uint8Array(bytes)));
      assertEquals([opcode, high * 256 + low], [0x88, code]);
      assertEquals(echo.messages, []);
    });
  }
});

Deno.test("ServerWebSocket throws away what comes after its goodbye, and waits for the other side's", async () => {
  await using echo = await Echo.open();
  const late = new Uint8Array([...frame(1, "leave"), ...frame(1, "late"), ...frame(8, new Uint8Array([15, 160]))]);
  const sent = afterHandshake(await echo.exchange(HANDSHAKE, late));
  assertEquals(sent, [0x88, 10, 15, 160, ...bytesOf("as asked")]);
  assertEquals(echo.messages, ["leave"]);
  await echo.closed.promise;
});

Deno.test("ServerWebSocket notices at once that the other side has left without a goodbye", async () => {
  await using echo = await Echo.open();
  const connection = await echo.connect();
  await connection.write(new TextEncoder().encode(HANDSHAKE));
  assert(await echo.opened.promise !== null);
  connection.close();
  await echo.closed.promise;
});

Deno.test("ServerWebSocket ends a connection without a sign of life, and keeps one that answers", async () => {
  const ping = [0x89, 0];
  await using silent = await Echo.open({ quietMs: 20 });
  assertEquals(afterHandshake(await silent.exchange(HANDSHAKE)), ping);
  await silent.closed.promise;

  await using alive = await Echo.open({ quietMs: 20 });
  let isClosed = false;
  void alive.closed.promise.then(() => isClosed = true);
  // Answers to the questions of a browser's end, which sends nothing else.
  const socket = new WebSocket(`ws://127.0.0.1:${alive.listener.port}/ws`);
  await new Promise((resolve) => socket.onopen = resolve);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assertEquals(isClosed, false);
  socket.close();
  await alive.closed.promise;
});

Deno.test("ServerWebSocket sends what its bytes were, though they are used again before they are on their way", async () => {
  await using echo = await Echo.open();
  using connection = await echo.connect();
  await connection.write(new TextEncoder().encode(HANDSHAKE));
  const socket = (await echo.opened.promise)!;
  const bytes = new Uint8Array(1 << 20);
  for (let i = 0; i < 16; i++) socket.send(bytes.fill(i));
  // More than the operating system holds.
  assert(socket.bufferedAmount > bytes.length, String(socket.bufferedAmount));
  bytes.fill(255);
  // The text behind them is the end of what is read.
  socket.send("end");
  const all = await readAll(connection, (part) => new TextDecoder().decode(part.subarray(-3)) === "end");
  const text = new TextDecoder("latin1").decode(all.subarray(0, 1000));
  let at = text.indexOf("\r\n\r\n") + 4;
  for (let i = 0; i < 16; i++) {
    assertEquals([...all.subarray(at, at + 10)], [0x82, 127, 0, 0, 0, 0, 0, 16, 0, 0]);
    assert(all.subarray(at + 10, at + 10 + bytes.length).every((byte) => byte === i), `message ${i}`);
    at += 10 + bytes.length;
  }
  assertEquals([...all.subarray(at)], [0x81, 3, ...bytesOf("end")]);
});

Deno.test("ServerWebSocket.open() answers a wrong handshake", async () => {
  await using echo = await Echo.open();
  const answer = await echo.exchange(HANDSHAKE.replace("dGhlIHNhbXBsZSBub25jZQ==", "short"));
  const text = new TextDecoder().decode(answer);
  assert(text.startsWith("HTTP/1.1 400 "), text);
  assertEquals(await echo.opened.promise, null);
});

Deno.test("isHandshake() refuses what is none", () => {
  const headers = { upgrade: "WebSocket", "sec-websocket-version": "13" };
  const request = (changes: object, method = "GET") =>
    new Request("http://a/", { method, headers: { ...headers, ...changes } });
  assertEquals(isHandshake(request({})), true);
  assertEquals(isHandshake(request({}, "POST")), false);
  assertEquals(isHandshake(request({ upgrade: "h2c" })), false);
  assertEquals(isHandshake(request({ "sec-websocket-version": "8" })), false);
});
