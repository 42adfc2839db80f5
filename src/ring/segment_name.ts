/** Names of shared-memory segments, and what to do with those that a dead program left. */

const SEGMENT_FOLDER = "/dev/shm";
const NAME_REGEXP = /^mimocorb-(\d+)-(\d+)-/;

/** Start time of a process in clock ticks since boot (field 22 of /proc/PID/stat), or null if there is none. */
function processStart(pid: number): string | null {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return null;
  }
}

/** A new name for a ring of this process: holds pid and start time, so that others can see whether it still lives. */
export function newSegmentName(ring: string): string {
  const plain = ring.replace(/[^A-Za-z0-9_.-]/g, "_").slice(0, 63);
  // Random, because each thread of a process may make rings.
  const unique = crypto.randomUUID().slice(0, 8);
  return `/mimocorb-${Deno.pid}-${processStart(Deno.pid) ?? 0}-${unique}-${plain}`;
}

/**
 * Removes the segments of programs that have ended without removing them (killed, for instance).
 *
 * @returns The names of the removed segments, without path.
 */
export function sweepStaleSegments(): string[] {
  let names: string[];
  try {
    names = Array.from(Deno.readDirSync(SEGMENT_FOLDER), (entry) => entry.name);
  } catch {
    return [];
  }
  return names.filter((name) => {
    const owner = NAME_REGEXP.exec(name);
    if (owner === null || processStart(Number(owner[1])) === owner[2]) return false;
    try {
      Deno.removeSync(`${SEGMENT_FOLDER}/${name}`);
      return true;
    } catch {
      return false; // of another user, or removed by another sweep
    }
  });
}
