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
    functions: ["tar_parquet_source", "file_source"],
    file: "tar_parquet_source.ts",
    exportName: "tarParquetSource",
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
  { modules: ["exporters", "save_files"], functions: ["drain"], file: "drain.ts", exportName: "drain" },
  { modules: ["exporters"], functions: ["csv"], file: "csv.ts", exportName: "csv" },
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
 * @param moduleName Last part of the module's path without extension (`exporters`), or null if the function's name holds
 *   the module (`exporters.drain`).
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
