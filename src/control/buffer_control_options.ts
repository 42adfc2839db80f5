/** What a run's control can be told. */
import type { LogLevel } from "../worker/logger.ts";
import type { Panel } from "../worker/panel.ts";

/** Options of `BufferControl`. */
export interface BufferControlOptions {
  /** Absolute path of the folder that functions write into. */
  readonly runDirectory: string;
  /** Least level of workers' messages. @default {"info"} */
  readonly logLevel?: LogLevel;
  /** How long loading all modules may take, in ms. @default {60000} */
  readonly loadTimeoutMs?: number;
  /** After stop: how long no event may move before the workers that have not ended count as hung, in ms. @default {30000} */
  readonly drainTimeoutMs?: number;
  /** The same after end, in ms. @default {2000} */
  readonly endTimeoutMs?: number;
  /** While running: how long no event may move while importers wait for space before the run counts as hung, in ms. @default {60000} */
  readonly stallTimeoutMs?: number;
  /** The same, before a warning is given, once in a run. @default {10000} */
  readonly stallWarningMs?: number;
  /**
   * With `on_failure: restart`: time between the first death of a worker and its next start, in ms; it doubles with each
   * further death up to 10 s.
   * @default {100}
   */
  readonly restartDelayMs?: number;
  /**
   * Takes messages; `source` is `run` or function and worker, `brief` what a person at a terminal needs of a long text.
   * @default nobody
   */
  readonly onLog?: (level: LogLevel, source: string, text: string, brief?: string) => void;
  /** Takes what functions put on display. @default nobody */
  readonly onPanel?: (entry: string, workerNumber: number, name: string, panel: Panel, life: number) => void;
}

/** What is taken for options that are not given. */
export const DEFAULT_OPTIONS: Required<Omit<BufferControlOptions, "runDirectory">> = {
  logLevel: "info",
  loadTimeoutMs: 60_000,
  drainTimeoutMs: 30_000,
  endTimeoutMs: 2_000,
  stallTimeoutMs: 60_000,
  stallWarningMs: 10_000,
  restartDelayMs: 100,
  onLog: () => {},
  onPanel: () => {},
};
