/** Errors of the file system in the words of this project. */

/**
 * Makes an error that names the file and says what the operating system answered.
 *
 * @param action What could not be done with it: `write`, `read`, `create` …
 * @param path The file.
 * @param cause What was thrown.
 */
export function fileError(action: string, path: string, cause: unknown): Error {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new Error(`Cannot ${action} "${path}": expected ${wantedFor(cause)}, found "${found}"`, { cause });
}

function wantedFor(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "an existing file in an existing folder";
  if (cause instanceof Deno.errors.AlreadyExists) return "a name that is not taken yet";
  if (cause instanceof Deno.errors.PermissionDenied || cause instanceof Deno.errors.NotCapable) {
    return "permission for it";
  }
  if (cause instanceof Error && /os error (28|122)\b/.test(cause.message)) return "free space on its disk";
  if (cause instanceof Error && /os error 30\b/.test(cause.message)) return "a disk that is not read-only";
  return "the file system to do it";
}
