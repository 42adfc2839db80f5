/** What a peak must fulfil: the options of the peak search, checked and brought into one form. */

/** One side of a condition: a number, one number for each sample of the signal, or `null` for no bound. */
export type PeakBound = number | ArrayLike<number> | null;

/**
 * Condition on one property of a peak: a lower bound, or `[lower, upper]`; both bounds are allowed values.
 * A list that does not have two elements holds lower bounds, one for each sample of the signal.
 */
export type PeakCondition = number | ArrayLike<number> | readonly [PeakBound, PeakBound];

/**
 * Options of the peak search, with the meaning that `scipy.signal.find_peaks` gives them. An option that is absent or
 * `null` is no condition; `[null, null]` accepts every peak but has the properties measured.
 */
export interface FindPeaksOptions {
  /** Value of the signal at the peak. */
  readonly height?: PeakCondition | null;
  /** Height above both neighbouring samples; the lower bound is for the smaller, the upper one for the greater. */
  readonly threshold?: PeakCondition | null;
  /** Least distance of neighbouring peaks in samples, 1 or more; where peaks are closer the lower ones go. */
  readonly distance?: number | null;
  /** Height above the higher of the two valleys that part the peak from higher ground. */
  readonly prominence?: PeakCondition | null;
  /** Width in samples at `relHeight` of the prominence. */
  readonly width?: PeakCondition | null;
  /** Samples around the peak in which its prominence is measured, more than 1. @default {the whole signal} */
  readonly wlen?: number | null;
  /** Fraction of the prominence, counted from the peak down, at which widths are measured. @default {0.5} */
  readonly relHeight?: number | null;
  /** Number of equal samples on top of the peak. */
  readonly plateauSize?: PeakCondition | null;
}

/** Bounds of one property. */
export class PeakInterval {
  readonly #lower: number;
  readonly #upper: number;
  readonly #lowerBySample: ArrayLike<number> | null;
  readonly #upperBySample: ArrayLike<number> | null;

  /** Makes an interval that both bounds belong to. */
  constructor(lower: PeakBound, upper: PeakBound) {
    this.#lower = typeof lower === "number" ? lower : -Infinity;
    this.#upper = typeof upper === "number" ? upper : Infinity;
    this.#lowerBySample = typeof lower === "number" ? null : lower;
    this.#upperBySample = typeof upper === "number" ? null : upper;
  }

  /** The lower bound, the same for all samples; -Infinity if there is none or if it differs from sample to sample. */
  get lower(): number {
    return this.#lower;
  }

  /** Says whether the property of a peak at sample `position` is allowed. */
  accepts(value: number, position: number): boolean {
    return this.acceptsRange(value, value, position);
  }

  /** Says whether the smaller of two values reaches the lower bound, and the greater one keeps to the upper bound. */
  acceptsRange(smaller: number, greater: number, position: number): boolean {
    const lower = this.#lowerBySample === null ? this.#lower : this.#lowerBySample[position];
    const upper = this.#upperBySample === null ? this.#upper : this.#upperBySample[position];
    return smaller >= lower && greater <= upper;
  }
}

/** All conditions of a peak search in one form. */
export interface PeakConditions {
  /** Allowed heights. */
  readonly height: PeakInterval | null;
  /** Allowed heights above the neighbouring samples. */
  readonly threshold: PeakInterval | null;
  /** Whole samples, or 1 for no condition. */
  readonly distance: number;
  /** Allowed prominences. */
  readonly prominence: PeakInterval | null;
  /** Allowed widths. */
  readonly width: PeakInterval | null;
  /** Samples to each side of the peak that its prominence may look at. */
  readonly reach: number;
  /** Fraction of the prominence at which widths are measured. */
  readonly relHeight: number;
  /** Allowed numbers of equal samples on top. */
  readonly plateauSize: PeakInterval | null;
}

/**
 * Checks the options of a peak search.
 *
 * @param options Options as the user gives them.
 * @param length Samples of the signals to search.
 * @throws {TypeError} If an option is not of the documented shape.
 * @throws {RangeError} If `distance` is less than 1, `wlen` not more than 1, `relHeight` negative, or a list of bounds
 *   not as long as the signal.
 */
export function parsePeakConditions(options: FindPeaksOptions, length: number): PeakConditions {
  const distance = parseNumber("distance", options.distance) ?? 1;
  if (!(distance >= 1)) throw refused("distance", "a number >= 1", distance);
  const wlen = parseNumber("wlen", options.wlen) ?? Infinity;
  if (!(wlen > 1)) throw refused("wlen", "a number > 1", wlen);
  const relHeight = parseNumber("relHeight", options.relHeight) ?? 0.5;
  if (!(relHeight >= 0)) throw refused("relHeight", "a number >= 0", relHeight);
  const interval = (name: keyof FindPeaksOptions): PeakInterval | null =>
    parseInterval(name, { condition: options[name] ?? null, length });
  return {
    height: interval("height"),
    threshold: interval("threshold"),
    distance: Math.ceil(distance),
    prominence: interval("prominence"),
    width: interval("width"),
    reach: Math.floor(Math.ceil(wlen) / 2),
    relHeight,
    plateauSize: interval("plateauSize"),
  };
}

function refused(name: string, expected: string, found: unknown): RangeError {
  return new RangeError(`Cannot find peaks: expected ${name} to be ${expected}, found ${found}`);
}

function parseNumber(name: string, value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return value;
  throw new TypeError(`Cannot find peaks: expected ${name} to be a number, found ${JSON.stringify(value)}`);
}

function parseInterval(
  name: string,
  { condition, length }: { condition: PeakCondition | null; length: number },
): PeakInterval | null {
  if (condition === null) return null;
  if (typeof condition === "number") return new PeakInterval(condition, null);
  const isPair = condition.length === 2;
  const [lower, upper] = isPair ? condition as readonly [PeakBound, PeakBound] : [condition as ArrayLike<number>, null];
  for (const bound of [lower, upper]) {
    if (bound === null || typeof bound === "number") continue;
    const values = bound as ArrayLike<unknown> | undefined;
    if (typeof values !== "object" || typeof values.length !== "number" || typeof values[0] !== "number") {
      throw new TypeError(
        `Cannot find peaks: expected ${name} to be a number or [lower, upper] with null for an open side, found ${
          JSON.stringify(condition)
        }`,
      );
    }
    if (values.length !== length) {
      throw refused(
        `the bounds of ${name}`,
        `one number for each of the ${length} samples`,
        `${values.length} numbers`,
      );
    }
  }
  return new PeakInterval(lower, upper);
}
