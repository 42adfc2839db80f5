/** Pauses of single root rings while the run goes on. */
import type { RingBuffer } from "../ring/ring_buffer.ts";
import type { RunClock } from "./run_clock.ts";

/**
 * Keeps the books of them: in such a pause the run is active, but the importers of the ring are not allowed to work, so that
 * it is neither live nor dead time for them. It is counted in active seconds of the run, and so never together with a pause
 * of the whole run.
 */
export class RingPauses {
  readonly #clock: RunClock;
  readonly #pausedS = new Map<string, number>();
  /** Active seconds of the run at which a pause began that still goes on. */
  readonly #begunS = new Map<string, number>();

  /**
   * No ring is paused at first.
   *
   * @param clock The run's clock.
   */
  constructor(clock: RunClock) {
    this.#clock = clock;
  }

  /** Keeps the importers of a root ring from bringing in events, while those of others go on. */
  pause(ring: RingBuffer): void {
    ring.pause();
    if (!this.#begunS.has(ring.name)) this.#begunS.set(ring.name, this.#clock.activeS);
  }

  /** Ends such a pause. */
  resume(ring: RingBuffer): void {
    ring.resume();
    this.#end(ring.name);
  }

  /** Notes that all root rings go on: the whole run was paused and has been resumed. */
  noteResumed(): void {
    for (const name of [...this.#begunS.keys()]) this.#end(name);
  }

  /** Active seconds of the run in which a ring was paused alone. */
  pausedS(ring: string): number {
    const begunS = this.#begunS.get(ring);
    return (this.#pausedS.get(ring) ?? 0) + (begunS === undefined ? 0 : Math.max(0, this.#clock.activeS - begunS));
  }

  #end(ring: string): void {
    this.#pausedS.set(ring, this.pausedS(ring));
    this.#begunS.delete(ring);
  }
}
