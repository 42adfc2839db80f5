/** Exporter of distributions as NumPy arrays. */
import type { EventRecord } from "../files/event_record.ts";
import { fileError } from "../files/file_error.ts";
import { npyArray } from "../files/npy.ts";
import { parseFieldType } from "../record/field_type.ts";
import { bufferToFile, type EventFile } from "../worker/buffer_to_file.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { runFile } from "../worker/run_file.ts";
import { requireWiring } from "../worker/wiring.ts";
import { type BinnedField, readBins } from "./bin_settings.ts";
import { replaceTextFile } from "./result_file.ts";

interface ExportSettings {
  readonly fields: readonly BinnedField[];
  readonly intervalMs: number;
}

/**
 * Fills histograms of the parameters of its source, as mimoCoRB2's `exporters.histogram`, puts them on display, and writes
 * them into the folder `Histograms_<ring>` of the run directory: the counts of each field as `<field>.npy` (int64), and
 * what the bins are as `info.csv` with the columns Channel, Min, Max, NBins (the number of edges). Sinks get all events.
 *
 * Configuration: `bins` (required, `{field: [min, max, number of edges]}`), `update_interval` (s, 1). Further workers write
 * `<field>_1.npy` and so on, each with its part of the events.
 */
export const exportHistogram: DaqFunction = checkedFunction(
  readSettings,
  (context, settings) => bufferToFile(context, new HistogramFolder(context, settings)),
);

function readSettings(context: FunctionContext): ExportSettings {
  requireWiring(context, { sources: 1, sinks: "any", passesThrough: true });
  const settings = new FunctionSettings(context);
  const { name, layout } = context.sources[0];
  if (layout.valuesPerSlot !== 1) {
    throw new RangeError(
      `Cannot connect function "${context.functionName}" (${context.name}): expected ring ${name} to hold parameters, ` +
        `1 value per field, found ${layout.valuesPerSlot}`,
    );
  }
  return {
    fields: readBins(settings, layout.fields.map((field) => field.name)),
    intervalMs: 1000 * settings.number("update_interval", { fallback: 1, min: 0 }),
  };
}

/** Names of the files of a ring's histograms, as the exporter writes and the visualizer reads them. */
export function histogramFile(ring: string, name: string): string {
  return `Histograms_${ring}/${name.replaceAll(/[^\w.+-]/g, "_")}`;
}

class HistogramFolder implements EventFile {
  readonly #context: FunctionContext;
  readonly #settings: ExportSettings;
  readonly #paths: readonly string[];
  #writtenAtMs = performance.now();
  #isWritten = false;

  constructor(context: FunctionContext, settings: ExportSettings) {
    this.#context = context;
    this.#settings = settings;
    const ring = context.sources[0].name;
    this.#paths = settings.fields.map(({ field }) => runFile(context, histogramFile(ring, field), ".npy"));
    const lines = settings.fields.map(({ field, histogram: { min, max }, edges }) =>
      `${field},${min},${max},${edges}\n`
    );
    if (context.workerNumber === 0) {
      replaceTextFile(
        runFile(context, histogramFile(ring, "info"), ".csv"),
        `Channel,Min,Max,NBins\n${lines.join("")}`,
      );
    }
    this.#write();
  }

  write({ data }: EventRecord): void {
    for (const { field, histogram } of this.#settings.fields) histogram.fill(Number(data[field][0]));
    this.#isWritten = false;
    this.flush();
  }

  flush(): void {
    if (!this.#isWritten && performance.now() - this.#writtenAtMs >= this.#settings.intervalMs) this.#write();
  }

  close(): void {
    this.#write();
  }

  #write(): void {
    const type = parseFieldType("int64")!;
    for (const [i, { field, histogram }] of this.#settings.fields.entries()) {
      const { min, max, counts, underflow, overflow } = histogram;
      replaceFile(this.#paths[i], npyArray({ type, values: BigInt64Array.from(counts, (count) => BigInt(count)) }));
      const shown = { title: this.#context.sources[0].name, label: field, min, max, counts, underflow, overflow };
      this.#context.publish(field, { kind: "histogram", ...shown, logScale: false });
    }
    this.#isWritten = true;
    this.#writtenAtMs = performance.now();
  }
}

function replaceFile(path: string, bytes: Uint8Array): void {
  try {
    Deno.writeFileSync(`${path}.new`, bytes);
    Deno.renameSync(`${path}.new`, path);
  } catch (error) {
    throw fileError("write", path, error);
  }
}
