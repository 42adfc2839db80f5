/**
 * The server's end of a WebSocket, over a connection of {@linkcode HttpListener}. `Deno.upgradeWebSocket` takes such
 * connections, too, but then often sees what the other side sends only seconds later (Deno 2.9).
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "../std/ws.js";
import type { PageSocket } from "./page_client.ts";

/** State as a browser's WebSocket numbers it. */
const OPEN = 1;

const GOING_AWAY = 1001;

const QUIET_MS = 15_000;
/** How long the other side may take to end a connection that is closing. */
const CLOSING_MS = 2_000;

/** A connection whose request asked for a WebSocket. */
export interface UpgradedConnection {
  /** The request's head. */
  readonly message: IncomingMessage;
  readonly socket: Socket;
  /** What came after the request's head. */
  readonly head: Uint8Array;
}

/** Options of {@linkcode ServerWebSocket.open}. */
export interface ServerWebSocketOptions {
  /** What {@linkcode webSocketServer} made. */
  readonly server: WebSocketServer;
  /** Gets each message: its text, or null if it was binary. */
  readonly onMessage: (text: string | null) => void;
  /** Called once, when the connection is at its end. */
  readonly onClose: () => void;
  /**
   * After twice this time without a sign of life the other side is asked for one, after three times it is given up.
   *
   * @default {15000}
   */
  readonly quietMs?: number;
}

/** Says whether a request is a handshake. */
export function isHandshake({ method, headers }: Request): boolean {
  return method === "GET" && headers.get("upgrade")?.toLowerCase() === "websocket" &&
    headers.get("sec-websocket-version") === "13";
}

/**
 * What answers handshakes.
 *
 * @param mostMessageBytes Longest message that is taken; the connection of a longer one is closed without reading it.
 */
export function webSocketServer(mostMessageBytes: number): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    maxPayload: mostMessageBytes,
    perMessageDeflate: false,
    clientTracking: false,
    closeTimeout: CLOSING_MS,
  });
}

/** An open WebSocket that takes short messages and sends long ones. */
export class ServerWebSocket implements PageSocket {
  readonly #socket: WebSocket;
  readonly #alive: ReturnType<typeof setInterval>;
  #quietIntervals = 0;

  private constructor(socket: WebSocket, { onMessage, onClose, quietMs = QUIET_MS }: ServerWebSocketOptions) {
    this.#socket = socket;
    this.#alive = setInterval(() => this.#askForLife(), quietMs);
    socket.on("message", (data, isBinary) => {
      this.#quietIntervals = 0;
      // What comes after a goodbye is thrown away.
      if (socket.readyState === OPEN) onMessage(isBinary ? null : new TextDecoder().decode(data));
    });
    socket.on("ping", () => this.#quietIntervals = 0);
    socket.on("pong", () => this.#quietIntervals = 0);
    // What no browser sends; a close event follows.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(this.#alive);
      onClose();
    });
  }

  /**
   * Answers a handshake. The first message comes after the caller is done.
   *
   * @param connection A connection whose request {@linkcode isHandshake}.
   * @returns Null if the handshake was wrong or the other side has left already; the connection is ended then.
   */
  static open({ message, socket, head }: UpgradedConnection, options: ServerWebSocketOptions): ServerWebSocket | null {
    let opened: ServerWebSocket | null = null;
    options.server.handleUpgrade(message, socket, head, (socket) => opened = new ServerWebSocket(socket, options));
    return opened;
  }

  /** Bytes that were sent but are not yet with the operating system. */
  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  /** State as a browser's WebSocket numbers it. */
  get readyState(): number {
    return this.#socket.readyState;
  }

  /** Sends a message; nothing if the connection is not open. The bytes may be used again at once. */
  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== OPEN) return;
    this.#socket.send(typeof data === "string" ? data : data.slice());
  }

  /**
   * Says goodbye; the other side's goodbye is waited for only shortly.
   *
   * @throws {RangeError} If the reason is longer than 123 bytes.
   */
  close(code = GOING_AWAY, reason = ""): void {
    this.#socket.close(code, reason);
  }

  #askForLife(): void {
    if (++this.#quietIntervals > 2) this.#socket.terminate();
    else if (this.#quietIntervals > 1 && this.readyState === OPEN) this.#socket.ping();
  }
}
