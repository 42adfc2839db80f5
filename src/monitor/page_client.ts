/** One page that is connected: what it wants to see, and how much of it is still on the way. */
import type { FoldMap } from "./fold_map.ts";
import type { ToPage } from "./protocol.ts";
import { numberFrame } from "./wave_frame.ts";

/** The part of a WebSocket that is used. */
export interface PageSocket {
  readonly bufferedAmount: number;
  readonly readyState: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** A page with more than this on the way gets nothing new. */
const MOST_BUFFERED_BYTES = 1 << 20;
const MOST_STATES_AHEAD = 4;
/** Frames per picture that may be on the way: one that is drawn, one that travels. */
const MOST_FRAMES_AHEAD = 2;

/** Messages per second that a page may send, and how many at once. */
const MESSAGES_PER_S = 500;
const MOST_AT_ONCE = 1000;
/** Less of those that cost more than a look at them: a histogram that is shown with its fit asks for one fit a picture. */
const BUDGETS = {
  command: { perS: 10, atOnce: 30 },
  fit: { perS: 50, atOnce: 100 },
} as const;
/** A page that lets so much of its answers wait reads none of them. */
const MOST_ANSWER_BYTES = 1 << 20;
const TRY_AGAIN_LATER = 1013;

const OPEN = 1;

/** Admits so many messages a second. */
class Allowance {
  readonly #rate: { readonly perS: number; readonly atOnce: number };
  #left: number;
  #atMs = 0;

  constructor(rate: { readonly perS: number; readonly atOnce: number }) {
    this.#rate = rate;
    this.#left = rate.atOnce;
  }

  admit(nowMs: number): boolean {
    const gained = (nowMs - this.#atMs) * this.#rate.perS / 1000;
    this.#left = Math.min(this.#rate.atOnce, this.#left + gained) - 1;
    this.#atMs = nowMs;
    return this.#left >= 0;
  }
}

/** A fold that a page has asked for. */
export interface ClientFold {
  readonly map: FoldMap;
  sentAtMs: number;
  sentWaveforms: number;
}

/** Keeps nothing that waits: what a page cannot take now it does not get later, but what is newest then. */
export class PageClient {
  /** Rings whose waveforms, records and maps the page shows. */
  readonly scopes = new Set<string>();
  readonly records = new Set<string>();
  readonly folds = new Map<string, ClientFold>();
  /** Versions of the waveform, record lists and panels that it has. */
  readonly sentVersions = new Map<string, number>();
  /** Log entries that it has seen. */
  seenLog = 0;
  /** Points of the history that it has. */
  seenHistory = 0;
  readonly #socket: PageSocket;
  #stateSeq = 0;
  #stateAcked = 0;
  #frameSeq = 0;
  #frameAcked = 0;
  readonly #messages = new Allowance({ perS: MESSAGES_PER_S, atOnce: MOST_AT_ONCE });
  readonly #costly = { command: new Allowance(BUDGETS.command), fit: new Allowance(BUDGETS.fit) };
  /** Answers since the last time when nothing waited. */
  #answerBytes = 0;

  /** @param socket An open WebSocket. */
  constructor(socket: PageSocket) {
    this.#socket = socket;
  }

  /** True if the page has taken what it got and may get news. */
  get isReady(): boolean {
    return this.#socket.readyState === OPEN && this.#socket.bufferedAmount < MOST_BUFFERED_BYTES &&
      this.#stateSeq - this.#stateAcked < MOST_STATES_AHEAD;
  }

  /** True if it has drawn what it got and may get the next picture. */
  get isReadyForFrame(): boolean {
    const pictures = Math.max(1, this.scopes.size + this.folds.size);
    return this.#socket.readyState === OPEN && this.#socket.bufferedAmount < MOST_BUFFERED_BYTES &&
      this.#frameSeq - this.#frameAcked < MOST_FRAMES_AHEAD * pictures;
  }

  /** Number for the next state message. */
  nextStateSeq(): number {
    return ++this.#stateSeq;
  }

  /** Sends a message. */
  send(message: ToPage): void {
    this.sendText(JSON.stringify(message));
  }

  /** Sends a message that was made for several pages. */
  sendText(text: string): void {
    if (this.#socket.readyState === OPEN) this.#socket.send(text);
  }

  /** Sends a frame. */
  sendFrame(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState !== OPEN) return;
    numberFrame(frame, ++this.#frameSeq);
    this.#socket.send(frame);
  }

  /** Notes that the page has used what it got. Numbers that were never sent change nothing. */
  acknowledge(what: "state" | "frame", seq: number): void {
    if (what === "state" && seq <= this.#stateSeq) this.#stateAcked = Math.max(this.#stateAcked, seq);
    if (what === "frame" && seq <= this.#frameSeq) this.#frameAcked = Math.max(this.#frameAcked, seq);
  }

  /** Counts a message of the page. Returns false if there are too many. */
  admit(nowMs: number): boolean {
    return this.#messages.admit(nowMs);
  }

  /** Counts a message that costs more. Returns false if there are too many of its kind: it is to be refused. */
  admitCostly(kind: keyof typeof BUDGETS, nowMs: number): boolean {
    return this.#costly[kind].admit(nowMs);
  }

  /** Sends an answer to something that the page has asked for; closes a page that asks and does not read. */
  answer(message: ToPage): void {
    const text = JSON.stringify(message);
    if (this.#socket.bufferedAmount === 0) this.#answerBytes = 0;
    this.#answerBytes += text.length;
    if (this.#answerBytes > MOST_ANSWER_BYTES) this.close(TRY_AGAIN_LATER, "too many answers wait to be read");
    else this.sendText(text);
  }

  /** Ends the connection. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
