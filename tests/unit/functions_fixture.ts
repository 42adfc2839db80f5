/** What tests of ready-made functions share: temporary run directories and the configuration of the muon examples. */
import type { RingBuffer } from "../../src/ring/ring_buffer.ts";
import type { DaqFunction } from "../../src/worker/context.ts";
import type { FromWorker } from "../../src/worker/messages.ts";
import { type FixtureOptions, makeContext } from "./worker_fixture.ts";

export const WAVEFORM = {
  number_of_samples: 4250,
  analogue_offset: -0.48,
  sample_time_ns: 4,
  pre_trigger_samples: 500,
  trigger_level: -440,
};

export const LIFETIME = {
  ...WAVEFORM,
  trigger_position_tolerance: 20,
  peak_minimal_prominence_initial: 90,
  peak_minimal_prominence_secondary: 35,
  peak_minimal_distance: 10,
  peak_minimal_width: 10,
  chA_scaling: 1,
  chB_scaling: 1,
  chC_scaling: 1,
  chD_scaling: 1,
  signatures: [
    [["+", "+", "-", "-"], ["0", "+", "-", "-"]],
    [["+", "+", "-", "-"], ["-", "-", "+", "0"]],
    [["+", "+", "+", "+"], ["0", "0", "0", "+"]],
  ],
};

export const FOUR_CHANNELS = {
  valuesPerSlot: 4250,
  fields: { chA: "float32", chB: "float32", chC: "float32", chD: "float32" },
};

/** Runs a function as a worker does: check, run, release, close. Returns what it posted. */
export async function runFunction(run: DaqFunction, options: FixtureOptions): Promise<FromWorker[]> {
  const { context, posted } = makeContext(options);
  try {
    run.check?.(context);
    await run(context);
    context.release();
  } finally {
    context.close();
  }
  return posted;
}

/** Error of a function's check; the function must not run. */
export function checkError(run: DaqFunction, options: FixtureOptions): Error {
  const { context } = makeContext(options);
  try {
    run.check?.(context);
  } catch (error) {
    if (error instanceof Error) return error;
  } finally {
    context.close();
  }
  throw new Error("the check found nothing wrong");
}

/** Calls `use` with a folder that is removed afterwards. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await Deno.makeTempDir();
  try {
    return await use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Log lines among messages. */
export function logLines(posted: readonly FromWorker[]): string[] {
  return posted.filter((message) => message.type === "log").map((message) => message.text);
}

/** Counts of a ring's first reader group. */
export function groupCounts(ring: RingBuffer): [processed: number, rejected: number, failed: number, unread: number] {
  const [{ processed, rejected, failed, unread }] = ring.status().groups;
  return [processed, rejected, failed, unread];
}
