/** What the workers of a function have put on display under one name, and their sum. */
import type { Panel } from "../worker/panel.ts";

/** Where a panel comes from. */
export interface PanelSource {
  /** Entry of the setup. */
  readonly entry: string;
  /** Which of the function's workers, from 0. */
  readonly worker: number;
  /** How often it had been started anew, from 0. */
  readonly life: number;
  /** Name of the display. */
  readonly name: string;
}

/** Kinds of panels that are counts, and so can be added. */
type CountsPanel = Extract<Panel, { kind: "histogram" | "histogram2d" }>;

interface WorkerPart {
  readonly life: number;
  readonly panel: CountsPanel;
  /** Sum of what the worker had counted before it was started anew for the last time. */
  readonly before: CountsPanel | null;
}

/**
 * Newest states of a panel, by worker and life. Counts are added: a worker that was started anew begins at zero, but what it
 * had counted before stays. Of all other kinds the latest state counts, whoever sent it.
 */
export class PanelParts {
  readonly #counts = new Map<number, WorkerPart>();
  #latest: Panel;
  #sum: Panel | null = null;

  /** Begins with a first state. */
  constructor(source: Pick<PanelSource, "worker" | "life">, panel: Panel) {
    this.#latest = panel;
    this.put(source, panel);
  }

  /** Kind of the latest state. */
  get kind(): Panel["kind"] {
    return this.#latest.kind;
  }

  /**
   * Takes a newer state of one worker.
   *
   * @returns True if counts have fallen, or their bins are others: the function has begun them anew.
   */
  put({ worker, life }: Pick<PanelSource, "worker" | "life">, panel: Panel): boolean {
    const isOther = [...this.#counts.values()].some((part) => !areAlike(part.panel, panel));
    if (isOther) this.#counts.clear();
    this.#latest = panel;
    this.#sum = null;
    if (!isCounts(panel)) return isOther;
    const known = this.#counts.get(worker);
    const before = known === undefined || known.life === life
      ? known?.before ?? null
      : known.before === null
      ? known.panel
      : added([known.before, known.panel]);
    this.#counts.set(worker, { life, panel, before });
    return isOther || known !== undefined && known.life === life && countsSince(panel, known.panel) === null;
  }

  /** The sum over all workers and lives where they can be added; otherwise the latest state. */
  get sum(): Panel {
    return this.#sum ??= this.#added();
  }

  #added(): Panel {
    const latest = this.#latest;
    if (!isCounts(latest)) return latest;
    const others = [...this.#counts.values()].flatMap(({ panel, before }) =>
      before === null ? [panel] : [before, panel]
    );
    // Its titles may say how far the function is.
    return others.length < 2 ? latest : added([latest, ...others.filter((part) => part !== latest)]);
  }
}

function isCounts(panel: Panel): panel is CountsPanel {
  return panel.kind === "histogram" || panel.kind === "histogram2d";
}

/** True if two panels have the same bins. */
function areAlike(a: CountsPanel, b: Panel): boolean {
  if (!isCounts(b) || a.counts.length !== b.counts.length) return false;
  if (a.kind === "histogram") return b.kind === "histogram" && a.min === b.min && a.max === b.max;
  const isSame = (one: readonly number[], two: readonly number[]) => one.every((value, i) => value === two[i]);
  return b.kind === "histogram2d" && isSame(a.xRange, b.xRange) && isSame(a.yRange, b.yRange);
}

/** Sum of panels with the same bins. */
function added(panels: readonly CountsPanel[]): CountsPanel {
  const [first] = panels;
  const counts = new Float64Array(first.counts.length);
  for (const panel of panels) for (let i = 0; i < counts.length; i++) counts[i] += panel.counts[i];
  if (first.kind === "histogram2d") return { ...first, counts };
  const sum = (of: (panel: Extract<Panel, { kind: "histogram" }>) => number) =>
    panels.reduce((total, panel) => total + (panel.kind === "histogram" ? of(panel) : 0), 0);
  return { ...first, counts, underflow: sum((it) => it.underflow), overflow: sum((it) => it.overflow) };
}

/**
 * What a panel of counts holds beyond an earlier state of it.
 *
 * @returns Null if it holds less in some bin: it has begun anew since.
 */
export function countsSince(panel: Panel, earlier: Panel): Panel | null {
  if (!isCounts(panel) || !isCounts(earlier) || !areAlike(earlier, panel)) return null;
  const counts = Float64Array.from(panel.counts, (count, i) => count - earlier.counts[i]);
  if (counts.some((count) => count < 0)) return null;
  if (panel.kind !== "histogram" || earlier.kind !== "histogram") return { ...panel, counts };
  const underflow = panel.underflow - earlier.underflow;
  const overflow = panel.overflow - earlier.overflow;
  return underflow < 0 || overflow < 0 ? null : { ...panel, counts, underflow, overflow };
}
