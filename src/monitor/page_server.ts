/** The HTTP server of the page: its files, the WebSocket, and the interface for programs. */
import { AccessGuard, isLoopback } from "./access_guard.ts";
import { ASSETS } from "./assets.ts";
import { answerApi } from "./http_api.ts";
import { type MonitorService, TICK_MS } from "./monitor_service.ts";
import { PageClient } from "./page_client.ts";
import { parseFromPage } from "./protocol.ts";
import type { WebAddress } from "./web_address.ts";

/** Pages that may look on at a time. */
const MOST_PAGES = 64;
/** Ports that are tried if the first one is taken. */
const PORTS_TRIED = 50;
/** Longest message of a page. */
const MOST_MESSAGE_CHARACTERS = 4096;
/** Wrong messages after which a page is sent away. */
const MOST_WRONG_MESSAGES = 5;
const IDLE_TIMEOUT_S = 30;
const OPENING_TIMEOUT_MS = 5000;

const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Serves one run. */
export class PageServer {
  readonly #service: MonitorService;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #guard: AccessGuard;
  readonly #begin = performance.now();
  readonly #pages = new Set<PageClient>();
  #ticker: ReturnType<typeof setInterval> | null = null;

  /**
   * Begins to listen.
   *
   * @param service What is served.
   * @param options Address, and the token that every request must show; null is allowed on loopback only.
   * @throws {Error} If the address is taken or not of this machine.
   */
  constructor(service: MonitorService, options: { readonly address: WebAddress; readonly token: string | null }) {
    const { address, token } = options;
    if (token === null && !isLoopback(address.hostname)) {
      throw new TypeError(`Cannot serve the page at ${address.hostname}: expected a token for it, found none`);
    }
    this.#service = service;
    this.#server = listen(address, (request) => this.#answer(request));
    this.#guard = new AccessGuard({ hostname: address.hostname, port: this.port, token });
  }

  /** Port that it listens on. */
  get port(): number {
    return this.#server.addr.port;
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    this.#stopTicking();
    for (const client of this.#service.clients) client.close(1001, "the run is over");
    await Promise.race([this.#server.shutdown(), new Promise((resolve) => setTimeout(resolve, 200))]);
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const visitor = { method: request.method, url, headers: request.headers };
    const refusal = this.#guard.judge(visitor);
    if (refusal !== null) return plainResponse(refusal.status, refusal.text);
    if (url.pathname === "/ws") return this.#upgrade(request);
    const asset = ASSETS.get(url.pathname);
    if (asset !== undefined) {
      if (request.method !== "GET" && request.method !== "HEAD") {
        return plainResponse(405, "Cannot answer: expected GET");
      }
      const cookie = this.#guard.cookieFor(visitor);
      const headers = {
        "content-type": asset.type,
        ...SECURITY_HEADERS,
        ...(cookie === null ? {} : { "set-cookie": cookie }),
      };
      return new Response(asset.text, { headers });
    }
    const response = await answerApi(this.#service, request, url);
    if (response === null) return plainResponse(404, "Cannot answer: there is nothing at this address");
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.headers.set(name, value);
    return response;
  }

  #upgrade(request: Request): Response {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return plainResponse(426, "Cannot answer: expected a WebSocket");
    }
    // Every browser names the origin of a WebSocket; a program that names none is no page of another site.
    if (this.#pages.size >= MOST_PAGES) {
      return plainResponse(503, `Cannot answer: ${MOST_PAGES} pages are connected already`);
    }
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: IDLE_TIMEOUT_S });
    socket.binaryType = "arraybuffer";
    const client = new PageClient(socket);
    // Those that are still opening count, too; one that never comes to that is forgotten.
    this.#pages.add(client);
    setTimeout(() => socket.readyState === WebSocket.CONNECTING && this.#pages.delete(client), OPENING_TIMEOUT_MS);
    let wrongMessages = 0;
    socket.onopen = () => {
      this.#service.addClient(client);
      this.#startTicking();
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!client.admit(performance.now() - this.#begin)) return client.close(POLICY_VIOLATION, "too many messages");
      if (typeof data !== "string" || data.length > MOST_MESSAGE_CHARACTERS) {
        return client.close(TOO_BIG, "expected a short text");
      }
      const message = parseFromPage(data);
      if (message !== null) void this.#service.takeMessage(client, message);
      else if (++wrongMessages >= MOST_WRONG_MESSAGES) client.close(POLICY_VIOLATION, "expected messages of the page");
    };
    socket.onclose = () => {
      this.#pages.delete(client);
      this.#service.removeClient(client);
      if (this.#service.clients.size === 0) this.#stopTicking();
    };
    // A close event follows.
    socket.onerror = (event) => event.preventDefault();
    return response;
  }

  /** Without pages nobody looks at the rings. */
  #startTicking(): void {
    this.#ticker ??= setInterval(() => this.#service.tick(), TICK_MS);
  }

  #stopTicking(): void {
    if (this.#ticker !== null) clearInterval(this.#ticker);
    this.#ticker = null;
  }
}

function listen(
  { hostname, port, isExact }: WebAddress,
  handler: (request: Request) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  for (let tried = 0;; tried++) {
    try {
      return Deno.serve({
        hostname,
        port: port === 0 ? 0 : port + tried,
        onListen: () => {},
        onError: () => plainResponse(500, "Cannot answer: an error happened"),
      }, handler);
    } catch (error) {
      if (isExact || !(error instanceof Deno.errors.AddrInUse) || tried + 1 >= PORTS_TRIED) throw error;
    }
  }
}

function plainResponse(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...SECURITY_HEADERS },
  });
}
