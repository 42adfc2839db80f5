/** Drawings of histograms as SVG documents. */
import { numberLabel } from "./axis_ticks.ts";
import { PlotAxes } from "./plot_axes.ts";
import { px, svgDocument, svgLabel, textWidth } from "./svg_text.ts";

/** What is drawn of a histogram. */
export interface PlottedHistogram {
  /** Lower edge of the first bin, in the unit of the variable. */
  readonly min: number;
  /** Upper edge of the last bin. */
  readonly max: number;
  /** Entries of each bin. */
  readonly counts: ArrayLike<number>;
  /** Entries below `min`. */
  readonly underflow: number;
  /** Entries at or above `max`. */
  readonly overflow: number;
  /** Title of the axis, with its unit in brackets: `Tau (ns)`. */
  readonly label: string;
  /** Draw the counts on a logarithmic axis. */
  readonly logScale: boolean;
  /** Entries inside the range. */
  readonly entries: number;
  /** Their mean; not drawn without entries. */
  readonly mean: number;
  /** Their standard deviation; not drawn without entries. */
  readonly sigma: number;
  /** Functions that were fitted to it. @default {none} */
  readonly curves?: readonly PlottedFit[];
}

/** A function that was fitted to a histogram. */
export interface PlottedFit {
  /** Where it was taken, in the unit of the variable. */
  readonly x: ArrayLike<number>;
  /** Entries per bin that it expects there. */
  readonly y: ArrayLike<number>;
  /** Draws it dashed: it does not describe the data. @default {false} */
  readonly isPoor?: boolean;
}

/** Options of {@linkcode histogramPlot}. */
export interface HistogramPlotOptions {
  /** Headline. @default {""} */
  title?: string;
  /** Filled bars, steps or a line through the middles of the bins. @default {"bar"} */
  style?: "bar" | "step" | "line";
  /** Width and height of one histogram, in pixels. @default {[460, 330]} */
  panelSize?: readonly [number, number];
}

const MARGIN = { left: 68, right: 18, top: 34, bottom: 48 };
const HEADLINE_HEIGHT = 40;

/** Free space above the highest bin: a part of the axis, or a factor if it is logarithmic. */
const HEADROOM = 1.08;
const LOG_HEADROOM = 2;
/** Where a logarithmic axis begins, so that a single entry is still seen. */
const LOG_BASE = 0.5;

/**
 * Draws histograms in a grid, each with its axes, number of entries, mean, standard deviation and what fell outside.
 *
 * @param histograms At least one.
 * @returns An SVG document that needs nothing else and follows the reader's light or dark scheme.
 * @throws {RangeError} If there is none.
 *
 * @example Draw a histogram of decay times
 * ```ts
 * import { Histogram, histogramPlot } from "@mimocorb/daq";
 * import { assertMatch } from "@std/assert";
 *
 * const histogram = new Histogram({ bins: 50, min: 0, max: 10_000 });
 * histogram.fillAll([2100, 350, 4800, 12_000]);
 * const { min, max, counts, underflow, overflow, entries, mean, sigma } = histogram;
 * const svg = histogramPlot([
 *   { min, max, counts, underflow, overflow, entries, mean, sigma, label: "Tau (ns)", logScale: false },
 * ], { title: "Muon lifetime" });
 * assertMatch(svg, /^<svg [^]*entries per 200 ns/);
 * ```
 */
export function histogramPlot(histograms: readonly PlottedHistogram[], options: HistogramPlotOptions = {}): string {
  const { title = "", style = "bar", panelSize = [460, 330] } = options;
  if (histograms.length === 0) {
    throw new RangeError("Cannot draw histograms: expected at least one histogram, found none");
  }
  const [panelWidth, panelHeight] = panelSize;
  const columns = Math.ceil(Math.sqrt(histograms.length));
  const rows = Math.ceil(histograms.length / columns);
  const top = title === "" ? 6 : HEADLINE_HEIGHT;
  const width = columns * panelWidth;
  const panels = histograms.map((histogram, i) =>
    panelText(histogram, {
      left: i % columns * panelWidth,
      top: top + Math.floor(i / columns) * panelHeight,
      width: panelWidth,
      height: panelHeight,
      series: i,
      style,
    })
  );
  const headline = title === "" ? "" : svgLabel(title, { x: 20, y: 27, size: 17, bold: true });
  const height = top + rows * panelHeight;
  return svgDocument([headline, ...panels].join("\n"), { width, height, title: title || "Histograms" });
}

