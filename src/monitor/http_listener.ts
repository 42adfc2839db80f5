/** Listens for HTTP on one port and never holds more than a fixed number of connections. */
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { WebAddress } from "./web_address.ts";
import type { UpgradedConnection } from "./web_socket.ts";

/** Ports that are tried if the first one is taken. */
const PORTS_TRIED = 50;
/**
 * Connections that are held, WebSockets not counted, and as many that may wait to be accepted. Each needs one of the file
 * descriptors of the program, which also needs them for its data files; a browser opens at most six.
 */
const MOST_CONNECTIONS = 128;
/** Part of the file descriptors that the program may have that either of them may take where there are few. */
const MOST_PART = 1 / 8;
const HEAD_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_TIMEOUT_MS = 30_000;
const CHECK_INTERVAL_MS = 1_000;
const CLOSE_TIMEOUT_MS = 200;

/** Why it was not possible to listen, by the system's word for it. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["EADDRINUSE", "expected a free port, found one in use"],
  ["EACCES", "expected a port that this user may listen on, usually from 1024 on"],
  ["EADDRNOTAVAIL", "expected an address of this machine"],
  ["EINVAL", "expected an address of this machine"],
  ["ENOTFOUND", "expected an address of this machine"],
]);

/** What is done with requests. */
export interface HttpHandlers {
  /** True if a request that asks for another protocol gets it. Otherwise it is answered like all others. */
  readonly isUpgraded: (request: Request) => boolean;
  /** Takes over the connection of such a request. */
  readonly upgrade: (connection: UpgradedConnection) => void;
  /** Answers all other requests. */
  readonly answer: (request: Request) => Promise<Response>;
}

/**
 * A listening port. `Deno.serve` accepts connections until the program has no file descriptor left, and then stops for good;
 * here a connection too many ends the one that has been quiet for longest, so that a flood takes nothing from the run and
 * visitors are still served.
 */
export class HttpListener {
  readonly #server: Server;
  #handlers: HttpHandlers | null = null;
  /** Those that were quiet for longest come first. */
  readonly #connections = new Set<Socket>();
  readonly #most = Math.min(MOST_CONNECTIONS, Math.floor(openFilesLimit() * MOST_PART));

  private constructor() {
    const options: ServerOptions & { shouldUpgradeCallback: (message: IncomingMessage) => boolean } = {
      headersTimeout: HEAD_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      shouldUpgradeCallback: (message: IncomingMessage) => this.#isUpgraded(message),
    };
    this.#server = createServer(options);
    this.#server.on("connection", (socket: Socket) => this.#hold(socket));
  }

  /**
   * Begins to listen. {@linkcode serve} must follow at once.
   *
   * @throws {Error} If the address is taken or not of this machine.
   */
  static async open({ hostname, port, isExact }: WebAddress): Promise<HttpListener> {
    const listener = new HttpListener();
    for (let tried = 0;; tried++) {
      try {
        await listener.#listen(hostname, port === 0 ? 0 : port + tried);
        return listener;
      } catch (error) {
        const code = (error as { code?: string }).code ?? "";
        if (isExact || code !== "EADDRINUSE" || tried + 1 >= PORTS_TRIED) {
          throw new Error(REASONS.get(code) ?? (error as Error).message, { cause: error });
        }
      }
    }
  }

  /** Port that it listens on. */
  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Begins to answer. */
  serve(handlers: HttpHandlers): void {
    this.#handlers = handlers;
    this.#server.on("request", (message, response) => {
      // The connection may have ended before its answer.
      this.#answer(handlers, message, response).catch(() => message.socket.destroy());
      response.on("error", () => {});
    });
    this.#server.on(
      "upgrade",
      (message, socket, head) => this.#upgrade(handlers, { message, socket: socket as Socket, head }),
    );
  }

  /** Stops listening and ends all connections; answers that are on their way get a moment. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS))]);
    this.#server.closeAllConnections();
  }

  #listen(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host, port, backlog: this.#most }, () => {
        this.#server.off("error", reject);
        // A connection that cannot be accepted is none of the run's troubles.
        this.#server.on("error", () => {});
        resolve();
      });
    });
  }

  #hold(socket: Socket): void {
    this.#connections.add(socket);
    socket.on("close", () => this.#connections.delete(socket));
    // A close event follows.
    socket.on("error", () => {});
    for (const quiet of this.#connections) {
      if (this.#connections.size <= this.#most) break;
      this.#connections.delete(quiet);
      quiet.destroy();
    }
  }

  #isUpgraded(message: IncomingMessage): boolean {
    const request = requestOf(message);
    return request !== null && this.#handlers !== null && this.#handlers.isUpgraded(request);
  }

  #upgrade(handlers: HttpHandlers, connection: UpgradedConnection): void {
    // Its owner counts it from now on.
    this.#connections.delete(connection.socket);
    handlers.upgrade(connection);
  }

  async #answer(handlers: HttpHandlers, message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = message;
    // It is not quiet.
    if (this.#connections.delete(socket)) this.#connections.add(socket);
    const { status, headers, body } = await responseTo(handlers, message);
    const isLast = message.complete ? {} : { connection: "close" };
    response.writeHead(status, { ...headers, "content-length": body.length, ...isLast });
    response.end(body, () => {
      // What is left of a request that was refused is not waited for.
      if (!message.complete) socket.destroy();
    });
  }
}

/** File descriptors that the program may have; infinite where the system does not tell. */
function openFilesLimit(): number {
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/limits"))?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
}

async function responseTo(handlers: HttpHandlers, message: IncomingMessage) {
  try {
    const request = requestOf(message);
    const response = request === null
      ? new Response("Cannot answer: expected another request\n", { status: 400 })
      : await handlers.answer(request);
    const body = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: Object.fromEntries(response.headers), body };
  } catch {
    const body = new TextEncoder().encode("Cannot answer: an error happened\n");
    return { status: 500, headers: { "content-type": "text/plain; charset=utf-8" }, body };
  }
}

/** A request in the form that handlers know; null if it has none. */
function requestOf(message: IncomingMessage): Request | null {
  const { method = "GET", url = "/", rawHeaders } = message;
  try {
    const headers = new Headers();
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.append(rawHeaders[i], rawHeaders[i + 1]);
    const hasBody = method !== "GET" && method !== "HEAD";
    // Whom a request is for is said by its Host alone; an address that begins with two slashes names nobody.
    const address = url.startsWith("/") ? `http://localhost${url}` : url;
    return new Request(address, { method, headers, body: hasBody ? ReadableStream.from(message) : null });
  } catch {
    return null;
  }
}
