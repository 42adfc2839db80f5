// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** A histogram of two variables as a map of colours. */
import { button, element, formatCount, formatNumber } from "./format.js";
import { heatColor } from "./heat_colors.js";
import { Panel, toggle } from "./panel.js";
import { color, onTheme } from "./theme.js";

/** @typedef {Extract<import("../protocol.ts").PagePanel, {kind: "histogram2d"}>} Histogram2d */

const HEIGHT = 320;
const MARGIN = { left: 62, right: 78, top: 10, bottom: 34 };

export class HeatMapPanel extends Panel {
  /**
   * @param {string} key
   * @param {{onClose: () => void, onReset: () => void}} options
   */
  constructor(key, { onClose, onReset }) {
    super({ id: `panel-${key}`, title: key, width: 6, onClose });
    /** @type {Histogram2d | null} */
    this.panel = null;
    this.isLog = false;
    this.canvas = element("canvas");
    this.view = element("div", { class: "view", style: `height: ${HEIGHT}px` }, this.canvas);
    this.readout = element("div", { class: "readout" });
    this.tools.append(
      toggle("log", "logarithmic colours", (on) => {
        this.isLog = on;
        this.draw();
      }).node,
      button("reset", "begin at zero here; files keep everything", onReset),
    );
    this.body.append(this.view, this.readout);
    this.onWidth(() => this.draw());
    this.offTheme = onTheme(() => this.draw());
    this.canvas.addEventListener("pointermove", (event) => this.point(event.offsetX, event.offsetY));
  }

  /** Takes the panel off the page. @override */
  remove() {
    this.offTheme();
    super.remove();
  }

  /** @param {Histogram2d} panel */
  update(panel) {
    this.panel = panel;
    this.heading.textContent = panel.title;
    this.draw();
  }

  /** @returns {{left: number, top: number, width: number, height: number}} */
  area() {
    return {
      left: MARGIN.left,
      top: MARGIN.top,
      width: Math.max(50, this.view.clientWidth - MARGIN.left - MARGIN.right),
      height: HEIGHT - MARGIN.top - MARGIN.bottom,
    };
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  point(x, y) {
    if (this.panel === null) return;
    const { xRange, yRange, counts } = this.panel;
    const { left, top, width, height } = this.area();
    const i = Math.floor(xRange[2] * (x - left) / width);
    const j = Math.floor(yRange[2] * (1 - (y - top) / height));
    if (i < 0 || i >= xRange[2] || j < 0 || j >= yRange[2]) return this.tell();
    const at = (/** @type {readonly [number, number, number]} */ [min, max, bins], /** @type {number} */ bin) =>
      formatNumber(min + (bin + 0.5) * (max - min) / bins);
    this.tell(`x ${at(xRange, i)}, y ${at(yRange, j)}: ${formatCount(counts[j * xRange[2] + i])}`);
  }

  /** @param {string} [text] */
  tell(text = "") {
    const entries = this.panel?.counts.reduce((a, b) => a + b, 0) ?? 0;
    this.readout.replaceChildren(
      element("span", {}, element("b", {}, formatCount(entries)), " entries"),
      element("span", {}, text),
    );
  }

  draw() {
    const { panel, canvas } = this;
    if (panel === null || this.view.clientWidth === 0) return;
    const ratio = devicePixelRatio;
    canvas.width = this.view.clientWidth * ratio;
    canvas.height = HEIGHT * ratio;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.scale(ratio, ratio);
    const { left, top, width, height } = this.area();
    const [, , columns] = panel.xRange;
    const [, , rows] = panel.yRange;
    const most = Math.max(1, panel.counts.reduce((a, b) => Math.max(a, b), 0));
    const scale = (/** @type {number} */ n) => this.isLog ? Math.log1p(n) / Math.log1p(most) : n / most;
    const image = new ImageData(columns, rows);
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const count = panel.counts[j * columns + i];
        if (!(count > 0)) continue;
        image.data.set([...heatColor(scale(count)), 255], 4 * ((rows - 1 - j) * columns + i));
      }
    }
    const small = new OffscreenCanvas(columns, rows);
    small.getContext("2d")?.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, left, top, width, height);
    context.strokeStyle = color("frame");
    context.strokeRect(left, top, width, height);
    this.axes(context, panel);
    this.key(context, most);
    this.tell();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Histogram2d} panel
   */
  axes(context, { xRange, yRange }) {
    const { left, top, width, height } = this.area();
    context.fillStyle = color("faint");
    context.font = "12px sans-serif";
    for (let k = 0; k <= 4; k++) {
      context.textAlign = "center";
      const x = formatNumber(xRange[0] + k / 4 * (xRange[1] - xRange[0]), 3);
      context.fillText(x, left + k / 4 * width, top + height + 18);
      context.textAlign = "right";
      const y = formatNumber(yRange[0] + k / 4 * (yRange[1] - yRange[0]), 3);
      context.fillText(y, left - 7, top + height - k / 4 * height + 4);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} most
   */
  key(context, most) {
    const { left, top, width, height } = this.area();
    for (let y = 0; y < height; y++) {
      context.fillStyle = `rgb(${heatColor(1 - y / height).join(" ")})`;
      context.fillRect(left + width + 14, top + y, 12, 1);
    }
    context.fillStyle = color("faint");
    context.textAlign = "left";
    context.fillText(formatCount(most), left + width + 31, top + 9);
    context.fillText("0", left + width + 31, top + height);
  }
}
