/** Fits of simple functions to histograms. */

/** Counts in equal bins. */
export interface FittedCounts {
  /** Lower edge of the first bin. */
  readonly min: number;
  /** Upper edge of the last bin. */
  readonly max: number;
  /** Entries of each bin. */
  readonly counts: ArrayLike<number>;
}

/** What is fitted to which bins. */
export interface HistogramFitOptions {
  /** `gauss`: N, μ, σ; `exponential`: N, τ. N is the integral of the whole curve, from the first bin used on. */
  readonly kind: "gauss" | "exponential";
  /** Bins whose centres lie below are not used. @default {the histogram's lower limit} */
  readonly from?: number;
  /** Bins whose centres lie above are not used. @default {the histogram's upper limit} */
  readonly to?: number;
}

/** A parameter with its standard error. */
export interface FittedParameter {
  /** `N`, `μ`, `σ` or `τ`. */
  readonly name: string;
  /** Its most likely value. */
  readonly value: number;
  /** Standard error of the value. */
  readonly error: number;
}

/** Result of {@linkcode fitHistogram}. */
export type HistogramFit =
  | {
    /** There is a fit. */
    readonly state: "ok";
    /** What was fitted. */
    readonly kind: "gauss" | "exponential";
    /** N first; the others in the order of {@linkcode HistogramFitOptions.kind}. */
    readonly parameters: readonly FittedParameter[];
    /** Likelihood-ratio χ² (S. Baker and R. D. Cousins, Nucl. Instr. Meth. 221 (1984) 437). */
    readonly chi2: number;
    /** Bins less parameters. */
    readonly degrees: number;
    /** Centres of the bins used. */
    readonly x: Float64Array<ArrayBuffer>;
    /** Entries that the function expects in these bins. */
    readonly y: Float64Array<ArrayBuffer>;
  }
  | {
    /** The counts do not say. */
    readonly state: "undetermined";
    /** Why not. */
    readonly reason: string;
  };

/** A function of positive parameters, all given by their logarithms but for places. */
interface Model {
  readonly names: readonly string[];
  /** True for parameters that are the logarithm of what is reported. */
  readonly isLog: readonly boolean[];
  start(x: Float64Array, n: Float64Array): number[];
  /** Expected entries of a bin at x, with the derivatives in `slopes`. */
  value(x: number, p: readonly number[], slopes: Float64Array): number;
}

const MAX_STEPS = 200;
const PRECISION = 1e-10;
/** A parameter known no better than this was not measured. */
const MOST_RELATIVE_ERROR = 5;

/**
 * Fits a Gaussian or an exponential to counts, by maximum likelihood of Poisson numbers, so that bins with few or no entries
 * count as what they are. The function is taken at the bins' centres. Errors are from the expected curvature of the
 * likelihood at its maximum (Fisher's information).
 *
 * @throws {RangeError} If `to` is not greater than `from`.
 *
 * @example A Gaussian of 10,000 entries
 * ```ts
 * import { fitHistogram, Histogram, Random } from "@mimocorb/daq";
 * import { assert } from "@std/assert";
 *
 * const random = new Random(1);
 * const histogram = new Histogram({ bins: 50, min: 0, max: 10 });
 * for (let i = 0; i < 10_000; i++) histogram.fill(5 + 0.8 * random.gaussian());
 * const fit = fitHistogram(histogram, { kind: "gauss" });
 * assert(fit.state === "ok" && Math.abs(fit.parameters[1].value - 5) < 0.03);
 * ```
 */
export function fitHistogram(histogram: FittedCounts, options: HistogramFitOptions): HistogramFit {
  const { min, max, counts } = histogram;
  const { kind, from = min, to = max } = options;
  if (!(to > from)) throw new RangeError(`Cannot fit a histogram: expected from < to, found ${from} and ${to}`);
  const width = (max - min) / counts.length;
  const bins = Array.from({ length: counts.length }, (_, i) => i).filter((i) => {
    const centre = min + (i + 0.5) * width;
    return centre >= from && centre <= to;
  });
  const x = Float64Array.from(bins, (i) => min + (i + 0.5) * width);
  const n = Float64Array.from(bins, (i) => counts[i]);
  const model = kind === "gauss" ? gaussian(width) : exponential(width);
  const filled = n.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  if (filled < model.names.length) {
    return { state: "undetermined", reason: `fewer than ${model.names.length} bins with entries in the range` };
  }
  const found = maximise(model, x, n);
  if (found === null) return { state: "undetermined", reason: "the fit does not converge in this range" };
  const { p, covariance } = found;
  const slopes = new Float64Array(p.length);
  const y = x.map((at) => model.value(at, p, slopes));
  const parameters = model.names.map((name, i): FittedParameter => {
    const value = model.isLog[i] ? Math.exp(p[i]) : p[i];
    const error = Math.sqrt(covariance[i][i]) * (model.isLog[i] ? value : 1);
    return { name, value, error };
  });
  const isKnown = ({ value, error }: FittedParameter, i: number) =>
    Number.isFinite(value) && Number.isFinite(error) && (!model.isLog[i] || error < value * MOST_RELATIVE_ERROR);
  if (!parameters.every(isKnown)) {
    return { state: "undetermined", reason: "the counts do not determine all parameters" };
  }
  let chi2 = 0;
  for (let i = 0; i < n.length; i++) chi2 += 2 * (y[i] - n[i] + (n[i] > 0 ? n[i] * Math.log(n[i] / y[i]) : 0));
  return { state: "ok", kind, parameters, chi2, degrees: n.length - p.length, x, y };
}

