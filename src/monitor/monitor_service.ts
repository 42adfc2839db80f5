/** What the page's server knows of the run, and what it tells each page and when. */
import { DisplayFiles } from "./display_files.ts";
import { DueTimes } from "./due_times.ts";
import type { MonitorSetup, RawState } from "./messages.ts";
import type { PageClient } from "./page_client.ts";
import { PanelBoard } from "./panel_board.ts";
import type { FromPage, HelloMessage, PageLogEntry, StateMessage } from "./protocol.ts";
import { RateHistory, type RatePoint } from "./rate_history.ts";
import { RingFeed } from "./ring_feed.ts";
import { RingWatch } from "./ring_watch.ts";
import { StateMaker } from "./state_maker.ts";

/** Time between two looks at the rings while pages are there. */
export const TICK_MS = 25;
const STATE_INTERVAL_MS = 200;
const PANEL_INTERVAL_MS = 400;
const RECORDS_INTERVAL_MS = 300;
const HISTORY_INTERVAL_MS = 1000;
/** Pages hear of the run at least so often, also when nothing changes. */
const SILENCE_MS = 1000;
const MOST_LOG_ENTRIES = 1000;
const TOO_MANY_COMMANDS = { ok: false, text: "Too many commands at once" };

/** What the service needs of the world. */
export interface ServiceOptions {
  /** Hands a command to the run. */
  readonly command: (command: string) => Promise<{ readonly ok: boolean; readonly text: string }>;
  /** Is told what went wrong. */
  readonly warn: (text: string) => void;
  /** A clock in ms that never goes back. @default `performance.now` */
  readonly now?: () => number;
}

/** Holds the run's state for pages and programs that look on, and pushes news. */
export class MonitorService {
  readonly hello: HelloMessage;
  readonly board: PanelBoard = new PanelBoard();
  readonly history: RateHistory = new RateHistory();
  readonly clients = new Set<PageClient>();
  readonly #options: ServiceOptions;
  readonly #now: () => number;
  readonly #watches: ReadonlyMap<string, RingWatch>;
  readonly #feed: RingFeed;
  readonly #files: DisplayFiles;
  readonly #states: StateMaker;
  readonly #due: DueTimes;
  readonly #log: PageLogEntry[] = [];
  #logCount = 0;
  #recent: RatePoint[] = [];
  #historyCount = 0;
  #state: StateMessage | null = null;
  #toldAtMs = -Infinity;

