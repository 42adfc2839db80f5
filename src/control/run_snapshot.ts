/** What displays show of a run at one moment. */
import type { RunProgress } from "./run_progress.ts";
import type { RunState } from "./run_state.ts";

/** One ring at one moment. */
export interface RingSnapshot {
  /** Name in the setup. */
  readonly name: string;
  /** Number of slots. */
  readonly slots: number;
  /** Events published so far. */
  readonly published: number;
  /** Events thrown away in pauses so far. */
  readonly discarded: number;
  /** Slots in use. */
  readonly filled: number;
  /** Events per second, over the last two seconds. */
  readonly rateHz: number;
  /** Their mean dead time as a fraction; NaN without events. */
  readonly deadtime: number;
}

/** A run at one moment. */
export interface RunSnapshot {
  /** Where the run stands. */
  readonly state: RunState;
  /** Seconds so far in which importers were allowed to work. */
  readonly activeS: number;
  /** Seconds so far in which the run was paused. */
  readonly pausedS: number;
  /** Towards the goal; null without one. */
  readonly progress: RunProgress | null;
  /** All rings, in setup order. */
  readonly rings: readonly RingSnapshot[];
  /** Workers that have not ended. */
  readonly workersLeft: number;
  /** All workers. */
  readonly workers: number;
  /** Exceptions that workers have reported so far. */
  readonly failures: number;
  /** How often workers were started anew so far. */
  readonly restarts: number;
}
