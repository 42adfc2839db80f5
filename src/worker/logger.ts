/** What library code and user functions write messages to. */

/** Level of a message: debug for developers, info and warn for users, error for failures. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** All levels, the least one first. */
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Takes messages; never throws. Worker functions get one whose messages carry the function's name. */
export interface Logger {
  /** Says what only developers want to know. */
  debug(text: string): void;
  /** Says what goes on. */
  info(text: string): void;
  /** Says what the user should look at. */
  warn(text: string): void;
  /** Says what failed. */
  error(text: string): void;
}
