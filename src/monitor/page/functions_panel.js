// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/**
 * All functions: workers, events in and out, errors, and how busy they are; a menu that stops workers. A click shows a
 * function's log lines only.
 */
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
   * @param {{onPick: () => void, onStop: (name: string, question: readonly string[]) => void}} listener
   */
  constructor(fn, { onPick, onStop }) {
    this.fn = fn;
    this.isDisplay = fn.isDisplay;
    /** Numbers of the workers that can be stopped. @type {readonly number[]} */
    this.stoppable = [];
    this.menu = element("select", {
      class: "stop",
      title: "stop workers; the run goes on",
      "aria-label": `stop ${fn.name}`,
    });
    this.menu.hidden = true;
    this.menu.addEventListener("change", () => {
      const { value } = this.menu;
      this.menu.value = "";
      if (value !== "") onStop(value, this.question(value));
    });
    for (const type of ["click", "keydown"]) this.menu.addEventListener(type, (event) => event.stopPropagation());
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
      element("td", {}, this.menu),
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
    // Who reads nothing can neither reject nor fail an event.
    setText(this.rejected, fn.takenOf.length === 0 ? "–" : formatCount(fn.rejected));
    setText(this.errors, fn.takenOf.length === 0 ? "–" : formatCount(fn.failed));
    this.bar.style.width = `${100 * (fn.busy ?? 0)}%`;
    setText(this.busy, formatPercent(fn.busy));
    const known = fn.workers.filter((worker) => worker.cpu !== null);
    setText(this.cpu, known.length === 0 ? "–" : formatPercent(sum(known.map((worker) => worker.cpu ?? 0))));
    this.offer(
      fn.workers.filter((worker) => worker.state !== "ended" && !worker.isStopped).map(({ worker }) => worker),
    );
  }

  /** @param {readonly number[]} stoppable Numbers of the workers that can be stopped. */
  offer(stoppable) {
    if (stoppable.join() === this.stoppable.join()) return;
    this.stoppable = stoppable;
    this.menu.hidden = stoppable.length === 0;
    const { name } = this.fn;
    const single = stoppable.length === 1 && this.fn.workers === 1 ? [] : stoppable.map((n) => `${name}/${n}`);
    this.menu.replaceChildren(
      element("option", { value: "" }, "stop…"),
      element("option", { value: name }, single.length === 0 ? `stop ${name}` : `all of ${name}`),
      ...single.map((value) => element("option", { value }, value)),
    );
  }

  /**
   * @param {string} name The function, or one of its workers.
   * @returns {readonly string[]} Headline, text, and label of the button that agrees.
   */
  question(name) {
    const { sources, sinks } = this.fn;
    const isLast = name === this.fn.name || this.stoppable.length < 2;
    const text = sources.length > 0
      ? isLast
        ? `The event at hand is finished. Nobody else reads ${
          sources.join(", ")
        } for ${this.fn.name}: what comes later stays unread.`
        : "The event at hand is finished; the function's other workers read on."
      : sinks.length > 0
      ? isLast ? `No more events come into ${sinks.join(", ")} from it.` : "The function's other workers go on."
      : "It only looks on: no event is lost.";
    return [`Stop ${name}?`, `${text} The run goes on; the worker cannot be started again.`, "Stop"];
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
  /**
   * @param {(source: string | null) => void} onPick Is told whose messages are wanted; null: all.
   * @param {(name: string, question: readonly string[]) => void} onStop Is told which worker, or all of which function,
   *   shall be stopped, and what to ask before.
   */
  constructor(onPick, onStop) {
    super({ id: "functions", title: "Functions", width: 7 });
    this.onPick = onPick;
    this.onStop = onStop;
    /** @type {FunctionRow[]} */
    this.rows = [];
    /** @type {string | null} */
    this.picked = null;
    this.table = element("tbody");
    const head = element("tr", {});
    const titles = ["function", "workers", "in", "out", "rejected", "errors", "busy", "CPU", ""];
    for (const text of titles) {
      const isNumber = ["in", "out", "rejected", "errors", "CPU"].includes(text);
      head.append(element("th", { class: isNumber ? "n" : "" }, text));
    }
    this.body.append(element("div", { class: "scroll" }, element("table", {}, element("thead", {}, head), this.table)));
  }

  /** @param {HelloMessage} hello */
  hello(hello) {
    this.rows = hello.functions.map((fn) => {
      return new FunctionRow(fn, { onPick: () => this.pick(fn.name), onStop: this.onStop });
    });
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
