/** Whether there is something at a path. */

/** True if there is a file or folder, or a link that leads to one. */
export function leadsSomewhere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** True if there is a file, a folder or a link of this name, also one that leads nowhere. */
export function pathExists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
