/** The functions that come with the package, under all the names that setups have for them. */
import { camelCase } from "../setup/older_names.ts";
import type { ReadyMadeFunction } from "../setup/setup_resolver.ts";

/** One ready-made function. */
interface CatalogueEntry {
  /** Last parts of module paths, the one of mimoCoRB 1.0.2 first; older ones and those of mimoCoRB2 after it. */
  readonly modules: readonly string[];
  /** Names of the function, likewise. */
  readonly functions: readonly string[];
  /** File in this folder, and the name of its export. */
  readonly file: string;
  readonly exportName: string;
  readonly notice?: string;
}

const CATALOGUE: readonly CatalogueEntry[] = [
  {
    modules: ["simul_source", "simulation_source", "simulate_source"],
    functions: ["simulation_source", "simul_source", "simulate_source"],
    file: "simulation_source.ts",
    exportName: "simulationSource",
  },
  {
    modules: ["file_source"],
    functions: ["tar_parquet_source"],
    file: "tar_parquet_source.ts",
    exportName: "tarParquetSource",
  },
  { modules: ["file_source"], functions: ["file_source"], file: "file_source.ts", exportName: "fileSource" },
  { modules: ["gamma_source"], functions: ["gamma_source"], file: "gamma_source.ts", exportName: "gammaSource" },
  {
    modules: ["spectrum_source"],
    functions: ["spectrum_source"],
    file: "spectrum_source.ts",
    exportName: "spectrumSource",
  },
  {
    // mimoCoRB2's examples have two modules of the name: this one, and the source of muons.
    modules: ["spectra/simulate_source"],
    functions: ["simulate_source"],
    file: "spectrum_source.ts",
    exportName: "spectrumSource",
    notice: "no module of that name here, the ready-made spectrum_source.spectrum_source is taken",
  },
  {
    modules: ["picoscope_source", "picoscope", "importers.picoscope"],
    functions: ["picoscope_source", "source"],
    file: "picoscope_source.ts",
    exportName: "picoscopeSource",
  },
  {
    modules: ["redpitaya_source"],
    functions: ["redpitaya_source"],
    file: "redpitaya_source.ts",
    exportName: "redpitayaSource",
  },
  {
    modules: ["importers.redpitaya", "redpitaya", "redpitaya-mimocorb"],
    functions: ["waveform", "redpitaya_to_mimoCoRB"],
    file: "redpitaya_source.ts",
    exportName: "redpitayaSource",
  },
  {
    modules: ["lifetime_filter", "lifetime_modules"],
    functions: ["calculate_decay_time"],
    file: "calculate_decay_time.ts",
    exportName: "calculateDecayTime",
  },
  {
    modules: ["spectrum_filter"],
    functions: ["find_peaks"],
    file: "find_peaks.ts",
    exportName: "findPeaks",
  },
  {
    modules: ["exporters", "save_files"],
    functions: ["save_to_txt"],
    file: "save_to_txt.ts",
    exportName: "saveToTxt",
  },
  {
    modules: ["exporters", "save_files"],
    functions: ["save_parquet"],
    file: "save_parquet.ts",
    exportName: "saveParquet",
  },
  {
    modules: ["exporters"],
    functions: ["save_parquet_table"],
    file: "save_parquet_table.ts",
    exportName: "saveParquetTable",
  },
  { modules: ["exporters", "save_files"], functions: ["drain"], file: "drain.ts", exportName: "drain" },
  { modules: ["exporters"], functions: ["csv"], file: "csv.ts", exportName: "csv" },
  {
    modules: ["exporters", "save_files"],
    functions: ["save_journal"],
    file: "save_journal.ts",
    exportName: "saveJournal",
  },
  {
    modules: ["data"],
    functions: ["export"],
    file: "save_journal.ts",
    exportName: "saveJournal",
    notice: "data.export writes journals (.mjournal) instead of .mimo files",
  },
  {
    modules: ["file_source", "journal_source"],
    functions: ["journal_source"],
    file: "journal_source.ts",
    exportName: "journalSource",
  },
  {
    modules: ["data"],
    functions: ["simulate_importer"],
    file: "journal_source.ts",
    exportName: "simulateImporter",
  },
  {
    modules: ["data"],
    functions: ["clocked_importer"],
    file: "journal_source.ts",
    exportName: "clockedImporter",
  },
  { modules: ["exporters"], functions: ["histogram"], file: "export_histogram.ts", exportName: "exportHistogram" },
  { modules: ["analyzers"], functions: ["pha"], file: "pulse_height_analysis.ts", exportName: "pulseHeightAnalysis" },
  {
    modules: ["visualizers"],
    functions: ["histogram"],
    file: "visualize_histogram.ts",
    exportName: "visualizeHistogram",
  },
  {
    modules: ["exporters"],
    functions: ["visualize_histogram"],
    file: "visualize_histogram.ts",
    exportName: "visualizeHistogram",
  },
  { modules: ["visualizers"], functions: ["csv"], file: "visualize_csv.ts", exportName: "visualizeCsv" },
  { modules: ["misc"], functions: ["copy"], file: "copy.ts", exportName: "copy" },
  {
    modules: ["plot_waveform", "plot"],
    functions: ["plot_waveform", "plot_graph"],
    file: "plot_waveform.ts",
    exportName: "plotWaveform",
  },
  {
    modules: ["observers"],
    functions: ["oscilloscope"],
    file: "oscilloscope.ts",
    exportName: "oscilloscope",
    notice: "observers.oscilloscope draws like plot_waveform: it does not use the keys ylim and colors",
  },
  {
    modules: ["plot_histograms"],
    functions: ["plot_histograms"],
    file: "plot_histograms.ts",
    exportName: "plotHistograms",
  },
  {
    modules: ["read_from_buffer"],
    functions: ["read_from_buffer"],
    file: "read_from_buffer.ts",
    exportName: "readFromBuffer",
  },
];

/** All names that {@linkcode findReadyMade} knows, as `module.function`, best ones first. */
export const READY_MADE_NAMES: readonly string[] = CATALOGUE.flatMap(({ modules, functions }) =>
  modules.flatMap((module) => functions.map((name) => `${module}.${name}`))
);

/**
 * Finds a ready-made function.
 *
 * @param moduleName Last part of the module's path without extension (`exporters`), its last two parts
 *   (`spectra/simulate_source`), or null if the function's name holds the module (`exporters.drain`).
 * @param functionName Its name as a setup writes it, in snake_case or camelCase.
 * @returns Where it is, or null if there is none of that name.
 */
export function findReadyMade(moduleName: string | null, functionName: string): ReadyMadeFunction | null {
  const dot = functionName.lastIndexOf(".");
  const module = moduleName ?? (dot > 0 ? functionName.slice(0, dot) : "");
  const name = moduleName === null ? functionName.slice(dot + 1) : functionName;
  for (const entry of CATALOGUE) {
    if (!entry.modules.includes(module)) continue;
    if (!entry.functions.some((known) => known === name || camelCase(known) === name)) continue;
    const { file, exportName, notice } = entry;
    return { module: new URL(file, import.meta.url).href, exportName, notice };
  }
  return null;
}
