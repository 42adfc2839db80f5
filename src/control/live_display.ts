/** Display for terminals: a block of lines that is drawn over and over in place. */
import { isShown, statusLine } from "./plain_display.ts";
import { formatLogLine, type LogEntry } from "./run_log.ts";
import type { RunDisplay, Verbosity } from "./run_display.ts";
import type { RingSnapshot, RunSnapshot } from "./run_snapshot.ts";
import { type BarGlyphs, fillBar, formatDuration, formatPercent, formatRate, plural } from "./text_format.ts";

/** Time between two drawings. */
const DRAW_INTERVAL_MS = 250;
const RING_BAR_WIDTH = 20;
const PROGRESS_BAR_WIDTH = 30;
const LEAST_BAR_WIDTH = 3;

/** Codes of the terminal (ECMA-48): erase to the end of the screen, of the line; bold; colours by state. */
const ERASE_BELOW = "\x1b[J";
const ERASE_LINE = "\x1b[K";
const STATE_COLOURS: Readonly<Record<string, string>> = { Running: "32", Paused: "33", Stopped: "36" };

/** What {@linkcode LiveDisplay} needs to know of its terminal. */
export interface LiveDisplayOptions {
  readonly verbose: Verbosity;
  readonly debug: boolean;
  /** Writes to the terminal. */
  readonly write: (text: string) => void;
  /** Present width and height in characters. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly useColour: boolean;
  readonly glyphs: BarGlyphs;
  /** Help for keys, shown below the state; empty while keys do nothing. */
  readonly help: () => string;
  /** Clock in ms. @default `performance.now` */
  readonly now?: () => number;
}

/** Draws one line per ring, the state with its progress, and the keys; messages scroll by above. */
export class LiveDisplay implements RunDisplay {
  readonly #options: LiveDisplayOptions;
  readonly #now: () => number;
  #lines: string[] = [];
  #drawnLines = 0;
  #nextDrawMs = -Infinity;
  #lastState = "";
  #lastHelp = "";
  /** The newest state, drawn or not. */
  #snapshot: RunSnapshot | null = null;

  /** @param options The terminal. */
  constructor(options: LiveDisplayOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  print(text: string): void {
    if (this.#options.verbose > 0) this.#writeAbove(text);
  }

  message(entry: LogEntry): void {
    const { verbose, debug } = this.#options;
    if (isShown(entry, verbose, debug)) this.#writeAbove(formatLogLine(entry));
  }

  status(snapshot: RunSnapshot): void {
    if (this.#options.verbose < 2) return;
    this.#snapshot = snapshot;
    const help = this.#options.help();
    if (this.#now() < this.#nextDrawMs && snapshot.state === this.#lastState && help === this.#lastHelp) return;
    this.#lastHelp = help;
    this.#nextDrawMs = this.#now() + DRAW_INTERVAL_MS;
    this.#lastState = snapshot.state;
    this.#redraw(snapshot);
  }

  /** Leaves the last state on the screen. */
  close(): void {
    if (this.#snapshot === null) return;
    this.#redraw(this.#snapshot);
    this.#snapshot = null;
    this.#drawnLines = 0;
    this.#lines = [];
  }

  #redraw(snapshot: RunSnapshot): void {
    const help = this.#options.help();
    this.#lines = [...this.#ringLines(snapshot.rings), this.#stateLine(snapshot), ...(help === "" ? [] : [help])];
    if (this.#lines.length >= this.#options.size().rows) this.#lines = [statusLine(snapshot)];
    this.#options.write(this.#goToTop() + this.#draw());
  }

  #writeAbove(text: string): void {
    this.#options.write(this.#goToTop() + text + this.#draw());
  }

  /** Every drawn line ended with a line break, so the cursor is below the block. */
  #goToTop(): string {
    const up = this.#drawnLines > 0 ? `\x1b[${this.#drawnLines}A\r${ERASE_BELOW}` : "";
    this.#drawnLines = 0;
    return up;
  }

  #draw(): string {
    const { columns } = this.#options.size();
    this.#drawnLines = this.#lines.length;
    return this.#lines.map((line) => `${this.#colour(truncate(line, columns - 1))}${ERASE_LINE}\n`).join("");
  }

  #ringLines(rings: readonly RingSnapshot[]): string[] {
    const nameWidth = Math.max(...rings.map((ring) => ring.name.length));
    const countWidth = Math.max(7, ...rings.map((ring) => String(ring.published).length));
    const slotsWidth = Math.max(...rings.map((ring) => String(ring.slots).length));
    const parts = rings.map((ring) => ({
      before: `${ring.name.padEnd(nameWidth)}  ${String(ring.published).padStart(countWidth)}  ${
        formatRate(ring.rateHz).padStart(8)
      }  `,
      fill: ring.filled / ring.slots,
      after: `${String(ring.filled).padStart(slotsWidth)}/${ring.slots}`.padEnd(2 * slotsWidth + 1) +
        `  dead ${formatPercent(ring.deadtime).padStart(7)}` +
        (ring.discarded > 0 ? `  discarded ${ring.discarded}` : ""),
    }));
    const textWidth = Math.max(...parts.map(({ before, after }) => before.length + after.length));
    const bar = this.#barFor(textWidth, RING_BAR_WIDTH);
    return parts.map(({ before, fill, after }) => before + bar(fill) + after);
  }

  #stateLine({ state, activeS, progress, workersLeft, workers, failures }: RunSnapshot): string {
    const before = `${state}  ${formatDuration(activeS, 1)}`;
    const parts: string[] = [];
    if (progress !== null && progress.leftS !== null && state === "Running") {
      parts.push(`${formatDuration(progress.leftS, 1)} left`);
    }
    if (workersLeft > 0 && (state === "Stopped" || workersLeft < workers)) {
      parts.push(`${workersLeft} of ${workers} workers at work`);
    }
    if (failures > 0) parts.push(plural(failures, "failure"));
    if (progress === null) return [before, ...parts].join("  ");
    const after = [formatPercent(progress.fraction), ...parts].join("  ");
    return `${before}  ${
      this.#barFor(before.length + 2 + after.length, PROGRESS_BAR_WIDTH)(progress.fraction)
    }${after}`;
  }

  /** Bars, with a blank behind them, in what a text of some width leaves free; none if that is next to nothing. */
  #barFor(textWidth: number, usualWidth: number): (fraction: number) => string {
    const free = this.#options.size().columns - 1 - textWidth - 1;
    const width = Math.min(usualWidth, free);
    if (width < LEAST_BAR_WIDTH) return () => "";
    return (fraction) => `${fillBar(fraction, width, this.#options.glyphs)} `;
  }

  #colour(line: string): string {
    if (!this.#options.useColour) return line;
    const state = Object.keys(STATE_COLOURS).find((name) => line.startsWith(`${name} `));
    return state === undefined ? line : `\x1b[1;${STATE_COLOURS[state]}m${state}\x1b[0m${line.slice(state.length)}`;
  }
}

/** Cuts a line so that the terminal does not wrap it; a wrapped line would break the redrawing. */
function truncate(line: string, width: number): string {
  return line.length <= width ? line : line.slice(0, Math.max(0, width));
}
