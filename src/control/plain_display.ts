/** Display for pipes, files and CI: plain lines, no escape codes. */
import { formatLogLine, type LogEntry, passesLevel } from "./run_log.ts";
import type { RunDisplay, Verbosity } from "./run_display.ts";
import type { RunSnapshot } from "./run_snapshot.ts";
import { formatDuration, formatPercent, formatRate } from "./text_format.ts";

/** Time between two lines of state. */
const STATUS_INTERVAL_MS = 10_000;

/** Options of {@linkcode PlainDisplay}. */
export interface PlainDisplayOptions {
  /** @default {2} */
  readonly verbose?: Verbosity;
  /** Shows messages of all levels. @default {false} */
  readonly debug?: boolean;
  /** Takes text for people and programs. @default standard output */
  readonly write?: (text: string) => void;
  /** Takes warnings and errors. @default standard error */
  readonly writeError?: (text: string) => void;
  /** Clock in ms. @default `performance.now` */
  readonly now?: () => number;
}

/** Writes one line every ten seconds, and every message that matters. */
export class PlainDisplay implements RunDisplay {
  readonly #verbose: Verbosity;
  readonly #debug: boolean;
  readonly #write: (text: string) => void;
  readonly #writeError: (text: string) => void;
  readonly #now: () => number;
  #nextStatusMs: number;

  /** @param options What to show, and where. */
  constructor(options: PlainDisplayOptions = {}) {
    this.#verbose = options.verbose ?? 2;
    this.#debug = options.debug ?? false;
    this.#write = options.write ?? ((text) => writeTo(Deno.stdout, text));
    this.#writeError = options.writeError ?? ((text) => writeTo(Deno.stderr, text));
    this.#now = options.now ?? (() => performance.now());
    this.#nextStatusMs = this.#now() + STATUS_INTERVAL_MS;
  }

  print(text: string): void {
    if (this.#verbose > 0) this.#write(text);
  }

  message(entry: LogEntry): void {
    if (isShown(entry, this.#verbose, this.#debug)) this.#writeError(formatLogLine(entry));
  }

  status(snapshot: RunSnapshot): void {
    if (this.#verbose < 2 || this.#now() < this.#nextStatusMs) return;
    this.#nextStatusMs = this.#now() + STATUS_INTERVAL_MS;
    this.#write(`${statusLine(snapshot)}\n`);
  }

  close(): void {}
}

/** Says whether a message is shown to the person at the terminal. */
export function isShown(entry: LogEntry, verbose: Verbosity, debug: boolean): boolean {
  if (debug) return true;
  return passesLevel(entry.level, verbose === 0 ? "error" : "warn");
}

/** Writes the state of a run as one line. */
export function statusLine(snapshot: RunSnapshot): string {
  const rings = snapshot.rings.map((ring) =>
    `${ring.name}: ${ring.published} (${ring.filled}/${ring.slots}) ${formatRate(ring.rateHz)} dead ${
      formatPercent(ring.deadtime)
    }`
  );
  const { progress } = snapshot;
  const goal = progress === null ? [] : [
    `${formatPercent(progress.fraction)} done${
      progress.leftS === null ? "" : `, ${formatDuration(progress.leftS, 1)} left`
    }`,
  ];
  return [`${snapshot.state} ${formatDuration(snapshot.activeS, 1)}`, ...goal, ...rings].join("  ");
}

/** Writes text whole. A reader that has gone away (a closed pipe or terminal) must not end the run. */
export function writeTo(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
  } catch {
    // Nobody is left to be told; the log has it.
  }
}
