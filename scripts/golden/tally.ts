/** Counts of values that were compared with a reference. */

/** Where a value stands, for messages. */
export type Place = string;

/** Compares values one by one, counts them and reports those that differ. */
export class Tally {
  #compared = 0;
  #differing = 0;
  readonly #report: (line: string) => void;

  /** @param report Gets one line for each value that differs. */
  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  /** Number of values that were compared. */
  get compared(): number {
    return this.#compared;
  }

  /** Number of values that differ. */
  get differing(): number {
    return this.#differing;
  }

  /** Compares two values that must be the same. */
  same(place: Place, found: unknown, expected: unknown): boolean {
    return this.#count(place, { found, expected, agrees: Object.is(found, expected) || found === expected });
  }

  /** Compares two numbers that must agree within a fraction of the greater one. */
  close(place: Place, found: unknown, { expected, tolerance }: { expected: unknown; tolerance: number }): boolean {
    const agrees = typeof found === "number" && typeof expected === "number" &&
      (found === expected || Math.abs(found - expected) <= tolerance * Math.max(Math.abs(found), Math.abs(expected)));
    return this.#count(place, { found, expected, agrees });
  }

  /** Compares two lists, their lengths first; a tolerance of 0 means the same values. */
  list(
    place: Place,
    found: ArrayLike<unknown>,
    { expected, tolerance }: { expected: ArrayLike<unknown>; tolerance: number },
  ): void {
    if (!this.same(`${place}: length`, found.length, expected.length)) return;
    for (let i = 0; i < expected.length; i++) {
      this.close(`${place}[${i}]`, found[i], { expected: expected[i], tolerance });
    }
  }

  /** Counts something that could not be compared at all. */
  impossible(place: Place, why: string): void {
    this.#compared++;
    this.#differing++;
    this.#report(`${place}: ${why}`);
  }

  #count(
    place: Place,
    { found, expected, agrees }: { found: unknown; expected: unknown; agrees: boolean },
  ): boolean {
    this.#compared++;
    if (!agrees) {
      this.#differing++;
      this.#report(`${place}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
    }
    return agrees;
  }
}
