// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** Messages of the run. */
import { element, formatTime } from "./format.js";
import { Panel } from "./panel.js";

/** @typedef {import("../protocol.ts").LogMessage} LogMessage */
/** @typedef {import("../protocol.ts").PageLogEntry} PageLogEntry */

const MOST_LINES = 1000;
const LEVELS = ["debug", "info", "warn", "error"];

export class LogPanel extends Panel {
  constructor() {
    super({ id: "log", title: "Log", width: 5 });
    /** @type {PageLogEntry[]} */
    this.entries = [];
    /** @type {string | null} */
    this.source = null;
    this.level = element("select", { "aria-label": "least level", id: "log-level" });
    for (const level of LEVELS) this.level.append(element("option", { value: level }, level));
    this.level.selectedIndex = LEVELS.indexOf("info");
    this.level.addEventListener("change", () => this.redraw());
    this.tools.append(this.level);
    this.list = element("div", { class: "log", role: "log" });
    this.body.append(this.list);
  }

  /** Forgets everything; the run tells it again. */
  clear() {
    this.entries = [];
    this.list.replaceChildren();
  }

  /** @param {string | null} source */
  show(source) {
    this.source = source;
    this.heading.replaceChildren("Log", ...(source === null ? [] : [element("small", {}, `only ${source}`)]));
    this.redraw();
  }

  /** @param {LogMessage} message */
  add({ skipped, entries }) {
    const note = { timeMs: entries[0]?.timeMs ?? 0, level: /** @type {"info"} */ ("info"), source: "page" };
    const all = skipped > 0 ? [{ ...note, text: `${skipped} earlier messages, see log.txt` }, ...entries] : entries;
    this.entries.push(...all);
    this.entries.splice(0, this.entries.length - MOST_LINES);
    const follows = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 30;
    this.list.append(...all.filter((entry) => this.passes(entry)).map(line));
    while (this.list.childElementCount > MOST_LINES) this.list.firstElementChild?.remove();
    if (follows) this.list.scrollTop = this.list.scrollHeight;
  }

  redraw() {
    this.list.replaceChildren(...this.entries.filter((entry) => this.passes(entry)).map(line));
    this.list.scrollTop = this.list.scrollHeight;
  }

  /** @param {PageLogEntry} entry */
  passes({ level, source }) {
    if (LEVELS.indexOf(level) < this.level.selectedIndex) return false;
    return this.source === null || source === this.source || source.startsWith(`${this.source}/`);
  }
}

/** @param {PageLogEntry} entry */
function line({ timeMs, level, source, text }) {
  return element(
    "div",
    { class: level },
    element("time", {}, formatTime(timeMs)),
    element("span", { class: "source" }, source),
    element("span", { class: "text" }, text),
  );
}
