/** Events that a killed program had saved itself, in place of workers that had died before. */
import { join } from "node:path";
import { completeFile } from "../files/complete_file.ts";
import { DamagedFileError } from "../files/damaged_file_error.ts";
import { JournalReader } from "../files/journal_reader.ts";
import type { RingTally } from "../ring/ring_status.ts";
import type { Slot } from "../ring/slot.ts";
import type { RecoveredEvents } from "./recorded_troubles.ts";
import { UNFINISHED } from "./rescue.ts";

/** What was found of them. */
export class SavedEvents {
  /** Journals, with all events that they hold. */
  readonly events: readonly RecoveredEvents[];
  /** What is missing or cannot be read, one sentence each. */
  readonly notes: readonly string[];
  /** Events that are in a journal and still in the ring: how often each, by group. */
  readonly #also = new Map<string, number>();

  /**
   * Completes the journals and compares them with the rings: a program writes events before it releases them, so that a kill
   * may leave the last of them in both.
   *
   * @param runDirectory Path of the run directory.
   * @param tallies Counters of the rings, all of whose owners were recovered.
   */
  constructor(runDirectory: string, tallies: ReadonlyMap<string, RingTally>) {
    const events: RecoveredEvents[] = [];
    const notes: string[] = [];
    for (const file of journalsIn(join(runDirectory, UNFINISHED))) {
      const path = join(runDirectory, file);
      completeFile(path);
      try {
        using journal = new JournalReader(path, { series: false });
        const { ring = "", function: group = "" } = journal.origin;
        events.push({ ring, group, events: journal.length, file });
        const released = tallies.get(ring)?.groups.find(({ name }) => name === group)?.saved ?? journal.length;
        if (released > journal.length) {
          notes.push(`${file}: ${released - journal.length} of ${released} events are missing`);
        }
        for (let i = released; i < journal.length; i++) {
          const key = keyOf(ring, group, journal.at(i)!);
          this.#also.set(key, (this.#also.get(key) ?? 0) + 1);
        }
      } catch (error) {
        if (!(error instanceof DamagedFileError)) throw error;
        notes.push(error.message);
      }
    }
    this.events = events;
    this.notes = notes;
  }

  /** True once for each event that need not be saved again. */
  takes(ring: string, group: string, slot: Slot): boolean {
    const key = keyOf(ring, group, slot);
    const left = this.#also.get(key) ?? 0;
    if (left > 0) this.#also.set(key, left - 1);
    return left > 0;
  }
}

function journalsIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".mjournal")).map(({ name }) =>
      `${UNFINISHED}/${name}`
    ).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function keyOf(ring: string, group: string, event: { readonly counter: number; readonly timestamp: number }): string {
  return JSON.stringify([ring, group, event.counter, event.timestamp]);
}
