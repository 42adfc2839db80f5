/** The ends of journals that are written on. */
import { fileError } from "./file_error.ts";
import type { JournalFile } from "./journal_file.ts";

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
