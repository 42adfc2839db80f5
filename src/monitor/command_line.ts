/** The line of commands at the terminal, opened with a colon. */

const ESCAPE = "\x1b";
/** What follows Escape in the codes of keys. */
const SEQUENCE_STARTS: readonly string[] = ["[", "O"];
const BACKSPACES: readonly string[] = ["\x7f", "\b"];
const MOST_REMEMBERED = 100;
const MOST_CHARACTERS = 200;

/** What a command line needs. */
export interface CommandLineOptions {
  /** Takes a finished line. */
  readonly onLine: (line: string) => void;
  /** Words that Tab completes, behind what stands before them on the line. */
  readonly words: (before: string) => readonly string[];
}

/**
 * Edits a line from single keys: Return carries it out, Escape leaves it, Backspace and Ctrl-U delete, Tab completes, the
 * arrows up and down bring back earlier lines.
 */
export class CommandLine {
  readonly #options: CommandLineOptions;
  readonly #earlier: string[] = [];
  #line: string | null = null;
  /** Place among the earlier lines, counted from the newest; -1: a new one. */
  #back = -1;
  /** Codes of arrow keys come as several characters. */
  #sequence = "";

  /** @param options Who takes lines. */
  constructor(options: CommandLineOptions) {
    this.#options = options;
  }

  /** The line as it stands; null while none is open. */
  get line(): string | null {
    return this.#line;
  }

  /** Takes a key. Returns false if it is none for a line. */
  key(key: string): boolean {
    if (this.#line === null) {
      if (key !== ":") return false;
      this.#line = "";
      this.#back = -1;
      return true;
    }
    if (this.#sequence === ESCAPE && !SEQUENCE_STARTS.includes(key)) {
      this.#line = null;
      this.#sequence = "";
      return this.key(key);
    }
    if (this.#sequence !== "") this.#takeSequence(key);
    else if (key === ESCAPE) this.#beginSequence();
    else if (key === "\r" || key === "\n") this.#finish();
    else if (BACKSPACES.includes(key)) this.#line = this.#line === "" ? null : this.#line.slice(0, -1);
    else if (key === "\x15") this.#line = "";
    else if (key === "\t") this.#line = this.#completed(this.#line);
    else if (key >= " " && this.#line.length < MOST_CHARACTERS) this.#line += key;
    return true;
  }

  /** The rest of a sequence comes in the same breath; Escape alone leaves the line. */
  #beginSequence(): void {
    this.#sequence = ESCAPE;
    queueMicrotask(() => {
      if (this.#sequence !== ESCAPE) return;
      this.#line = null;
      this.#sequence = "";
    });
  }

  #takeSequence(key: string): void {
    this.#sequence += key;
    if (/^(O|\[[\d;]*)$/.test(this.#sequence.slice(ESCAPE.length))) return;
    const last = this.#sequence.at(-1);
    if (last === "A") this.#recall(this.#back + 1);
    else if (last === "B") this.#recall(this.#back - 1);
    this.#sequence = "";
  }

  #recall(back: number): void {
    if (back >= this.#earlier.length) return;
    this.#back = Math.max(-1, back);
    this.#line = this.#back < 0 ? "" : this.#earlier.at(-1 - this.#back)!;
  }

  /** Completes the last word as far as all words that begin so agree. */
  #completed(line: string): string {
    const start = line.lastIndexOf(" ") + 1;
    const begin = line.slice(start);
    const matches = this.#options.words(line.slice(0, start)).filter((word) => word.startsWith(begin));
    if (begin === "" || matches.length === 0) return line;
    let common = matches[0];
    for (const word of matches) while (!word.startsWith(common)) common = common.slice(0, -1);
    const rest = common.slice(begin.length);
    return line + rest + (matches.length === 1 ? " " : "");
  }

  #finish(): void {
    const line = this.#line!.trim();
    this.#line = null;
    if (line === "") return;
    if (this.#earlier.at(-1) !== line) this.#earlier.push(line);
    if (this.#earlier.length > MOST_REMEMBERED) this.#earlier.shift();
    this.#options.onLine(line);
  }
}
