/** The logger of a worker: passes messages on, but not the same one a thousand times a second. */
import type { Logger, LogLevel } from "./logger.ts";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** For this long after a message the same message is counted only. */
const REPEAT_WINDOW_MS = 1000;

/** Messages that pass in one window, whatever their texts. */
const MESSAGES_PER_WINDOW = 50;

/** Sends messages of a minimum level to a function and holds back repeated and too frequent ones, with their number. */
export class PostedLogger implements Logger {
  readonly #post: (level: LogLevel, text: string) => void;
  readonly #minimum: number;
  readonly #nowMs: () => number;
  readonly #repeats = new Map<string, { level: LogLevel; text: string; count: number }>();
  #windowStartMs = -Infinity;
  #passed = 0;
  #heldBack = 0;

  /**
   * @param post Takes the messages that pass.
   * @param options `level`: least level that passes (@default {"info"}); `nowMs`: clock (@default `performance.now`).
   */
  constructor(
    post: (level: LogLevel, text: string) => void,
    options: { readonly level?: LogLevel; readonly nowMs?: () => number } = {},
  ) {
    this.#post = post;
    this.#minimum = LEVELS.indexOf(options.level ?? "info");
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** @inheritdoc */
  readonly debug = (text: string): void => this.#take("debug", text);

  /** @inheritdoc */
  readonly info = (text: string): void => this.#take("info", text);

  /** @inheritdoc */
  readonly warn = (text: string): void => this.#take("warn", text);

  /** @inheritdoc */
  readonly error = (text: string): void => this.#take("error", text);

  /** Says how often messages were held back and forgets them. */
  flush(): void {
    for (const { level, text, count } of this.#repeats.values()) {
      if (count > 0) this.#post(level, `${text} (${count} more times)`);
    }
    this.#repeats.clear();
    if (this.#heldBack > 0) this.#post("warn", `${this.#heldBack} more messages held back, too many at once`);
    this.#heldBack = 0;
    this.#passed = 0;
  }

  #take(level: LogLevel, text: string): void {
    if (LEVELS.indexOf(level) < this.#minimum) return;
    const nowMs = this.#nowMs();
    if (nowMs - this.#windowStartMs >= REPEAT_WINDOW_MS) {
      this.flush();
      this.#windowStartMs = nowMs;
    }
    const key = level + text;
    const repeat = this.#repeats.get(key);
    if (repeat !== undefined) {
      repeat.count++;
    } else if (this.#passed >= MESSAGES_PER_WINDOW) {
      this.#heldBack++;
    } else {
      this.#passed++;
      this.#repeats.set(key, { level, text, count: 0 });
      this.#post(level, text);
    }
  }
}
