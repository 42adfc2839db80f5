// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** Questions that wait for an answer, and the list of keys. */
import { button, element } from "./format.js";

const SHORTCUTS = [
  ["p", "pause"],
  ["r", "resume"],
  ["s", "stop: importers stop, everything is processed"],
  ["e", "end at once"],
  [":", "command line (:help lists the commands)"],
  ["h", "hold or go on (oscilloscope under the mouse, or the first one)"],
  ["n", "one more event, then hold"],
  ["1 … 8", "show or hide a channel"],
  ["t", "dark or light"],
  ["?", "this list"],
];

/** What is asked before data could be meant. */
const QUESTIONS = new Map([
  ["stop", [
    "Stop the run?",
    "Importers stop; all events that were taken are still processed. It cannot be resumed.",
    "Stop",
  ]],
  ["end", [
    "End the run at once?",
    "Events that are still in the rings stay unprocessed and are counted as unfinished.",
    "End",
  ]],
  ["close", [
    "Close the page?",
    "The run is over and everything is written. The page goes for everybody who looks on.",
    "Close the page",
  ]],
]);

export class Dialogs {
  /** @param {HTMLDialogElement} dialog */
  constructor(dialog) {
    this.dialog = dialog;
  }

  /** True while one waits. */
  get isOpen() {
    return this.dialog.open;
  }

  /**
   * Asks before a command by which data could be lost; the others are allowed at once.
   * @param {string} command
   * @returns {Promise<boolean>}
   */
  async allows(command) {
    const question = QUESTIONS.get(command);
    return question === undefined || await this.ask(question);
  }

  /**
   * @param {readonly string[]} question Headline, text, and label of the button that agrees; empty: nothing to agree to.
   * @returns {Promise<boolean>}
   */
  ask([headline, text, label]) {
    const { dialog } = this;
    return new Promise((resolve) => {
      const close = button(label === "" ? "Close" : "Cancel", "Esc", () => dialog.close());
      const buttons = [close];
      dialog.returnValue = "";
      if (label !== "") {
        const agree = button(label, "Return", () => dialog.close("yes"));
        agree.classList.add("danger");
        agree.id = "dialog-yes";
        buttons.push(agree);
      }
      dialog.replaceChildren(
        element("h2", {}, headline),
        element("div", {}, text),
        element("div", { class: "group" }, ...buttons),
      );
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
      if (!dialog.open) dialog.showModal();
      buttons.at(-1)?.focus();
    });
  }

  /** Shows the keys. */
  showShortcuts() {
    const { dialog } = this;
    const list = element("dl");
    for (const [key, text] of SHORTCUTS) list.append(element("dt", {}, key), element("dd", {}, text));
    const close = button("Close", "Esc", () => dialog.close());
    dialog.replaceChildren(element("h2", {}, "Keyboard"), list, element("div", { class: "group" }, close));
    if (!dialog.open) dialog.showModal();
  }
}
