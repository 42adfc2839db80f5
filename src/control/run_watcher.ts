/** Who looks on while a run goes on, and may steer it: the live page. The control knows it only by what stands here. */
import type { RingStatus } from "../ring/ring_status.ts";
import type { Plan } from "../setup/plan.ts";
import type { Panel } from "../worker/panel.ts";
import type { BufferControl } from "./buffer_control.ts";
import type { LogLevel } from "../worker/logger.ts";
import type { LogEntry } from "./run_log.ts";
import type { PanelSource } from "./panel_parts.ts";
import type { RunSnapshot } from "./run_snapshot.ts";

/** What a watcher may do with the log. */
export interface WatchedLog {
  /** Least level of messages that are kept from now on. */
  minimum: LogLevel;
  /**
   * Adds a message.
   *
   * @param level How much it matters.
   * @param source `run`, or function and worker (`Fkt_2/0`).
   * @param text The message.
   */
  add(level: LogLevel, source: string, text: string): void;
}

/** What a watcher may use of a run. */
export interface WatchedRun {
  /** Rings, workers and state; the watcher changes nothing in them but by its commands. */
  readonly control: BufferControl;
  /** Path of the run directory. */
  readonly runDirectory: string;
  /** When the run directory was made. */
  readonly began: Date;
  /** The run's log. */
  readonly log: WatchedLog;
  /** Shows text to the person at the terminal. */
  print(text: string): void;
  /** Does what the key p does. */
  pause(): void;
  /** Does what the key r does. */
  resume(): void;
  /** Does what the key s does. */
  stop(): void;
  /** Does what the key e does. */
  end(): void;
}

/** What came of a run, for its watcher. */
export interface WatchedEnd {
  /** Text of the end report. */
  readonly text: string;
  /** 0 if all that was accepted was processed and no worker failed, otherwise 1. */
  readonly exitCode: 0 | 1;
}

/** Follows a run. Apart from the two calls that may be waited for, none may throw or take long. */
export interface RunWatcher {
  /** Looks at the plan before anything is made of it; may take over functions that only display. */
  adopt(plan: Plan): Plan | Promise<Plan>;
  /** The run is set up: rings and workers are there. Throws if nothing can be shown. */
  open(run: WatchedRun): void | Promise<void>;
  /** The present state; called about ten times a second. */
  status(snapshot: RunSnapshot, statuses: ReadonlyMap<string, RingStatus>): void;
  /** A message of the log. */
  message(entry: LogEntry): void;
  /** What a function has put on display. */
  panel(source: PanelSource, panel: Panel): void;
  /** A key was pressed. Returns true if the run shall not take it. */
  key(key: string): boolean;
  /** Somebody wants the run to stop or end; also told when it is over already. */
  ordered(order: "stop" | "end"): void;
  /** The line below the live display instead of the help for keys; null: the help. */
  prompt(): string | null;
  /** No worker is at work any more; rings and run directory are still there, and files may be written. */
  finish(): void | Promise<void>;
  /** The end report has been printed; the run is over when this is done. */
  linger(end: WatchedEnd): void | Promise<void>;
  /** Lets go of everything. Called in every case, may be repeated. */
  close(): void;
}
