/** The files of a journal: `name.mjournal`, `name_0001.mjournal`, `name_0002.mjournal` … */
import { fileError } from "./file_error.ts";
import { JournalFile } from "./journal_file.ts";

/** Ending of the files' names. */
export const JOURNAL_EXTENSION = ".mjournal";

const PART_DIGITS = 4;

/**
 * Name of a file of a journal.
 *
 * @param path Path of its first file.
 * @param part Number of the file, from 0.
 */
export function partPath(path: string, part: number): string {
  return part === 0 ? path : `${stemOf(path)}_${String(part).padStart(PART_DIGITS, "0")}${JOURNAL_EXTENSION}`;
}

/** Paths of the files that by their names can belong to a journal, in their order, the first file included if it exists. */
export function partPaths(path: string): { readonly part: number; readonly path: string }[] {
  const slash = path.lastIndexOf("/");
  const folder = slash < 0 ? "." : path.slice(0, slash + 1);
  const stem = stemOf(path.slice(slash + 1));
  const parts: { part: number; path: string }[] = [];
  try {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      if (isDirectory || !name.startsWith(stem) || !name.endsWith(JOURNAL_EXTENSION)) continue;
      const middle = name.slice(stem.length, -JOURNAL_EXTENSION.length);
      const part = middle === "" ? 0 : Number(/^_(\d{4,})$/.exec(middle)?.[1] ?? NaN);
      if (part >= 0 && partPath(path, part).endsWith(name)) parts.push({ part, path: partPath(path, part) });
    }
  } catch (error) {
    throw fileError("read", folder, error);
  }
  return parts.sort((a, b) => a.part - b.part);
}

function stemOf(path: string): string {
  return path.endsWith(JOURNAL_EXTENSION) ? path.slice(0, -JOURNAL_EXTENSION.length) : path;
}

/**
 * Finds the files of a journal by the name of its first one: those whose names and headers fit.
 *
 * @returns Their paths in order, the first file being the one given, and numbers of parts that are missing between them.
 */
export function journalParts(first: JournalFile): { readonly paths: readonly string[]; readonly missing: number[] } {
  const { path, header } = first;
  if (header.part !== 0) return { paths: [path], missing: [] };
  const paths = [path];
  const missing: number[] = [];
  let expected = 1;
  for (const { part, path: candidate } of partPaths(path)) {
    if (part === 0 || !isOfSeries(candidate, header.series)) continue;
    for (; expected < part; expected++) missing.push(expected);
    paths.push(candidate);
    expected = part + 1;
  }
  return { paths, missing };
}

/** A file whose header cannot be read belongs to the journal by its name; reading it will say what is wrong. */
function isOfSeries(path: string, series: string): boolean {
  try {
    using file = new JournalFile(path);
    return file.header.series === series;
  } catch {
    return true;
  }
}
