/** Which part of a processor a thread uses (Linux). */

import type { OwnerThread } from "./thread_table.ts";

/** Clock ticks per second in /proc; 100 on all Linux machines (proc(5), sysconf(_SC_CLK_TCK)). */
const TICKS_PER_S = 100;

/** Reads user and system time in seconds out of the text of a `stat` file of /proc (proc(5), fields 14 and 15). */
export function cpuSecondsOf(stat: string): number {
  // The name stands in parentheses and may hold blanks and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** Measures shares between two calls for each thread. */
export class CpuShares {
  readonly #read: (path: string) => string;
  readonly #last = new Map<string, { timeMs: number; cpuS: number; share: number | null }>();

  /** @param read Reads a file of /proc; throws if there is none. @default `Deno.readTextFileSync` */
  constructor(read: (path: string) => string = Deno.readTextFileSync) {
    this.#read = read;
  }

  /**
   * Part of a processor that a thread has used since the last call that was at least half a second ago.
   *
   * @param thread The thread, or `null` for the whole program.
   * @param timeMs A clock that never goes back.
   * @returns Null at the first call, for a thread that is gone, and where the system does not tell.
   */
  share(thread: OwnerThread | null, timeMs: number): number | null {
    const path = thread === null ? "/proc/self/stat" : `/proc/${thread.pid}/task/${thread.tid}/stat`;
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
