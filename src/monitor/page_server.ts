/** The HTTP server of the page: its files, the WebSocket, and the interface for programs. */
import { AccessGuard, isLoopback, type Visitor } from "./access_guard.ts";
import { ASSETS } from "./assets.ts";
import { answerApi } from "./http_api.ts";
import { HttpListener } from "./http_listener.ts";
import { type MonitorService, TICK_MS } from "./monitor_service.ts";
import { PageClient } from "./page_client.ts";
import { parseFromPage } from "./parse_from_page.ts";
import type { WebAddress } from "./web_address.ts";
import { isHandshake, ServerWebSocket, type UpgradedConnection, webSocketServer } from "./web_socket.ts";

/** Pages that may look on at a time. */
const MOST_PAGES = 64;
/** Longest message of a page. */
const MOST_MESSAGE_BYTES = 4096;
/** Wrong messages after which a page is sent away. */
const MOST_WRONG_MESSAGES = 5;

const POLICY_VIOLATION = 1008;
const UNSUPPORTED_DATA = 1003;

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
  readonly #listener: HttpListener;
  readonly #guard: AccessGuard;
  readonly #begin = performance.now();
  readonly #webSockets = webSocketServer(MOST_MESSAGE_BYTES);
  readonly #pages = new Set<PageClient>();
  #ticker: ReturnType<typeof setInterval> | null = null;

  private constructor(service: MonitorService, listener: HttpListener, guard: AccessGuard) {
    this.#service = service;
    this.#listener = listener;
    this.#guard = guard;
    listener.serve({
      isUpgraded: (request) => this.#judge(request) === null && this.#refusalOfUpgrade(request) === null,
      upgrade: (connection) => this.#upgrade(connection),
      answer: (request) => this.#answer(request),
    });
  }

  /**
   * Begins to listen.
   *
   * @param service What is served.
   * @param options Address, and the token that every request must show; null is allowed on loopback only.
   * @throws {Error} If the address is taken or not of this machine.
   */
  static async open(
    service: MonitorService,
    options: { readonly address: WebAddress; readonly token: string | null },
  ): Promise<PageServer> {
    const { address, token } = options;
    if (token === null && !isLoopback(address.hostname)) {
      throw new TypeError(`Cannot serve the page at ${address.hostname}: expected a token for it, found none`);
    }
    const listener = await HttpListener.open(address);
    return new PageServer(
      service,
      listener,
      new AccessGuard({ hostname: address.hostname, port: listener.port, token }),
    );
  }

  /** Port that it listens on. */
  get port(): number {
    return this.#listener.port;
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    this.#stopTicking();
    for (const client of this.#service.clients) client.close(1001, "the run is over");
    await this.#listener.close();
  }

  #judge(request: Request): Response | null {
    const refusal = this.#guard.judge(visitorOf(request));
    return refusal === null ? null : refused(request, refusal);
  }

  async #answer(request: Request): Promise<Response> {
    const refusal = this.#judge(request);
    if (refusal !== null) return refusal;
    const visitor = visitorOf(request);
    const { url } = visitor;
    if (url.pathname === "/ws") {
      return this.#refusalOfUpgrade(request) ?? refused(request, { status: 400, text: "Cannot open a WebSocket" });
    }
    const asset = ASSETS.get(url.pathname);
    if (asset !== undefined) {
      if (request.method !== "GET" && request.method !== "HEAD") {
        return refused(request, { status: 405, text: "Cannot answer: expected GET" });
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
    if (response === null) {
      return refused(request, { status: 404, text: "Cannot answer: there is nothing at this address" });
    }
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.headers.set(name, value);
    return response;
  }

  #refusalOfUpgrade(request: Request): Response | null {
    if (new URL(request.url).pathname !== "/ws") {
      return refused(request, { status: 404, text: "Cannot answer: this is no WebSocket" });
    }
    if (!isHandshake(request)) {
      return refused(request, { status: 426, text: "Cannot answer: expected a WebSocket" });
    }
    if (this.#pages.size >= MOST_PAGES) {
      return refused(request, { status: 503, text: `Cannot answer: ${MOST_PAGES} pages are connected already` });
    }
    return null;
  }

  #upgrade(connection: UpgradedConnection): void {
    let wrongMessages = 0;
    const socket = ServerWebSocket.open(connection, {
      server: this.#webSockets,
      onMessage: (text) => {
        if (!client.admit(performance.now() - this.#begin)) return client.close(POLICY_VIOLATION, "too many messages");
        if (text === null) return client.close(UNSUPPORTED_DATA, "expected a text");
        const message = parseFromPage(text);
        if (message !== null) void this.#service.takeMessage(client, message);
        else if (++wrongMessages >= MOST_WRONG_MESSAGES) {
          client.close(POLICY_VIOLATION, "expected messages of the page");
        }
      },
      onClose: () => {
        this.#pages.delete(client);
        this.#service.removeClient(client);
        if (this.#service.clients.size === 0) this.#stopTicking();
      },
    });
    if (socket === null) return;
    const client = new PageClient(socket);
    this.#pages.add(client);
    this.#service.addClient(client);
    this.#startTicking();
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

function visitorOf({ method, url, headers }: Request): Visitor {
  return { method, url: new URL(url), headers };
}

/** A refusal in words: JSON where programs ask, plain text otherwise. */
function refused(request: Request, { status, text }: { readonly status: number; readonly text: string }): Response {
  const isOfProgram = new URL(request.url).pathname.startsWith("/api/");
  return new Response(`${isOfProgram ? JSON.stringify({ error: text }) : text}\n`, {
    status,
    headers: {
      "content-type": `${isOfProgram ? "application/json" : "text/plain"}; charset=utf-8`,
      ...SECURITY_HEADERS,
    },
  });
}
