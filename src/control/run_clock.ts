/** Times of a run: active, paused and in all. */

type Phase = "before" | "active" | "paused" | "after";

/**
 * Adds up the seconds that importers were allowed to work and those that they were paused; the drain is neither. The run
 * steers it; everybody else only looks.
 */
export class RunClock {
  readonly #now: () => number;
  #phase: Phase = "before";
  #phaseBegan = 0;
  #activeMs = 0;
  #pausedMs = 0;

  /**
   * A clock at zero; neither active nor paused before `run()`.
   *
   * @param now A clock that never goes back, in ms.
   */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Starts or continues the active time. */
  run(): void {
    this.#enter("active");
  }

  /** Begins a pause. */
  pause(): void {
    this.#enter("paused");
  }

  /** Ends both; later calls change nothing. */
  stop(): void {
    this.#enter("after");
  }

  /** Turns active time into paused time: the program was suspended for so many ms and nobody could work. */
  discount(suspendedMs: number): void {
    this.#activeMs -= suspendedMs;
    this.#pausedMs += suspendedMs;
  }

  /** Seconds that the run was neither paused nor over. */
  get activeS(): number {
    return (this.#activeMs + (this.#phase === "active" ? this.#now() - this.#phaseBegan : 0)) / 1000;
  }

  /** Seconds that the run was paused. */
  get pausedS(): number {
    return (this.#pausedMs + (this.#phase === "paused" ? this.#now() - this.#phaseBegan : 0)) / 1000;
  }

  #enter(phase: Phase): void {
    if (this.#phase === "after" || this.#phase === phase) return;
    const now = this.#now();
    if (this.#phase === "active") this.#activeMs += now - this.#phaseBegan;
    if (this.#phase === "paused") this.#pausedMs += now - this.#phaseBegan;
    this.#phase = phase;
    this.#phaseBegan = now;
  }
}
