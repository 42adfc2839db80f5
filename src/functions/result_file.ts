/** Files with results that are written anew while a run goes on. */

/**
 * Writes a text file so that whoever reads it meets either the old or the new content, never half of it.
 *
 * @throws {Error} If the file cannot be written; the message names it.
 */
export function replaceTextFile(path: string, text: string): void {
  const temporary = `${path}.new`;
  try {
    Deno.writeTextFileSync(temporary, text);
    Deno.renameSync(temporary, path);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot write "${path}": expected to replace the file, found "${found}"`, { cause: error });
  }
}

/**
 * Takes a name in the run directory for a worker's own: `name.svg`, or, if another function has it already,
 * `name_Fkt_7.svg`.
 *
 * @param path Path with the extension.
 * @param owner Name of the function's entry in the setup.
 */
export function reserveFile(path: string, owner: string): string {
  const dot = path.lastIndexOf(".");
  const other = `${path.slice(0, dot)}_${owner}${path.slice(dot)}`;
  for (const candidate of [path, other]) {
    try {
      Deno.openSync(candidate, { write: true, createNew: true }).close();
      return candidate;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
  throw new Error(`Cannot create "${other}": expected a name that is not taken yet, found a file of that name`);
}
