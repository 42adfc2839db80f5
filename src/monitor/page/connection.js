// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** The line to the run: one WebSocket that comes back by itself. */
import { decodeFrame } from "./wave_frame.js";

/** @typedef {import("../protocol.ts").ToPage} ToPage */
/** @typedef {import("../protocol.ts").FromPage} FromPage */
/** @typedef {import("./wave_frame.js").Waveform} Waveform */
/** @typedef {import("./wave_frame.js").IntensityMap} IntensityMap */
/** @typedef {import("../protocol.ts").ReplyMessage} ReplyMessage */
/** @typedef {import("../protocol.ts").FittedMessage} FittedMessage */

/**
 * @typedef {object} ConnectionListener
 * @property {(message: ToPage) => void} onMessage
 * @property {(frame: Waveform | IntensityMap) => void} onFrame
 * @property {(isOnline: boolean) => void} onStatus
 */

const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 3000;
/** The run says something several times a second; after so long a silence the line is dead. */
const SILENCE_MS = 6000;

export class Connection {
  /** @type {ConnectionListener} */
  #listener;
  /** @type {WebSocket | null} */
  #socket = null;
  #delayMs = FIRST_DELAY_MS;
  #heardAtMs = 0;
  #nextId = 1;
  /** @type {Map<number, (message: ReplyMessage | FittedMessage | null) => void>} */
  #waiting = new Map();

  /** @param {ConnectionListener} listener */
  constructor(listener) {
    this.#listener = listener;
    this.#open();
    setInterval(() => this.#listen(), 1000);
  }

  /**
   * Sends a message; without a line it is lost.
   * @param {FromPage} message
   */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /**
   * Tells the run that a frame is on the screen, so that the next one may come.
   * @param {number} seq
   */
  drawn(seq) {
    this.send({ type: "ack", what: "frame", seq });
  }

  /**
   * @param {string} command
   * @returns {Promise<{ok: boolean, text: string}>}
   */
  async command(command) {
    const id = this.#nextId++;
    const reply = await this.#ask(id, { type: "command", id, command });
    return reply?.type === "reply" ? reply : { ok: false, text: "No connection to the run" };
  }

  /**
   * @param {string} key
   * @param {import("../protocol.ts").FitKind} kind
   * @param {number} from
   * @param {number} to
   * @returns {Promise<FittedMessage | null>}
   */
  async fit(key, kind, from, to) {
    const id = this.#nextId++;
    const reply = await this.#ask(id, { type: "fit", id, key, kind, from, to });
    return reply?.type === "fitted" ? reply : null;
  }

  /**
   * @param {number} id
   * @param {FromPage} message
   * @returns {Promise<ReplyMessage | FittedMessage | null>}
   */
  #ask(id, message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return Promise.resolve(null);
    this.send(message);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  #open() {
    const url = new URL("ws", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const token = new URL(location.href).searchParams.get("token");
    if (token !== null) url.searchParams.set("token", token);
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#heardAtMs = performance.now();
    socket.onopen = () => {
      this.#delayMs = FIRST_DELAY_MS;
      this.#listener.onStatus(true);
    };
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = () => this.#lost(socket);
  }

  /** @param {WebSocket} socket */
  #lost(socket) {
    if (this.#socket !== socket) return;
    this.#socket = null;
    for (const resolve of this.#waiting.values()) resolve(null);
    this.#waiting.clear();
    this.#listener.onStatus(false);
    setTimeout(() => this.#open(), this.#delayMs);
    this.#delayMs = Math.min(2 * this.#delayMs, LONGEST_DELAY_MS);
  }

  /** @param {string | ArrayBuffer} data */
  #take(data) {
    this.#heardAtMs = performance.now();
    if (typeof data !== "string") {
      const frame = decodeFrame(data);
      if (frame !== null) this.#listener.onFrame(frame);
      return;
    }
    /** @type {ToPage} */
    const message = JSON.parse(data);
    if (message.type === "reply" || message.type === "fitted") {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
      return;
    }
    this.#listener.onMessage(message);
    if (message.type === "state") this.send({ type: "ack", what: "state", seq: message.seq });
  }

  #listen() {
    const socket = this.#socket;
    if (socket === null || performance.now() - this.#heardAtMs < SILENCE_MS) return;
    socket.close();
    this.#lost(socket);
  }
}
