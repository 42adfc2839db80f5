/** Recorded raw events, whichever of our two systems wrote them. */
import type { EventReader } from "./event_reader.ts";
import { fileError } from "./file_error.ts";
import { JournalReader } from "./journal_reader.ts";
import { isMimo } from "./mimo_header.ts";
import { MimoReader } from "./mimo_reader.ts";

const MAGIC_BYTES = 2;

/**
 * Opens a journal (`.mjournal`) or a file of mimoCoRB2 (`.mimo`); its first bytes say which it is.
 *
 * @param path The file; a journal also without its extension.
 * @param options `salvage`: pass over what is damaged, see {@linkcode JournalReader}. @default {{}}
 * @throws {DamagedFileError} If it is neither, or its header is damaged.
 * @throws {Error} If it cannot be read; the message names it.
 */
export function openRecordedEvents(path: string, options: { salvage?: boolean } = {}): EventReader {
  return isMimo(beginOf(path)) ? new MimoReader(path) : new JournalReader(path, options);
}

function beginOf(path: string): Uint8Array {
  const begin = new Uint8Array(MAGIC_BYTES);
  try {
    using file = Deno.openSync(path);
    return begin.subarray(0, file.readSync(begin) ?? 0);
  } catch (error) {
    const mayLackExtension = !path.endsWith(".mimo");
    if (error instanceof Deno.errors.NotFound && mayLackExtension) return begin.subarray(0, 0);
    throw fileError("read", path, error);
  }
}
