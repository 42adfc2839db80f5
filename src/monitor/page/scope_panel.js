// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** An oscilloscope for one ring. */
import { button, element, formatCount, formatNumber, formatRate, formatTimeNs, setText } from "./format.js";
import { Panel, toggle } from "./panel.js";
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
/** How near to a cursor the mouse takes it, in pixels. */
const GRIP = 9;

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
    this.scope = scope;
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
    this.cursors = { times: [0.35, 0.65], levels: [0.3, 0.7] };
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
      element("span", {}, "event ", this.event),
      element("span", {}, "source ", this.rate),
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
    this.listen();
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
    if (frame.kind === "map") this.map = frame;
    else if (!this.hold.isOn()) {
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
      cursors: this.cursor.isOn() ? this.cursorPlaces(range) : null,
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
    });
    this.tell(range);
  }

  triggerMark() {
    const { trigger, offsetMv } = this.scope;
    if (trigger === null) return null;
    const level = trigger.levelMv - offsetMv;
    const words = ["Trg", trigger.channel, `${formatNumber(level)} mV`, trigger.direction];
    return { level, text: words.filter((word) => word !== "").join(" ") };
  }

  /** @param {ScopeRange} range */
  tell(range) {
    const { waveform, map } = this;
    const nowMs = performance.now();
    this.frameTimes.push(nowMs);
    while (this.frameTimes[0] < nowMs - FRAME_WINDOW_MS) this.frameTimes.shift();
    const framesHz = 1000 * (this.frameTimes.length - 1) / Math.max(1, nowMs - this.frameTimes[0]);
    const isFolding = this.fold.isOn() && map !== null;
    setText(
      this.event,
      isFolding
        ? `${formatCount(map.waveforms)} waveforms folded`
        : waveform === null
        ? "none yet"
        : `# ${waveform.counter}`,
    );
    setText(this.rate, waveform === null || Number.isNaN(waveform.rateHz) ? "–" : formatRate(waveform.rateHz));
    setText(this.frameRate, this.hold.isOn() ? "held" : `${framesHz.toFixed(0)} frames/s`);
    this.root.dataset.frames = String(this.frames);
    if (waveform !== null) {
      this.root.dataset.timestamp = String(waveform.timestamp);
      this.root.dataset.counter = String(waveform.counter);
    }
    if (!this.cursor.isOn()) return setText(this.measured, "");
    const { times, levels } = this.cursorPlaces(range);
    const dt = Math.abs(times[1] - times[0]);
    const hasTime = this.scope.sampleTimeNs > 0;
    setText(
      this.measured,
      `Δt ${hasTime ? `${formatTimeNs(dt)} (${formatRate(1e9 / dt)})` : formatNumber(dt)}   ` +
        `ΔU ${formatNumber(Math.abs(levels[1] - levels[0]))} mV   t ${
          times.map((t) => formatNumber(t)).join(", ")
        }   ` +
        `U ${levels.map((u) => formatNumber(u)).join(", ")}`,
    );
  }

  /** Cursors are kept as parts of the screen. @param {ScopeRange} range */
  cursorPlaces(range) {
    return {
      times: this.cursors.times.map((part) => range.from + part * (range.to - range.from)),
      levels: this.cursors.levels.map((part) => range.low + part * (range.high - range.low)),
    };
  }

  /** Mouse: wheel zooms time, with Shift voltage; dragging moves the picture or a cursor. */
  listen() {
    /** @type {((x: number, y: number) => void) | null} */
    let drag = null;
    this.view.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomAt(event.offsetX, event.offsetY, {
        factor: event.deltaY > 0 ? 1.2 : 1 / 1.2,
        isVoltage: event.shiftKey,
      });
    }, { passive: false });
    this.view.addEventListener("dblclick", () => this.unzoom());
    this.view.addEventListener("pointerdown", (event) => {
      drag = this.beginDrag(event.offsetX, event.offsetY);
      this.view.setPointerCapture(event.pointerId);
    });
    this.view.addEventListener("pointermove", (event) => drag?.(event.offsetX, event.offsetY));
    this.view.addEventListener("pointerup", () => {
      drag = null;
    });
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {{factor: number, isVoltage: boolean}} options
   */
  zoomAt(x, y, { factor, isVoltage }) {
    const range = { ...this.range() };
    if (isVoltage) {
      const level = this.screen.levelAt(range, y);
      range.low = level + (range.low - level) * factor;
      range.high = level + (range.high - level) * factor;
    } else {
      const time = this.screen.timeAt(range, x);
      range.from = time + (range.from - time) * factor;
      range.to = time + (range.to - time) * factor;
    }
    this.zoom = range;
    this.redraw();
  }

  /**
   * @param {number} x0
   * @param {number} y0
   * @returns {(x: number, y: number) => void}
   */
  beginDrag(x0, y0) {
    const { left, top, width, height } = this.screen.area;
    const partX = (/** @type {number} */ x) => Math.min(1, Math.max(0, (x - left) / width));
    const partY = (/** @type {number} */ y) => Math.min(1, Math.max(0, 1 - (y - top) / height));
    if (this.cursor.isOn()) {
      const time = this.cursors.times.findIndex((part) => Math.abs(part - partX(x0)) * width < GRIP);
      const level = this.cursors.levels.findIndex((part) => Math.abs(part - partY(y0)) * height < GRIP);
      if (time >= 0 || level >= 0) {
        return (x, y) => {
          if (time >= 0) this.cursors.times[time] = partX(x);
          else this.cursors.levels[level] = partY(y);
          this.redraw();
        };
      }
    }
    const start = { ...this.range() };
    return (x, y) => {
      if (Math.abs(x - x0) + Math.abs(y - y0) < 3) return;
      const dt = (x0 - x) / width * (start.to - start.from);
      const dv = (y - y0) / height * (start.high - start.low);
      this.zoom = { from: start.from + dt, to: start.to + dt, low: start.low + dv, high: start.high + dv };
      this.redraw();
    };
  }
}
