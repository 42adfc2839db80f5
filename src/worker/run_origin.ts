/** What files say about where their events come from. */
import { basename } from "node:path";
import type { JournalOrigin } from "../files/journal_header.ts";
import { parse } from "../std/yaml.js";
import type { FunctionContext } from "./context.ts";

/**
 * The run, ring and function of a worker that writes the events of its first source into a file. Name and time of the run
 * are those of the run's record, as far as there is one.
 */
export function runOrigin(context: FunctionContext<unknown>): JournalOrigin {
  return {
    ...recordedRun(`${context.runDirectory}/run.yaml`),
    directory: basename(context.runDirectory),
    ring: context.sources[0].name,
    function: context.name,
    worker: context.workerNumber,
  };
}

function recordedRun(path: string): Pick<JournalOrigin, "run" | "began"> {
  let record: unknown;
  try {
    record = parse(Deno.readTextFileSync(path));
  } catch {
    // A function that is used without a run's record, as in tests, still gets its file.
    return {};
  }
  const { run, begin } = (record ?? {}) as { run?: unknown; begin?: { time_utc?: unknown } };
  const beganMs = begin?.time_utc === undefined ? NaN : new Date(begin.time_utc as string | Date).getTime();
  return {
    ...(run === undefined ? {} : { run: String(run) }),
    ...(Number.isFinite(beganMs) ? { began: beganMs / 1000 } : {}),
  };
}
