// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** An oscilloscope for one ring. */
import { button, element, formatCount, formatNumber, formatRate, setText } from "./format.js";
import { Panel, toggle } from "./panel.js";
import { ScopeCursors } from "./scope_cursors.js";
import { listenToMouse } from "./scope_mouse.js";
import { ScopeView } from "./scope_view.js";
import { color, onTheme } from "./theme.js";

/** @typedef {import("../protocol.ts").PageScope} PageScope */
/** @typedef {import("../protocol.ts").PageRing} PageRing */
/** @typedef {import("../protocol.ts").FromPage} FromPage */
/** @typedef {import("./wave_frame.js").Waveform} Waveform */
/** @typedef {import("./wave_frame.js").IntensityMap} IntensityMap */
/** @typedef {import("./scope_view.js").ScopeRange} ScopeRange */

const HEIGHT = 540;
const COLORS = 8;
/** Free space above and below the data, as part of their height. */
const HEADROOM = 0.08;
/** Time over which frames are counted for the read-out. */
const FRAME_WINDOW_MS = 2000;

export class ScopePanel extends Panel {
  /**
   * @param {PageScope} scope
   * @param {PageRing} ring
   * @param {object} options
   * @param {(message: FromPage) => void} options.send
   * @param {(seq: number) => void} options.drawn
   * @param {() => void} options.onClose
   */
  constructor(scope, ring, { send, drawn, onClose }) {
    super({ id: `scope-${scope.ring}`, title: `Oscilloscope ${scope.ring}`, width: 8, onClose });
    const isCounts = ring.fields.some(({ type }) => /^u?int/.test(type));
    this.unit = isCounts ? "counts" : "mV";
    // Range, offset and level of the setup are in mV.
    this.scope = isCounts ? { ...scope, channelRangeMv: null, offsetMv: 0, trigger: null } : scope;
    this.ring = ring;
    this.send = send;
    this.drawn = drawn;
    if (scope.title !== "") this.heading.append(element("small", {}, scope.title));
    this.channels = ring.fields.map(({ name }, i) => ({
      name,
      isOn: scope.channels.includes(name),
      color: i % COLORS,
    }));
    /** @type {Waveform | null} */
    this.waveform = null;
    /** @type {IntensityMap | null} */
    this.map = null;
    /** Numbers of frames that are not on the screen yet. */
    this.pending = 0;
    this.isDrawing = false;
    /** @type {number[]} */
    this.frameTimes = [];
    this.frames = 0;
    /** @type {ScopeRange | null} A range chosen by hand. */
    this.zoom = null;
    /** @type {[low: number, high: number] | null} What the data have needed so far. */
    this.reach = null;
    this.cursors = new ScopeCursors();
    this.hold = toggle("hold", "keep this picture (h)", () => this.resume());
    this.single = button("single", "wait for one more event, then hold (n)", () => this.takeSingle());
    this.isSingle = false;
    this.fold = toggle("persistence", "fold all waveforms into a map of intensities", (on) => this.setFold(on));
    this.cursor = toggle("cursors", "measure with two times and two voltages", () => this.redraw());
    this.fit = button("fit", "whole waveform, automatic voltage scale (double click)", () => this.unzoom());
    this.tools.append(this.hold.node, this.single, this.fold.node, this.cursor.node, this.fit);
    this.channelBar = element("div", { class: "channels" });
    this.canvas = element("canvas", { tabindex: "0", "aria-label": `waveforms of ${scope.ring}` });
    this.view = element("div", { class: "view", style: `height: ${HEIGHT}px` }, this.canvas);
    this.screen = new ScopeView(this.canvas);
    this.event = element("b", { "data-figure": "event" }, "–");
    this.rate = element("b", { "data-figure": "rate" }, "–");
    this.frameRate = element("b", { "data-figure": "frames" }, "–");
    this.measured = element("span");
    this.readout = element(
      "div",
      { class: "readout" },
      element("span", {}, this.event),
      element("span", {}, "importer ", this.rate),
      element("span", {}, "shown ", this.frameRate),
      this.measured,
    );
    this.body.append(this.channelBar, this.view, this.readout);
    this.drawChannels();
    this.onWidth((width) => {
      this.screen.resize(width, HEIGHT);
      this.redraw();
    });
    this.offTheme = onTheme(() => {
      this.drawChannels();
      this.redraw();
    });
    listenToMouse(this);
  }

  /** Asks the run for what is shown; after every new connection. */
  subscribe() {
    this.map = null;
    this.send({ type: "scope", ring: this.scope.ring, on: true });
    if (this.fold.isOn()) this.setFold(true);
  }

  /** Takes the panel off the page. @override */
  remove() {
    this.send({ type: "scope", ring: this.scope.ring, on: false });
    this.send({ type: "fold", ring: this.scope.ring, on: false });
    this.offTheme();
    super.remove();
  }

  /** @param {Waveform | IntensityMap} frame */
  update(frame) {
    this.pending = frame.seq;
    if (this.hold.isOn()) return this.redraw();
    this.frameTimes.push(performance.now());
    if (frame.kind === "map") this.map = frame;
    else {
      this.waveform = frame;
      this.frames++;
      if (this.isSingle) {
        this.isSingle = false;
        this.hold.setOn(true);
      }
    }
    this.redraw();
  }

  redraw() {
    if (this.isDrawing) return;
    this.isDrawing = true;
    requestAnimationFrame(() => {
      this.isDrawing = false;
      this.draw();
      if (this.pending > 0) this.drawn(this.pending);
      this.pending = 0;
    });
  }

  takeSingle() {
    this.hold.setOn(false);
    this.isSingle = true;
  }

  resume() {
    this.isSingle = false;
    this.redraw();
  }

