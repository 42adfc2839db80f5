/** What a run can be told, and what comes of it. */
import type { Isolation } from "../setup/plan.ts";
import type { Panel } from "../worker/panel.ts";
import type { RunDisplay, Verbosity } from "./run_display.ts";
import type { RunRecord } from "./run_record_format.ts";
import type { RunWatcher } from "./run_watcher.ts";

/** Options of `RunMimoDAQ`. */
export interface RunOptions {
  /** 0 errors only, 1 layout, warnings and end report, 2 the live state too. @default {2} */
  readonly verbose?: Verbosity;
  /** Shows and logs messages of all levels. @default {false} */
  readonly debug?: boolean;
  /** Events in the first ring that end the run; 0 = no limit. @default the setup's value */
  readonly runEvents?: number | undefined;
  /** Active seconds that end the run; 0 = no limit. @default the setup's value */
  readonly runtimeS?: number | undefined;
  /** Where all functions run. @default the setup's value for each */
  readonly isolation?: Isolation | undefined;
  /** Parent of run directories. @default the setup's value */
  readonly outputDirectory?: string | undefined;
  /**
   * Listens for the keys p, r, s, e if the program has a terminal and the setup does not switch them off. Then Ctrl-C is
   * taken, too, as with `signals`.
   * @default {false}
   */
  readonly keyboard?: boolean;
  /**
   * Takes SIGINT and SIGTERM as stop, a second one as end, and SIGHUP as stop. What the program was started to ignore
   * (SIGHUP under `nohup`, SIGINT in the background of a script) stays ignored.
   * @default {false}
   */
  readonly signals?: boolean;
  /**
   * Seconds without any event moving after which workers count as hung.
   * @default 30 when the run is being drained, 60 while it is running and importers wait for space, 2 after end
   */
  readonly deadlineS?: number | undefined;
  /** Seconds that loading all modules may take. @default {60} */
  readonly loadTimeoutS?: number;
  /** Where the run shows itself. @default the terminal, or plain lines on standard output */
  readonly display?: RunDisplay;
  /** Takes what functions put on display. @default nobody */
  readonly onPanel?: (entry: string, workerNumber: number, name: string, panel: Panel, life: number) => void;
  /** Looks on, shows and steers the run beside the terminal: the live page. @default nobody */
  readonly watcher?: RunWatcher;
  /** Command line for the run's record. @default the program's arguments */
  readonly commandLine?: readonly string[];
}

/** What came of a run. */
export interface RunResult {
  /** 0 if all that was accepted was processed and no worker failed, otherwise 1. */
  readonly exitCode: 0 | 1;
  /** Path of the run directory. */
  readonly runDirectory: string;
  /** As in `run.yaml`. */
  readonly record: RunRecord;
  /** True if threads are left that do not end. They go on until the program exits: call `Deno.exit`. */
  readonly isHung: boolean;
}
