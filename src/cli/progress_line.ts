/** How far a long task is: a bar on a terminal, a line now and then elsewhere. */

/** Where lines go. */
export interface ProgressOutput {
  readonly isTerminal: boolean;
  /** Characters in a line. */
  readonly columns: number;
  readonly write: (text: string) => void;
}

const BAR_CHARACTERS = 24;
const BAR_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 10_000;

const CLEAR_LINE = "\r\x1b[K";

/** Standard error, as it is now. */
export function standardProgressOutput(): ProgressOutput {
  const isTerminal = Deno.stderr.isTerminal() && Deno.env.get("TERM") !== "dumb";
  const encoder = new TextEncoder();
  return {
    isTerminal,
    columns: isTerminal ? terminalColumns() : 80,
    write: (text) => {
      try {
        Deno.stderr.writeSync(encoder.encode(text));
      } catch {
        // Nobody listens any more; the task itself goes on.
      }
    },
  };
}

function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}

/** Shows the progress of one task. */
export class ProgressLine {
  readonly #name: string;
  readonly #output: ProgressOutput;
  readonly #nowMs: () => number;
  readonly #beganMs: number;
  #shownMs: number;
  #isShown = false;

  /**
   * Shows nothing before some time has passed.
   *
   * @param name What is being done.
   * @param nowMs Clock in ms. @default `performance.now`
   */
  constructor(name: string, output: ProgressOutput, { nowMs }: { readonly nowMs?: () => number } = {}) {
    this.#name = name;
    this.#output = output;
    this.#nowMs = nowMs ?? (() => performance.now());
    this.#beganMs = this.#shownMs = this.#nowMs();
  }

  /**
   * Shows how far the task is, if it is time to.
   *
   * @param share From 0 to 1.
   * @param count What was counted: `2000 events`.
   */
  update(share: number, count: string): void {
    const nowMs = this.#nowMs();
    const { isTerminal, columns, write } = this.#output;
    if (nowMs - this.#shownMs < (isTerminal ? BAR_INTERVAL_MS : LINE_INTERVAL_MS)) return;
    this.#shownMs = nowMs;
    const whole = Math.min(1, Math.max(0, share));
    const percent = `${Math.floor(100 * whole)} %`;
    if (!isTerminal) return write(`${this.#name}: ${percent}, ${count}\n`);
    const filled = Math.floor(BAR_CHARACTERS * whole);
    const bar = "#".repeat(filled).padEnd(BAR_CHARACTERS, "-");
    const text = `${this.#name} [${bar}] ${percent}, ${count}${this.#restText(whole, nowMs)}`;
    this.#isShown = true;
    write(CLEAR_LINE + text.slice(0, columns - 1));
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#isShown) this.#output.write(CLEAR_LINE);
    this.#isShown = false;
  }

  #restText(share: number, nowMs: number): string {
    if (share < 0.01) return "";
    const restS = (nowMs - this.#beganMs) / 1000 * (1 - share) / share;
    return restS < 60 ? `, ${Math.ceil(restS)} s left` : `, ${Math.ceil(restS / 60)} min left`;
  }
}
