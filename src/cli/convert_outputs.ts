/** Which files a conversion makes. */
import { basename, dirname, join, resolve } from "node:path";
import { FORMAT_EXTENSION, type WritableFormat } from "../files/event_writer.ts";
import { JournalFile } from "../files/journal_file.ts";
import { journalParts } from "../files/journal_parts.ts";
import { eventFormat } from "../files/open_event_reader.ts";
import { pathExists } from "../files/path_exists.ts";
import type { ConvertArguments } from "./convert_arguments.ts";

/** One file, and what is made of it. */
export interface ConvertJob {
  readonly input: string;
  readonly output: string;
}

/** Endings of files with events, packed ones included. */
const EXTENSIONS = /\.(mjournal|mimo|csv|txt|parquet|tar|tgz|tbz2?)(\.(gz|bz2))?$/;

/**
 * Finds a name for each output. A journal's further parts are converted with its first one, so those among the files are
 * left out.
 *
 * @throws {Error} If a file cannot be read, or an output is there already or would be made twice; the message has the name.
 */
export function outputsFor({ files, format, output }: ConvertArguments): ConvertJob[] {
  const parts = new Set(files.flatMap(furtherParts));
  const inputs = [...new Set(files)].filter((file) => !parts.has(resolve(file)));
  const folder = output !== null && (inputs.length > 1 || isFolder(output)) ? output : null;
  const jobs = inputs.map((input): ConvertJob => {
    if (output !== null && folder === null) return { input, output };
    return { input, output: join(folder ?? dirname(input), outputName(input, format)) };
  });
  const made = new Set<string>();
  for (const { input, output: path } of jobs) {
    if (pathExists(path)) {
      throw new Error(
        `Cannot convert "${input}": expected a name that is not taken yet, found "${path}"; name another one with --output`,
      );
    }
    if (made.has(resolve(path))) {
      throw new Error(`Cannot convert "${input}": expected an output of its own, found "${path}" for two files`);
    }
    made.add(resolve(path));
  }
  if (folder !== null) Deno.mkdirSync(folder, { recursive: true });
  return jobs;
}

function outputName(input: string, format: WritableFormat): string {
  const name = basename(resolve(input));
  const stem = name.replace(EXTENSIONS, "");
  return `${stem === "" ? name : stem}${FORMAT_EXTENSION[format]}`;
}

/** Absolute paths of the files of a journal behind its first one. */
function furtherParts(path: string): string[] {
  if (eventFormat(path) !== "journal") return [];
  let first: JournalFile;
  try {
    first = new JournalFile(path);
  } catch {
    // Whoever converts the file will say what is wrong with it.
    return [];
  }
  using file = first;
  return journalParts(file).paths.slice(1).map((part) => resolve(part));
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
