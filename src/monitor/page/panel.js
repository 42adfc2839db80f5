// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** What all panels have in common: a card with a headline, tools and a body. */
import { button, element } from "./format.js";

/** @typedef {import("../protocol.ts").HelloMessage} HelloMessage */
/** @typedef {import("../protocol.ts").StateMessage} StateMessage */

/**
 * @typedef {object} PanelOptions
 * @property {string} id Unique on the page.
 * @property {string} title
 * @property {3 | 4 | 5 | 6 | 7 | 8 | 12} width Columns of twelve.
 * @property {(() => void) | undefined} [onClose] The panel can be closed; is told so.
 */

export class Panel {
  /** @param {PanelOptions} options */
  constructor({ id, title, width, onClose }) {
    this.id = id;
    this.heading = element("h2", {}, title);
    this.tools = element("div", { class: "group" });
    this.header = element("header", {}, this.heading, this.tools);
    this.body = element("div", { class: "body" });
    this.root = element("section", { class: "panel", "data-width": String(width), id: `panel-${id}` });
    this.root.append(this.header, this.body);
    if (onClose !== undefined) {
      const close = button("✕", "close this panel", onClose);
      close.classList.add("close");
      this.header.append(close);
    }
    /** @type {ResizeObserver | null} */
    this.resizing = null;
  }

  /**
   * Calls a function with the width of the body, now and whenever it changes.
   * @param {(width: number) => void} listener
   */
  onWidth(listener) {
    let last = 0;
    this.resizing = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry.contentRect.width);
      if (width === last || width === 0) return;
      last = width;
      listener(width);
    });
    this.resizing.observe(this.body);
  }

  /** Takes the panel off the page. */
  remove() {
    this.resizing?.disconnect();
    this.root.remove();
  }
}

/**
 * A button that is on or off.
 * @param {string} label
 * @param {string} title
 * @param {(on: boolean) => void} onChange
 */
export function toggle(label, title, onChange) {
  const node = button(label, title, () => setOn(!isOn()));
  const isOn = () => node.getAttribute("aria-pressed") === "true";
  const setOn = (/** @type {boolean} */ on) => {
    node.setAttribute("aria-pressed", String(on));
    onChange(on);
  };
  node.setAttribute("aria-pressed", "false");
  return { node, isOn, setOn };
}
