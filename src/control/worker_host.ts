/** What a worker lives in, as the control sees it: a thread of the program, or a process of its own. */
import type { LogLevel } from "../worker/logger.ts";
import type { FromWorker, ToWorker } from "../worker/messages.ts";
import type { RunFlags } from "../worker/run_signal.ts";

/** How a host came to its end. */
export interface HostEnd {
  /** What happened, as far as the host can say; empty if the control wanted it. */
  readonly message: string;
  /** Signal that ended a process (`SIGKILL`); null if none did. */
  readonly signal: string | null;
  /** Exit code of a process that ended by itself; null if it did not, and for threads. */
  readonly exitCode: number | null;
  /** Last lines of a process's standard error output, without those that say nothing. */
  readonly lastWords: readonly string[];
}

/** Is told what comes from a worker; all calls come from the event loop. */
export interface HostListener {
  message(message: FromWorker): void;
  /** Something that the worker did not say through its logger: output of a process. */
  log(level: LogLevel, text: string): void;
  /** It has ended for good; nothing comes any more. Called once. */
  gone(end: HostEnd): void;
}

/** The place that a worker lives in. */
export interface WorkerHost {
  /** Number of the process; null for a thread. */
  readonly pid: number | null;
  /** Sends a message to the worker. */
  post(message: ToWorker): void;
  /** Tells the flags that its worker is to have, where they cannot be shared. */
  passOn(flags: RunFlags): void;
  /** Lets go of a worker that has nothing more to do. */
  dismiss(): void;
  /** Ends it, whatever it is at. Returns false where that cannot be done: a thread in the middle of a call goes on. */
  kill(): boolean;
}
