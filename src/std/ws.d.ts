import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** The server's end of a WebSocket, the part of it that this project uses. */
export interface WebSocket {
  /** Bytes that were sent but are not yet with the operating system. */
  readonly bufferedAmount: number;
  /** State as a browser's WebSocket numbers it. */
  readonly readyState: number;
  /** Sends a message. The bytes must stay as they are until they are with the operating system. */
  send(data: string | Uint8Array): void;
  /** Asks the other side for a pong. */
  ping(): void;
  /**
   * Says goodbye and waits for the other side's.
   *
   * @throws {RangeError} If the reason is longer than 123 bytes.
   */
  close(code?: number, reason?: string): void;
  /** Ends the connection at once. */
  terminate(): void;
  on(event: "message", listener: (data: Uint8Array, isBinary: boolean) => void): this;
  on(event: "ping" | "pong", listener: (data: Uint8Array) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "close", listener: (code: number, reason: Uint8Array) => void): this;
}

/** Options of {@linkcode WebSocketServer}, the ones that this project uses. */
export interface WebSocketServerOptions {
  /** Take connections only from {@linkcode WebSocketServer.handleUpgrade}. */
  noServer: true;
  /** Longest message that is taken, in bytes. @default {104857600} */
  maxPayload?: number;
  /** Messages may be compressed. @default {false} */
  perMessageDeflate?: boolean;
  /** Keep a list of the connections. @default {true} */
  clientTracking?: boolean;
  /** How long the other side may take for its goodbye, in ms. @default {30000} */
  closeTimeout?: number;
}

/** Answers the handshakes of WebSockets. */
export class WebSocketServer {
  constructor(options: WebSocketServerOptions);
  /**
   * Answers a handshake. `opened` is called before it returns, unless the handshake is refused or the other side has left:
   * then the connection is ended.
   */
  handleUpgrade(message: IncomingMessage, socket: Duplex, head: Uint8Array, opened: (socket: WebSocket) => void): void;
}
