// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** A histogram with its numbers, and fits over a range that is dragged with the mouse. */
import uPlot from "./uplot.js";
import { button, element, formatCount, formatMeasured, formatNumber } from "./format.js";
import { toggle } from "./panel.js";
import { isDecade, plotAxis, PlotPanel } from "./plot_panel.js";
import { color } from "./theme.js";

/** @typedef {Extract<import("../protocol.ts").PagePanel, {kind: "histogram"}>} HistogramData */
/** @typedef {import("../protocol.ts").PageFit} PageFit */
/** @typedef {import("../protocol.ts").FitKind} FitKind */

const HEIGHT = 210;
/** Where a logarithmic axis begins, so that a single entry is still seen. */
const LOG_BASE = 0.5;
/** Distances of marks on a linear axis: 1, 2, 5, 10 … */
const WHOLE_STEPS = Array.from({ length: 30 }, (_, i) => [1, 2, 5][i % 3] * 10 ** Math.floor(i / 3));

export class HistogramPanel extends PlotPanel {
  /**
   * @param {string} key
   * @param {object} options
   * @param {() => void} options.onClose
   * @param {() => void} options.onReset
   * @param {(kind: FitKind, from: number, to: number) => Promise<{fit: PageFit | null, reason: string} | null>} options.onFit
   */
  constructor(key, { onClose, onReset, onFit }) {
    super({ id: `panel-${key}`, title: key, width: 4, height: HEIGHT, onClose });
    this.key = key;
    this.root.dataset.key = key;
    this.onFit = onFit;
    /** @type {HistogramData | null} */
    this.data = null;
    /** @type {PageFit | null} */
    this.fit = null;
    /** @type {FitKind | null} */
    this.fitKind = null;
    /** @type {[from: number, to: number] | null} */
    this.range = null;
    this.isFitting = false;
    this.reason = "";
    /** @type {boolean | null} */
    this.isLog = null;
    this.log = toggle("log", "logarithmic axis of the counts", (on) => {
      this.isLog = on;
      this.make();
    });
    this.step = toggle("step", "steps instead of bars", () => this.make());
    const fits = /** @type {const} */ ([["gauss", "Gauss"], ["exponential", "exp"]]);
    this.fitButtons = fits.map(([kind, label]) => {
      const node = button(label, `fit over the range dragged with the mouse; again: off`, () => this.pickFit(kind));
      node.dataset.fit = kind;
      node.setAttribute("aria-pressed", "false");
      return node;
    });
    const reset = button("reset", "begin at zero here; files keep everything", onReset);
    this.tools.append(this.log.node, this.step.node, ...this.fitButtons, reset);
    this.readout = element("div", { class: "readout numbers" });
    this.fitReadout = element("div", { class: "readout fit" });
    this.body.append(this.readout, this.fitReadout);
  }

  /** @param {HistogramData} data */
  update(data) {
    const isNew = this.data === null || this.data.counts.length !== data.counts.length ||
      this.data.label !== data.label;
    this.data = data;
    this.heading.replaceChildren(data.label, ...(data.title === "" ? [] : [element("small", {}, data.title)]));
    if (this.isLog === null) {
      this.isLog = data.logScale;
      this.log.node.setAttribute("aria-pressed", String(data.logScale));
    }
    this.tell();
    if (isNew) this.make();
    else this.draw();
    if (this.fitKind !== null) this.refit();
  }

  tell() {
    if (this.data === null) return;
    const { entries, mean, sigma, underflow, overflow } = this.data;
    const figures = [
      [formatCount(entries), "entries", "entries"],
      [mean === null ? "–" : formatNumber(mean, 5), "mean", "mean"],
      [sigma === null ? "–" : formatNumber(sigma, 4), "σ", "sigma"],
      ...(underflow > 0 ? [[formatCount(underflow), "below", "underflow"]] : []),
      ...(overflow > 0 ? [[formatCount(overflow), "above", "overflow"]] : []),
    ];
    this.readout.replaceChildren(
      ...figures.map(([value, label, name]) =>
        element("span", { "data-figure": name }, `${label} `, element("b", {}, value))
      ),
    );
  }

  tellFit() {
    if (this.fitKind === null) return this.fitReadout.replaceChildren();
    if (this.fit === null) return this.fitReadout.replaceChildren(`No fit: ${this.reason}`);
    const { parameters, chi2, degrees } = this.fit;
    const texts = [
      ...parameters.map(({ name, value, error }) => [name, formatMeasured(value, error)]),
      ["χ²/ndf", `${formatNumber(chi2, 3)}/${degrees}`],
    ];
    this.fitReadout.replaceChildren(
      ...texts.map(([name, value]) =>
        element("span", { "data-parameter": name }, `${name} = `, element("b", {}, value))
      ),
    );
  }

