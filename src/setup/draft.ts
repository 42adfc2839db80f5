/** What both dialects are read into before the plan is made: names not yet checked against each other. */
import type { RecordLayout } from "../record/record_layout.ts";
import type { Place } from "./place.ts";
import type { FailurePolicy, Isolation, PauseMode } from "./plan.ts";

/** What a function does with a ring. */
export type RingUse = "read" | "write" | "observe";

/** A ring as the setup describes it. */
export interface RingDraft {
  readonly name: string;
  readonly place: Place;
  /** Null after a problem with it was reported. */
  readonly slots: number | null;
  readonly layout: RecordLayout | null;
  /** Null if the setup says nothing. */
  readonly pause: PauseMode | null;
}

/** A ring in the list of a function. */
export interface AssignmentDraft {
  readonly ring: string;
  readonly use: RingUse;
  readonly place: Place;
}

/** A function as the setup describes it. */
export interface FunctionDraft {
  readonly name: string;
  readonly place: Place;
  readonly functionName: string;
  readonly module: string;
  readonly exportName: string;
  readonly workers: number;
  readonly assignments: readonly AssignmentDraft[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly isolation: Isolation;
  readonly onFailure: FailurePolicy;
  readonly restartLimit: number;
  readonly watchdogS: number;
}

/** A setup of either dialect, after every key was read. */
export interface SetupDraft {
  readonly dialect: "v1" | "v2";
  readonly rings: readonly RingDraft[];
  readonly functions: readonly FunctionDraft[];
  /** False if the assignments of some function could not be read: what they lack is then not to be missed. */
  readonly isComplete: boolean;
  readonly runEvents: number;
  readonly runtimeS: number;
  readonly keyboard: boolean;
  readonly page: boolean;
  readonly pause: PauseMode;
  readonly targetDirectory: string;
}
