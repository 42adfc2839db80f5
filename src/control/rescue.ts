/** Takes the place of readers that have all died, while the run is drained: their events are kept, and hold nobody up. */
import type { ReaderPort } from "../ring/ports.ts";
import { Reader } from "../ring/reader.ts";
import type { RingBuffer } from "../ring/ring_buffer.ts";
import type { LogLevel } from "../worker/logger.ts";
import { EventSaver } from "./event_saver.ts";
import type { RecoveredEvents } from "./recorded_troubles.ts";
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
  readonly reader: Reader;
  /** Events that were saved so far. */
  saved: number;
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

  /** Reads for a group from now on. @param port Its port with a row of its own that is marked as a saver's. */
  adopt(ring: RingBuffer, port: ReaderPort): void {
    this.#orphans.push({ ring, group: port.groupName, reader: new Reader(port), saved: 0 });
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

  #read(orphan: Orphan, untilMs: number): void {
    const { ring, group, reader } = orphan;
    while (performance.now() < untilMs) {
      const count = reader.getBatch(BATCH_EVENTS, { timeoutMs: 0 });
      if (count === 0) break;
      if (orphan.saved === 0) {
        this.#onLog("warn", `${group} has no worker left; its events of ${ring.name} are saved for later`);
      }
      for (let i = 0; i < count; i++) this.#saver.save(ring, group, reader.slotOfBatch(i));
      // What is released must be in the file: this program may be killed, too.
      this.#saver.flush();
      reader.release();
      orphan.saved += count;
    }
    if (!reader.ending) return;
    this.#leave(orphan);
    if (orphan.saved > 0) this.#onLog("info", `${plural(orphan.saved, "event")} of ${ring.name} saved for ${group}`);
  }

  #leave(orphan: Orphan): void {
    orphan.reader.close();
    this.#orphans.splice(this.#orphans.indexOf(orphan), 1);
  }
}
