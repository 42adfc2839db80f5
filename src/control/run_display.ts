/** Where a run shows itself to a person: a terminal, a plain stream, or nowhere. */
import type { LogEntry } from "./run_log.ts";
import type { RunSnapshot } from "./run_snapshot.ts";

/** Takes what a person shall see. None of the calls may throw or wait. */
export interface RunDisplay {
  /** Shows text that belongs to the run as a whole: layout, end report. Ends with a line break. */
  print(text: string): void;
  /** Shows a message of the log. */
  message(entry: LogEntry): void;
  /** Shows the present state; called a few times a second. */
  status(snapshot: RunSnapshot): void;
  /** Leaves the terminal as it was found. May be repeated. */
  close(): void;
}

/** How much a display shows: 0 errors only, 1 layout, warnings and end report, 2 the live state too. */
export type Verbosity = 0 | 1 | 2;