function gaussian(width: number): Model {
  return {
    names: ["N", "μ", "σ"],
    isLog: [true, false, true],
    start: (x, n) => {
      const { total, mean, sigma } = moments(x, n);
      return [Math.log(total), mean, Math.log(Math.max(sigma, width / 2))];
    },
    value: (x, [logN, mean, logSigma], slopes) => {
      const sigma = Math.exp(logSigma);
      const u = (x - mean) / sigma;
      const value = width * Math.exp(logN - u * u / 2 - logSigma) / Math.sqrt(2 * Math.PI);
      slopes[0] = value;
      slopes[1] = value * u / sigma;
      slopes[2] = value * (u * u - 1);
      return value;
    },
  };
}

function exponential(width: number): Model {
  let origin = 0;
  return {
    names: ["N", "τ"],
    isLog: [true, true],
    start: (x, n) => {
      origin = x[0] - width / 2;
      const { total, mean } = moments(x, n);
      return [Math.log(total), Math.log(Math.max(mean - origin, width / 2))];
    },
    value: (x, [logN, logTau], slopes) => {
      const t = (x - origin) * Math.exp(-logTau);
      const value = width * Math.exp(logN - logTau - t);
      slopes[0] = value;
      slopes[1] = value * (t - 1);
      return value;
    },
  };
}

function moments(x: Float64Array, n: Float64Array): { total: number; mean: number; sigma: number } {
  const sum = (of: (i: number) => number) => x.reduce((total, _, i) => total + n[i] * of(i), 0);
  const total = sum(() => 1);
  const mean = sum((i) => x[i]) / total;
  return { total, mean, sigma: Math.sqrt(sum((i) => (x[i] - mean) ** 2) / total) };
}

/** Fisher's scoring with steps that are halved until the likelihood grows. */
function maximise(
  model: Model,
  x: Float64Array,
  n: Float64Array,
): { p: number[]; covariance: number[][] } | null {
  const count = model.names.length;
  const slopes = new Float64Array(count);
  const logLikelihood = (p: readonly number[]) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) {
      const value = Math.max(model.value(x[i], p, slopes), Number.MIN_VALUE);
      sum += n[i] * Math.log(value) - value;
    }
    return sum;
  };
  let p = model.start(x, n);
  let best = logLikelihood(p);
  for (let step = 0; step < MAX_STEPS; step++) {
    const score = new Array<number>(count).fill(0);
    const information = Array.from({ length: count }, () => new Array<number>(count).fill(0));
    for (let i = 0; i < x.length; i++) {
      const value = Math.max(model.value(x[i], p, slopes), 1e-300);
      for (let a = 0; a < count; a++) {
        score[a] += (n[i] / value - 1) * slopes[a];
        for (let b = 0; b < count; b++) information[a][b] += slopes[a] * slopes[b] / value;
      }
    }
    const covariance = inverse(information);
    if (covariance === null) return null;
    const direction = covariance.map((row) => row.reduce((sum, c, b) => sum + c * score[b], 0));
    const gain = direction.reduce((sum, d, a) => sum + d * score[a], 0);
    if (!Number.isFinite(gain)) return null;
    if (gain < PRECISION) return { p, covariance };
    let factor = 1;
    for (; factor > 1e-6; factor /= 2) {
      const next = p.map((value, a) => value + factor * direction[a]);
      const likelihood = logLikelihood(next);
      if (!(likelihood > best)) continue;
      p = next;
      best = likelihood;
      break;
    }
    // No step helps any more: the rest is rounding.
    if (factor <= 1e-6) return gain < 1e-4 ? { p, covariance } : null;
  }
  return null;
}

/** Inverse of a small symmetric matrix by Gauss and Jordan; null if it is singular. */
function inverse(matrix: readonly (readonly number[])[]): number[][] | null {
  const size = matrix.length;
  // Scaled to a diagonal of ones, since the parameters have very different units.
  const scale = matrix.map((row, i) => 1 / Math.sqrt(row[i]));
  const rows = matrix.map((row, i) => [
    ...row.map((value, j) => value * scale[i] * scale[j]),
    ...row.map((_, j) => i === j ? 1 : 0),
  ]);
  for (let i = 0; i < size; i++) {
    let pivot = i;
    for (let k = i + 1; k < size; k++) if (Math.abs(rows[k][i]) > Math.abs(rows[pivot][i])) pivot = k;
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    const head = rows[i][i];
    if (!(Math.abs(head) > 1e-12)) return null;
    for (let j = 0; j < 2 * size; j++) rows[i][j] /= head;
    for (let k = 0; k < size; k++) {
      const factor = rows[k][i];
      if (k === i || factor === 0) continue;
      for (let j = 0; j < 2 * size; j++) rows[k][j] -= factor * rows[i][j];
    }
  }
  return rows.map((row, i) => row.slice(size).map((value, j) => value * scale[i] * scale[j]));
}
