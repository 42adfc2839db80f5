/** Drawing of the histograms that another function exports. */
import { histogramPlot, type PlottedHistogram } from "../files/histogram_plot.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { IsAlive } from "../worker/is_alive.ts";
import { runFile } from "../worker/run_file.ts";
import { requireWiring } from "../worker/wiring.ts";
import { histogramFile } from "./export_histogram.ts";
import { replaceTextFile, reserveFile } from "./result_file.ts";

/** Drawings are for reading, not for watching: the page shows the same histograms live. */
const LEAST_INTERVAL_MS = 5000;

/** First bytes of a version-1.0 array, and where the length of its header stands. */
const NPY_HEADER_OFFSET = 10;

/** How a histogram is drawn. */
export type PlotStyle = "bar" | "step" | "line";

interface DrawingSettings {
  readonly style: PlotStyle;
  readonly intervalMs: number;
}

/**
 * Draws what `exporters.histogram` has written for the observed ring, as mimoCoRB2's `visualizers.histogram`, into
 * `Histograms_<ring>/histograms.svg`, again and again until the ring ends. The page shows the same histograms without it.
 *
 * Configuration: `plot_type` (line, bar or step; line), `update_interval` (s, 1; files are drawn every 5 s at most).
 */
export const visualizeHistogram: DaqFunction = checkedFunction(readSettings, (context, { style, intervalMs }) => {
  const [{ name }] = context.observes;
  const path = reserveFile(runFile(context, histogramFile(name, "histograms"), ".svg"), context.name);
  const ring = new IsAlive(context);
  const draw = () => {
    const histograms = readFolder(context, name);
    if (histograms.length > 0) replaceTextFile(path, histogramPlot(histograms, { title: name, style }));
  };
  for (; ring.alive(); ring.rest(intervalMs)) draw();
  // The exporter may still be at its last events.
  context.signal.sleepWhileDraining(Math.min(intervalMs, 200));
  draw();
});

function readSettings(context: FunctionContext): DrawingSettings {
  requireWiring(context, { observes: 1 });
  const settings = new FunctionSettings(context);
  const intervalMs = 1000 * settings.number("update_interval", { fallback: 1, min: 0 });
  return { style: readPlotStyle(settings), intervalMs: Math.max(intervalMs, LEAST_INTERVAL_MS) };
}

/** Reads `plot_type`; line if it is absent. */
export function readPlotStyle(settings: FunctionSettings): PlotStyle {
  const style = settings.text("plot_type", { fallback: "line" });
  if (style === "line" || style === "bar" || style === "step") return style;
  throw new TypeError(settings.message("plot_type", { expected: "line, bar or step", found: style }));
}

/** Histograms as far as they are there; files appear when the exporter has started. */
function readFolder({ runDirectory }: FunctionContext, ring: string): PlottedHistogram[] {
  const folder = `${runDirectory}/Histograms_${ring}`;
  try {
    const [, ...lines] = Deno.readTextFileSync(`${folder}/info.csv`).trim().split("\n");
    return lines.map((line) => {
      const cells = line.split(",");
      const [min, max] = cells.slice(-3, -1).map(Number);
      const label = cells.slice(0, -3).join(",");
      const counts = readCounts(`${runDirectory}/${histogramFile(ring, label)}.npy`);
      return plotted(label, { min, max, counts });
    });
  } catch {
    return [];
  }
}

function readCounts(path: string): Float64Array {
  const bytes = Deno.readFileSync(path);
  const header = new DataView(bytes.buffer, bytes.byteOffset).getUint16(NPY_HEADER_OFFSET - 2, true);
  return Float64Array.from(new BigInt64Array(bytes.buffer.slice(NPY_HEADER_OFFSET + header)), Number);
}

/** Adds what a drawing says beside the counts. */
function plotted(
  label: string,
  { min, max, counts }: { readonly min: number; readonly max: number; readonly counts: Float64Array },
): PlottedHistogram {
  const width = (max - min) / counts.length;
  const centre = (i: number) => min + (i + 0.5) * width;
  const entries = counts.reduce((sum, n) => sum + n, 0);
  const mean = counts.reduce((sum, n, i) => sum + n * centre(i), 0) / entries;
  const sigma = Math.sqrt(counts.reduce((sum, n, i) => sum + n * (centre(i) - mean) ** 2, 0) / entries);
  return { min, max, counts, underflow: 0, overflow: 0, label, logScale: false, entries, mean, sigma };
}
