/** The logger of a worker: passes messages on, but not the same one a thousand times a second. */
import { LOG_LEVELS, type Logger, type LogLevel } from "./logger.ts";

/** For this long after a message the same message is counted only. */
const REPEAT_WINDOW_MS = 1000;

/** Messages that pass in one window, whatever their texts; as many errors pass beside them. */
const MESSAGES_PER_WINDOW = 50;

/** Longer messages are cut. */
const MOST_CHARACTERS = 10_000;

/** What became of the messages of a window. */
interface Counts {
  passed: number;
  heldBack: number;
}

/** Sends messages of a minimum level to a function and holds back repeated and too frequent ones, with their number. */
export class PostedLogger implements Logger {
  readonly #post: (level: LogLevel, text: string) => void;
  readonly #level: () => LogLevel;
  readonly #nowMs: () => number;
  readonly #onHolding: () => void;
  readonly #repeats = new Map<string, { level: LogLevel; text: string; count: number }>();
  /** Errors are not held back because of messages that matter less. */
  readonly #errors: Counts = { passed: 0, heldBack: 0 };
  readonly #others: Counts = { passed: 0, heldBack: 0 };
  #windowStartMs = -Infinity;
  #isHolding = false;

  /**
   * @param post Takes the messages that pass.
   * @param options `level`: least level that passes, looked up for each message (@default {"info"}); `nowMs`: clock
   *   (@default `performance.now`); `onHolding`: is told when something begins to be held back (@default {nobody}).
   */
  constructor(
    post: (level: LogLevel, text: string) => void,
    options: { readonly level?: () => LogLevel; readonly nowMs?: () => number; readonly onHolding?: () => void } = {},
  ) {
    this.#post = post;
    this.#level = options.level ?? (() => "info");
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#onHolding = options.onHolding ?? (() => {});
  }

  /** @inheritdoc */
  readonly debug = (text: string): void => this.#take("debug", text);

  /** @inheritdoc */
  readonly info = (text: string): void => this.#take("info", text);

  /** @inheritdoc */
  readonly warn = (text: string): void => this.#take("warn", text);

  /** @inheritdoc */
  readonly error = (text: string): void => this.#take("error", text);

  /** When the number of what was held back is to be told; infinity if nothing was. */
  get dueMs(): number {
    return this.#isHolding ? this.#windowStartMs + REPEAT_WINDOW_MS : Infinity;
  }

  /** Tells that number if its time has come. */
  look(nowMs: number): void {
    if (nowMs >= this.dueMs) this.flush();
  }

  /** Says how often messages were held back and forgets them. */
  flush(): void {
    for (const { level, text, count } of this.#repeats.values()) {
      if (count > 0) this.#post(level, `${text} (${count} more times)`);
    }
    this.#repeats.clear();
    const [errors, others] = [this.#errors.heldBack, this.#others.heldBack];
    if (errors > 0) this.#post("error", `${errors} more errors held back, too many at once`);
    if (others > 0) this.#post("warn", `${others} more messages held back, too many at once`);
    this.#errors.heldBack =
      this.#others.heldBack =
      this.#errors.passed =
      this.#others.passed =
        0;
    this.#isHolding = false;
  }

  #take(level: LogLevel, message: string): void {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.#level())) return;
    const nowMs = this.#nowMs();
    if (nowMs - this.#windowStartMs >= REPEAT_WINDOW_MS) {
      this.flush();
      this.#windowStartMs = nowMs;
    }
    const text = shortened(message);
    const key = level + text;
    const counts = level === "error" ? this.#errors : this.#others;
    const repeat = this.#repeats.get(key);
    if (repeat === undefined && counts.passed < MESSAGES_PER_WINDOW) {
      counts.passed++;
      this.#repeats.set(key, { level, text, count: 0 });
      return this.#post(level, text);
    }
    if (repeat === undefined) counts.heldBack++;
    else repeat.count++;
    if (this.#isHolding) return;
    this.#isHolding = true;
    this.#onHolding();
  }
}

function shortened(message: string): string {
  const more = message.length - MOST_CHARACTERS;
  return more > 0 ? `${message.slice(0, MOST_CHARACTERS)} … (${more} more characters)` : message;
}
