/** Keeps events that their readers do not come to see, for them to be processed later. */
import { basename, join } from "node:path";
import { JournalWriter } from "../files/journal_writer.ts";
import type { RingBuffer } from "../ring/ring_buffer.ts";
import type { Slot } from "../ring/slot.ts";
import type { RecoveredEvents } from "./recorded_troubles.ts";

/** Where events are kept. */
export interface EventSaverOptions {
  /** Path of the run directory. */
  readonly runDirectory: string;
  /** Name of the run. */
  readonly run: string;
  /** Folder in the run directory; made when it is needed. */
  readonly folder: string;
}

/** One journal. */
interface Saved {
  readonly ring: string;
  readonly group: string;
  readonly journal: JournalWriter;
}

/** Writes events into journals `<folder>/<ring>_<reader group>.mjournal`, which are made when there is an event for them. */
export class EventSaver {
  readonly #options: EventSaverOptions;
  readonly #saved = new Map<string, Saved>();

  /** @param options Where to. */
  constructor(options: EventSaverOptions) {
    this.#options = options;
  }

  /** Keeps one event for a reader group. Throws, with the file's name, if it cannot be written. */
  save(ring: RingBuffer, group: string, event: Slot): void {
    const key = JSON.stringify([ring.name, group]);
    let saved = this.#saved.get(key);
    if (saved === undefined) {
      saved = { ring: ring.name, group, journal: this.#open(ring, group) };
      this.#saved.set(key, saved);
    }
    saved.journal.write(event);
  }

  /**
   * Keeps all events of a ring that its groups have not finished. Nobody may be at work any more. Throws as `save` does.
   *
   * @param isKept True of events that are in another file already.
   */
  saveUnfinished(ring: RingBuffer, isKept: (group: string, event: Slot) => boolean = () => false): void {
    for (const { slot, groups } of ring.unfinished()) {
      for (const group of groups) {
        if (!isKept(group, slot)) this.save(ring, group, slot);
      }
    }
  }

  /** Writes what is in memory. Throws as `save` does. */
  flush(): void {
    for (const { journal } of this.#saved.values()) journal.flush();
  }

  /** Finishes the journals. May be repeated. Throws as `save` does. */
  close(): void {
    for (const { journal } of this.#saved.values()) journal.close();
  }

  /** What was kept so far. */
  get events(): RecoveredEvents[] {
    return Array.from(this.#saved.values(), ({ ring, group, journal }) => ({
      ring,
      group,
      events: journal.events,
      file: `${this.#options.folder}/${basename(journal.path)}`,
    }));
  }

  #open(ring: RingBuffer, group: string): JournalWriter {
    const { runDirectory, run, folder } = this.#options;
    const path = join(runDirectory, folder, `${plainName(ring.name)}_${plainName(group)}.mjournal`);
    Deno.mkdirSync(join(runDirectory, folder), { recursive: true });
    // A recovery that was itself killed may have left a part of it.
    removeIfThere(path);
    const origin = { run, directory: basename(runDirectory), ring: ring.name, function: group };
    return new JournalWriter(path, ring.layout, { origin });
  }
}

function plainName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.-]/g, "_");
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
