// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** The run as a whole: the bar on top with its buttons, and the large figures. */
import { button, element, formatCount, formatDuration, formatPercent, formatRate, setText } from "./format.js";
import { Panel } from "./panel.js";

/** @typedef {import("../protocol.ts").HelloMessage} HelloMessage */
/** @typedef {import("../protocol.ts").StateMessage} StateMessage */

/** The bar: name, state, buttons. */
export class RunBar {
  /**
   * @param {HTMLElement} root
   * @param {{steer: (command: string) => void, tools: readonly HTMLElement[]}} options
   */
  constructor(root, { steer, tools }) {
    this.name = element("h1", {}, "mimoCoRB");
    this.where = element("span", { class: "where" });
    this.state = element("span", { class: "pill", id: "run-state", role: "status" }, "…");
    /** True once everything is over and written, and only the page is still there. */
    this.isOver = false;
    this.active = element("span", { id: "run-active" });
    this.pause = button("Pause", "importers wait (p)", () => steer("pause"));
    this.resume = button("Resume", "importers go on (r)", () => steer("resume"));
    this.stop = button("Stop", "importers stop, everything is processed (s)", () => steer("stop"));
    this.end = button("End", "end at once, what is left stays unfinished (e)", () => steer("end"));
    for (
      const [id, node] of Object.entries({ pause: this.pause, resume: this.resume, stop: this.stop, end: this.end })
    ) {
      node.id = `button-${id}`;
      node.disabled = true;
    }
    root.append(
      this.name,
      this.where,
      element("span", { class: "space" }),
      this.active,
      this.state,
      element("div", { class: "group" }, this.pause, this.resume, this.stop, this.end),
      element("div", { class: "group" }, ...tools),
    );
  }

  /** @param {HelloMessage} hello */
  hello(hello) {
    setText(this.name, hello.run);
    setText(this.where, `${hello.host} · since ${new Date(hello.beganMs).toLocaleString()}`);
    this.where.title = hello.runDirectory;
    document.title = `${hello.run} – mimoCoRB`;
  }

  /** @param {StateMessage} state */
  update(state) {
    const name = state.isOver ? "Over" : state.state;
    setText(this.state, name);
    this.state.dataset.state = state.state;
    setText(this.active, formatDuration(state.activeS));
    const isGoing = state.state === "Running" || state.state === "Paused";
    this.isOver = state.isOver;
    this.pause.disabled = state.isOver || state.state !== "Running";
    this.resume.disabled = state.isOver || state.state !== "Paused";
    this.stop.disabled = state.isOver || !isGoing;
    this.end.disabled = !state.isOver && !isGoing && state.state !== "Stopped";
    setText(this.end, state.isOver ? "Close" : "End");
    this.end.title = state.isOver ? "the page goes (e)" : "end at once, what is left stays unfinished (e)";
  }

  /** Without a connection nothing can be steered. */
  offline() {
    for (const node of [this.pause, this.resume, this.stop, this.end]) node.disabled = true;
  }
}

/** The figures that are read from afar. */
export class RunPanel extends Panel {
  constructor() {
    super({ id: "run", title: "Run", width: 12 });
    /** @type {Map<string, HTMLElement>} */
    this.values = new Map();
    this.figures = element("div", { class: "figures" });
    const names = {
      events: "events taken",
      rate: "rate",
      deadtime: "dead time of the last events",
      active: "active time",
      left: "left",
      failures: "failures",
    };
    for (const [id, label] of Object.entries(names)) {
      const value = element("b", { id: `run-${id}-value` }, "–");
      this.values.set(id, value);
      this.figures.append(element("div", { class: "figure" }, value, element("span", {}, label)));
    }
    this.bar = element("i");
    this.progress = element("div", { class: "progress", role: "progressbar" }, this.bar);
    this.note = element("div", { class: "note", id: "run-note" });
    this.body.append(this.figures, this.progress, this.note);
  }

  /** @param {HelloMessage} hello */
  hello(hello) {
    const goals = [
      ...(hello.runEvents > 0 ? [`${formatCount(hello.runEvents)} events in ${hello.rings[0]?.name}`] : []),
      ...(hello.runtimeS > 0 ? [`${formatDuration(hello.runtimeS)} of active time`] : []),
    ];
    this.goals = goals.length > 0 ? `Ends after ${goals.join(" or ")}` : "Without a limit";
  }

  /** @param {StateMessage} state */
  update(state) {
    const [first] = state.rings;
    const set = (/** @type {string} */ id, /** @type {string} */ text) =>
      setText(/** @type {HTMLElement} */ (this.values.get(id)), text);
    set("events", first === undefined ? "–" : formatCount(first.published));
    set("rate", first === undefined ? "–" : formatRate(first.rateHz));
    set("deadtime", formatPercent(first?.deadtime));
    set("active", formatDuration(state.activeS));
    set("failures", formatCount(state.failures));
    const { progress } = state;
    this.progress.hidden = progress === null;
    const left = progress?.leftS ?? null;
    set("left", left === null || state.state === "Stopped" ? "–" : formatDuration(left));
    if (progress !== null) {
      this.bar.style.width = `${100 * progress.fraction}%`;
      this.progress.setAttribute("aria-valuenow", String(Math.round(100 * progress.fraction)));
    }
    const alive = state.functions.reduce((sum, fn) => sum + fn.workers.filter((w) => w.state !== "ended").length, 0);
    const notes = [
      state.stopReason ?? this.goals ?? "",
      ...(state.pausedS > 0.05 ? [`paused ${formatDuration(state.pausedS)}`] : []),
      `${alive} workers at work`,
      ...(state.cpu === null ? [] : [`${state.cpu.toFixed(1)} processors in use`]),
    ];
    setText(this.note, notes.join("  ·  "));
  }
}
