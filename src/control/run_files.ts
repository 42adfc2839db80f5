/** Which files of a run directory the run has written itself; whatever else lies there is somebody else's. */
import { UNFINISHED } from "./rescue.ts";

/** Files that every run writes, and that a kill may leave torn. */
const FILES_OF_EVERY_RUN: readonly string[] = ["log.txt", "stats.csv", "run.yaml.new"];

/** Behind the name of a table's folder: its finished parts, and beside it the open ones and the room that is kept for them. */
const PART_OF_TABLE = /^(?:\/part-\d{5,}(?:_\d+)?\.parquet|\.part-\d{5,}(?:_\d+)?\.parquet\.new|\.room(?:_\d+)?\.new)$/;

/**
 * Says whether a run has written a file, or is writing it.
 *
 * @param path Path in the run directory.
 * @param files Files that the functions have named, as in the begin record.
 */
export function isFileOfRun(path: string, files: readonly string[]): boolean {
  if (FILES_OF_EVERY_RUN.includes(path) || path.startsWith(`${UNFINISHED}/`)) return true;
  return files.some((file) => path === file || path === `${file}.new` || isPartOf(path, file));
}

/** Journals are continued in files with numbers, tables are folders of files. */
function isPartOf(path: string, file: string): boolean {
  const dot = file.lastIndexOf(".");
  if (file.endsWith(".mjournal")) {
    return path.startsWith(`${file.slice(0, dot)}_`) && /^_\d{4,}\.mjournal$/.test(path.slice(dot));
  }
  return path.startsWith(file) && PART_OF_TABLE.test(path.slice(file.length));
}