  /** @param {FitKind} kind */
  pickFit(kind) {
    this.fitKind = this.fitKind === kind ? null : kind;
    this.fit = null;
    this.reason = "…";
    for (const node of this.fitButtons) node.setAttribute("aria-pressed", String(node.dataset.fit === this.fitKind));
    this.tellFit();
    if (this.fitKind !== null) this.refit();
    else this.draw();
  }

  async refit() {
    if (this.isFitting || this.fitKind === null || this.data === null) return;
    this.isFitting = true;
    const [from, to] = this.range ?? [this.data.min, this.data.max];
    const kind = this.fitKind;
    const answer = await this.onFit(kind, from, to);
    this.isFitting = false;
    if (answer === null || this.fitKind !== kind) return;
    this.fit = answer.fit;
    this.reason = answer.reason;
    this.tellFit();
    this.draw();
  }

  draw() {
    if (this.plot === null || this.data === null) return;
    const { min, max, counts } = this.data;
    const width = (max - min) / counts.length;
    const x = counts.map((_, i) => min + (i + 0.5) * width);
    /** @type {(number | null)[]} */
    const curve = new Array(counts.length).fill(null);
    this.fit?.x.forEach((at, i) => {
      const bin = Math.round((at - min) / width - 0.5);
      if (bin >= 0 && bin < curve.length) curve[bin] = Math.max(this.fit?.y[i] ?? 0, this.isLog ? LOG_BASE : 0);
    });
    this.plot.setData([x, counts.map((count) => this.isLog ? Math.max(count, LOG_BASE) : count), curve]);
  }

  /** Makes the plot. @override */
  make() {
    const width = this.place.clientWidth;
    if (width === 0 || this.data === null) return;
    const { min, max } = this.data;
    const isLog = this.isLog === true;
    this.plot?.destroy();
    const axis = plotAxis();
    this.plot = new uPlot(
      {
        width,
        height: HEIGHT,
        legend: { show: false },
        cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false } },
        scales: {
          x: { time: false, range: [min, max] },
          y: isLog
            ? { distr: 3, range: (_, __, high) => [LOG_BASE, Math.max(10, 2 * (high ?? 1))] }
            : { range: (_, __, high) => [0, Math.max(1, 1.08 * (high ?? 1))] },
        },
        axes: [axis, {
          ...axis,
          size: 58,
          // Counts are whole.
          ...(isLog ? {} : { incrs: WHOLE_STEPS }),
          values: (_, counts) => counts.map((n) => isLog && !isDecade(n) ? "" : formatCount(n)),
        }],
        series: [
          {},
          {
            stroke: color("s0"),
            width: 1.6,
            fill: this.step.isOn() ? "transparent" : `${color("s0")}59`,
            paths: (plot, series, from, to) => stairs(plot, series, from, to),
            points: { show: false },
          },
          { stroke: color("s1"), width: 2.4, points: { show: false } },
        ],
        hooks: {
          setSelect: [(plot) => {
            const { left, width: pixels } = plot.select;
            this.range = pixels < 3 ? null : [plot.posToVal(left, "x"), plot.posToVal(left + pixels, "x")];
            if (this.fitKind !== null) this.refit();
          }],
        },
      },
      [[], [], []],
      this.place,
    );
    this.draw();
    // The scales are there when the plot has drawn.
    queueMicrotask(() => this.markRange());
  }

  markRange() {
    if (this.plot === null || this.range === null) return;
    const left = this.plot.valToPos(this.range[0], "x");
    const pixels = this.plot.valToPos(this.range[1], "x") - left;
    this.plot.setSelect({ left, width: pixels, top: 0, height: this.plot.over.clientHeight }, false);
  }
}

/**
 * Outline of the bins, from edge to edge.
 * @param {uPlot} plot
 * @param {number} series
 * @param {number} from
 * @param {number} to
 */
function stairs(plot, series, from, to) {
  const [x] = plot.data;
  const y = /** @type {(number | null)[]} */ (plot.data[series]);
  const half = x.length > 1 ? (x[1] - x[0]) / 2 : 0.5;
  const stroke = new Path2D();
  const base = plot.valToPos(plot.scales.y.min ?? 0, "y", true);
  const px = (/** @type {number} */ value) => plot.valToPos(value, "x", true);
  stroke.moveTo(px(x[from] - half), base);
  for (let i = from; i <= to; i++) {
    const top = plot.valToPos(y[i] ?? 0, "y", true);
    stroke.lineTo(px(x[i] - half), top);
    stroke.lineTo(px(x[i] + half), top);
  }
  stroke.lineTo(px(x[to] + half), base);
  return { stroke, fill: new Path2D(stroke) };
}
