// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** The screen of an oscilloscope on a canvas. It draws what it is given and knows nothing of the run. */
import { formatNumber } from "./format.js";
import { color } from "./theme.js";

/**
 * @typedef {object} ScopeRange
 * @property {number} from ns, left edge
 * @property {number} to ns, right edge
 * @property {number} low mV, lower edge
 * @property {number} high mV, upper edge
 */

/**
 * @typedef {object} ScopePicture
 * @property {ScopeRange} range
 * @property {readonly {values: ArrayLike<number>, color: string}[]} traces
 * @property {(index: number) => number} timeOf Time of a sample in ns.
 * @property {number} offsetMv Is taken off all samples.
 * @property {boolean} hasTriggerTime
 * @property {{level: number, text: string} | null} trigger Level in mV on the axis.
 * @property {{times: readonly number[], levels: readonly number[]} | null} cursors
 * @property {readonly {cells: Uint8Array, color: string}[]} maps
 * @property {{columns: number, rows: number, low: number, high: number, from: number, to: number} | null} mapFrame
 * @property {string} timeUnit
 * @property {string} unit Of the samples.
 */

const MARGIN = { left: 58, right: 12, top: 8, bottom: 26 };

/**
 * Round numbers between two limits, about `count` of them.
 * @param {number} from
 * @param {number} to
 * @param {number} count
 */
export function ticks(from, to, count) {
  const rough = (to - from) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((it) => it >= rough * 0.999) ?? 10 * power;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, i) => (first + i) * step);
}

export class ScopeView {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    this.width = 0;
    this.height = 0;
    /** @type {OffscreenCanvas | null} */
    this.mapCanvas = null;
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  resize(width, height) {
    this.width = width;
    this.height = height;
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
  }

  /** The part of the canvas on which traces are drawn, in CSS pixels. */
  get area() {
    return {
      left: MARGIN.left,
      top: MARGIN.top,
      width: Math.max(10, this.width - MARGIN.left - MARGIN.right),
      height: Math.max(10, this.height - MARGIN.top - MARGIN.bottom),
    };
  }

  /**
   * @param {ScopeRange} range
   * @param {number} x
   */
  timeAt(range, x) {
    const { left, width } = this.area;
    return range.from + (x - left) / width * (range.to - range.from);
  }

  /**
   * @param {ScopeRange} range
   * @param {number} y
   */
  levelAt(range, y) {
    const { top, height } = this.area;
    return range.high - (y - top) / height * (range.high - range.low);
  }

  /** @param {ScopePicture} picture */
  draw(picture) {
    const { context, area } = this;
    const { range } = picture;
    const x = (/** @type {number} */ time) => area.left + (time - range.from) / (range.to - range.from) * area.width;
    const y = (/** @type {number} */ level) => area.top + (range.high - level) / (range.high - range.low) * area.height;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.fillStyle = color("panel");
    context.fillRect(0, 0, this.width, this.height);
    this.#grid(picture, x, y);
    context.save();
    context.beginPath();
    context.rect(area.left, area.top, area.width, area.height);
    context.clip();
    this.#maps(picture, x, y);
    this.#marks(picture, x, y);
    for (const trace of picture.traces) this.#trace(picture, trace, y);
    this.#cursors(picture, x, y);
    context.restore();
    context.strokeStyle = color("frame");
    context.lineWidth = 1;
    context.strokeRect(area.left, area.top, area.width, area.height);
  }

