// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** Numbers as a person at the experiment reads them, and small helpers for elements. */

/**
 * Writes a rate with three significant digits: `0.25 Hz`, `302 Hz`, `15.2 kHz`.
 * @param {number} rateHz
 */
export function formatRate(rateHz) {
  if (!(rateHz > 0)) return "0 Hz";
  const [value, unit] = rateHz >= 999.5e3
    ? [rateHz / 1e6, "MHz"]
    : rateHz >= 999.5
    ? [rateHz / 1e3, "kHz"]
    : [rateHz, "Hz"];
  return `${value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)} ${unit}`;
}

/**
 * Writes a count with thin spaces between thousands.
 * @param {number} count
 */
export function formatCount(count) {
  const text = String(Math.round(count));
  return text.length < 5 ? text : text.replace(/\B(?=(\d{3})+$)/g, "\u2009");
}

/**
 * Writes a duration: `14.2 s`, `3 min 05 s`, `2 h 07 min`.
 * @param {number} seconds
 */
export function formatDuration(seconds) {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const pad = (/** @type {number} */ n) => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor(whole / 60) % 60)} min`;
}

/**
 * Writes a fraction in percent; unknown values as a dash.
 * @param {number | null | undefined} fraction
 */
export function formatPercent(fraction) {
  return typeof fraction === "number" && fraction >= 0 ? `${(100 * fraction).toFixed(1)} %` : "–";
}

/**
 * Writes a number with some significant digits, without needless zeros.
 * @param {number} value
 * @param {number} [digits]
 */
export function formatNumber(value, digits = 4) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(digits - 1).replace("-", "−");
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

/**
 * Writes a value with its error, the error with two digits: `2197 ± 21`.
 * @param {number} value
 * @param {number} error
 */
export function formatMeasured(value, error) {
  if (!(error > 0) || !Number.isFinite(error)) return formatNumber(value);
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(error)));
  return `${value.toFixed(Math.min(decimals, 12))} ± ${error.toFixed(Math.min(decimals, 12))}`.replaceAll("-", "−");
}

/**
 * Writes a time of day.
 * @param {number} timeMs
 */
export function formatTime(timeMs) {
  const date = new Date(timeMs);
  const pad = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/**
 * Writes a time in ns with a fitting unit.
 * @param {number} timeNs
 */
export function formatTimeNs(timeNs) {
  const size = Math.abs(timeNs);
  if (size >= 1e9) return `${formatNumber(timeNs / 1e9)} s`;
  if (size >= 1e6) return `${formatNumber(timeNs / 1e6)} ms`;
  if (size >= 1e4) return `${formatNumber(timeNs / 1e3)} µs`;
  return `${formatNumber(timeNs)} ns`;
}

/**
 * Makes an element. Texts are set as texts, never as markup.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/**
 * Sets a text if it has changed: a browser lays out again otherwise.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Makes a button.
 * @param {string} label
 * @param {string} title
 * @param {() => void} onClick
 */
export function button(label, title, onClick) {
  const node = element("button", { type: "button", title }, label);
  node.addEventListener("click", onClick);
  return node;
}
