// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** All functions: workers, events in and out, errors, and how busy they are. A click shows a function's log lines only. */
import { element, formatCount, formatPercent, formatRate, setText } from "./format.js";
import { Panel } from "./panel.js";

/** @typedef {import("../protocol.ts").HelloMessage} HelloMessage */
/** @typedef {import("../protocol.ts").StateMessage} StateMessage */
/** @typedef {import("../protocol.ts").PageFunctionState} PageFunctionState */

/** Workers that are drawn one by one. */
const DOTS = 16;

class FunctionRow {
  /**
   * @param {import("../protocol.ts").PageFunction} fn
   * @param {() => void} onPick
   */
  constructor(fn, onPick) {
    this.isDisplay = fn.isDisplay;
    this.workers = element("td", { class: "dots" });
    this.taken = element("td", { class: "n" });
    this.out = element("td", { class: "n" });
    this.rejected = element("td", { class: "n" });
    this.errors = element("td", { class: "n" });
    this.bar = element("i");
    this.busy = element("span");
    this.cpu = element("td", { class: "n" });
    const wiring = [
      ...fn.sources.map((ring) => `${ring} →`),
      ...fn.observes.map((ring) => `${ring} ⇢`),
      ...fn.sinks.map((ring) => `→ ${ring}`),
    ].join("  ");
    this.root = element(
      "tr",
      { class: "pickable", "data-function": fn.name, tabindex: "0" },
      element("td", {}, element("b", {}, fn.name), " ", fn.functionName, element("br"), element("small", {}, wiring)),
      this.workers,
      this.taken,
      this.out,
      this.rejected,
      this.errors,
      element("td", {}, element("span", { class: "meter small" }, this.bar), " ", this.busy),
      this.cpu,
    );
    this.root.addEventListener("click", onPick);
    this.root.addEventListener("keydown", (event) => event.key === "Enter" && onPick());
  }

  /** @param {PageFunctionState} fn */
  update(fn) {
    const alive = fn.workers.filter((worker) => worker.state !== "ended").length;
    this.workers.title = this.isDisplay ? "done by this page" : `${alive} of ${fn.workers.length} alive`;
    const dots = fn.workers.slice(0, DOTS).map((worker) => {
      const kind = worker.state !== "ended" ? "running" : worker.ok ? "ended" : "failed";
      return element("span", { class: kind }, kind === "running" ? "●" : kind === "ended" ? "○" : "✕");
    });
    const text = dots.map((dot) => dot.textContent).join("");
    if (this.isDisplay) setText(this.workers, "page");
    else if (this.workers.textContent !== text) this.workers.replaceChildren(...dots);
    const sum = (/** @type {readonly number[]} */ values) => values.reduce((a, b) => a + b, 0);
    showFlow(this.taken, fn.takenOf, fn.inHz);
    showFlow(this.out, fn.published, fn.outHz);
    setText(this.rejected, formatCount(fn.rejected));
    setText(this.errors, formatCount(fn.failed));
    this.bar.style.width = `${100 * (fn.busy ?? 0)}%`;
    setText(this.busy, formatPercent(fn.busy));
    const known = fn.workers.filter((worker) => worker.cpu !== null);
    setText(this.cpu, known.length === 0 ? "–" : formatPercent(sum(known.map((worker) => worker.cpu ?? 0))));
  }
}

/**
 * Shows events of all rings together, and their rate below.
 * @param {HTMLElement} cell
 * @param {readonly number[]} counts
 * @param {readonly number[]} ratesHz
 */
function showFlow(cell, counts, ratesHz) {
  if (cell.childElementCount === 0) cell.append(element("span"), element("br"), element("small"));
  const sum = (/** @type {readonly number[]} */ values) => values.reduce((a, b) => a + b, 0);
  setText(cell.children[0], counts.length === 0 ? "–" : formatCount(sum(counts)));
  setText(cell.children[2], counts.length === 0 ? "" : formatRate(sum(ratesHz)));
}

export class FunctionsPanel extends Panel {
  /** @param {(source: string | null) => void} onPick Is told whose messages are wanted; null: all. */
  constructor(onPick) {
    super({ id: "functions", title: "Functions", width: 7 });
    this.onPick = onPick;
    /** @type {FunctionRow[]} */
    this.rows = [];
    /** @type {string | null} */
    this.picked = null;
    this.table = element("tbody");
    const head = element("tr", {});
    const titles = ["function", "workers", "in", "out", "rejected", "errors", "busy", "CPU"];
    for (const text of titles) {
      const isNumber = ["in", "out", "rejected", "errors", "CPU"].includes(text);
      head.append(element("th", { class: isNumber ? "n" : "" }, text));
    }
    this.body.append(element("div", { class: "scroll" }, element("table", {}, element("thead", {}, head), this.table)));
  }

  /** @param {HelloMessage} hello */
  hello(hello) {
    this.rows = hello.functions.map((fn) => new FunctionRow(fn, () => this.pick(fn.name)));
    this.table.replaceChildren(...this.rows.map((row) => row.root));
  }

  /** @param {string} name */
  pick(name) {
    this.picked = this.picked === name ? null : name;
    for (const { root } of this.rows) root.classList.toggle("picked", root.dataset.function === this.picked);
    this.onPick(this.picked);
  }

  /** @param {StateMessage} state */
  update(state) {
    state.functions.forEach((fn, i) => this.rows[i]?.update(fn));
  }
}
