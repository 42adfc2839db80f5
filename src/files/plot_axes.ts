/** Frame, grid, numbers and titles around the area of a plot. */
import { type AxisTicks, linearTicks, logTicks } from "./axis_ticks.ts";
import { px, svgLabel } from "./svg_text.ts";

/** Place of a plot's area in the drawing, in pixels. */
export interface PlotArea {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What one axis shows. */
export interface PlotAxis {
  /** Lowest and highest value, in this order; both above 0 on a logarithmic axis. */
  readonly range: readonly [number, number];
  /** @default {false} */
  readonly isLog?: boolean;
  readonly title: string;
}

/** Axes of one plot: they draw themselves and say where a value lies. */
export class PlotAxes {
  readonly #area: PlotArea;
  readonly #x: PlotAxis;
  readonly #y: PlotAxis;

  constructor(area: PlotArea, axes: { x: PlotAxis; y: PlotAxis }) {
    this.#area = area;
    this.#x = axes.x;
    this.#y = axes.y;
  }

  /** Pixel of a value on the horizontal axis. */
  x(value: number): number {
    return this.#area.left + this.#area.width * fraction(value, this.#x);
  }

  /** Pixel of a value on the vertical axis; values outside end at the frame. */
  y(value: number): number {
    const inside = Math.min(Math.max(fraction(value, this.#y), 0), 1);
    return this.#area.top + this.#area.height * (1 - inside);
  }

  /** Background, grid and marks: what stands behind the data. */
  background(): string {
    const { left, top, width, height } = this.#area;
    const bottom = top + height;
    const xTicks = ticksOf(this.#x, Math.max(Math.floor(width / 65), 2));
    const yTicks = ticksOf(this.#y, Math.max(Math.floor(height / 45), 2));
    const vertical = (value: number, from: number, to: number) => `M${px(this.x(value))} ${px(from)}V${px(to)}`;
    const horizontal = (value: number, from: number, to: number) =>
      `M${px(left + from)} ${px(this.y(value))}h${px(to)}`;
    const grid = xTicks.values.map((v) => vertical(v, top, bottom)).join("") +
      yTicks.values.map((v) => horizontal(v, 0, width)).join("");
    const marks = xTicks.values.map((v) => vertical(v, bottom, bottom + 5)).join("") +
      xTicks.minor.map((v) => vertical(v, bottom, bottom + 3)).join("") +
      yTicks.values.map((v) => horizontal(v, 0, -5)).join("") +
      yTicks.minor.map((v) => horizontal(v, 0, -3)).join("");
    const xLabels = xTicks.values.map((value, i) =>
      svgLabel(xTicks.labels[i], { x: this.x(value), y: bottom + 18, color: "faint", anchor: "middle", size: 11 })
    );
    const yLabels = yTicks.values.map((value, i) =>
      svgLabel(yTicks.labels[i], { x: left - 8, y: this.y(value) + 4, color: "faint", anchor: "end", size: 11 })
    );
    return [
      `<rect class="f-panel" x="${px(left)}" y="${px(top)}" width="${px(width)}" height="${px(height)}"/>`,
      `<path class="l-grid" d="${grid}"/>`,
      `<path class="l-frame" d="${marks}"/>`,
      ...xLabels,
      ...yLabels,
    ].join("\n");
  }

  /** Frame and titles: what stands before the data. */
  foreground(): string {
    const { left, top, width, height } = this.#area;
    const middle = top + height / 2;
    return [
      `<path class="l-frame" d="M${px(left)} ${px(top)}h${px(width)}v${px(height)}h${px(-width)}z"/>`,
      svgLabel(this.#x.title, { x: left + width / 2, y: top + height + 37, anchor: "middle" }),
      svgLabel(this.#y.title, { x: left - 46, y: middle, anchor: "middle", turn: -90 }),
    ].join("\n");
  }
}

function fraction(value: number, { range: [low, high], isLog = false }: PlotAxis): number {
  if (!isLog) return (value - low) / (high - low);
  return value <= low ? 0 : Math.log(value / low) / Math.log(high / low);
}

function ticksOf({ range, isLog = false }: PlotAxis, most: number): AxisTicks {
  return isLog ? logTicks(range) : linearTicks(range, most);
}
