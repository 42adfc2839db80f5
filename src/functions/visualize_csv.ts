/** Display of the columns of a CSV file that another function writes. */
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { IsAlive } from "../worker/is_alive.ts";
import { checkFileName } from "../worker/run_file.ts";
import { requireWiring } from "../worker/wiring.ts";
import { type BinnedField, readBins } from "./bin_settings.ts";
import { readPlotStyle } from "./visualize_histogram.ts";

/** How much of the file is read at a time. */
const CHUNK_BYTES = 1 << 16;

interface CsvSettings {
  readonly fields: readonly BinnedField[];
  readonly filename: string;
  readonly intervalMs: number;
}

/**
 * Puts histograms of what `exporters.csv` writes for the observed ring on display, as mimoCoRB2's `visualizers.csv`. Only
 * lines that are new are read.
 *
 * Configuration: `bins` (required, `{column: [min, max, number of edges]}`), `filename` (the ring's name), `update_interval`
 * (s, 1), `plot_type` (line, bar or step; the page has its own buttons for that).
 */
export const visualizeCsv: DaqFunction = checkedFunction(readSettings, (context, settings) => {
  const ring = new IsAlive(context);
  const reader = new NewLines(`${context.runDirectory}/${settings.filename}.csv`);
  let places: number[] | null = null;
  const show = () => {
    for (const line of reader.read()) {
      const cells = line.split(",");
      if (places === null) places = settings.fields.map(({ field }) => cells.indexOf(field));
      else settings.fields.forEach(({ histogram }, i) => histogram.fill(Number(cells[places![i]] ?? NaN)));
    }
    for (const { field, histogram } of settings.fields) {
      const { min, max, counts, underflow, overflow } = histogram;
      const shown = { title: `${settings.filename}.csv`, label: field, min, max, counts, underflow, overflow };
      context.publish(field, { kind: "histogram", ...shown, logScale: false });
    }
  };
  for (; ring.alive(); ring.rest(settings.intervalMs)) show();
  // The exporter may still be at its last events.
  context.signal.sleepWhileDraining(200);
  show();
});

function readSettings(context: FunctionContext): CsvSettings {
  requireWiring(context, { observes: 1 });
  const settings = new FunctionSettings(context);
  const [{ name, layout }] = context.observes;
  const filename = settings.text("filename", { fallback: name }).replace(/\.csv$/, "");
  checkFileName(context, filename);
  readPlotStyle(settings);
  return {
    filename,
    fields: readBins(settings, ["counter", "timestamp", "deadtime", ...layout.fields.map((field) => field.name)]),
    intervalMs: 1000 * settings.number("update_interval", { fallback: 1, min: 0 }),
  };
}

/** Whole lines that have been added to a text file since the last look. */
class NewLines {
  readonly #path: string;
  readonly #decoder = new TextDecoder();
  #position = 0;
  #rest = "";

  constructor(path: string) {
    this.#path = path;
  }

  read(): string[] {
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(this.#path);
    } catch {
      // Not written yet.
      return [];
    }
    try {
      file.seekSync(this.#position, Deno.SeekMode.Start);
      const chunk = new Uint8Array(CHUNK_BYTES);
      for (let count = file.readSync(chunk); count !== null; count = file.readSync(chunk)) {
        this.#position += count;
        this.#rest += this.#decoder.decode(chunk.subarray(0, count), { stream: true });
      }
    } finally {
      file.close();
    }
    const lines = this.#rest.split("\n");
    this.#rest = lines.pop()!;
    return lines;
  }
}
