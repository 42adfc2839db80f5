/** What functions have put on display, kept for the report at the end of the run. */
import type { Panel } from "../worker/panel.ts";

/** Panels beyond this number are not kept: a function that invents names without end must not fill the memory. */
const MOST_PANELS = 500;

/** One panel at its newest state. */
export interface KeptPanel {
  /** Entry of the setup. */
  readonly entry: string;
  readonly name: string;
  readonly panel: Panel;
}

/** Keeps the newest state of each panel and worker. */
export class ReportPanels {
  readonly #panels = new Map<string, { entry: string; name: string; parts: Map<number, Panel> }>();

  /** Takes what a worker has published. */
  put(entry: string, workerNumber: number, name: string, panel: Panel): void {
    const key = `${entry}/${name}`;
    const known = this.#panels.get(key);
    if (known !== undefined) known.parts.set(workerNumber, panel);
    else if (this.#panels.size < MOST_PANELS) {
      this.#panels.set(key, { entry, name, parts: new Map([[workerNumber, panel]]) });
    }
  }

  /** All panels in the order of their first appearance, histograms of several workers summed. */
  all(): KeptPanel[] {
    return [...this.#panels.values()].map(({ entry, name, parts }) => ({
      entry,
      name,
      panel: summedPanel([...parts.values()]),
    }));
  }
}

/** Sum of the parts of several workers where they can be added; otherwise the last one. */
export function summedPanel(parts: readonly Panel[]): Panel {
  const latest = parts.at(-1)!;
  if (parts.length < 2 || (latest.kind !== "histogram" && latest.kind !== "histogram2d")) return latest;
  const counts = new Float64Array(latest.counts.length);
  let underflow = 0;
  let overflow = 0;
  for (const part of parts) {
    if (part.kind !== latest.kind || part.counts.length !== counts.length) return latest;
    for (let i = 0; i < counts.length; i++) counts[i] += part.counts[i];
    if (part.kind === "histogram") {
      underflow += part.underflow;
      overflow += part.overflow;
    }
  }
  return latest.kind === "histogram" ? { ...latest, counts, underflow, overflow } : { ...latest, counts };
}
