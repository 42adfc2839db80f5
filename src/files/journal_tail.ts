/** The ends of journals that are written on. */
import { fileError } from "./file_error.ts";
import { JournalFile } from "./journal_file.ts";
import { partPaths } from "./journal_parts.ts";

/**
 * Opens a journal for writing at the end of an event, cuts off what stands behind it, and makes both copies of the header
 * whole.
 *
 * @throws {Error} If the file cannot be written; the message names it.
 */
export function openAtEnd(journal: JournalFile, end: number): Deno.FsFile {
  const { path, headerFaults, headerImage } = journal;
  try {
    const file = Deno.openSync(path, { write: true });
    try {
      file.truncateSync(end);
      if (headerFaults.length > 0) {
        for (const copy of [0, 1]) {
          file.seekSync(copy * headerImage.length, Deno.SeekMode.Start);
          for (let done = 0; done < headerImage.length;) done += file.writeSync(headerImage.subarray(done));
        }
      }
      file.seekSync(end, Deno.SeekMode.Start);
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  } catch (error) {
    throw fileError("write", path, error);
  }
}

/**
 * Counters of the last events of a journal that ends with a whole event and has no index yet, newest first.
 *
 * @param path Path of its first file.
 * @param most How many at most.
 */
export function lastCounters(path: string, most: number): number[] {
  const counters: number[] = [];
  for (const part of partPaths(path).reverse()) {
    using file = new JournalFile(part.path);
    const { frameBytes } = file.header;
    const end = file.findIndex() ?? file.size;
    for (let offset = end - frameBytes; offset >= file.firstFrame; offset -= frameBytes) {
      if (counters.length === most) return counters;
      if (file.look(offset) !== "event") break;
      counters.push(file.counter);
    }
  }
  return counters;
}
