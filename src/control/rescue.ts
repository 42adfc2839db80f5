/** Takes the place of readers that have all died, while the run is drained: their events are kept, and hold nobody up. */
import type { ReaderPort } from "../ring/ports.ts";
import { Reader } from "../ring/reader.ts";
import type { RingBuffer } from "../ring/ring_buffer.ts";
import type { RingStatus } from "../ring/ring_status.ts";
import type { LogLevel } from "../worker/logger.ts";
import { EventSaver } from "./event_saver.ts";
import type { RecoveredEvents } from "./run_record_format.ts";
import { plural } from "./text_format.ts";

/** Folder in the run directory for events that nobody has finished. */
export const UNFINISHED = "unfinished";

/** How long the control may be kept from its other work at a time. */
const BUDGET_MS = 50;

/** Events that are written and released together. */
const BATCH_EVENTS = 64;

/** A reader group without readers of its own. */
interface Orphan {
  readonly ring: RingBuffer;
  readonly group: string;
  readonly owner: number;
  readonly reader: Reader;
  taken: number;
}

/** Where events are kept, and who is told. */
export interface RescueOptions {
  readonly runDirectory: string;
  /** Name of the run. */
  readonly run: string;
  readonly onLog: (level: LogLevel, text: string) => void;
}

/** Reads for groups whose workers are dead, and keeps at the end what nobody has read. */
export class Rescue {
  readonly #saver: EventSaver;
  readonly #onLog: RescueOptions["onLog"];
  readonly #orphans: Orphan[] = [];
  readonly #finished: Orphan[] = [];

  /** @param options Where events are kept, and who is told. */
  constructor(options: RescueOptions) {
    this.#saver = new EventSaver({ runDirectory: options.runDirectory, run: options.run, folder: UNFINISHED });
    this.#onLog = options.onLog;
  }

  /** True if nothing is left to be read for the dead. */
  get isIdle(): boolean {
    return this.#orphans.length === 0;
  }

  /** What was kept so far. */
  get events(): RecoveredEvents[] {
    return this.#saver.events;
  }

  /** Reads for a group from now on. @param port Its port with a row of its own. */
  adopt(ring: RingBuffer, port: ReaderPort): void {
    const group = port.groupName;
    this.#onLog("warn", `${group} has no worker left; its events of ${ring.name} are saved for later`);
    this.#orphans.push({ ring, group, owner: port.owner!, reader: new Reader(port), taken: 0 });
  }

  /** Keeps the events that are there now, as many as it has time for. */
  look(): void {
    const untilMs = performance.now() + BUDGET_MS;
    for (const orphan of [...this.#orphans]) {
      try {
        this.#read(orphan, untilMs);
      } catch (error) {
        const found = error instanceof Error ? error.message : String(error);
        this.#onLog("error", `Cannot save more events of ${orphan.ring.name} for ${orphan.group}: ${found}`);
        this.#leave(orphan);
        orphan.ring.detachGroup(orphan.group);
      }
    }
  }

  /**
   * Keeps what is still unread in some rings and finishes the files. Nobody may be at work any more.
   *
   * @returns What could not be done, one sentence each.
   */
  finish(rings: Iterable<RingBuffer>): string[] {
    const problems: string[] = [];
    const attempt = (act: () => void) => {
      try {
        act();
      } catch (error) {
        problems.push(`Cannot save unfinished events: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    for (const ring of rings) attempt(() => this.#saver.saveUnfinished(ring));
    attempt(() => this.#saver.close());
    return problems;
  }

  /** The counters without its own reading: what it has kept is unfinished. */
  correct(statuses: ReadonlyMap<string, RingStatus>): Map<string, RingStatus> {
    const all = [...this.#orphans, ...this.#finished];
    return new Map([...statuses].map(([name, status]) => {
      const groups = status.groups.map((group) => {
        const kept = all.find((orphan) => orphan.ring.name === name && orphan.group === group.name)?.taken ?? 0;
        return { ...group, processed: group.processed - kept, unread: group.unread + kept };
      });
      return [name, { ...status, groups }];
    }));
  }

  #read(orphan: Orphan, untilMs: number): void {
    const { ring, group, owner, reader } = orphan;
    while (performance.now() < untilMs) {
      const count = reader.getBatch(BATCH_EVENTS, { timeoutMs: 0 });
      if (count === 0) break;
      for (let i = 0; i < count; i++) this.#saver.save(ring, group, reader.slotOfBatch(i));
      // What is released must be in the file: this program may be killed, too.
      this.#saver.flush();
      reader.release();
    }
    orphan.taken = ring.status().owners.find((row) => row.owner === owner)!.processed;
    if (!reader.ending) return;
    this.#leave(orphan);
    this.#onLog("info", `${plural(orphan.taken, "event")} of ${ring.name} saved for ${group}`);
  }

  #leave(orphan: Orphan): void {
    orphan.reader.close();
    this.#orphans.splice(this.#orphans.indexOf(orphan), 1);
    this.#finished.push(orphan);
  }
}