  /** @param {boolean} on */
  setFold(on) {
    this.map = null;
    const { offsetMv } = this.scope;
    const range = this.range();
    const [low, high] = [range.low + offsetMv, range.high + offsetMv];
    this.send(
      on ? { type: "fold", ring: this.scope.ring, on, low, high } : { type: "fold", ring: this.scope.ring, on },
    );
    this.redraw();
  }

  /**
   * Shows a range chosen by hand.
   * @param {ScopeRange} range
   */
  zoomTo(range) {
    this.zoom = range;
    this.redraw();
  }

  unzoom() {
    this.zoom = null;
    this.reach = null;
    this.redraw();
    if (this.fold.isOn()) this.setFold(true);
  }

  /** @param {number} i */
  toggleChannel(i) {
    const channel = this.channels[i];
    if (channel === undefined) return;
    channel.isOn = !channel.isOn;
    this.reach = null;
    this.drawChannels();
    this.redraw();
  }

  drawChannels() {
    this.channelBar.replaceChildren(...this.channels.map((channel, i) => {
      const name = button(channel.name, `show or hide (${i + 1})`, () => this.toggleChannel(i));
      const dot = button("", "another colour", () => {
        channel.color = (channel.color + 1) % COLORS;
        this.drawChannels();
        this.redraw();
      });
      dot.className = "color";
      dot.style.background = `var(--s${channel.color})`;
      return element(
        "span",
        { class: "channel", "data-on": String(channel.isOn), "data-channel": channel.name },
        name,
        dot,
      );
    }));
  }

  /** Time of a sample in ns, or its number where the sample time is not known. */
  timeOf(/** @type {number} */ index) {
    const { sampleTimeNs, preTriggerSamples } = this.scope;
    return sampleTimeNs > 0 ? (index - preTriggerSamples) * sampleTimeNs : index;
  }

  /** @returns {ScopeRange} */
  range() {
    if (this.zoom !== null) return this.zoom;
    const { channelRangeMv, offsetMv } = this.scope;
    const [low, high] = channelRangeMv === null
      ? this.dataReach()
      : [-channelRangeMv - offsetMv, channelRangeMv - offsetMv];
    return { from: this.timeOf(0), to: this.timeOf(Math.max(1, this.ring.valuesPerSlot - 1)), low, high };
  }

  /** Grows with the data and stays, so that the scale does not jump with every event. */
  dataReach() {
    let [low, high] = this.reach ?? [Infinity, -Infinity];
    this.channels.forEach(({ isOn }, i) => {
      if (!isOn) return;
      for (const value of this.waveform?.channels[i] ?? []) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
    });
    if (!(high >= low)) return [-1, 1];
    this.reach = [low, high];
    const { offsetMv } = this.scope;
    const margin = Math.max((high - low) * HEADROOM, 0.5);
    return [low - margin - offsetMv, high + margin - offsetMv];
  }

  draw() {
    if (this.screen.width === 0) return;
    const { scope, waveform, map } = this;
    const range = this.range();
    const isFolding = this.fold.isOn() && map !== null;
    const shown = this.channels.flatMap((channel, i) => channel.isOn ? [{ i, color: color(`s${channel.color}`) }] : []);
    this.screen.draw({
      range,
      traces: waveform === null || isFolding
        ? []
        : shown.map(({ i, color: stroke }) => ({ values: waveform.channels[i] ?? [], color: stroke })),
      timeOf: (index) => this.timeOf(index),
      offsetMv: scope.offsetMv,
      hasTriggerTime: scope.preTriggerSamples > 0,
      trigger: this.triggerMark(),
      cursors: this.cursor.isOn() ? this.cursors.places(range) : null,
      maps: isFolding ? shown.map(({ i, color: name }) => ({ cells: map.channels[i], color: name })) : [],
      mapFrame: isFolding
        ? {
          columns: map.columns,
          rows: map.rows,
          low: map.low - scope.offsetMv,
          high: map.high - scope.offsetMv,
          from: this.timeOf(0),
          to: this.timeOf(this.ring.valuesPerSlot),
        }
        : null,
      timeUnit: scope.sampleTimeNs > 0 ? "ns" : "samples",
      unit: this.unit,
    });
    this.tell(range);
  }

  triggerMark() {
    const { trigger, offsetMv } = this.scope;
    if (trigger === null) return null;
    const level = trigger.levelMv - offsetMv;
    const words = ["Trg", trigger.channel, `${formatNumber(level)} ${this.unit}`, trigger.direction];
    return { level, text: words.filter((word) => word !== "").join(" ") };
  }

  /** @param {ScopeRange} range */
  tell(range) {
    const { waveform, map } = this;
    const nowMs = performance.now();
    while (this.frameTimes[0] < nowMs - FRAME_WINDOW_MS) this.frameTimes.shift();
    const framesHz = 1000 * this.frameTimes.length / FRAME_WINDOW_MS;
    const isFolding = this.fold.isOn() && map !== null;
    setText(
      this.event,
      isFolding
        ? `${formatCount(map.waveforms)} waveforms folded`
        : waveform === null
        ? "no event yet"
        : `event # ${waveform.counter}`,
    );
    setText(this.rate, waveform === null || Number.isNaN(waveform.rateHz) ? "–" : formatRate(waveform.rateHz));
    setText(this.frameRate, this.hold.isOn() ? "held" : `${framesHz.toFixed(0)} frames/s`);
    this.root.dataset.frames = String(this.frames);
    if (waveform !== null) {
      this.root.dataset.timestamp = String(waveform.timestamp);
      this.root.dataset.counter = String(waveform.counter);
    }
    if (!this.cursor.isOn()) return setText(this.measured, "");
    setText(this.measured, this.cursors.text(range, { hasTime: this.scope.sampleTimeNs > 0, unit: this.unit }));
  }
}
