/** Which part of a processor a thread or a process uses (Linux). */

/** A thread; with tid null all threads of a process together. */
export interface WorkerPlace {
  readonly pid: number;
  readonly tid: number | null;
}

/** Clock ticks per second in /proc; 100 on all Linux machines (proc(5), sysconf(_SC_CLK_TCK)). */
const TICKS_PER_S = 100;

/** Reads user and system time in seconds out of the text of a `stat` file of /proc (proc(5), fields 14 and 15). */
export function cpuSecondsOf(stat: string): number {
  // The name stands in parentheses and may hold blanks and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** Measures shares between two calls for each thread or process. */
export class CpuShares {
  readonly #read: (path: string) => string;
  readonly #last = new Map<string, { timeMs: number; cpuS: number; share: number | null }>();

  /** @param read Reads a file of /proc; throws if there is none. @default `Deno.readTextFileSync` */
  constructor(read: (path: string) => string = Deno.readTextFileSync) {
    this.#read = read;
  }

  /**
   * Part of a processor that was used since the last call that was at least half a second ago; of a process with several
   * threads it may be more than 1.
   *
   * @param place The thread or process, or `null` for the whole program.
   * @param timeMs A clock that never goes back.
   * @returns Null at the first call, for who is gone, and where the system does not tell.
   */
  share(place: WorkerPlace | null, timeMs: number): number | null {
    const path = place === null
      ? "/proc/self/stat"
      : `/proc/${place.pid}/${place.tid === null ? "" : `task/${place.tid}/`}stat`;
    const last = this.#last.get(path);
    if (last !== undefined && timeMs - last.timeMs < 500) return last.share;
    let cpuS: number;
    try {
      cpuS = cpuSecondsOf(this.#read(path));
    } catch {
      this.#last.delete(path);
      return null;
    }
    const share = last === undefined ? null : Math.max(0, 1000 * (cpuS - last.cpuS) / (timeMs - last.timeMs));
    this.#last.set(path, { timeMs, cpuS, share });
    return share;
  }
}
