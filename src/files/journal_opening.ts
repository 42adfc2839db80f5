/** Files of journals that are to be written, at the place where the next event belongs. */
import { layoutText } from "../record/layout_text.ts";
import { type RecordLayout, sameLayout } from "../record/record_layout.ts";
import { DamagedFileError } from "./damaged_file_error.ts";
import { fileError } from "./file_error.ts";
import { JournalFile } from "./journal_file.ts";
import { encodeHeader, type JournalHeader } from "./journal_header.ts";
import { JournalIndex } from "./journal_index.ts";
import { scanJournal } from "./journal_scan.ts";
import { openAtEnd } from "./journal_tail.ts";
import { leadsSomewhere } from "./path_exists.ts";

/** A file that is open at the place where the next event belongs. */
export interface OpenedJournal {
  readonly header: JournalHeader;
  readonly file: Deno.FsFile;
  readonly written: number;
  readonly index: JournalIndex;
}

/**
 * Makes a file with its header.
 *
 * @throws {Error} If it exists already, or cannot be written; the message names it, and nothing is left of it.
 */
export function createJournal(path: string, header: JournalHeader): OpenedJournal {
  const bytes = encodeHeader(header);
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { write: true, createNew: true });
  } catch (error) {
    throw fileError("create", path, error);
  }
  try {
    for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
  } catch (error) {
    file.close();
    removeQuietly(path);
    throw fileError("write", path, error);
  }
  return {
    header: { ...header, headerBytes: bytes.length / 2 },
    file,
    written: bytes.length,
    index: new JournalIndex(),
  };
}

/**
 * Opens a journal to go on with it: cuts off what stands behind its last whole event.
 *
 * @returns Null if there is no such file, or less than a header in it.
 * @throws {TypeError} If it has another layout; the message names both.
 * @throws {DamagedFileError} If it is no journal.
 * @throws {Error} If it cannot be read or written.
 */
export function reopenJournal(path: string, layout: RecordLayout): OpenedJournal | null {
  if (!leadsSomewhere(path)) return null;
  using old = openOrRemove(path);
  if (old === null) return null;
  if (!sameLayout(old.layout, layout)) {
    throw new TypeError(
      `Cannot go on with "${path}": expected records of ${layoutText(layout)}, found ${layoutText(old.layout)}`,
    );
  }
  const { end, index } = scanJournal(old);
  const file = openAtEnd(old, end);
  return { header: old.header, file, written: end, index };
}

/** A file that ends inside its header has no events: it is as good as none. */
function openOrRemove(path: string): JournalFile | null {
  try {
    return new JournalFile(path);
  } catch (error) {
    if (!(error instanceof DamagedFileError && error.fault.isTail)) throw error;
    Deno.removeSync(path);
    return null;
  }
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // The first error is the one to report.
  }
}