function panelText(
  histogram: PlottedHistogram,
  panel: { left: number; top: number; width: number; height: number; series: number; style: "bar" | "step" | "line" },
): string {
  const { min, max, counts, label, logScale } = histogram;
  let highest = 0;
  for (let i = 0; i < counts.length; i++) highest = Math.max(highest, counts[i]);
  const { curves = [] } = histogram;
  for (const { y } of curves) for (let i = 0; i < y.length; i++) highest = Math.max(highest, y[i]);
  const area = {
    left: panel.left + MARGIN.left,
    top: panel.top + MARGIN.top,
    width: panel.width - MARGIN.left - MARGIN.right,
    height: panel.height - MARGIN.top - MARGIN.bottom,
  };
  const axes = new PlotAxes(area, {
    x: { range: [min, max], title: label },
    y: {
      range: logScale ? [LOG_BASE, Math.max(highest * LOG_HEADROOM, 10)] : [0, Math.max(highest * HEADROOM, 1)],
      isLog: logScale,
      title: countTitle(label, (max - min) / counts.length),
    },
  });
  const series = panel.series % 8;
  const note = highest > 0 ? "" : svgLabel("no entries", {
    x: area.left + area.width / 2,
    y: area.top + area.height / 2,
    color: "faint",
    anchor: "middle",
  });
  return [
    axes.background(),
    dataText(histogram, { axes, series, style: panel.style }),
    ...curves.map((curve) => fitText(curve, axes)),
    axes.foreground(),
    note,
    statisticsText(histogram, { right: area.left + area.width, y: area.top - 10, width: area.width }),
  ].join("\n");
}

function dataText(
  { min, max, counts }: PlottedHistogram,
  { axes, series, style }: { axes: PlotAxes; series: number; style: "bar" | "step" | "line" },
): string {
  const binWidth = (max - min) / counts.length;
  const base = px(axes.y(0));
  if (style === "line") {
    const points = Array.from(counts, (count, i) => `${px(axes.x(min + (i + 0.5) * binWidth))} ${px(axes.y(count))}`);
    return `<path class="l-s${series}" stroke-width="1.6" stroke-linejoin="round" d="M${points.join("L")}"/>`;
  }
  let steps = `M${px(axes.x(min))} ${base}`;
  for (let i = 0; i < counts.length; i++) {
    steps += `V${px(axes.y(counts[i]))}H${px(axes.x(min + (i + 1) * binWidth))}`;
  }
  steps += `V${base}`;
  // Edges between the bars show where they are wide enough to be told apart.
  let edges = "";
  if (axes.x(min + binWidth) - axes.x(min) >= 4) {
    for (let i = 1; i < counts.length; i++) {
      const shared = Math.min(counts[i - 1], counts[i]);
      if (shared > 0) edges += `M${px(axes.x(min + i * binWidth))} ${px(axes.y(shared))}V${base}`;
    }
  }
  const fill = style === "bar" ? `<path class="f-s${series}" fill-opacity="0.28" stroke="none" d="${steps}z"/>` : "";
  const edgeLines = style === "bar" && edges !== ""
    ? `<path class="l-s${series}" stroke-opacity="0.35" stroke-width="0.8" d="${edges}"/>`
    : "";
  return `${fill}${edgeLines}<path class="l-s${series}" stroke-width="1.4" stroke-linejoin="round" d="${steps}"/>`;
}

function fitText({ x, y, isPoor = false }: PlottedFit, axes: PlotAxes): string {
  const points = Array.from(x, (at, i) => `${px(axes.x(at))} ${px(axes.y(y[i]))}`);
  const dashes = isPoor ? ' stroke-dasharray="6 4"' : "";
  return `<path class="l-trigger" stroke-width="1.6" stroke-linejoin="round"${dashes} d="M${points.join("L")}"/>`;
}

/** `entries per 200 ns` where the axis has a unit. */
function countTitle(label: string, binWidth: number): string {
  const unit = /[([]\s*([^()[\]]+?)\s*[)\]]\s*$/.exec(label)?.[1];
  return unit === undefined ? "entries per bin" : `entries per ${numberLabel(binWidth)} ${unit}`;
}

function statisticsText(
  { entries, mean, sigma, underflow, overflow }: PlottedHistogram,
  place: { right: number; y: number; width: number },
): string {
  const outside = [underflow > 0 ? `${underflow} below` : "", overflow > 0 ? `${overflow} above` : ""]
    .filter((text) => text !== "");
  const parts = [
    `Σ ${entries}`,
    entries > 0 ? `mean ${statisticLabel(mean, sigma)}` : "",
    entries > 0 ? `σ ${statisticLabel(sigma, sigma)}` : "",
    ...outside,
  ].filter((text) => text !== "");
  const text = parts.join("  ·  ");
  const size = Math.min(12, 12 * place.width / textWidth(text));
  return svgLabel(text, { x: place.right, y: place.y, anchor: "end", size: Math.round(size * 10) / 10 });
}

/** Four digits, or as many more as the spread makes sensible. */
function statisticLabel(value: number, sigma: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = sigma > 0 ? Math.floor(Math.log10(Math.abs(value) / sigma)) + 3 : 4;
  return numberLabel(value, Math.min(Math.max(digits, 4), 9));
}
