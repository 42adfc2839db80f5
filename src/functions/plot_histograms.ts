/** Display of distributions. */
import type { EventRecord } from "../files/event_record.ts";
import { histogramCsv } from "../files/histogram_csv.ts";
import { histogramPlot, type PlottedHistogram } from "../files/histogram_plot.ts";
import { bufferToFile, type EventFile } from "../worker/buffer_to_file.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { checkFileName, runFile } from "../worker/run_file.ts";
import { requireWiring } from "../worker/wiring.ts";
import { type NamedHistogram, readHistograms } from "./histogram_settings.ts";
import { replaceTextFile, reserveFile } from "./result_file.ts";

/** Time between two versions of the files. */
const FILE_INTERVAL_MS = 10_000;

interface HistogramSettings {
  readonly histograms: readonly NamedHistogram[];
  readonly title: string;
  readonly intervalMs: number;
  readonly filename: string;
}

/**
 * Fills histograms of the events of its source, puts them on display, and writes them into the run directory about every
 * 10 s and at the end: all of them as `histograms_<ring>.svg`, each one as `histograms_<ring>_<field>.csv`.
 *
 * Configuration: `histograms` (required, `{field: [min, max, bins, top, label, 0 linear or 1 logarithmic]}`), `title`
 * ("Histograms"), `interval` (time between displays in s, 2), `filename` (`histograms_<ring>`). Each of several workers
 * shows its part of the events. One that is started anew after its death begins at zero, with files `…_restart_1`.
 */
export const plotHistograms: DaqFunction = checkedFunction(
  readSettings,
  (context, settings) => bufferToFile(context, new HistogramFiles(context, settings)),
);

function readSettings(context: FunctionContext): HistogramSettings {
  requireWiring(context, { sources: 1, sinks: "any", passesThrough: true });
  const settings = new FunctionSettings(context);
  const filename = settings.text("filename", { fallback: `histograms_${context.sources[0].name}` });
  checkFileName(context, filename);
  return {
    histograms: readHistograms(settings, context.sources[0].layout),
    title: settings.text("title", { fallback: "Histograms" }),
    intervalMs: 1000 * settings.number("interval", { fallback: 2, min: 0 }),
    filename,
  };
}

class HistogramFiles implements EventFile {
  readonly #context: FunctionContext;
  readonly #settings: HistogramSettings;
  readonly #drawing: string;
  #publishedAtMs = -Infinity;
  #writtenAtMs = performance.now();
  #isShown = false;
  #isWritten = false;

  constructor(context: FunctionContext, settings: HistogramSettings) {
    this.#context = context;
    this.#settings = settings;
    // What a worker that died has shown stays as it is; this one begins at zero.
    const stem = context.restarts === 0 ? settings.filename : `${settings.filename}_restart_${context.restarts}`;
    this.#drawing = reserveFile(runFile(context, stem, ".svg"), context.name);
    this.#writeFiles();
  }

  write({ data }: EventRecord): void {
    const { histograms } = this.#settings;
    for (let i = 0; i < histograms.length; i++) {
      const column = data[histograms[i].field];
      for (let k = 0; k < column.length; k++) histograms[i].histogram.fill(Number(column[k]));
    }
    this.#isShown = this.#isWritten = false;
    this.flush();
  }

  flush(): void {
    const nowMs = performance.now();
    if (!this.#isShown && nowMs - this.#publishedAtMs >= this.#settings.intervalMs) this.#publish(nowMs);
    if (!this.#isWritten && nowMs - this.#writtenAtMs >= FILE_INTERVAL_MS) this.#tryToWriteFiles();
  }

  close(): void {
    this.#publish(performance.now());
    this.#writeFiles();
  }

  #publish(nowMs: number): void {
    this.#publishedAtMs = nowMs;
    this.#isShown = true;
    for (const { field, histogram, label, logScale } of this.#settings.histograms) {
      const { min, max, counts, underflow, overflow } = histogram;
      const { title } = this.#settings;
      this.#context.publish(field, {
        kind: "histogram",
        title,
        label,
        min,
        max,
        counts,
        underflow,
        overflow,
        logScale,
      });
    }
  }

  /** The histograms are in memory and go on; at the end they must be written. */
  #tryToWriteFiles(): void {
    try {
      this.#writeFiles();
    } catch (error) {
      this.#writtenAtMs = performance.now();
      this.#context.log.warn(error instanceof Error ? error.message : String(error));
    }
  }

  #writeFiles(): void {
    const { histograms, title } = this.#settings;
    const stem = this.#drawing.slice(0, -".svg".length);
    const plotted = histograms.map(plottedHistogram);
    replaceTextFile(this.#drawing, histogramPlot(plotted, { title }));
    for (const [i, { field }] of histograms.entries()) {
      replaceTextFile(`${stem}_${field.replaceAll(/[^\w.+-]/g, "_")}.csv`, histogramCsv(field, plotted[i]));
    }
    this.#isWritten = true;
    this.#writtenAtMs = performance.now();
  }
}

function plottedHistogram({ histogram, label, logScale }: NamedHistogram): PlottedHistogram {
  const { min, max, counts, underflow, overflow, entries, mean, sigma } = histogram;
  return { min, max, counts, underflow, overflow, entries, mean, sigma, label, logScale };
}
