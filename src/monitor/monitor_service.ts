/** What the page's server knows of the run, and what it tells each page and when. */
import type { Slot } from "../ring/slot.ts";
import { CpuShares } from "./cpu_share.ts";
import { DisplayFiles } from "./display_files.ts";
import { FoldMap } from "./fold_map.ts";
import { FunctionStates } from "./function_states.ts";
import type { MonitorSetup, RawState, RawWorker } from "./messages.ts";
import type { PageClient } from "./page_client.ts";
import { PanelBoard } from "./panel_board.ts";
import type { FromPage, HelloMessage, PageLogEntry, PageRingState, StateMessage } from "./protocol.ts";
import { RateHistory, type RatePoint } from "./rate_history.ts";
import { RecordList } from "./record_list.ts";
import { RingWatch } from "./ring_watch.ts";
import type { ThreadTable } from "./thread_table.ts";
import { encodeMap, encodeWaveform } from "./wave_frame.ts";

/** Time between two looks at the rings while pages are there. */
export const TICK_MS = 25;
const STATE_INTERVAL_MS = 200;
const PANEL_INTERVAL_MS = 400;
const RECORDS_INTERVAL_MS = 300;
const HISTORY_INTERVAL_MS = 1000;
const MAP_INTERVAL_MS = 200;
/** Pages hear of the run at least so often, also when nothing changes. */
const SILENCE_MS = 1000;
/** Waveforms per second that are sent to all pages together; more pages get fewer each. */
const MOST_FRAMES_PER_S = 160;
/** Time per tick that folding may take. */
const FOLD_BUDGET_MS = 3;
const MOST_LOG_ENTRIES = 1000;

/** What the service needs of the world. */
export interface ServiceOptions {
  /** Hands a command to the run. */
  readonly command: (command: string) => Promise<{ readonly ok: boolean; readonly text: string }>;
  /** Is told what went wrong. */
  readonly warn: (text: string) => void;
  /** Threads of the rings' owners. @default none */
  readonly threads?: ThreadTable;
  /** A clock in ms that never goes back. @default `performance.now` */
  readonly now?: () => number;
}

/** The newest waveform of a ring, encoded once for all pages. */
interface NewestFrame {
  bytes: Uint8Array<ArrayBuffer>;
  version: number;
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
  readonly #records: ReadonlyMap<string, RecordList>;
  readonly #files: DisplayFiles;
  readonly #functions: FunctionStates;
  readonly #cpu = new CpuShares();
  readonly #frames = new Map<string, NewestFrame>();
  readonly #log: PageLogEntry[] = [];
  #logCount = 0;
  #recent: RatePoint[] = [];
  #historyCount = 0;
  #state: StateMessage | null = null;
  #toldAtMs = -Infinity;
  /** Version of each ring's event that was used last, by purpose. */
  readonly #usedVersions = new Map<string, number>();
  readonly #dueMs = new Map<string, number>();

  /** @param setup The run. @param options The world around. */
  constructor(setup: MonitorSetup, options: ServiceOptions) {
    this.hello = setup.hello;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#watches = new Map(setup.observers.map((port) => [port.ring, new RingWatch(port)]));
    this.#records = new Map(setup.hello.rings.map((ring) => [ring.name, new RecordList(ring)]));
    this.#files = new DisplayFiles(setup.displays, this.#watches, options.warn);
    this.#functions = new FunctionStates(setup.hello.functions);
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
    this.#state = this.#pageState(raw);
    const hasChanged = before === null || before.state !== this.#state.state || before.isOver !== this.#state.isOver;
    if (this.#isDue("history", HISTORY_INTERVAL_MS)) {
      this.#addHistory({ timeMs: raw.timeMs, ratesHz: this.#state.rings.map((ring) => ring.rateHz) });
    }
    this.#files.update(this.#now());
    if (raw.isOver) this.#tellAll();
    if (!this.#isDue("state", STATE_INTERVAL_MS) && !hasChanged) return;
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
        return this.#fold(client, message);
      case "reset":
        this.board.reset(message.key);
        return;
      case "fit": {
        const fit = this.board.fit(message.key, message);
        const isText = typeof fit === "string";
        return client.send({ type: "fitted", id: message.id, fit: isText ? null : fit, reason: isText ? fit : "" });
      }
      case "command": {
        const reply = await this.#options.command(message.command);
        return client.send({ type: "reply", id: message.id, ok: reply.ok, text: reply.text });
      }
    }
  }

