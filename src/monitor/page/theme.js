// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** Dark or light: as the machine has it, until somebody chooses. */

const KEY = "mimocorb theme";
const darkQuery = matchMedia("(prefers-color-scheme: dark)");

/** @type {Set<() => void>} */
const listeners = new Set();

/** @returns {"dark" | "light"} */
export function theme() {
  return document.documentElement.dataset.theme === "dark" ? "dark" : "light";
}

/**
 * Calls a function whenever the theme changes.
 * @param {() => void} listener
 * @returns {() => void} Ends that.
 */
export function onTheme(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Changes the theme and remembers it. */
export function toggleTheme() {
  const next = theme() === "dark" ? "light" : "dark";
  localStorage.setItem(KEY, next);
  apply();
}

/**
 * A colour of the style sheet, ready for a canvas.
 * @param {string} name
 */
export function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function apply() {
  const chosen = localStorage.getItem(KEY);
  document.documentElement.dataset.theme = chosen === "dark" || chosen === "light"
    ? chosen
    : darkQuery.matches
    ? "dark"
    : "light";
  for (const listener of listeners) listener();
}

darkQuery.addEventListener("change", apply);
apply();
