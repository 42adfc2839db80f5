// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** All rings: counts, rates, how full they are, and how far their readers lag behind. */
import { element, formatCount, formatPercent, formatRate, setText } from "./format.js";
import { Panel } from "./panel.js";

/** @typedef {import("../protocol.ts").HelloMessage} HelloMessage */
/** @typedef {import("../protocol.ts").StateMessage} StateMessage */
/** @typedef {import("../protocol.ts").PageRingState} PageRingState */

/** A ring is shown as nearly full from here on. */
const HOT = 0.9;

class RingRow {
  /**
   * @param {import("../protocol.ts").PageRing} ring
   */
  constructor(ring) {
    this.slots = ring.slots;
    this.events = element("td", { class: "n big" });
    this.rate = element("td", { class: "n big" });
    this.bar = element("i");
    this.meter = element("span", { class: "meter" }, this.bar);
    this.fill = element("small");
    this.dead = element("td", { class: "n" });
    this.readers = element("td", { class: "wrap" });
    this.color = element("span", {}, "● ");
    this.root = element(
      "tr",
      { "data-ring": ring.name },
      element("td", {}, this.color, element("b", {}, ring.name), element("br"), element("small", {}, layoutText(ring))),
      this.events,
      this.rate,
      element("td", {}, this.meter, element("br"), this.fill),
      this.dead,
      this.readers,
    );
    this.readersText = "";
  }

  /** @param {PageRingState} ring */
  update(ring) {
    setText(this.events, formatCount(ring.published));
    setText(this.rate, formatRate(ring.rateHz));
    this.bar.style.width = `${100 * ring.filled / this.slots}%`;
    this.meter.classList.toggle("hot", ring.filled >= HOT * this.slots);
    setText(this.fill, `${ring.filled} of ${this.slots}, at most ${ring.highestFill}`);
    setText(this.dead, formatPercent(ring.deadtime));
    const chips = chipsOf(ring);
    const text = JSON.stringify(chips);
    if (text === this.readersText) return;
    this.readersText = text;
    this.readers.replaceChildren(...chips.map(([kind, words]) => element("span", { class: `chip ${kind}` }, words)));
  }
}

/**
 * @param {PageRingState} ring
 * @returns {[kind: string, words: string][]}
 */
function chipsOf(ring) {
  /** @type {[string, string][]} */
  const chips = ring.groups.map((group) => {
    const lag = group.unread + group.held;
    const failed = group.failed > 0 ? `, ${formatCount(group.failed)} failed` : "";
    const doubles = group.doubles > 0 ? `, ${formatCount(group.doubles)} doubles` : "";
    const state = group.detached ? "gone" : `lag ${formatCount(lag)}`;
    return [group.failed > 0 || group.detached ? "bad" : "", `${group.name}: ${state}${failed}${doubles}`];
  });
  if (ring.paused) chips.push(["warn", "paused"]);
  if (ring.discarded > 0) chips.push(["warn", `${formatCount(ring.discarded)} discarded`]);
  if (ring.voided > 0) chips.push(["warn", `${formatCount(ring.voided)} void`]);
  if (ring.ended) chips.push(["", "ended"]);
  else if (ring.closing) chips.push(["", "closing"]);
  return chips;
}

/** @param {import("../protocol.ts").PageRing} ring */
function layoutText({ slots, valuesPerSlot, fields }) {
  const values = valuesPerSlot === 1 ? "1 value" : `${valuesPerSlot} values`;
  return `${slots} slots × ${fields.length} × ${values}`;
}

export class RingsPanel extends Panel {
  constructor() {
    super({ id: "rings", title: "Rings", width: 7 });
    /** @type {RingRow[]} */
    this.rows = [];
    this.table = element("tbody");
    const head = element("tr", {});
    for (
      const [text, kind] of [["ring", ""], ["events", "n"], ["rate", "n"], ["filled", ""], ["dead", "n"], [
        "readers",
        "",
      ]]
    ) {
      head.append(element("th", { class: kind }, text));
    }
    this.body.append(element("div", { class: "scroll" }, element("table", {}, element("thead", {}, head), this.table)));
  }

  /** @param {HelloMessage} hello */
  hello(hello) {
    this.rows = hello.rings.map((ring) => new RingRow(ring));
    this.rows.forEach((row, i) => row.color.style.color = `var(--s${i % 8})`);
    this.table.replaceChildren(...this.rows.map((row) => row.root));
  }

  /** @param {StateMessage} state */
  update(state) {
    state.rings.forEach((ring, i) => this.rows[i]?.update(ring));
  }
}
