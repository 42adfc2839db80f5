/** Finishing journals whose program was stopped. */
import { DamagedFileError, type FileFault } from "./damaged_file_error.ts";
import { fileError } from "./file_error.ts";
import { JournalFile } from "./journal_file.ts";
import { openAtEnd } from "./journal_tail.ts";
import { scanJournal } from "./journal_scan.ts";

/** What {@linkcode completeJournal} found and did. */
export interface JournalCompletion {
  /** True if the journal had been closed; nothing was changed then. */
  readonly wasComplete: boolean;
  /** Whole events in the file. */
  readonly events: number;
  /** Bytes that were cut off behind the last whole event. */
  readonly cutBytes: number;
  /** Damage before that, which stays as it is, and what was cut off. */
  readonly faults: readonly FileFault[];
}

/**
 * Finishes a journal file whose program was stopped: cuts off what stands behind the last whole event, and writes the
 * index. Does nothing to a journal that was closed. A file that ends inside its header has no events; it is removed. Must not
 * be called while somebody writes the file. Synchronous.
 *
 * @throws {DamagedFileError} If it is no journal, or its header is damaged twice.
 * @throws {Error} If the file cannot be read or written; the message names it.
 *
 * @example Finish what a killed run has left
 * ```ts
 * import { completeJournal, JournalWriter, recordLayout } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const path = Deno.makeTempFileSync({ suffix: ".mjournal" });
 * Deno.removeSync(path);
 * new JournalWriter(path, recordLayout("float32", 4)).close();
 * const { size } = Deno.statSync(path);
 * Deno.truncateSync(path, size - 10);
 * assertEquals(completeJournal(path).wasComplete, false);
 * assertEquals(Deno.statSync(path).size, size);
 * Deno.removeSync(path);
 * ```
 */
export function completeJournal(path: string): JournalCompletion {
  let journal: JournalFile;
  try {
    journal = new JournalFile(path);
  } catch (error) {
    if (!(error instanceof DamagedFileError && error.fault.isTail)) throw error;
    removeFile(path);
    return { wasComplete: false, events: 0, cutBytes: error.fault.byteLength, faults: [error.fault] };
  }
  using file = journal;
  const { isComplete, end, index, events, faults, tail } = scanJournal(file);
  if (isComplete) return { wasComplete: true, events, cutBytes: 0, faults: file.headerFaults };
  const target = openAtEnd(file, end);
  try {
    const bytes = index.encode(file.header.marker);
    for (let done = 0; done < bytes.length;) done += target.writeSync(bytes.subarray(done));
  } catch (error) {
    throw fileError("write", path, error);
  } finally {
    target.close();
  }
  return {
    wasComplete: false,
    events,
    cutBytes: Math.max(0, file.size - end),
    faults: [...file.headerFaults, ...faults, ...(tail === null ? [] : [tail])],
  };
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    throw fileError("remove", path, error);
  }
}
