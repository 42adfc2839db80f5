/** Which process it is, beyond its number, which the system uses again. */

/** A process of this machine. */
export interface ProcessIdentity {
  /** Its number. */
  readonly pid: number;
  /** When it began, in clock ticks since boot (field 22 of /proc/PID/stat). */
  readonly start: number;
}

/** The process that has this number now, or null if there is none. A process that has ended counts until it was reaped. */
export function processOfPid(pid: number): ProcessIdentity | null {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return { pid, start: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]) };
  } catch {
    return null;
  }
}

/** True if this very process is still there, and not only another one with its number. */
export function isProcessAlive({ pid, start }: ProcessIdentity): boolean {
  return processOfPid(pid)?.start === start;
}
