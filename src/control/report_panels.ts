/** What functions have put on display, kept for the report at the end of the run. */
import type { Panel } from "../worker/panel.ts";
import { PanelParts, type PanelSource } from "./panel_parts.ts";

/** Panels beyond this number are not kept: a function that invents names without end must not fill the memory. */
const MOST_PANELS = 500;

/** One panel at its newest state. */
export interface KeptPanel {
  /** Entry of the setup. */
  readonly entry: string;
  readonly name: string;
  readonly panel: Panel;
}

/** Keeps the newest state of each panel. */
export class ReportPanels {
  readonly #panels = new Map<string, { readonly entry: string; readonly name: string; readonly parts: PanelParts }>();

  /** Takes what a worker has published. */
  put(source: PanelSource, panel: Panel): void {
    const { entry, name } = source;
    const key = `${entry}/${name}`;
    const known = this.#panels.get(key);
    if (known !== undefined) known.parts.put(source, panel);
    else if (this.#panels.size < MOST_PANELS) {
      this.#panels.set(key, { entry, name, parts: new PanelParts(source, panel) });
    }
  }

  /** All panels in the order of their first appearance, histograms of several workers summed. */
  all(): KeptPanel[] {
    return [...this.#panels.values()].map(({ entry, name, parts }) => ({ entry, name, panel: parts.sum }));
  }
}