  /**
   * @param {ScopePicture} picture
   * @param {(time: number) => number} x
   * @param {(level: number) => number} y
   */
  #grid({ range, timeUnit, unit: sampleUnit }, x, y) {
    const { context, area } = this;
    context.font = "12px -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
    context.strokeStyle = color("grid");
    context.fillStyle = color("faint");
    context.lineWidth = 1;
    context.beginPath();
    context.textAlign = "center";
    const times = ticks(range.from, range.to, area.width / 90);
    times.forEach((time, i) => {
      context.moveTo(x(time), area.top);
      context.lineTo(x(time), area.top + area.height);
      const unit = i === times.length - 1 ? ` ${timeUnit}` : "";
      context.fillText(formatNumber(time) + unit, Math.min(x(time), this.width - 28), area.top + area.height + 17);
    });
    context.textAlign = "right";
    const levels = ticks(range.low, range.high, area.height / 45);
    levels.forEach((level, i) => {
      context.moveTo(area.left, y(level));
      context.lineTo(area.left + area.width, y(level));
      const unit = i === levels.length - 1 ? ` ${sampleUnit}` : "";
      context.fillText(formatNumber(level) + unit, area.left - 6, y(level) + 4);
    });
    context.stroke();
  }

  /**
   * @param {ScopePicture} picture
   * @param {(time: number) => number} x
   * @param {(level: number) => number} y
   */
  #maps({ maps, mapFrame }, x, y) {
    if (mapFrame === null || maps.length === 0) return;
    const { columns, rows, low, high, from, to } = mapFrame;
    if (this.mapCanvas?.width !== columns || this.mapCanvas.height !== rows) {
      this.mapCanvas = new OffscreenCanvas(columns, rows);
    }
    const canvas = this.mapCanvas.getContext("2d");
    if (canvas === null) return;
    const image = new ImageData(columns, rows);
    for (const { cells, color: name } of maps) {
      const [red, green, blue] = channelsOf(name);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const cell = cells[row * columns + column];
          if (cell === 0) continue;
          const at = 4 * ((rows - 1 - row) * columns + column);
          const alpha = 70 + cell * 185 / 255;
          // The stronger trace stands in front.
          if (alpha <= image.data[at + 3]) continue;
          image.data[at] = red;
          image.data[at + 1] = green;
          image.data[at + 2] = blue;
          image.data[at + 3] = alpha;
        }
      }
    }
    canvas.putImageData(image, 0, 0);
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(this.mapCanvas, x(from), y(high), x(to) - x(from), y(low) - y(high));
  }

  /**
   * @param {ScopePicture} picture
   * @param {(time: number) => number} x
   * @param {(level: number) => number} y
   */
  #marks({ hasTriggerTime, trigger }, x, y) {
    const { context, area } = this;
    context.lineWidth = 1.5;
    if (hasTriggerTime) {
      context.strokeStyle = color("faint");
      context.setLineDash([1.5, 4]);
      line(context, x(0), area.top, x(0), area.top + area.height);
    }
    if (trigger !== null) {
      context.strokeStyle = context.fillStyle = color("trigger");
      context.setLineDash([7, 4]);
      line(context, area.left, y(trigger.level), area.left + area.width, y(trigger.level));
      context.textAlign = "right";
      context.fillText(trigger.text, area.left + area.width - 8, y(trigger.level) - 6);
    }
    context.setLineDash([]);
  }

  /**
   * Of many samples the lowest and the highest of each pixel are drawn, so that no peak is missed.
   * @param {ScopePicture} picture
   * @param {{values: ArrayLike<number>, color: string}} trace
   * @param {(level: number) => number} y
   */
  #trace({ range, timeOf, offsetMv }, { values, color: stroke }, y) {
    const { context, area } = this;
    const count = values.length;
    if (count === 0) return;
    const begin = timeOf(0);
    const perSample = count > 1 ? (timeOf(count - 1) - begin) / (count - 1) : 1;
    const perPixel = (range.to - range.from) / area.width;
    const first = Math.max(0, Math.floor((range.from - begin) / perSample));
    const last = Math.min(count - 1, Math.ceil((range.to - begin) / perSample));
    const left = area.left + (begin - range.from) / perPixel;
    const step = perSample / perPixel;
    // Rounding to device pixels is not needed; a path with few points is what counts.
    context.beginPath();
    if (step > 0.5) {
      for (let i = first; i <= last; i++) context.lineTo(left + i * step, y(values[i] - offsetMv));
    } else {
      let i = first;
      for (let pixel = Math.floor(left + first * step); i <= last; pixel++) {
        const end = Math.min(last + 1, Math.max(i + 1, Math.ceil((pixel + 1 - left) / step)));
        let low = values[i];
        let high = low;
        const entry = low;
        for (; i < end; i++) {
          const value = values[i];
          if (value < low) low = value;
          else if (value > high) high = value;
        }
        const exit = values[end - 1];
        context.lineTo(pixel, y(entry - offsetMv));
        if (high > entry) context.lineTo(pixel, y(high - offsetMv));
        if (low < entry) context.lineTo(pixel, y(low - offsetMv));
        if (exit !== low && exit !== high) context.lineTo(pixel, y(exit - offsetMv));
      }
    }
    context.strokeStyle = stroke;
    context.lineWidth = 1.5;
    context.lineJoin = "bevel";
    context.stroke();
  }

  /**
   * @param {ScopePicture} picture
   * @param {(time: number) => number} x
   * @param {(level: number) => number} y
   */
  #cursors({ cursors }, x, y) {
    if (cursors === null) return;
    const { context, area } = this;
    context.strokeStyle = color("accent");
    context.lineWidth = 1;
    context.setLineDash([5, 3]);
    for (const time of cursors.times) line(context, x(time), area.top, x(time), area.top + area.height);
    for (const level of cursors.levels) line(context, area.left, y(level), area.left + area.width, y(level));
    context.setLineDash([]);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/**
 * @param {string} hex `#5aa9ff`
 * @returns {[number, number, number]}
 */
function channelsOf(hex) {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16, value >> 8 & 255, value & 255];
}
