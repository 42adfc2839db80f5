/** Paths of files that configurations name. */
import { leadsSomewhere } from "../files/path_exists.ts";
import type { FunctionContext } from "../worker/context.ts";

/**
 * Finds a file or folder that a function reads: from the working directory, then from the setup's folder.
 *
 * @param path Path as written; `~/` is the user's folder.
 * @returns The first path that exists, else the one in the working directory.
 */
export function userPath(context: FunctionContext<unknown>, path: string): string {
  const expanded = path.replace(/^~(?=\/)/, () => Deno.env.get("HOME") ?? "~");
  if (expanded.startsWith("/")) return expanded;
  const candidates = [`${Deno.cwd()}/${expanded}`, `${context.setupDirectory}/${expanded}`];
  return candidates.find(leadsSomewhere) ?? candidates[0];
}
