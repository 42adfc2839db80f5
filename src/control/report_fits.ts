/** Fits to the histograms of a run, for its report. */
import { fitHistogram } from "../pulses/histogram_fit.ts";
import type { Panel } from "../worker/panel.ts";

/** Histograms that are fitted. A function that shows hundreds of them must not hold up the end of the run. */
const MOST_FITTED = 100;

/** A χ² so many standard deviations above its expectation says that the data are something else. */
const POOR_SIGMAS = 5;

const KINDS = ["gauss", "exponential"] as const;

type HistogramPanel = Extract<Panel, { kind: "histogram" }>;

/** A curve to be drawn into a histogram. */
export interface FitCurve {
  /** Centres of the bins. */
  readonly x: ArrayLike<number>;
  /** Expected entries. */
  readonly y: ArrayLike<number>;
  /** True if it does not describe the data. */
  readonly isPoor: boolean;
}

/** One histogram with what came of its fits. */
export interface FittedHistogram {
  /** Lines of the table, one for each function: histogram, function, parameters, χ², remark. */
  readonly rows: readonly (readonly string[])[];
  /** Fits that describe the data; if none does, the best of them. */
  readonly curves: readonly FitCurve[];
}

/** Fits all functions to all histograms over their whole range. */
export function fitHistograms(histograms: readonly HistogramPanel[]): FittedHistogram[] {
  return histograms.map((panel, i) =>
    i < MOST_FITTED ? fitted(panel) : {
      rows: [[panel.label, KINDS.join(", "), "", "", `not fitted: only the first ${MOST_FITTED} histograms are`]],
      curves: [],
    }
  );
}

function fitted(panel: HistogramPanel): FittedHistogram {
  const rows: string[][] = [];
  const found: (FitCurve & { readonly badness: number })[] = [];
  for (const kind of KINDS) {
    const fit = fitHistogram(panel, { kind });
    if (fit.state !== "ok") {
      rows.push([panel.label, kind, "", "", `not fitted: ${fit.reason}`]);
      continue;
    }
    const { parameters, chi2, degrees, x, y } = fit;
    const isPoor = degrees > 0 && chi2 > degrees + POOR_SIGMAS * Math.sqrt(2 * degrees);
    const isOutside = kind === "gauss" && (parameters[1].value < panel.min || parameters[1].value > panel.max);
    const remarks = [...(isPoor ? ["poor fit"] : []), ...(isOutside ? ["its mean lies outside of the range"] : [])];
    const values = parameters.map(({ name, value, error }) => `${name} = ${measured(value, error)}`);
    rows.push([panel.label, kind, values.join(", "), `${chi2.toFixed(1)} / ${degrees}`, remarks.join("; ")]);
    if (!isOutside) found.push({ x, y, isPoor, badness: chi2 / Math.max(1, degrees) });
  }
  const good = found.filter(({ isPoor }) => !isPoor);
  const best = found.sort((a, b) => a.badness - b.badness).slice(0, 1);
  return { rows, curves: good.length > 0 ? good : best };
}

/** A value and its error, the error with two digits. */
function measured(value: number, error: number): string {
  const decimals = Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(error))));
  return Number.isFinite(decimals) ? `${value.toFixed(decimals)} ± ${error.toFixed(decimals)}` : String(value);
}
