/** What pages see of the events in the rings: the newest waveform, all of them folded into a map, the latest records. */
import type { Slot } from "../ring/slot.ts";
import { DueTimes } from "./due_times.ts";
import { FoldMap } from "./fold_map.ts";
import type { PageClient } from "./page_client.ts";
import type { FromPage, PageRing } from "./protocol.ts";
import { RecordList } from "./record_list.ts";
import type { RingWatch } from "./ring_watch.ts";
import { encodeMap, encodeWaveform } from "./wave_frame.ts";

const MAP_INTERVAL_MS = 200;
/** Waveforms per second that are sent to all pages together; more pages get fewer each. */
const MOST_FRAMES_PER_S = 160;
/** Time per tick that folding may take. */
const FOLD_BUDGET_MS = 3;

/** The newest waveform of a ring, encoded once for all pages. */
interface NewestFrame {
  bytes: Uint8Array<ArrayBuffer>;
  version: number;
}

/** Where a feed gets events from, and where they go. */
export interface RingFeedOptions {
  readonly watches: ReadonlyMap<string, RingWatch>;
  /** Pages that are there; the set may change. */
  readonly clients: ReadonlySet<PageClient>;
  /** Time between two looks. */
  readonly tickMs: number;
  /** A clock in ms that never goes back. */
  readonly now: () => number;
}

/** Looks at the rings that pages want to see, and sends what they can take. */
export class RingFeed {
  readonly #rings: readonly PageRing[];
  readonly #watches: ReadonlyMap<string, RingWatch>;
  readonly #clients: ReadonlySet<PageClient>;
  readonly #tickMs: number;
  readonly #now: () => number;
  readonly #due: DueTimes;
  readonly #records: ReadonlyMap<string, RecordList>;
  readonly #frames = new Map<string, NewestFrame>();
  /** Version of each ring's event that was used last, by purpose. */
  readonly #usedVersions = new Map<string, number>();

  /** @param rings All rings, in setup order. @param options The rings' events, and the pages. */
  constructor(rings: readonly PageRing[], { watches, clients, tickMs, now }: RingFeedOptions) {
    this.#rings = rings;
    this.#watches = watches;
    this.#clients = clients;
    this.#tickMs = tickMs;
    this.#now = now;
    this.#due = new DueTimes(now);
    this.#records = new Map(rings.map((ring) => [ring.name, new RecordList(ring)]));
  }

  /** Looks at each ring, and sends what is new of its waveforms and maps. */
  look(): void {
    for (const watch of this.#watches.values()) this.#lookAt(watch);
  }

  /** Begins or ends to fold a ring's waveforms for a page. */
  fold(client: PageClient, message: Extract<FromPage, { type: "fold" }>): void {
    const { ring, on, low, high } = message;
    client.folds.delete(ring);
    const layout = this.#watches.get(ring)?.layout;
    if (!on || low === undefined || high === undefined || layout === undefined || layout === null) return;
    const map = new FoldMap(layout.fields.length, layout.fields[0].columnLength, { low, high });
    client.folds.set(ring, { map, sentAtMs: -Infinity, sentWaveforms: 0 });
  }

  /** Sends the latest records of the rings that a page wants them of. */
  sendRecords(client: PageClient): void {
    for (const ring of client.records) {
      const list = this.#records.get(ring)!;
      if (client.sentVersions.get(`records ${ring}`) === list.version) continue;
      client.sentVersions.set(`records ${ring}`, list.version);
      client.send(list.message());
    }
  }

  #lookAt(watch: RingWatch): void {
    const { name } = watch;
    const clients = [...this.#clients];
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
      const { fields } = this.#rings[this.#ringNumber(name)];
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
    const pictures = [...this.#clients].reduce((sum, client) => sum + client.scopes.size, 0);
    const intervalMs = Math.max(1, 1000 * pictures / MOST_FRAMES_PER_S - this.#tickMs / 2);
    if (!this.#due.isDue(`scope ${name}`, intervalMs)) {
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
    const fields = this.#rings[this.#ringNumber(watch.name)].fields.map((field) => field.name);
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

  #sendMap(client: PageClient, ring: string): void {
    const fold = client.folds.get(ring)!;
    const nowMs = this.#now();
    const isNew = fold.map.waveforms > fold.sentWaveforms;
    if (!isNew || nowMs - fold.sentAtMs < MAP_INTERVAL_MS || !client.isReadyForFrame) return;
    fold.sentAtMs = nowMs;
    fold.sentWaveforms = fold.map.waveforms;
    client.sendFrame(encodeMap({ ringNumber: this.#ringNumber(ring), ...mapOf(fold.map) }));
  }

  /** True if the ring's newest event was not used for this purpose before. */
  #isNew(watch: RingWatch, use: string): boolean {
    const key = `${use} ${watch.name}`;
    if (this.#usedVersions.get(key) === watch.version) return false;
    this.#usedVersions.set(key, watch.version);
    return true;
  }

  #ringNumber(name: string): number {
    return this.#rings.findIndex((ring) => ring.name === name);
  }
}

function mapOf(map: FoldMap) {
  const { waveforms, low, high, channels, columns, rows, hits } = map;
  return { waveforms, low, high, channels, columns, rows, hits };
}
