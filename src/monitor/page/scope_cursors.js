// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** Two times and two voltages to measure with on the screen of an oscilloscope. */
import { formatNumber, formatRate, formatTimeNs } from "./format.js";

/** @typedef {import("./scope_view.js").ScopeRange} ScopeRange */

/** How near to a cursor the mouse takes it, in pixels. */
const GRIP = 9;

/** Cursors are kept as parts of the screen, from its left and lower edges. */
export class ScopeCursors {
  constructor() {
    this.times = [0.35, 0.65];
    this.levels = [0.3, 0.7];
  }

  /**
   * What they stand at.
   * @param {ScopeRange} range
   */
  places({ from, to, low, high }) {
    return {
      times: this.times.map((part) => from + part * (to - from)),
      levels: this.levels.map((part) => low + part * (high - low)),
    };
  }

  /**
   * What they measure.
   * @param {ScopeRange} range
   * @param {object} units
   * @param {boolean} units.hasTime Times are in ns; otherwise they are numbers of samples.
   * @param {string} units.unit Of the samples.
   */
  text(range, { hasTime, unit }) {
    const { times, levels } = this.places(range);
    const dt = Math.abs(times[1] - times[0]);
    return `Δt ${hasTime ? `${formatTimeNs(dt)} (${formatRate(1e9 / dt)})` : formatNumber(dt)}   ` +
      `ΔU ${formatNumber(Math.abs(levels[1] - levels[0]))} ${unit}   t ${
        times.map((t) => formatNumber(t)).join(", ")
      }   ` +
      `U ${levels.map((u) => formatNumber(u)).join(", ")}`;
  }

  /**
   * Takes the cursor at a place.
   * @param {{x: number, y: number}} place As parts of the screen.
   * @param {{width: number, height: number}} size Of the screen, in pixels.
   * @returns {((place: {x: number, y: number}) => void) | null} Moves it; null if there is none.
   */
  take({ x, y }, { width, height }) {
    const time = this.times.findIndex((part) => Math.abs(part - x) * width < GRIP);
    const level = this.levels.findIndex((part) => Math.abs(part - y) * height < GRIP);
    if (time < 0 && level < 0) return null;
    return (place) => {
      if (time >= 0) this.times[time] = place.x;
      else this.levels[level] = place.y;
    };
  }
}
