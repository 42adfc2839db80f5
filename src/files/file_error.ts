/** Errors of the file system in the words of this project. */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";

/** Numbers of the operating system's errors, with what was wanted instead. */
const WANTED: Readonly<Record<number, string>> = {
  5: "a disk that works",
  20: "folders, no file, before the last name",
  21: "a file, not a folder",
  22: "a name that the file system allows",
  24: "fewer open files, or a higher limit (ulimit -n)",
  27: "a file that may become so large (ulimit -f)",
  28: "free space on its disk",
  30: "a disk that is not read-only",
  36: "a shorter name",
  40: "links that lead somewhere",
  122: "free space in the user's quota",
};

const FULL: readonly number[] = [28, 122];

/**
 * Makes an error that names the file and says what the operating system answered, and how much is free if its disk is full.
 * It has no stack beyond its message.
 *
 * @param action What could not be done with it: `write`, `read`, `create` …
 * @param path The file.
 * @param cause What was thrown.
 */
export function fileError(action: string, path: string, cause: unknown): Error {
  const found = cause instanceof Error ? cause.message : String(cause);
  const room = FULL.includes(errorNumber(cause)) ? freeSpaceText(path) : "";
  const error = new Error(`Cannot ${action} "${path}": expected ${wantedFor(cause)}, found "${found}"${room}`, {
    cause,
  });
  // The file system's answer says everything; where the program was then tells nobody anything.
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/**
 * After a failed write: makes a file as long as it was before, and goes to its end. Says nothing if that cannot be done,
 * because the write's error is the one to report.
 */
export function cutBack(file: Deno.FsFile, bytes: number): void {
  try {
    file.truncateSync(bytes);
    file.seekSync(bytes, Deno.SeekMode.Start);
  } catch {
    // A device cannot be cut.
  }
}

function errorNumber(cause: unknown): number {
  return Number(cause instanceof Error ? /os error (\d+)\b/.exec(cause.message)?.[1] ?? 0 : 0);
}

function wantedFor(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "an existing file in an existing folder";
  if (cause instanceof Deno.errors.AlreadyExists) return "a name that is not taken yet";
  const wanted = WANTED[errorNumber(cause)];
  if (wanted !== undefined) return wanted;
  if (cause instanceof Deno.errors.PermissionDenied || cause instanceof Deno.errors.NotCapable) {
    return "permission for it";
  }
  return "the file system to do it";
}

/** `; 12 kB are free on its disk, delete something or choose another folder`, or nothing if that cannot be found out. */
function freeSpaceText(path: string): string {
  for (const place of [path, dirname(path)]) {
    try {
      const { bavail, bsize } = statfsSync(place);
      return `; ${byteText(bavail * bsize)} free on its disk: delete something or choose another folder`;
    } catch {
      continue;
    }
  }
  return "";
}

function byteText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`;
  return bytes < 1e10 ? `${Math.round(bytes / 1e6)} MB` : `${Math.round(bytes / 1e9)} GB`;
}
