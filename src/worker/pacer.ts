/** Pacing of sources that have no rhythm of their own. */
import type { RunSignal } from "./run_signal.ts";

/** Shortest sleep worth asking for; what is left of shorter ones is made up at the next event. */
const SHORTEST_SLEEP_MS = 0.05;

/** Longest delay that is made up by faster events afterwards; after a longer one (a pause) the schedule begins anew. */
const LONGEST_DELAY_MS = 100;

/** Options of {@linkcode Pacer}. */
export interface PacerOptions {
  /** Mean time between events in seconds; 0: no waiting at all. */
  readonly meanS: number;
  /** Draws the time to the next event in units of the mean, for random events. @default {always 1} */
  readonly draw?: () => number;
  /** Clock in ms. @default `performance.now` */
  readonly nowMs?: () => number;
}

/**
 * Lets events come at given times. The times are laid out in advance and not counted from the event before, so that the
 * rate is right also where sleeping takes longer than asked for: late events follow each other at once.
 */
export class Pacer {
  readonly #signal: Pick<RunSignal, "sleep" | "ending">;
  readonly #meanMs: number;
  readonly #draw: () => number;
  readonly #nowMs: () => number;
  #dueMs: number;

  /**
   * Begins the schedule: the first event is due one interval from now.
   *
   * @param signal Wakes the sleeper when the run ends.
   * @param options See {@linkcode PacerOptions}.
   */
  constructor(signal: Pick<RunSignal, "sleep" | "ending">, options: PacerOptions) {
    this.#signal = signal;
    this.#meanMs = options.meanS * 1000;
    this.#draw = options.draw ?? (() => 1);
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#dueMs = this.#nowMs();
  }

  /**
   * Sleeps until the next event is due.
   *
   * @returns False if the run is ending.
   */
  wait(): boolean {
    if (this.#meanMs === 0) return !this.#signal.ending;
    this.#dueMs += this.#meanMs * this.#draw();
    const nowMs = this.#nowMs();
    const leftMs = this.#dueMs - nowMs;
    if (leftMs < -LONGEST_DELAY_MS) this.#dueMs = nowMs;
    if (leftMs < SHORTEST_SLEEP_MS) return !this.#signal.ending;
    return this.#signal.sleep(leftMs);
  }
}
