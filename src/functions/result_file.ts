/** Files with results that are written anew while a run goes on. */
import { fileError } from "../files/file_error.ts";
import { pathExists } from "../files/path_exists.ts";

/**
 * Writes a text file so that whoever reads it meets either the old or the new content, never half of it.
 *
 * @throws {Error} If the file cannot be written; the message names it. The old content is there then, and nothing else.
 */
export function replaceTextFile(path: string, text: string): void {
  const temporary = `${path}.new`;
  removeQuietly(temporary);
  try {
    Deno.writeTextFileSync(temporary, text, { createNew: true });
    Deno.renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw fileError("write", path, error);
  }
}

/**
 * Takes a name in the run directory for a worker's own: `name.svg`, or, if another function has it already,
 * `name_Fkt_7.svg`. A worker that was started anew gets the name that it had.
 *
 * @param path Path with the extension.
 * @param owner Name of the function's entry in the setup.
 * @param options `isAgain`: the worker was started anew and had a name before. @default {false}
 * @throws {Error} If neither can be had; the message names the second one.
 */
export function reserveFile(path: string, owner: string, options: { readonly isAgain?: boolean } = {}): string {
  const dot = path.lastIndexOf(".");
  const other = `${path.slice(0, dot)}_${owner}${path.slice(dot)}`;
  if (options.isAgain === true) return pathExists(other) ? other : path;
  for (const candidate of [path, other]) {
    try {
      Deno.openSync(candidate, { write: true, createNew: true }).close();
      return candidate;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw fileError("create", candidate, error);
    }
  }
  throw new Error(`Cannot create "${other}": expected a name that is not taken yet, found a file of that name`);
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Mostly it is not there; otherwise the file cannot be made, which is reported.
  }
}
