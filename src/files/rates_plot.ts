/** Drawings of rates over time as SVG documents. */
import { PlotAxes } from "./plot_axes.ts";
import { px, SERIES_COLORS, svgDocument, svgLabel, textWidth } from "./svg_text.ts";

/** Rates of some rings at common times. */
export interface PlottedRates {
  /** Seconds since the begin of the run, rising. */
  readonly timesS: readonly number[];
  /** Rates in Hz by name, one per time. */
  readonly ratesHz: Readonly<Record<string, readonly number[]>>;
}

const SIZE = { width: 900, height: 330 };
const MARGIN = { left: 70, right: 20, top: 40, bottom: 48 };
/** Lower end of the axis; rates below are drawn there. */
const LEAST_HZ = 0.01;
/** Longer tables are drawn with the means of neighbouring lines. */
const MOST_POINTS = 800;

/** Draws rates on a logarithmic axis. */
export function ratesPlot({ timesS, ratesHz }: PlottedRates): string {
  const { width, height } = SIZE;
  const area = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: width - MARGIN.left - MARGIN.right,
    height: height - MARGIN.top - MARGIN.bottom,
  };
  const names = Object.keys(ratesHz);
  const step = Math.max(1, Math.ceil(timesS.length / MOST_POINTS));
  const thin = (values: readonly number[]) =>
    Array.from({ length: Math.ceil(values.length / step) }, (_, i) => {
      const part = values.slice(i * step, (i + 1) * step);
      return part.reduce((a, b) => a + b, 0) / part.length;
    });
  const rates = names.map((name) => thin(ratesHz[name]));
  const positive = rates.flat().filter((rate) => rate > LEAST_HZ);
  const low = positive.length === 0 ? 1 : 10 ** Math.floor(Math.log10(Math.min(...positive)));
  const high = positive.length === 0 ? 10 : 10 ** Math.ceil(Math.log10(Math.max(...positive) * 1.01));
  const times = thin(timesS);
  const axes = new PlotAxes(area, {
    x: { range: [0, Math.max(timesS.at(-1) ?? 1, 1)], title: "time since the begin (s)" },
    y: { range: [low, Math.max(high, 10 * low)], isLog: true, title: "rate (Hz)" },
  });
  let x = area.left;
  const legend = names.map((name, i) => {
    const key =
      `<path class="l-s${i % SERIES_COLORS.length}" stroke-width="3" stroke-linecap="round" d="M${px(x)} 22h16"/>` +
      svgLabel(name, { x: x + 23, y: 26 });
    x += 23 + textWidth(name) + 20;
    return key;
  });
  const lines = rates.map((values, i) => {
    const points = values.map((rate, k) => `${px(axes.x(times[k]))} ${px(axes.y(Math.max(rate, low)))}`);
    return points.length === 0
      ? ""
      : `<path class="l-s${i % SERIES_COLORS.length}" stroke-width="1.6" stroke-linejoin="round" d="M${
        points.join("L")
      }"/>`;
  });
  const content = [axes.background(), ...lines, axes.foreground(), ...legend].join("\n");
  return svgDocument(content, { width, height, title: "Rates over time" });
}
