// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** What all panels with a plot have in common. */
import { element } from "./format.js";
import { Panel } from "./panel.js";
import { color, onTheme } from "./theme.js";

/** @typedef {import("./panel.js").PanelOptions} PanelOptions */

/** A panel whose plot is made anew when its width or the theme changes. */
export class PlotPanel extends Panel {
  /** @param {PanelOptions & {height: number}} options */
  constructor({ height, ...options }) {
    super(options);
    /** @type {import("./uplot.js").default | null} */
    this.plot = null;
    this.place = element("div", { style: `min-height: ${height}px` });
    this.body.append(this.place);
    this.onWidth(() => this.make());
    this.offTheme = onTheme(() => this.make());
  }

  /** Makes the plot in its place. */
  make() {}

  /** Takes the panel off the page. @override */
  remove() {
    this.offTheme();
    this.plot?.destroy();
    super.remove();
  }
}

/** Colours of an axis in the present theme. */
export function plotAxis() {
  return {
    stroke: color("faint"),
    grid: { stroke: color("grid"), width: 1 },
    ticks: { stroke: color("grid") },
  };
}

/**
 * True for powers of ten.
 * @param {number} value
 */
export function isDecade(value) {
  const power = Math.log10(value);
  return Math.abs(power - Math.round(power)) < 1e-9;
}
