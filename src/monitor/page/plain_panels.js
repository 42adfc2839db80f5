// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** Panels of functions that need no tools: values, tables, curves, single waveforms. */
import uPlot from "./uplot.js";
import { element, formatNumber } from "./format.js";
import { Panel } from "./panel.js";
import { plotAxis, PlotPanel } from "./plot_panel.js";
import { color } from "./theme.js";

/** @typedef {import("../protocol.ts").PagePanel} PagePanel */

const HEIGHT = 240;

/** A single result in large letters. */
export class ValuePanel extends Panel {
  /**
   * @param {string} key
   * @param {{onClose: () => void}} options
   */
  constructor(key, { onClose }) {
    super({ id: `panel-${key}`, title: key, width: 3, onClose });
    this.value = element("div", { class: "value" });
    this.body.append(this.value);
  }

  /** @param {Extract<PagePanel, {kind: "value"}>} panel */
  update({ title, value, unit }) {
    this.heading.textContent = title;
    const text = typeof value === "number" ? formatNumber(value, 5) : value;
    this.value.replaceChildren(text, ...(unit === "" ? [] : [" ", element("small", {}, unit)]));
  }
}

/** Rows of texts and numbers. */
export class TablePanel extends Panel {
  /**
   * @param {string} key
   * @param {{onClose: () => void}} options
   */
  constructor(key, { onClose }) {
    super({ id: `panel-${key}`, title: key, width: 6, onClose });
    this.head = element("tr");
    this.rows = element("tbody");
    this.body.append(
      element("div", { class: "scroll" }, element("table", {}, element("thead", {}, this.head), this.rows)),
    );
  }

  /** @param {Extract<PagePanel, {kind: "table"}>} panel */
  update({ title, rows }) {
    this.heading.textContent = title;
    const columns = Object.keys(rows[0] ?? {});
    const kind = (/** @type {string} */ name) => typeof rows[0]?.[name] === "number" ? "n" : "";
    this.head.replaceChildren(...columns.map((name) => element("th", { class: kind(name) }, name)));
    const text = (/** @type {string | number | undefined} */ cell) =>
      typeof cell === "number" ? formatNumber(cell, 6) : cell ?? "";
    this.rows.replaceChildren(
      ...rows.map((row) =>
        element("tr", {}, ...columns.map((name) => element("td", { class: kind(name) }, text(row[name]))))
      ),
    );
  }
}

/** Curves: points joined in their order, or the channels of a waveform that a function has put on display. */
export class CurvePanel extends PlotPanel {
  /**
   * @param {string} key
   * @param {{onClose: () => void}} options
   */
  constructor(key, { onClose }) {
    super({ id: `panel-${key}`, title: key, width: 6, height: HEIGHT, onClose });
    /** @type {{x: readonly number[], curves: Readonly<Record<string, readonly number[]>>, label: string} | null} */
    this.data = null;
  }

  /** @param {Extract<PagePanel, {kind: "xy" | "waveform"}>} panel */
  update(panel) {
    const before = this.data;
    if (panel.kind === "xy") {
      this.heading.textContent = panel.title;
      this.data = { ...sorted(panel.x, panel.y), label: "" };
    } else {
      this.heading.replaceChildren(panel.title || this.id.slice(6), element("small", {}, `# ${panel.counter}`));
      const samples = Math.max(0, ...Object.values(panel.channels).map((values) => values.length));
      const x = Array.from({ length: samples }, (_, i) => i * panel.sampleTimeNs);
      this.data = { x, curves: panel.channels, label: "ns" };
    }
    const names = (/** @type {{curves: object} | null} */ data) => Object.keys(data?.curves ?? {}).join();
    if (this.plot === null || names(before) !== names(this.data)) this.make();
    else this.draw();
  }

  draw() {
    if (this.data !== null) {
      this.plot?.setData([[...this.data.x], ...Object.values(this.data.curves).map((y) => [...y])]);
    }
  }

  /** Makes the plot. @override */
  make() {
    const width = this.place.clientWidth;
    if (width === 0 || this.data === null) return;
    this.plot?.destroy();
    const axis = plotAxis();
    const names = Object.keys(this.data.curves);
    this.plot = new uPlot(
      {
        width,
        height: HEIGHT,
        legend: { show: names.length > 1 },
        scales: { x: { time: false } },
        axes: [{ ...axis, label: this.data.label, labelSize: 18 }, { ...axis, size: 62 }],
        series: [
          {},
          ...names.map((label, i) => ({ label, stroke: color(`s${i % 8}`), width: 1.6, points: { show: false } })),
        ],
      },
      [[], ...names.map(() => [])],
      this.place,
    );
    this.draw();
  }
}

/**
 * The plot wants rising abscissas.
 * @param {readonly number[]} x
 * @param {readonly number[]} y
 */
function sorted(x, y) {
  const order = x.map((_, i) => i);
  if (x.some((value, i) => i > 0 && value < x[i - 1])) order.sort((a, b) => x[a] - x[b]);
  return { x: order.map((i) => x[i]), curves: { "": order.map((i) => y[i]) } };
}
