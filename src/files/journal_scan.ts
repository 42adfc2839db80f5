/** Finding the end of a journal that was not closed. */
import type { FileFault } from "./damaged_file_error.ts";
import type { JournalFile } from "./journal_file.ts";
import { JournalIndex } from "./journal_index.ts";

const WORD = 4294967296;

/** What a journal file holds. */
export interface JournalScan {
  /** True if it was closed: an index stands behind the last event. */
  readonly isComplete: boolean;
  /** Where the last whole event ends. */
  readonly end: number;
  /** Whole events; of a file that was closed as its index says. */
  readonly events: number;
  /** Where they are; `index.events` is the number of the next one. */
  readonly index: JournalIndex;
  /** Damage before the end. */
  readonly faults: readonly FileFault[];
  /** What stands behind the end and is no index, or null. */
  readonly tail: FileFault | null;
}

/**
 * Looks through a journal file: by its index if it has one, else event by event.
 *
 * @param whole Look at every event also if there is an index. @default {false}
 */
export function scanJournal(file: JournalFile, { whole = false }: { whole?: boolean } = {}): JournalScan {
  const indexAt = file.findIndex();
  if (indexAt !== null && !whole && file.look(indexAt) === "index") {
    const index = file.index();
    if (index !== null) return { isComplete: true, end: indexAt, events: index.events, index, faults: [], tail: null };
  }
  const index = new JournalIndex();
  const faults: FileFault[] = [];
  let events = 0;
  let end = file.firstFrame;
  let isComplete = false;
  for (let offset = file.firstFrame; offset < file.size;) {
    const state = file.look(offset);
    if (state === "event") {
      const number = fullNumber(file.number, index.events);
      if (index.count(number)) {
        index.add({ number, offset, counter: file.counter, timestamp: file.timestamp });
      }
      events++;
      offset += file.length;
      end = offset;
    } else if (state === "index") {
      isComplete = offset + file.length === file.size;
      offset += file.length;
    } else {
      const { reason, isTail } = file.reasonAt(offset);
      const next = file.findFrame(offset);
      faults.push({ path: file.path, offset, byteLength: next - offset, reason, events: null, isTail });
      offset = next;
    }
  }
  const before = faults.filter(({ offset }) => offset < end);
  const tail = faults.length > before.length ? { ...faults[before.length], byteLength: file.size - end } : null;
  return { isComplete, end, events, index, faults: before, tail };
}

/** The number of an event, of which the file has the lower 32 bits. */
export function fullNumber(low: number, expected: number): number {
  return expected + ((low - expected % WORD) | 0);
}