  /** Looks at the rings and sends what is new; to be called every {@linkcode TICK_MS} while pages are there. */
  tick(): void {
    for (const watch of this.#watches.values()) this.#look(watch);
    // A run that says nothing any more must not look like a dead line.
    const isSilent = this.#now() - this.#toldAtMs > SILENCE_MS;
    if (isSilent) this.#toldAtMs = this.#now();
    const sendsPanels = this.#isDue("panels", PANEL_INTERVAL_MS);
    const sendsRecords = this.#isDue("records", RECORDS_INTERVAL_MS);
    for (const client of this.clients) {
      if (!client.isReady) continue;
      if (isSilent) this.#sendState(client);
      if (sendsRecords) this.#sendRecords(client);
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

  #look(watch: RingWatch): void {
    const { name } = watch;
    const clients = [...this.clients];
    const scopes = clients.filter((client) => client.scopes.has(name));
    const folds = clients.filter((client) => client.folds.has(name));
    const records = clients.some((client) => client.records.has(name));
    if (scopes.length + folds.length === 0 && !records) return;
    const slot = folds.length > 0 ? this.#foldMany(watch, folds) : watch.latest();
    if (slot !== null && records && this.#isNew(watch, "records")) this.#records.get(name)!.add(slot);
    if (scopes.length > 0) this.#sendWaveforms(watch, slot, scopes);
    for (const client of folds) this.#sendMap(client, name);
  }

  #sendWaveforms(watch: RingWatch, slot: Slot | null, clients: readonly PageClient[]): void {
    const { name } = watch;
    if (slot !== null && this.#isNew(watch, "scope")) {
      const { fields } = this.hello.rings[this.#ringNumber(name)];
      const bytes = encodeWaveform({
        ringNumber: this.#ringNumber(name),
        counter: slot.counter,
        timestamp: slot.timestamp,
        rateHz: watch.rateHz,
        channels: fields.map((field) => slot.data[field.name]),
      });
      this.#frames.set(name, { bytes, version: watch.version });
    }
    const frame = this.#frames.get(name);
    if (frame === undefined) return;
    const pictures = [...this.clients].reduce((sum, client) => sum + client.scopes.size, 0);
    const intervalMs = Math.max(1, 1000 * pictures / MOST_FRAMES_PER_S - TICK_MS / 2);
    if (!this.#isDue(`scope ${name}`, intervalMs)) {
      // A page that has just come does not wait for its first picture.
      clients = clients.filter((client) => !client.sentVersions.has(`scope ${name}`));
    }
    for (const client of clients) {
      if (client.sentVersions.get(`scope ${name}`) === frame.version || !client.isReadyForFrame) continue;
      client.sentVersions.set(`scope ${name}`, frame.version);
      client.sendFrame(frame.bytes);
    }
  }

  /** Folds as many events as come within the time for it; the newest one is returned. */
  #foldMany(watch: RingWatch, clients: readonly PageClient[]): Slot | null {
    const fields = this.hello.rings[this.#ringNumber(watch.name)].fields.map((field) => field.name);
    const maps = clients.map((client) => client.folds.get(watch.name)!.map);
    const endMs = this.#now() + FOLD_BUDGET_MS;
    let newest: Slot | null = null;
    do {
      const slot = watch.latest();
      newest = slot ?? newest;
      if (slot === null || !this.#isNew(watch, "fold")) break;
      const columns = fields.map((field) => slot.data[field]);
      for (const map of maps) map.add(columns);
    } while (this.#now() < endMs);
    return newest;
  }

  #fold(client: PageClient, message: Extract<FromPage, { type: "fold" }>): void {
    const { ring, on, low, high } = message;
    client.folds.delete(ring);
    const layout = this.#watches.get(ring)?.layout;
    if (!on || low === undefined || high === undefined || layout === undefined || layout === null) return;
    const map = new FoldMap(layout.fields.length, layout.fields[0].columnLength, { low, high });
    client.folds.set(ring, { map, sentAtMs: -Infinity, sentWaveforms: 0 });
  }

  #sendMap(client: PageClient, ring: string): void {
    const fold = client.folds.get(ring)!;
    const nowMs = this.#now();
    const isNew = fold.map.waveforms > fold.sentWaveforms;
    if (!isNew || nowMs - fold.sentAtMs < MAP_INTERVAL_MS || !client.isReadyForFrame) return;
    fold.sentAtMs = nowMs;
    fold.sentWaveforms = fold.map.waveforms;
    client.sendFrame(encodeMap({ ringNumber: this.#ringNumber(ring), ...mapOf(fold.map) }));
  }

  /** The last words: what pages have not seen yet, they see now. */
  #tellAll(): void {
    for (const client of this.clients) {
      if (!client.isReady) continue;
      this.#sendRecords(client);
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

  #sendRecords(client: PageClient): void {
    for (const ring of client.records) {
      const list = this.#records.get(ring)!;
      if (client.sentVersions.get(`records ${ring}`) === list.version) continue;
      client.sentVersions.set(`records ${ring}`, list.version);
      client.send(list.message());
    }
  }

  #addHistory(point: RatePoint): void {
    this.history.add(point.timeMs, point.ratesHz);
    this.#recent.push(point);
    if (this.#recent.length > 60) this.#recent.shift();
    this.#historyCount++;
  }

  #pageState(raw: RawState): StateMessage {
    const { snapshot, statuses } = raw;
    const rings = snapshot.rings.map((ring): PageRingState => {
      const status = statuses.get(ring.name)!;
      const { published, voided, discarded, filled, highestFill, paused, closing, ended } = status;
      return {
        name: ring.name,
        published,
        voided,
        discarded,
        filled,
        highestFill,
        paused,
        closing,
        ended,
        rateHz: ring.rateHz,
        deadtime: Number.isFinite(ring.deadtime) ? ring.deadtime : null,
        groups: status.groups.map(({ readerWaitS: _, ...group }) => group),
      };
    });
    const nowMs = this.#now();
    const cpuOf = (worker: RawWorker) => {
      const row = worker.sourceRows[0] ?? worker.sinkRows[0];
      const thread = row === undefined || worker.state === "ended" ? null : this.#options.threads?.threadOf(row);
      return thread === null || thread === undefined ? null : this.#cpu.share(thread, nowMs);
    };
    return {
      type: "state",
      seq: 0,
      timeMs: raw.timeMs,
      state: snapshot.state,
      stopReason: raw.stopReason,
      activeS: snapshot.activeS,
      pausedS: snapshot.pausedS,
      progress: snapshot.progress,
      failures: snapshot.failures,
      rings,
      functions: this.#functions.update(raw, cpuOf),
      cpu: this.#cpu.share(null, nowMs),
      isOver: raw.isOver,
    };
  }

  /** True at the first call and when the time since the last true answer has passed. */
  #isDue(what: string, intervalMs: number): boolean {
    const nowMs = this.#now();
    if (nowMs < (this.#dueMs.get(what) ?? -Infinity)) return false;
    this.#dueMs.set(what, nowMs + intervalMs);
    return true;
  }

  /** True if the ring's newest event was not used for this purpose before. */
  #isNew(watch: RingWatch, use: string): boolean {
    const key = `${use} ${watch.name}`;
    if (this.#usedVersions.get(key) === watch.version) return false;
    this.#usedVersions.set(key, watch.version);
    return true;
  }

  #ringNumber(name: string): number {
    return this.hello.rings.findIndex((ring) => ring.name === name);
  }
}

function mapOf(map: FoldMap) {
  const { waveforms, low, high, channels, columns, rows, hits } = map;
  return { waveforms, low, high, channels, columns, rows, hits };
}

function switchMember(set: Set<string>, member: string, isIn: boolean): void {
  if (isIn) set.add(member);
  else set.delete(member);
}

function round(rateHz: number): number {
  return Number(rateHz.toPrecision(4));
}
