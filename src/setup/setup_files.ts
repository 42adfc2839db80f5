/** Where the files that a setup names are looked for. */
import { basename, dirname, isAbsolute, join, normalize, resolve } from "node:path/posix";
import { nearestWord } from "./nearest_word.ts";
import type { SetupResolver } from "./setup_resolver.ts";

/** The two folders from which names in a setup are looked up, in this order. */
export interface LookupFolders {
  readonly setupDirectory: string;
  readonly resolver: SetupResolver;
}

/** Makes a path absolute: `~` is the user's folder, other relative paths start in the folder given. */
export function absolutePath(path: string, from: string, resolver: SetupResolver): string {
  const home = resolver.homeDirectory;
  if (home !== null && (path === "~" || path.startsWith("~/"))) return normalize(join(home, path.slice(1)));
  return resolve(from, path);
}

/** A path as a user would type it: relative to the working directory if it lies below it. */
export function shownPath(path: string, resolver: SetupResolver): string {
  const below = `${resolver.workingDirectory.replace(/\/+$/, "")}/`;
  return path.startsWith(below) ? path.slice(below.length) : path;
}

/** All paths that a name can mean, in the order in which they are tried. */
export function candidatePaths(name: string, folders: LookupFolders): string[] {
  const { setupDirectory, resolver } = folders;
  if (isAbsolute(name) || name.startsWith("~")) return [absolutePath(name, setupDirectory, resolver)];
  return [...new Set([resolve(setupDirectory, name), resolve(resolver.workingDirectory, name)])];
}

/** The first existing file that a name can mean, or null. */
export function findFile(name: string, folders: LookupFolders): string | null {
  return candidatePaths(name, folders).find((path) => folders.resolver.exists(path)) ?? null;
}

/**
 * The file name that was probably meant, written like the one given.
 *
 * @param name The name given.
 * @param isWanted Says which files count; they are compared and suggested without their extension if that is given away.
 */
export function suggestFile(
  name: string,
  folders: LookupFolders,
  options: { readonly extensions: readonly string[]; readonly keepExtension: boolean },
): string | null {
  for (const path of candidatePaths(name, folders)) {
    const files = folders.resolver.list(dirname(path))
      .filter((file) => options.extensions.some((extension) => file.endsWith(extension)))
      .map((file) => options.keepExtension ? file : file.replace(/\.[^.]+$/, ""));
    const nearest = nearestWord(basename(path), files);
    if (nearest !== null) return join(dirname(name), nearest);
  }
  return null;
}

/** `file:` URL of an absolute path. */
export function fileUrl(path: string): string {
  const escaped = encodeURI(path).replaceAll("?", "%3F").replaceAll("#", "%23");
  return new URL(`file://${escaped}`).href;
}
