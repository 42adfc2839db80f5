/** The shared memory of a killed run, locked for whoever finishes the run. */
import { join } from "node:path";
import { isProcessAlive } from "../ring/process_identity.ts";
import { lockSegment } from "../ring/segment_lock.ts";
import { segmentUsers } from "../ring/segment_users.ts";
import { RecoveryRefused } from "./killed_run.ts";
import type { RunRecordBasis } from "./run_record_format.ts";

/** For how long the statistics of a run of another machine are watched: it writes a line each second while it lives. */
const WATCH_MS = 3000;

/** Locks on segments; nobody else can open or recover them meanwhile. */
export class HeldSegments implements Disposable {
  readonly #files: Deno.FsFile[] = [];

  /**
   * Locks those segments of a run that there are.
   *
   * @throws {RecoveryRefused} If anything of the run is alive, or another recovery is at work.
   */
  constructor(runDirectory: string, { begin, rings }: RunRecordBasis) {
    const program = { pid: begin.process_id, start: begin.process_start };
    const users = rings.flatMap(({ segment }) => segmentUsers(segment));
    if (program.pid !== Deno.pid && isProcessAlive(program)) users.push(program.pid);
    if (users.length > 0) throw inUse(runDirectory, users);
    for (const { segment } of rings) {
      try {
        const file = lockSegment(segment);
        if (file === null) throw inUse(runDirectory, []);
        this.#files.push(file);
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) continue;
        this[Symbol.dispose]();
        throw error;
      }
    }
  }

  /** Number of segments that were found. */
  get length(): number {
    return this.#files.length;
  }

  /** Gives the locks back. */
  [Symbol.dispose](): void {
    for (const file of this.#files.splice(0)) file.close();
  }
}

/**
 * Waits whether a run whose shared memory is not here writes anything.
 *
 * @throws {RecoveryRefused} If it does.
 */
export async function refuseIfWriting(runDirectory: string, { begin }: RunRecordBasis): Promise<void> {
  const before = bytesOfStats(runDirectory);
  await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  if (bytesOfStats(runDirectory) === before) return;
  throw new RecoveryRefused(
    `Cannot recover "${runDirectory}": expected all of its program to have ended, found that it is still being written to ` +
      `by "${begin.host}"; stop the run there`,
  );
}

/** Read as a whole: file systems of other machines may give an old size. */
function bytesOfStats(runDirectory: string): number {
  try {
    return Deno.readFileSync(join(runDirectory, "stats.csv")).length;
  } catch {
    return 0;
  }
}

function inUse(runDirectory: string, users: readonly number[]): RecoveryRefused {
  const pids = [...new Set(users)];
  const who = pids.length === 0
    ? "a process that cannot be seen from here (of a container, of another user, or of another recovery)"
    : `${pids.length === 1 ? "process" : "processes"} ${pids.join(", ")}`;
  return new RecoveryRefused(
    `Cannot recover "${runDirectory}": expected all of its program to have ended, found its rings in use by ${who}`,
  );
}
