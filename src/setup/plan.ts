/** The plan of a run: what a setup means once every name, path and default in it is resolved. Plain frozen data. */
import type { RecordLayout } from "../record/record_layout.ts";

/** What a paused root ring does with new events: importers wait, or events go on, are discarded and counted. */
export type PauseMode = "wait" | "discard";

/** Where a function runs: in a worker thread of the program, or in a process of its own. */
export type Isolation = "thread" | "process";

/** What happens when a worker fails: the run stops and is drained, the worker begins anew, or the others go on. */
export type FailurePolicy = "stop" | "restart" | "continue";

/** One reader group of a ring: every group sees every event, the functions of one group share them. */
export interface GroupPlan {
  /** Name of the group, unique in its ring: its function's, or several joined by `+`. */
  readonly name: string;
  /** Names of its functions ({@linkcode FunctionPlan.name}): one in the v1 dialect, all readers of the ring in v2. */
  readonly functions: readonly string[];
}

/** One ring of a run. */
export interface RingPlan {
  /** Name of the entry in the setup: `RB_1` (v1) or any (v2); unique in the run. */
  readonly name: string;
  /** Number of slots. */
  readonly slots: number;
  /** Layout of its records. */
  readonly layout: RecordLayout;
  /** Workers that write into the ring, over all functions; the ring ends when all of them have come and gone. */
  readonly writers: number;
  /** Its reader groups in setup order; empty if nobody reads the ring, which then runs free. */
  readonly groups: readonly GroupPlan[];
  /** True if the ring is fed by importers only. */
  readonly isRoot: boolean;
  /** What it does with new events while the run is paused; root rings only. */
  readonly pause: PauseMode;
}

/** One function of a run. */
export interface FunctionPlan {
  /** Name of the entry in the setup: `Fkt_2` (v1) or the worker's name (v2); unique in the run. */
  readonly name: string;
  /**
   * Name of the exported function: of a ready-made one its real name; of a user's module the name as the setup writes
   * it, to be looked up as it is, then in camelCase (`calculate_decay_time`, `calculateDecayTime`).
   */
  readonly exportName: string;
  /** The function's name as the setup writes it (`calculate_decay_time`), for display and configuration. */
  readonly functionName: string;
  /** URL of the module (`file:///…/modules/lifetime_filter.ts`). */
  readonly module: string;
  /** Number of identical workers, 1 or more. */
  readonly workers: number;
  /** Names of the rings that it reads, in setup order. */
  readonly sources: readonly string[];
  /** Names of the rings that it writes, in setup order. */
  readonly sinks: readonly string[];
  /** Names of the rings that it observes, in setup order. */
  readonly observes: readonly string[];
  /** Its configuration after all precedence rules; plain JSON-like values, keys in file order. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Where its workers run. */
  readonly isolation: Isolation;
  /** What becomes of the run when one of its workers fails. */
  readonly onFailure: FailurePolicy;
  /** How often each of its workers may be started anew, if that is what shall happen. */
  readonly restartLimit: number;
  /** Seconds in one event after which a worker is reported; 0 = never. */
  readonly watchdogS: number;
  /** Where its entry stands, for messages: `lifetime_setup.yaml:17`. */
  readonly place: string;
}

/** A finished plan. */
export interface Plan {
  /** What the setup is written in: `RingBuffer` and `Functions` (v1), or `Buffers` and `Workers` (v2). */
  readonly dialect: "v1" | "v2";
  /** Stem of the run directory's name: `lifetime` for `lifetime_setup.yaml`. */
  readonly runName: string;
  /** Absolute path of the setup file. */
  readonly setupFile: string;
  /** Absolute path of its folder. */
  readonly setupDirectory: string;
  /** Absolute path of the folder in which run directories are made. */
  readonly targetDirectory: string;
  /** Events to be published into the first ring of the setup; 0 = without limit. */
  readonly runEvents: number;
  /** Active seconds of the run; 0 = without limit. */
  readonly runtimeS: number;
  /** True if keys may steer the run (`KBD_control`). */
  readonly keyboard: boolean;
  /** True if the live page is wanted (`GUI_control`). */
  readonly page: boolean;
  /** All rings in setup order; the first one carries `runEvents`. */
  readonly rings: readonly RingPlan[];
  /** All functions in setup order. */
  readonly functions: readonly FunctionPlan[];
  /** Absolute paths of all configuration files that were used, to be copied into the run directory. */
  readonly configFiles: readonly string[];
}
