// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** Rates of all rings over time, on a logarithmic axis. */
import uPlot from "./uplot.js";
import { element, formatRate, formatTime } from "./format.js";
import { isDecade, plotAxis, PlotPanel } from "./plot_panel.js";
import { color } from "./theme.js";

/** @typedef {import("../protocol.ts").HelloMessage} HelloMessage */
/** @typedef {import("../protocol.ts").HistoryMessage} HistoryMessage */

const HEIGHT = 250;
/** Points beyond this are thinned out; the run keeps hours of them. */
const MOST_POINTS = 4000;
/** Rates below this are drawn at the lower edge. */
const LEAST_HZ = 0.01;

const SPANS = /** @type {const} */ ([["1 min", 60], ["10 min", 600], ["1 h", 3600], ["all", Infinity]]);

export class RatesPanel extends PlotPanel {
  constructor() {
    super({ id: "rates", title: "Rates over time", width: 5, height: HEIGHT });
    /** @type {readonly string[]} */
    this.rings = [];
    /** @type {number[]} */
    this.timesS = [];
    /** @type {number[][]} */
    this.ratesHz = [];
    /** @type {Set<string>} */
    this.hidden = new Set();
    this.spanS = 600;
    this.span = element("select", { "aria-label": "time span" });
    for (const [label, spanS] of SPANS) this.span.append(element("option", { value: String(spanS) }, label));
    this.span.selectedIndex = 1;
    this.span.addEventListener("change", () => {
      this.spanS = Number(this.span.value);
      this.draw();
    });
    this.tools.append(this.span);
  }

  /** @param {HelloMessage} hello */
  hello(hello) {
    this.rings = hello.rings.map((ring) => ring.name);
    this.timesS = [];
    this.ratesHz = this.rings.map(() => []);
    this.make();
  }

  /** @param {HistoryMessage} message */
  update({ isWhole, timesMs, ratesHz }) {
    if (isWhole) {
      this.timesS = [];
      this.ratesHz = this.rings.map(() => []);
    }
    for (let i = 0; i < timesMs.length; i++) {
      if (timesMs[i] / 1000 <= (this.timesS.at(-1) ?? 0)) continue;
      this.timesS.push(timesMs[i] / 1000);
      this.ratesHz.forEach((rates, ring) => rates.push(ratesHz[ring][i]));
    }
    if (this.timesS.length > MOST_POINTS) this.thin();
    this.draw();
  }

  /** Every second one of the older half goes. */
  thin() {
    const half = this.timesS.length >> 1;
    const stays = (/** @type {unknown} */ _, /** @type {number} */ i) => i >= half || i % 2 === 0;
    this.timesS = this.timesS.filter(stays);
    this.ratesHz = this.ratesHz.map((rates) => rates.filter(stays));
  }

  draw() {
    if (this.plot === null) return;
    const end = this.timesS.at(-1) ?? 0;
    let from = this.timesS.findIndex((time) => time >= end - this.spanS);
    if (from < 0) from = 0;
    const log = (/** @type {number} */ rate) => Math.max(rate, LEAST_HZ);
    this.plot.setData([this.timesS.slice(from), ...this.ratesHz.map((rates) => rates.slice(from).map(log))]);
  }

  /** Makes the plot. @override */
  make() {
    const width = this.place.clientWidth;
    if (width === 0 || this.rings.length === 0) return;
    this.plot?.destroy();
    const axis = plotAxis();
    this.plot = new uPlot(
      {
        width,
        height: HEIGHT,
        scales: { x: { time: true }, y: { distr: 3, range: (_, low, high) => rangeOf(low, high) } },
        axes: [
          { ...axis, space: 80, values: (_, times) => times.map((time) => formatTime(1000 * time)) },
          {
            ...axis,
            size: 74,
            filter: decadesOnly,
            grid: { ...axis.grid, filter: decadesOnly },
            ticks: { ...axis.ticks, filter: decadesOnly },
            values: (_, rates) => rates.map((rate) => isDecade(rate) ? formatRate(rate) : ""),
          },
        ],
        series: [
          { value: (_, time) => time === null ? "" : formatTime(1000 * time) },
          ...this.rings.map((label, i) => ({
            label,
            stroke: color(`s${i % 8}`),
            width: 2.2,
            points: { show: false },
            show: !this.hidden.has(label),
            value: (/** @type {uPlot} */ _, /** @type {number | null} */ rate) =>
              rate === null ? "" : rate <= LEAST_HZ ? "0 Hz" : formatRate(rate),
          })),
        ],
        hooks: {
          setSeries: [(plot) => {
            this.hidden = new Set(this.rings.filter((_, i) => plot.series[i + 1].show === false));
          }],
        },
      },
      [[], ...this.rings.map(() => [])],
      this.place,
    );
    this.draw();
  }
}

/**
 * @param {number | null} low
 * @param {number | null} high
 * @returns {[number, number]}
 */
function rangeOf(low, high) {
  const from = 10 ** Math.floor(Math.log10(Math.max(low ?? 1, LEAST_HZ)));
  const to = 10 ** Math.ceil(Math.log10(Math.max(high ?? 10, 10 * from)));
  return [from, to];
}

/**
 * Lines at powers of ten only.
 * @param {uPlot} _
 * @param {number[]} values
 */
function decadesOnly(_, values) {
  return values.map((value) => isDecade(value) ? value : null);
}
