/** Runs whose programs were killed, and whose last events wait in shared memory. */
import { abandonedSegments } from "../ring/segment_name.ts";

/** Run directories of killed runs that `recoverRun` can finish, in order of their names. */
export function abandonedRuns(): string[] {
  return [...new Set(abandonedSegments().map(({ runDirectory }) => runDirectory))].sort();
}

/** A line for whoever starts the next run; empty if there is nothing to say. */
export function describeAbandonedRuns(): string {
  return abandonedRuns().map((directory) =>
    `A run was killed and holds events in shared memory; finish it with: run_daq.ts recover ${directory}\n`
  ).join("");
}
