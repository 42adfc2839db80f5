/** Single keys from the terminal, without Return. */
import * as fs from "node:fs";

const POLL_MS = 50;

/** The program's place among the jobs of its terminal. */
export interface JobState {
  readonly processGroup: number;
  /** Process group that the terminal listens to; -1 without terminal. */
  readonly foregroundGroup: number;
}

/** Reads the process group and the terminal's foreground group out of the text of `/proc/self/stat` (proc(5)). */
export function parseJobState(stat: string): JobState {
  // The program's name stands in parentheses and may hold blanks and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { processGroup: Number(fields[2]), foregroundGroup: Number(fields[5]) };
}

/** Says whether a job belongs to a terminal that listens to another one. */
export function isBackgroundJob({ processGroup, foregroundGroup }: JobState): boolean {
  return foregroundGroup > 0 && processGroup !== foregroundGroup;
}

/** Says whether the program is such a job; false where the system does not tell. */
export function isInBackground(): boolean {
  try {
    return isBackgroundJob(parseJobState(Deno.readTextFileSync("/proc/self/stat")));
  } catch {
    return false;
  }
}

/** Says whether the program may use its terminal. One in the background that changes or reads it is stopped by the system. */
export function isInForeground(): boolean {
  const { processGroup, foregroundGroup } = parseJobState(Deno.readTextFileSync("/proc/self/stat"));
  return processGroup === foregroundGroup;
}

/**
 * Reads single keys. The terminal is asked now and then and never waited for, so nothing pending keeps a finished program
 * alive. Ctrl-C and Ctrl-Z keep their meaning. While the program is in the background the terminal is left alone.
 */
export class Keyboard {
  readonly #onKey: (key: string) => void;
  readonly #file: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #bytes = new Uint8Array(64);
  readonly #onContinue = () => this.#isRaw = false;
  #isRaw = false;
  #isOpen = true;

  private constructor(onKey: (key: string) => void, file: number) {
    this.#onKey = onKey;
    this.#file = file;
    this.#poll();
    this.#timer = setInterval(() => this.#poll(), POLL_MS);
    Deno.addSignalListener("SIGCONT", this.#onContinue);
  }

  /**
   * Starts reading.
   *
   * @param onKey Is told each key as a character.
   * @returns Null if standard input is no terminal the terminal cannot be opened, or the program is a job in the background.
   */
  static open(onKey: (key: string) => void): Keyboard | null {
    if (!Deno.stdin.isTerminal() || isInBackground()) return null;
    try {
      return new Keyboard(onKey, fs.openSync("/dev/tty", fs.constants.O_RDONLY | fs.constants.O_NONBLOCK));
    } catch {
      return null;
    }
  }

  /** Stops reading and restores the terminal. May be repeated. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearInterval(this.#timer);
    Deno.removeSignalListener("SIGCONT", this.#onContinue);
    fs.closeSync(this.#file);
    this.#setRaw(false);
  }

  #poll(): void {
    // A shell sets the terminal back when it stops a job, so this is done again after each return to the foreground.
    this.#setRaw(isInForeground());
    if (!this.#isRaw) return;
    for (const key of this.#read()) this.#onKey(key);
  }

  /** Never touches the terminal in the background: the system would stop the program. */
  #setRaw(raw: boolean): void {
    try {
      if (raw !== this.#isRaw && isInForeground()) Deno.stdin.setRaw(raw, { cbreak: raw });
      this.#isRaw = raw;
    } catch {
      // The terminal has gone, which SIGHUP reports.
      this.#isRaw = false;
    }
  }

  #read(): string {
    try {
      return new TextDecoder().decode(this.#bytes.subarray(0, fs.readSync(this.#file, this.#bytes)));
    } catch {
      // EAGAIN: no key; EIO: the terminal has gone.
      return "";
    }
  }
}
