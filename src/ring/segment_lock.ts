/** Locks on segments' files: whoever has a ring open holds a shared one, as long as its process lives (see `ring.h`). */

/** A file without content may be one that its creator has not locked yet; not for longer than this. */
const CREATION_MS = 10_000;

/**
 * Locks a segment for whoever takes over what dead processes left. The lock holds until the file is closed.
 *
 * @param segment Name of the segment, as `RingBuffer.segment` gives it.
 * @returns Null if somebody has the ring open, in whatever container, or takes it over already.
 * @throws {Deno.errors.NotFound} If there is no such segment.
 */
export function lockSegment(segment: string): Deno.FsFile | null {
  const file = Deno.openSync(`/dev/shm${segment}`);
  try {
    if (!isBeingMade(file) && file.tryLockSync(true)) return file;
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return null;
}

/** True if somebody has the ring open, or if that cannot be found out. */
export function isSegmentInUse(segment: string): boolean {
  try {
    const file = lockSegment(segment);
    file?.close();
    return file === null;
  } catch {
    return true; // of another user, or removed meanwhile
  }
}

function isBeingMade(file: Deno.FsFile): boolean {
  const { size, birthtime, mtime } = file.statSync();
  return size === 0 && Date.now() - (birthtime ?? mtime ?? new Date(0)).getTime() < CREATION_MS;
}
