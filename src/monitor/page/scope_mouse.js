// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** The mouse on an oscilloscope: the wheel zooms time, with Shift voltage; dragging moves the picture or a cursor. */

/** @typedef {import("./scope_panel.js").ScopePanel} ScopePanel */

/** The mouse moves so many pixels before the picture does. */
const DEAD_ZONE = 3;
const ZOOM_FACTOR = 1.2;

/** @param {ScopePanel} panel */
export function listenToMouse(panel) {
  const { view } = panel;
  /** @type {((x: number, y: number) => void) | null} */
  let drag = null;
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomAt(panel, event.offsetX, event.offsetY, {
      factor: event.deltaY > 0 ? ZOOM_FACTOR : 1 / ZOOM_FACTOR,
      isVoltage: event.shiftKey,
    });
  }, { passive: false });
  view.addEventListener("dblclick", () => panel.unzoom());
  view.addEventListener("pointerdown", (event) => {
    drag = beginDrag(panel, event.offsetX, event.offsetY);
    view.setPointerCapture(event.pointerId);
  });
  view.addEventListener("pointermove", (event) => drag?.(event.offsetX, event.offsetY));
  view.addEventListener("pointerup", () => {
    drag = null;
  });
}

/**
 * @param {ScopePanel} panel
 * @param {number} x
 * @param {number} y
 * @param {{factor: number, isVoltage: boolean}} options
 */
function zoomAt(panel, x, y, { factor, isVoltage }) {
  const range = { ...panel.range() };
  if (isVoltage) {
    const level = panel.screen.levelAt(range, y);
    range.low = level + (range.low - level) * factor;
    range.high = level + (range.high - level) * factor;
  } else {
    const time = panel.screen.timeAt(range, x);
    range.from = time + (range.from - time) * factor;
    range.to = time + (range.to - time) * factor;
  }
  panel.zoomTo(range);
}

/**
 * @param {ScopePanel} panel
 * @param {number} x0
 * @param {number} y0
 * @returns {(x: number, y: number) => void}
 */
function beginDrag(panel, x0, y0) {
  const { left, top, width, height } = panel.screen.area;
  const part = (/** @type {number} */ value) => Math.min(1, Math.max(0, value));
  const placeOf = (/** @type {number} */ x, /** @type {number} */ y) => ({
    x: part((x - left) / width),
    y: part(1 - (y - top) / height),
  });
  const moveCursor = panel.cursor.isOn() ? panel.cursors.take(placeOf(x0, y0), { width, height }) : null;
  if (moveCursor !== null) {
    return (x, y) => {
      moveCursor(placeOf(x, y));
      panel.redraw();
    };
  }
  const start = { ...panel.range() };
  return (x, y) => {
    if (Math.abs(x - x0) + Math.abs(y - y0) < DEAD_ZONE) return;
    const dt = (x0 - x) / width * (start.to - start.from);
    const dv = (y - y0) / height * (start.high - start.low);
    panel.zoomTo({ from: start.from + dt, to: start.to + dt, low: start.low + dv, high: start.high + dv });
  };
}
