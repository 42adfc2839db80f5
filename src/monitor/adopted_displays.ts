/** Displays that only observe: with the page on they need no worker, since the page looks at the rings itself. */
import { camelCase } from "../setup/older_names.ts";
import type { FunctionPlan, Plan } from "../setup/plan.ts";
import { oscilloscope } from "../functions/oscilloscope.ts";
import { plotWaveform } from "../functions/plot_waveform.ts";
import type { WaveformDisplay } from "../functions/waveform_files.ts";
import type { DaqFunction, FunctionContext } from "../worker/context.ts";
import { misspeltKeys } from "../worker/function_settings.ts";

/** Names under which setups have the ready-made displays; others are not even looked at. */
const NAMES: readonly string[] = ["plot_waveform", "plotWaveform", "plot_graph", "plotGraph", "oscilloscope"];

/** A function whose work the page does. */
export interface DisplayOfPlan {
  /** Its plan, now without workers. */
  readonly fn: FunctionPlan;
  readonly ring: string;
  readonly display: WaveformDisplay;
  /** What its configuration may have meant otherwise. */
  readonly warnings: readonly string[];
}

/**
 * Takes over all functions of a plan that are one of the ready-made displays, also where a module of the user hands it on.
 *
 * @returns The plan in which they have no workers, and how they show their rings. A display whose configuration is wrong is
 *   left alone: its worker says what is wrong.
 */
export async function adoptDisplays(plan: Plan): Promise<{ plan: Plan; displays: DisplayOfPlan[] }> {
  const displays: DisplayOfPlan[] = [];
  const functions: FunctionPlan[] = [];
  for (const fn of plan.functions) {
    const adopted = await adopt(fn, plan);
    functions.push(adopted?.fn ?? fn);
    if (adopted !== null) displays.push(adopted);
  }
  return displays.length === 0 ? { plan, displays } : { plan: { ...plan, functions }, displays };
}

async function adopt(fn: FunctionPlan, plan: Plan): Promise<DisplayOfPlan | null> {
  if (fn.observes.length !== 1 || fn.sources.length + fn.sinks.length > 0) return null;
  const name = fn.functionName.slice(fn.functionName.lastIndexOf(".") + 1);
  if (!NAMES.includes(name)) return null;
  const [ring] = fn.observes;
  const context = contextOf(fn, plan);
  try {
    const exported = await exportOf(fn, name);
    if (exported !== plotWaveform && exported !== oscilloscope) return null;
    const display = exported.check!(context) as WaveformDisplay;
    return { fn: { ...fn, workers: 0 }, ring, display, warnings: misspeltKeys(context) };
  } catch {
    return null;
  }
}

async function exportOf(fn: FunctionPlan, name: string): Promise<DaqFunction | undefined> {
  const exports = await import(fn.module) as Readonly<Record<string, DaqFunction | undefined>>;
  return [fn.exportName, camelCase(fn.exportName), name, camelCase(name)].map((it) => exports[it]).find(Boolean);
}

/** As much of a context as the displays' own checks look at. */
function contextOf({ name, functionName, config, observes }: FunctionPlan, plan: Plan): FunctionContext {
  const rings = plan.rings.filter((ring) => observes.includes(ring.name));
  const partial: Partial<FunctionContext> = {
    name,
    functionName,
    config,
    sources: [],
    sinks: [],
    observes: rings.map(({ name: ring, layout }) => ({ name: ring, layout })) as unknown as FunctionContext["observes"],
  };
  return partial as FunctionContext;
}
