/** Drawings of curves as SVG documents. */
import { PlotAxes } from "./plot_axes.ts";
import { px, svgDocument, svgLabel } from "./svg_text.ts";

/** Points, joined in their order. */
export interface PlottedCurve {
  /** Abscissas. */
  readonly x: ArrayLike<number>;
  /** Ordinates, as many. */
  readonly y: ArrayLike<number>;
}

const SIZE = { width: 900, height: 400 };
const MARGIN = { left: 78, right: 20, top: 44, bottom: 40 };
/** Of longer curves points are left out, one after the other at equal distances in their order. */
const MOST_POINTS = 4000;
/** Free space around the points, as part of their range. */
const ROOM = 0.04;

/** Draws a curve; points that are not finite numbers interrupt it. */
export function curvePlot({ x, y }: PlottedCurve, options: { readonly title: string }): string {
  const { title } = options;
  const count = Math.min(x.length, y.length);
  const step = Math.max(1, Math.ceil(count / MOST_POINTS));
  const shown = Array.from({ length: Math.ceil(count / step) }, (_, i) => Math.min(i * step, count - 1));
  const area = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: SIZE.width - MARGIN.left - MARGIN.right,
    height: SIZE.height - MARGIN.top - MARGIN.bottom,
  };
  const axes = new PlotAxes(area, {
    x: { range: rangeOf(x, shown), title: "" },
    y: { range: rangeOf(y, shown), title: "" },
  });
  let path = "";
  let isOpen = false;
  for (const i of shown) {
    const isPoint = Number.isFinite(x[i]) && Number.isFinite(y[i]);
    if (isPoint) path += `${isOpen ? "L" : "M"}${px(axes.x(x[i]))} ${px(axes.y(y[i]))}`;
    isOpen = isPoint;
  }
  const points = count === 0 ? "no points" : `${count} points${step > 1 ? `, one of ${step} drawn` : ""}`;
  const content = [
    axes.background(),
    `<path class="l-s0" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" d="${path}"/>`,
    axes.foreground(),
    svgLabel(title, { x: 20, y: 27, size: 17, bold: true }),
    svgLabel(points, { x: SIZE.width - MARGIN.right, y: 27, anchor: "end" }),
  ];
  return svgDocument(content.join("\n"), { ...SIZE, title });
}

function rangeOf(values: ArrayLike<number>, shown: readonly number[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const i of shown) {
    if (!Number.isFinite(values[i])) continue;
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  if (!Number.isFinite(high - low)) return [0, 1];
  const room = high > low ? ROOM * (high - low) : Math.abs(high) / 10 || 1;
  return [low - room, high + room];
}
