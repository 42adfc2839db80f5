// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** The drawing of the data flow, with the present rates on its arrows. */
import { element, formatRate, setText } from "./format.js";
import { Panel } from "./panel.js";

/** @typedef {import("../protocol.ts").HelloMessage} HelloMessage */
/** @typedef {import("../protocol.ts").StateMessage} StateMessage */

const SVG = "http://www.w3.org/2000/svg";

export class FlowPanel extends Panel {
  constructor() {
    super({ id: "flow", title: "Data flow", width: 12 });
    this.body.classList.add("flow");
    /** @type {{text: SVGTextElement, find: (state: StateMessage) => number}[]} */
    this.labels = [];
  }

  /** @param {HelloMessage} hello */
  hello(hello) {
    const drawing = new DOMParser().parseFromString(hello.flowSvg, "image/svg+xml").documentElement;
    // Its own colours follow the machine's theme; here the page's style sheet has the say.
    drawing.querySelector("style")?.remove();
    drawing.querySelectorAll("path, line, polyline").forEach((line) => {
      if (line.getAttribute("class")?.startsWith("l-")) line.setAttribute("fill", "none");
    });
    const svg = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (document.importNode(drawing, true)));
    this.body.replaceChildren(svg);
    this.labels = [];
    const courses = [...svg.querySelectorAll("path[marker-end]")].slice(0, hello.arrows.length);
    hello.arrows.forEach((arrow, i) => {
      const course = courses[i];
      if (arrow.kind === "observe" || !(course instanceof SVGPathElement)) return;
      const middle = course.getPointAtLength(course.getTotalLength() / 2);
      const text = /** @type {SVGTextElement} */ (document.createElementNS(SVG, "text"));
      text.setAttribute("class", "rate");
      text.setAttribute("text-anchor", "middle");
      text.setAttribute("x", String(middle.x));
      text.setAttribute("y", String(middle.y - 4));
      svg.append(text);
      const number = hello.functions.findIndex((fn) => fn.name === arrow.functionName);
      const fn = hello.functions[number];
      const place = (arrow.kind === "read" ? fn.sources : fn.sinks).indexOf(arrow.ring);
      const find = (/** @type {StateMessage} */ state) => {
        const now = state.functions[number];
        return (arrow.kind === "read" ? now?.inHz : now?.outHz)?.[place] ?? 0;
      };
      this.labels.push({ text, find });
    });
    if (courses.length === 0) this.body.append(element("p", { class: "note" }, "No data flow"));
  }

  /** @param {StateMessage} state */
  update(state) {
    for (const { text, find } of this.labels) setText(text, formatRate(find(state)));
  }
}
