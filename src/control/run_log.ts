/** The log of a run: every message with time, level and source, in `log.txt` and for whoever listens. */
import { cutBack, fileError } from "../files/file_error.ts";
import { LOG_LEVELS, type Logger, type LogLevel } from "../worker/logger.ts";
import { formatLocalTime } from "./text_format.ts";

/** One message. */
export interface LogEntry {
  /** When the control got it. */
  readonly time: Date;
  /** How much it matters. */
  readonly level: LogLevel;
  /** `run`, or function and worker (`Fkt_2/0`). */
  readonly source: string;
  /** The message, perhaps of several lines. */
  readonly text: string;
  /** What a person at a terminal needs of it. @default {all of it} */
  readonly brief?: string;
}

/** Says whether a message of some level passes a minimum. */
export function passesLevel(level: LogLevel, minimum: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(minimum);
}

/** Writes an entry as a line of the log; further lines of its text are indented. */
export function formatLogEntry(entry: LogEntry): string {
  const head = `${formatLocalTime(entry.time)} ${entry.level.toUpperCase().padEnd(5)} ${entry.source}`;
  return `${head} ${entry.text.trimEnd().replaceAll("\n", "\n    ")}\n`;
}

/** Writes an entry for a person who looks on: time of day, and the level if it is not just information. */
export function formatLogLine(entry: LogEntry): string {
  const level = entry.level === "info" ? "" : `${entry.level}: `;
  const text = (entry.brief ?? entry.text).trimEnd();
  return `${formatLocalTime(entry.time).slice(11, 19)} ${entry.source}: ${level}${text}\n`;
}

/** Collects messages. What comes before {@linkcode RunLog.openFile} is kept and written then. */
export class RunLog {
  #minimum: LogLevel;
  readonly #listener: (entry: LogEntry) => void;
  readonly #encoder = new TextEncoder();
  #early: LogEntry[] = [];
  #file: Deno.FsFile | null = null;
  #isClosed = false;
  #path = "log.txt";
  /** Bytes of the file. */
  #bytes = 0;
  /** Messages that could not be written since the last one that could. */
  #missing = 0;

  /**
   * @param listener Is told every message that passes.
   * @param minimum Least level that passes. @default {"info"}
   */
  constructor(listener: (entry: LogEntry) => void, minimum: LogLevel = "info") {
    this.#listener = listener;
    this.#minimum = minimum;
  }

  /** Begins `log.txt`; the file must not exist. */
  openFile(path: string): void {
    this.#path = path;
    this.#file = Deno.openSync(path, { write: true, createNew: true });
    for (const entry of this.#early) this.#write(entry);
    this.#early = [];
  }

  /** Least level that passes. */
  get minimum(): LogLevel {
    return this.#minimum;
  }
  set minimum(level: LogLevel) {
    this.#minimum = level;
  }

  /** Adds a message; `brief` is what a terminal shows instead of a long text. */
  add(level: LogLevel, source: string, text: string, brief?: string): void {
    if (!passesLevel(level, this.#minimum)) return;
    const entry: LogEntry = { time: new Date(), level, source, text, ...(brief === undefined ? {} : { brief }) };
    if (this.#file !== null) this.#write(entry);
    else if (!this.#isClosed) this.#early.push(entry);
    this.#listener(entry);
  }

  /** A logger whose messages carry a source. */
  logger(source: string): Logger {
    return {
      debug: (text) => this.add("debug", source, text),
      info: (text) => this.add("info", source, text),
      warn: (text) => this.add("warn", source, text),
      error: (text) => this.add("error", source, text),
    };
  }

  /** Closes the file. Messages that come later reach the listener only. */
  close(): void {
    this.#file?.close();
    this.#file = null;
    this.#isClosed = true;
  }

  /**
   * A log that cannot be written (a full disk) must not end the run that it describes: the first message that is missing is
   * told, all are counted, and as soon as it can be written again it says how many there were.
   */
  #write(entry: LogEntry): void {
    const gap: LogEntry = {
      ...entry,
      level: "warn",
      source: "run",
      text: `${this.#missing} messages before are missing`,
    };
    const text = (this.#missing === 0 ? "" : formatLogEntry(gap)) + formatLogEntry(entry);
    const bytes = this.#encoder.encode(text);
    const file = this.#file!;
    try {
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      this.#bytes += bytes.length;
      this.#missing = 0;
    } catch (error) {
      cutBack(file, this.#bytes);
      this.#missing++;
      if (this.#missing > 1) return;
      const text = fileError("write", this.#path, error).message;
      this.#listener({ time: entry.time, level: "error", source: "run", text });
    }
  }
}
