// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** The latest records of a ring as a table. */
import { element, formatNumber } from "./format.js";
import { Panel } from "./panel.js";

/** @typedef {import("../protocol.ts").RecordsMessage} RecordsMessage */

export class RecordsPanel extends Panel {
  /**
   * @param {string} ring
   * @param {{onClose: () => void}} options
   */
  constructor(ring, { onClose }) {
    super({ id: `records-${ring}`, title: `Latest records of ${ring}`, width: 12, onClose });
    this.ring = ring;
    this.head = element("tr");
    this.rows = element("tbody");
    this.body.append(
      element("div", { class: "scroll" }, element("table", {}, element("thead", {}, this.head), this.rows)),
    );
    this.body.append(element("div", { class: "note" }, "Some of many: at high rates most records pass unseen here."));
  }

  /** @param {RecordsMessage} message */
  update({ columns, rows }) {
    if (this.head.childElementCount !== columns.length) {
      this.head.replaceChildren(...columns.map((name) => element("th", { class: "n" }, name)));
    }
    this.rows.replaceChildren(
      ...rows.map((row) =>
        element("tr", {}, ...row.map((cell, i) => element("td", { class: "n" }, cellText(cell, columns[i]))))
      ),
    );
  }
}

/**
 * @param {string | number} cell
 * @param {string} column
 */
function cellText(cell, column) {
  if (typeof cell === "string") return cell;
  if (column === "timestamp") return new Date(1000 * cell).toISOString().slice(11, 23);
  return Number.isInteger(cell) ? String(cell) : formatNumber(cell, 6);
}
