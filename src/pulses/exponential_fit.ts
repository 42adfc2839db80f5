/** Mean lifetime from measured decay times. */

/** Window of the fit. */
export interface FitWindow {
  /** Least time that is used. @default {0} */
  readonly tMin?: number;
  /** Greatest time that is used. @default {Infinity} */
  readonly tMax?: number;
}

/** Result of {@linkcode fitExponential}. Times are in the unit of the data. */
export type ExponentialFit =
  | {
    /** There is a lifetime. */
    readonly state: "ok";
    /** The lifetime τ of greatest likelihood. */
    readonly lifetime: number;
    /** Standard error of the lifetime, from the curvature of the log-likelihood at its maximum. */
    readonly standardError: number;
    /** Steps that finding it took; 0 if the window has no end, where it is the mean. */
    readonly iterations: number;
    /** Number of times in the window. */
    readonly entries: number;
  }
  | {
    /** The times do not say which lifetime they have. */
    readonly state: "undetermined";
    /** Why there is no lifetime. */
    readonly reason: string;
    /** Number of times in the window. */
    readonly entries: number;
  };

const MAX_ITERATIONS = 100;
/** Relative change of the rate that ends the iteration. */
const PRECISION = 1e-13;

/**
 * Fits the lifetime τ of an exponential decay to single times, by maximum likelihood without binning.
 *
 * Times outside of [tMin, tMax] are left out, and the density is normalised inside:
 * p(t) = exp(−t/τ) / (τ·(exp(−tMin/τ) − exp(−tMax/τ))). With u = t − tMin, w = tMax − tMin and x = w/τ the likelihood is
 * greatest where mean(u)/w = 1/x − 1/(exp(x) − 1). The right side falls from 1/2 to 0, so that a mean in the middle of
 * the window or later has no solution: no decay is seen. The standard error is τ / √(n·(1 − (x/2 / sinh(x/2))²)).
 *
 * @param times Decay times.
 * @returns Lifetime and standard error, or the reason why they cannot be determined.
 * @throws {RangeError} If `tMax` is not greater than `tMin`, or `tMin` is not finite.
 *
 * @example Fit simulated decays of muons
 * ```ts
 * import { fitExponential, Random } from "@mimocorb/daq";
 * import { assert } from "@std/assert";
 *
 * const random = new Random(1);
 * const times = Array.from({ length: 10_000 }, () => random.exponential(2197));
 * const fit = fitExponential(times, { tMin: 200, tMax: 12_000 });
 * assert(fit.state === "ok" && Math.abs(fit.lifetime - 2197) < 3 * fit.standardError);
 * ```
 */
export function fitExponential(
  times: ArrayLike<number>,
  { tMin = 0, tMax = Infinity }: FitWindow = {},
): ExponentialFit {
  if (!Number.isFinite(tMin) || !(tMax > tMin)) {
    throw new RangeError(`Cannot fit an exponential: expected a finite tMin < tMax, found ${tMin} and ${tMax}`);
  }
  let entries = 0;
  let total = 0;
  for (let i = 0; i < times.length; i++) {
    if (!(times[i] >= tMin && times[i] <= tMax)) continue;
    entries++;
    total += times[i] - tMin;
  }
  const undetermined = (reason: string): ExponentialFit => ({ state: "undetermined", reason, entries });
  if (entries === 0) return undetermined("no times in the window");
  const mean = total / entries;
  if (mean === 0) return undetermined("all times are at the start of the window");
  if (tMax === Infinity) {
    return { state: "ok", lifetime: mean, standardError: mean / Math.sqrt(entries), iterations: 0, entries };
  }
  const width = tMax - tMin;
  if (mean >= width / 2) return undetermined("the times do not get rarer in the window");
  const { x, iterations } = solve(mean / width);
  const lifetime = width / x;
  const standardError = lifetime / Math.sqrt(entries * information(x));
  return { state: "ok", lifetime, standardError, iterations, entries };
}

/** Mean of u/w for decays with x = w/τ: 1/x − 1/(eˣ − 1). */
function meanFraction(x: number): number {
  // The two terms cancel for small x; the next term of the series is -x^5/30240.
  return x < 0.05 ? 0.5 - x / 12 + x ** 3 / 720 : 1 / x - 1 / Math.expm1(x);
}

/** Information on ln τ per decay: 1 − (y / sinh y)² with y = x/2. */
function information(x: number): number {
  const y = x / 2;
  return y < 0.01 ? y * y / 3 - y ** 4 / 15 : 1 - (y / Math.sinh(y)) ** 2;
}

/** Solves meanFraction(x) = fraction by Newton's method, kept inside an interval that shrinks. */
function solve(fraction: number): { x: number; iterations: number } {
  let low = 0;
  // meanFraction(x) < 1/x
  let high = 1 / fraction;
  let x = Math.min(12 * (0.5 - fraction), high);
  let iterations = 0;
  while (iterations < MAX_ITERATIONS) {
    iterations++;
    const excess = meanFraction(x) - fraction;
    if (excess > 0) low = x;
    else high = x;
    // The derivative of meanFraction is -information(x) / x².
    let next = x + excess * x * x / information(x);
    if (!(next > low && next < high)) next = (low + high) / 2;
    const change = Math.abs(next - x);
    x = next;
    if (change <= PRECISION * x) break;
  }
  return { x, iterations };
}
