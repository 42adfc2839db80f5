/** States of a run and the stop reasons that its record names. */

/** `Initialized → BuffersSet → WorkersSet → Running ⇄ Paused → Stopped → Shutdown`. */
export type RunState = "Initialized" | "BuffersSet" | "WorkersSet" | "Running" | "Paused" | "Stopped" | "Shutdown";

/**
 * Why importers were stopped: a goal, the end of the input, the user, a failure, or events that did not move; `killed` if the
 * program did not live to stop them.
 */
export type StopCause = "runevents" | "runtime" | "input" | "user" | "failure" | "stalled" | "killed";

/** Why a run ended, as its record says it. */
export interface StopReason {
  /** One word, for programs. */
  readonly cause: StopCause;
  /** A phrase, for people: `1000 events reached`. */
  readonly text: string;
}

/** Which states may follow which; `Stopped` can be reached from the start of the run only, `Shutdown` from everywhere. */
const FOLLOWERS: Readonly<Record<RunState, readonly RunState[]>> = {
  Initialized: ["BuffersSet", "Shutdown"],
  BuffersSet: ["WorkersSet", "Shutdown"],
  WorkersSet: ["Running", "Shutdown"],
  Running: ["Paused", "Stopped", "Shutdown"],
  Paused: ["Running", "Stopped", "Shutdown"],
  Stopped: ["Shutdown"],
  Shutdown: [],
};

/** Says whether a run may go from one state to another. */
export function mayFollow(from: RunState, to: RunState): boolean {
  return FOLLOWERS[from].includes(to);
}