  /** @param setup The run. @param options The world around. */
  constructor(setup: MonitorSetup, options: ServiceOptions) {
    this.hello = setup.hello;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#watches = new Map(setup.observers.map((port) => [port.ring, new RingWatch(port)]));
    this.#due = new DueTimes(this.#now);
    this.#feed = new RingFeed(setup.hello.rings, {
      watches: this.#watches,
      clients: this.clients,
      tickMs: TICK_MS,
      now: this.#now,
    });
    this.#files = new DisplayFiles(setup.displays, this.#watches, options.warn);
    this.#states = new StateMaker(setup.hello.functions);
  }

  /** The present state; null before the run has told any. */
  get state(): StateMessage | null {
    return this.#state;
  }

  /** Messages of the log that are kept, oldest first. */
  get log(): readonly PageLogEntry[] {
    return this.#log;
  }

  /** A ring that can be looked at; null if there is none of this name. */
  watch(ring: string): RingWatch | null {
    return this.#watches.get(ring) ?? null;
  }

  /** Takes the state of the run, and passes it on when it is due or has changed its name. */
  takeState(raw: RawState): void {
    const before = this.#state;
    this.#state = this.#states.make(raw, this.#now());
    const hasChanged = before === null || before.state !== this.#state.state || before.isOver !== this.#state.isOver;
    if (this.#due.isDue("history", HISTORY_INTERVAL_MS)) {
      this.#addHistory({ timeMs: raw.timeMs, ratesHz: this.#state.rings.map((ring) => ring.rateHz) });
    }
    this.#files.update(this.#now());
    if (raw.isOver) this.#tellAll();
    if (!this.#due.isDue("state", STATE_INTERVAL_MS) && !hasChanged) return;
    this.#toldAtMs = this.#now();
    for (const client of this.clients) if (client.isReady) this.#sendState(client);
  }

  /** Takes a message of the log. */
  takeLog(entry: PageLogEntry): void {
    this.#log.push(entry);
    this.#logCount++;
    if (this.#log.length > MOST_LOG_ENTRIES) this.#log.shift();
  }

  /** Hands a command to the run. */
  command(line: string): Promise<{ readonly ok: boolean; readonly text: string }> {
    return this.#options.command(line);
  }

  /** Adds a page and tells it everything so far. */
  addClient(client: PageClient): void {
    this.clients.add(client);
    client.send(this.hello);
    const points = this.history.points();
    client.send({
      type: "history",
      isWhole: true,
      timesMs: points.map((point) => point.timeMs),
      ratesHz: this.hello.rings.map((_, i) => points.map((point) => round(point.ratesHz[i]))),
    });
    client.seenHistory = this.#historyCount;
    this.#sendLog(client);
    this.#sendPanels(client);
    this.#sendState(client);
  }

  /** Forgets a page. */
  removeClient(client: PageClient): void {
    this.clients.delete(client);
  }

  /** Does what a page asks for. */
  async takeMessage(client: PageClient, message: FromPage): Promise<void> {
    switch (message.type) {
      case "ack":
        return client.acknowledge(message.what, message.seq);
      case "scope":
        return switchMember(client.scopes, message.ring, message.on && this.#watches.has(message.ring));
      case "records":
        return switchMember(client.records, message.ring, message.on && this.#watches.has(message.ring));
      case "fold":
        return this.#feed.fold(client, message);
      case "reset":
        this.board.reset(message.key);
        return;
      case "fit": {
        const isTooMuch = !client.admitCostly("fit", this.#now());
        const fit = isTooMuch ? "too many fits at once" : this.board.fit(message.key, message);
        const isText = typeof fit === "string";
        return client.answer({ type: "fitted", id: message.id, fit: isText ? null : fit, reason: isText ? fit : "" });
      }
      case "command": {
        const isTooMuch = !client.admitCostly("command", this.#now());
        const reply = isTooMuch ? TOO_MANY_COMMANDS : await this.#options.command(message.command);
        return client.answer({ type: "reply", id: message.id, ok: reply.ok, text: reply.text });
      }
    }
  }

  /** Looks at the rings and sends what is new; to be called every {@linkcode TICK_MS} while pages are there. */
  tick(): void {
    this.#feed.look();
    // A run that says nothing any more must not look like a dead line.
    const isSilent = this.#now() - this.#toldAtMs > SILENCE_MS;
    if (isSilent) this.#toldAtMs = this.#now();
    const sendsPanels = this.#due.isDue("panels", PANEL_INTERVAL_MS);
    const sendsRecords = this.#due.isDue("records", RECORDS_INTERVAL_MS);
    for (const client of this.clients) {
      if (!client.isReady) continue;
      if (isSilent) this.#sendState(client);
      if (sendsRecords) this.#feed.sendRecords(client);
      if (!sendsPanels) continue;
      this.#sendPanels(client);
      this.#sendLog(client);
      this.#sendHistory(client);
    }
  }

  /** Draws the last events; their rings take no more. */
  finish(): void {
    this.#files.finish();
    if (this.clients.size > 0) this.tick();
  }

  /** Lets go of all rings. */
  close(): void {
    for (const watch of this.#watches.values()) watch.close();
  }

  /** The last words: what pages have not seen yet, they see now. */
  #tellAll(): void {
    for (const client of this.clients) {
      if (!client.isReady) continue;
      this.#feed.sendRecords(client);
      this.#sendPanels(client);
      this.#sendLog(client);
      this.#sendHistory(client);
    }
  }

  #sendState(client: PageClient): void {
    if (this.#state === null) return;
    client.send({ ...this.#state, seq: client.nextStateSeq() });
  }

  #sendPanels(client: PageClient): void {
    for (const key of this.board.keys()) {
      const version = this.board.version(key);
      if (client.sentVersions.get(`panel ${key}`) === version) continue;
      client.sentVersions.set(`panel ${key}`, version);
      const text = this.board.text(key);
      if (text !== null) client.sendText(text);
    }
  }

  #sendLog(client: PageClient): void {
    const unseen = this.#logCount - client.seenLog;
    if (unseen === 0) return;
    const entries = this.#log.slice(-Math.min(unseen, this.#log.length));
    client.seenLog = this.#logCount;
    client.send({ type: "log", skipped: unseen - entries.length, entries });
  }

  #sendHistory(client: PageClient): void {
    const unseen = Math.min(this.#historyCount - client.seenHistory, this.#recent.length);
    if (unseen === 0) return;
    client.seenHistory = this.#historyCount;
    const points = this.#recent.slice(-unseen);
    client.send({
      type: "history",
      isWhole: false,
      timesMs: points.map((point) => point.timeMs),
      ratesHz: this.hello.rings.map((_, i) => points.map((point) => round(point.ratesHz[i]))),
    });
  }

  #addHistory(point: RatePoint): void {
    this.history.add(point.timeMs, point.ratesHz);
    this.#recent.push(point);
    if (this.#recent.length > 60) this.#recent.shift();
    this.#historyCount++;
  }
}

function switchMember(set: Set<string>, member: string, isIn: boolean): void {
  if (isIn) set.add(member);
  else set.delete(member);
}

function round(rateHz: number): number {
  return Number(rateHz.toPrecision(4));
}
