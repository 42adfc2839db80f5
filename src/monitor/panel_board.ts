/** What functions have put on display: newest state of each panel, histograms of several workers summed. */
import { countsSince, PanelParts, type PanelSource } from "../control/panel_parts.ts";
import { fitHistogram } from "../pulses/histogram_fit.ts";
import type { Panel } from "../worker/panel.ts";
import type { FitKind, PageFit, PagePanel, PanelMessage } from "./protocol.ts";

/** Panels beyond this number are not taken: a function that invents names without end must not fill the memory. */
const MOST_PANELS = 500;

/** Rows of tables and points of curves that are sent to pages. */
const MOST_ROWS = 1000;
const MOST_POINTS = 20_000;

interface Entry {
  readonly entry: string;
  readonly name: string;
  readonly parts: PanelParts;
  /** What a reset has hidden. */
  baseline: Panel | null;
  /** What is shown; null if that must be looked at again. */
  shown: Panel | null;
  version: number;
  message: PanelMessage | null;
  text: string | null;
}

/** Keeps panels by key. */
export class PanelBoard {
  readonly #entries = new Map<string, Entry>();

  /** Takes what a function has published. */
  put(source: PanelSource, panel: Panel): void {
    const { entry, name } = source;
    const key = `${entry}/${name}`;
    const known = this.#entries.get(key);
    if (known !== undefined) {
      if (known.parts.put(source, panel)) known.baseline = null;
      changed(known);
    } else if (this.#entries.size < MOST_PANELS) {
      const parts = new PanelParts(source, panel);
      this.#entries.set(key, {
        entry,
        name,
        parts,
        baseline: null,
        shown: null,
        version: 1,
        message: null,
        text: null,
      });
    }
  }

  /** Keys of all panels, in the order of their first appearance. */
  keys(): string[] {
    return [...this.#entries.keys()];
  }

  /** Grows whenever the panel has changed; 0 if there is none. */
  version(key: string): number {
    return this.#entries.get(key)?.version ?? 0;
  }

  /** A panel as pages get it; null if there is none. */
  message(key: string): PanelMessage | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    entry.message ??= { type: "panel", key, entry: entry.entry, name: entry.name, panel: pagePanel(shown(entry)) };
    return entry.message;
  }

  /** The same as text; made once for all pages. */
  text(key: string): string | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    entry.text ??= JSON.stringify(this.message(key));
    return entry.text;
  }

  /** Keys of panels of a name: as it is, or the last part of it. */
  find(name: string): string[] {
    if (this.#entries.has(name)) return [name];
    return [...this.#entries].filter(([, entry]) => entry.name === name).map(([key]) => key);
  }

  /** Hides what a histogram, of one or two variables, holds now. Returns false if there is no such histogram. */
  reset(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined || !entry.parts.kind.startsWith("histogram")) return false;
    entry.baseline = entry.parts.sum;
    changed(entry);
    return true;
  }

  /** Fits a function to a histogram as it is shown. */
  fit(
    key: string,
    options: { readonly kind: FitKind; readonly from: number; readonly to: number },
  ): PageFit | string {
    const entry = this.#entries.get(key);
    const panel = entry === undefined ? null : shown(entry);
    if (panel?.kind !== "histogram") return "there is no such histogram";
    const { kind, from, to } = options;
    const fit = fitHistogram(panel, { kind, from, to });
    if (fit.state !== "ok") return fit.reason;
    const { parameters, chi2, degrees, x, y } = fit;
    return { kind, from, to, parameters, chi2, degrees, x: [...x], y: [...y] };
  }
}

function changed(entry: Entry): void {
  entry.version++;
  entry.shown = entry.message = entry.text = null;
}

function shown(entry: Entry): Panel {
  return entry.shown ??= withoutBaseline(entry);
}

/** What came after the last reset. */
function withoutBaseline({ parts: { sum }, baseline }: Entry): Panel {
  return baseline === null ? sum : countsSince(sum, baseline) ?? sum;
}

function pagePanel(panel: Panel): PagePanel {
  switch (panel.kind) {
    case "histogram": {
      const { kind, title, label, min, max, underflow, overflow, logScale } = panel;
      const counts = [...panel.counts];
      return { kind, title, label, min, max, counts, underflow, overflow, logScale, ...momentsOf(panel) };
    }
    case "histogram2d":
      return { ...panel, counts: [...panel.counts] };
    case "waveform": {
      const channels = Object.fromEntries(
        Object.entries(panel.channels).map(([name, values]) => [name, [...values.subarray(0, MOST_POINTS)]]),
      );
      return { ...panel, channels };
    }
    case "xy":
      return { ...panel, x: [...panel.x.subarray(0, MOST_POINTS)], y: [...panel.y.subarray(0, MOST_POINTS)] };
    case "table":
      return { ...panel, rows: panel.rows.slice(0, MOST_ROWS) };
    case "value":
      return { kind: "value", title: panel.title, value: panel.value, unit: panel.unit ?? "" };
  }
}

/** Entries in range, and mean and standard deviation of the bins' centres. */
export function momentsOf(
  { counts, min, max }: { readonly counts: ArrayLike<number>; readonly min: number; readonly max: number },
): { entries: number; mean: number | null; sigma: number | null } {
  const width = (max - min) / counts.length;
  let entries = 0;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    entries += counts[i];
    sum += counts[i] * (min + (i + 0.5) * width);
  }
  if (!(entries > 0)) return { entries, mean: null, sigma: null };
  const mean = sum / entries;
  let squares = 0;
  for (let i = 0; i < counts.length; i++) squares += counts[i] * (min + (i + 0.5) * width - mean) ** 2;
  return { entries, mean, sigma: Math.sqrt(squares / entries) };
}
