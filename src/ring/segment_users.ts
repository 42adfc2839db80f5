/** Finds the processes that have a segment open. */

/**
 * Processes of this machine, other than this one, that have a ring's segment mapped: its creator and its workers, as long
 * as they live. Those of other users cannot be seen.
 *
 * @param segment Name of the segment, as `RingBuffer.segment` gives it.
 * @returns Their numbers, in no particular order.
 */
export function segmentUsers(segment: string): number[] {
  const path = `/dev/shm${segment}`;
  const users: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === Deno.pid) continue;
    try {
      const maps = Deno.readTextFileSync(`/proc/${pid}/maps`);
      if (maps.includes(`${path}\n`) || maps.includes(`${path} (deleted)\n`)) users.push(pid);
    } catch {
      continue; // has ended, or belongs to another user
    }
  }
  return users;
}
