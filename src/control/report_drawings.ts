/** Drawings of panels for a run's report. */
import { curvePlot } from "../files/curve_plot.ts";
import { heatPlot } from "../files/heat_plot.ts";
import { histogramPlot, type PlottedHistogram } from "../files/histogram_plot.ts";
import { escapeXml } from "../files/svg_text.ts";
import { waveformPlot } from "../files/waveform_plot.ts";
import type { Plan } from "../setup/plan.ts";
import type { Panel } from "../worker/panel.ts";
import type { FitCurve } from "./report_fits.ts";
import type { KeptPanel } from "./report_panels.ts";

type HistogramPanel = Extract<Panel, { kind: "histogram" }>;

/** SVG documents of one kind of panel. */
export function drawingsOf(panels: readonly KeptPanel[], kind: "histogram2d" | "xy" | "waveform"): string[] {
  return panels.filter(({ panel }) => panel.kind === kind).map(drawn);
}

/** Histograms of one variable with the functions that were fitted to them; empty without any. */
export function histogramDrawing(
  histograms: readonly HistogramPanel[],
  curves: readonly (readonly FitCurve[])[],
): string {
  return histograms.length === 0 ? "" : histogramPlot(histograms.map((panel, i) => plotted(panel, curves[i])));
}

/**
 * Waveforms that no display has drawn into a file already: that drawing shows the same event, and has its scales.
 *
 * @param panels All panels of the run.
 * @param files The plan, and the drawings by file name.
 */
export function undrawnWaveforms(
  panels: readonly KeptPanel[],
  { plan, drawings }: { readonly plan: Plan; readonly drawings: Readonly<Record<string, string>> },
): KeptPanel[] {
  return panels.filter(({ entry, name, panel }) => {
    if (panel.kind !== "waveform") return false;
    const observes = plan.functions.find((fn) => fn.name === entry)?.observes ?? [];
    const isDrawn = name === "waveform" &&
      observes.some((ring) =>
        Object.entries(drawings).some(([file, svg]) =>
          file.startsWith(`waveform_${ring}`) && new RegExp(`# ${panel.counter}(?!\\d)`).test(svg)
        )
      );
    return !isDrawn;
  });
}

/** What a function has published may be anything; one that cannot be drawn must not take the report with it. */
function drawn({ entry, name, panel }: KeptPanel): string {
  try {
    const { title } = panel;
    switch (panel.kind) {
      case "histogram2d":
        return heatPlot(panel, { title });
      case "xy":
        return curvePlot(panel, { title });
      case "waveform": {
        const { channels, sampleTimeNs, counter } = panel;
        return waveformPlot({ channels, sampleTimeNs, counter }, { title });
      }
      default:
        return "";
    }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return `<p class="bad">${escapeXml(`Cannot draw ${entry}/${name}: ${found}`)}</p>`;
  }
}

function plotted(panel: HistogramPanel, curves: readonly FitCurve[]): PlottedHistogram {
  const { min, max, counts } = panel;
  const width = (max - min) / counts.length;
  let entries = 0;
  let sum = 0;
  counts.forEach((n, i) => {
    entries += n;
    sum += n * (min + (i + 0.5) * width);
  });
  const mean = sum / entries;
  const squares = counts.reduce((total, n, i) => total + n * (min + (i + 0.5) * width - mean) ** 2, 0);
  return { ...panel, entries, mean, sigma: Math.sqrt(squares / entries), curves };
}
