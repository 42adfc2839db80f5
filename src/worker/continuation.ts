/** What a worker that was started anew has to know of the life before it, so that it writes nothing twice and loses nothing. */
import type { Slot } from "../ring/slot.ts";

/** The state in which a worker's last life has left its file. */
export class Continuation {
  /**
   * Records that the worker's file holds if the event that was in its hands when it died is not among them: those that it
   * had found in it, and those that it has released as processed. 0 in the first life; null if it is not known.
   */
  readonly recordsBefore: number | null;
  readonly #held: readonly [low: number, high: number] | null;
  readonly #report: (records: number, lost: number) => void;

  /**
   * Made by the context.
   *
   * @param left What the life before has left, as the control says.
   * @param report Tells the control what was found.
   */
  constructor(
    left: { readonly recordsBefore: number | null; readonly heldBefore: readonly [low: number, high: number] | null },
    report: (records: number, lost: number) => void,
  ) {
    this.recordsBefore = left.recordsBefore;
    this.#held = left.heldBefore;
    this.#report = report;
  }

  /** True for the event that was in the worker's hands when its last life ended. */
  isHeldBefore(event: Slot): boolean {
    return this.#held !== null && event.originLow === this.#held[0] && event.originHigh === this.#held[1];
  }

  /**
   * Says what was found in the file, for the books and for the next life. To be called before the first event is taken.
   *
   * @param records Whole records in it.
   * @param lost Records that had been taken for it and are not in it.
   */
  report(records: number, lost: number): void {
    this.#report(records, lost);
  }
}
