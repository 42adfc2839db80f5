/** Names of shared-memory segments, and what to do with those that a dead program left. */
import { isProcessAlive, type ProcessIdentity, processOfPid } from "./process_identity.ts";
import { isSegmentInUse } from "./segment_lock.ts";
import { segmentRunDirectory } from "./segment_run_directory.ts";

const SEGMENT_FOLDER = "/dev/shm";
const NAME_REGEXP = /^mimocorb-(\d+)-(\d+)-/;
/** In the record of a run that goes on or was killed, or of which only the files were completed on another machine. */
const UNFINISHED_REGEXP = /^(?:status: running| {2}files_only: true)$/m;

/** A ring of a run that was killed: its events can still be had, see `RingBuffer.attach`. */
export interface AbandonedSegment {
  /** Name of the segment. */
  readonly segment: string;
  /** Directory of the run to which the ring belongs. */
  readonly runDirectory: string;
}

/** A new name for a ring of this process: holds pid and start time, so that others can see whether it still lives. */
export function newSegmentName(ring: string): string {
  const plain = ring.replace(/[^A-Za-z0-9_.-]/g, "_").slice(0, 63);
  // Random, because each thread of a process may make rings.
  const unique = crypto.randomUUID().slice(0, 8);
  return `/mimocorb-${Deno.pid}-${processOfPid(Deno.pid)?.start ?? 0}-${unique}-${plain}`;
}

/**
 * Segments whose programs have ended without removing them (killed, for instance), and whose runs nobody has finished yet:
 * the record in the run directory, `run.yaml`, says that the run goes on, or that only its files were completed.
 */
export function abandonedSegments(): AbandonedSegment[] {
  return deadSegments().flatMap((name) => {
    const runDirectory = keptFor(name);
    return runDirectory === null ? [] : [{ segment: `/${name}`, runDirectory }];
  });
}

/** Segments of dead programs that belong to a run directory, whatever its record says. */
export function deadSegmentsOf(runDirectory: string): string[] {
  const directory = realPath(runDirectory);
  return deadSegments().filter((name) => {
    const found = segmentRunDirectory(`${SEGMENT_FOLDER}/${name}`);
    return found !== null && (found === runDirectory || realPath(found) === directory);
  }).map((name) => `/${name}`);
}

/**
 * Removes the segments of programs that have ended without removing them, except those in {@linkcode abandonedSegments}.
 *
 * @returns The names of the removed segments, without path.
 */
export function sweepStaleSegments(): string[] {
  return deadSegments().filter((name) => {
    if (keptFor(name) !== null) return false;
    try {
      Deno.removeSync(`${SEGMENT_FOLDER}/${name}`);
      return true;
    } catch {
      return false; // of another user, or removed by another sweep
    }
  });
}

/** Names, without path, of segments whose creators do not live any more. */
function deadSegments(): string[] {
  try {
    return Array.from(Deno.readDirSync(SEGMENT_FOLDER), (entry) => entry.name).filter((name) => {
      const creator = creatorOf(name);
      // The number may be one of another container, of which only the lock tells.
      return creator !== null && !isProcessAlive(creator) && !isSegmentInUse(`/${name}`);
    });
  } catch {
    return [];
  }
}

function creatorOf(name: string): ProcessIdentity | null {
  const match = NAME_REGEXP.exec(name);
  return match === null ? null : { pid: Number(match[1]), start: Number(match[2]) };
}

/** The run directory for which a segment is kept: it is named in the segment, and its record says that more is to be done. */
function keptFor(name: string): string | null {
  const directory = segmentRunDirectory(`${SEGMENT_FOLDER}/${name}`);
  if (directory === null) return null;
  try {
    // Without a record no event was taken: it is written before the start, and replaced as a whole.
    return UNFINISHED_REGEXP.test(Deno.readTextFileSync(`${directory}/run.yaml`)) ? directory : null;
  } catch (error) {
    const isGone = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
    return isGone ? null : directory; // what cannot be looked at may still be there
  }
}

function realPath(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch {
    return null;
  }
}
