/** When a source could take events and when it could not. */

/**
 * Accounts for the dead time of an instrument. It is blind from the beginning, until {@linkcode live} is called; each event
 * then gets the part of the time since the event before in which it was blind. All times are in ms of one clock, pauses of
 * the run left out.
 *
 * @example Blind for 2 of 10 ms
 * ```ts
 * import { LiveTime } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const time = new LiveTime(0);
 * time.live(2);
 * assertEquals(time.event(10), 0.2);
 * assertEquals(time.event(14, 1), 0.25);
 * assertEquals(time.deadMs, 3);
 * ```
 */
export class LiveTime {
  #lastEventMs: number;
  #blindSinceMs: number | null;
  /** Dead time since the last event. */
  #pendingMs = 0;
  #deadMs = 0;

  /**
   * Begins, blind.
   *
   * @param startMs Present time.
   */
  constructor(startMs: number) {
    this.#lastEventMs = startMs;
    this.#blindSinceMs = startMs;
  }

  /** Dead time so far. */
  get deadMs(): number {
    return this.#deadMs;
  }

  /** The instrument cannot take events from this time on; nothing new if it could not before. */
  blind(atMs: number): void {
    this.#blindSinceMs ??= atMs;
  }

  /** The instrument takes events from this time on. */
  live(atMs: number): void {
    if (this.#blindSinceMs === null) return;
    this.add(Math.max(0, atMs - this.#blindSinceMs));
    this.#blindSinceMs = null;
  }

  /** Adds dead time in which the instrument was not reported as blind. */
  add(deadMs: number): void {
    this.#pendingMs += deadMs;
    this.#deadMs += deadMs;
  }

  /**
   * Accounts for an event.
   *
   * @param atMs When it happened; in the order of the events.
   * @param ownDeadMs Dead time since the event before that was not reported otherwise. @default {0}
   * @returns Its dead time: the dead part of the time since the event before, 0 to 1.
   */
  event(atMs: number, ownDeadMs = 0): number {
    const sinceMs = atMs - this.#lastEventMs;
    const deadMs = this.#pendingMs + ownDeadMs;
    this.#deadMs += ownDeadMs;
    this.#pendingMs = 0;
    this.#lastEventMs = atMs;
    return sinceMs > 0 ? Math.min(1, deadMs / sinceMs) : 0;
  }
}
