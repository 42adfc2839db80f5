/** Names that functions had in the course of time, and in the other system: all of them find the same function. */

/** A function's names: `[0]` is the one of mimoCoRB 1.0.2. */
interface FunctionNames {
  readonly modules: readonly string[];
  readonly functions: readonly string[];
}

const NAMES: readonly FunctionNames[] = [
  {
    modules: ["simul_source", "simulation_source", "simulate_source"],
    functions: ["simulation_source", "simul_source", "simulate_source"],
  },
  { modules: ["file_source"], functions: ["tar_parquet_source"] },
  { modules: ["lifetime_filter", "lifetime_modules"], functions: ["calculate_decay_time"] },
  { modules: ["spectrum_filter"], functions: ["find_peaks"] },
  { modules: ["exporters", "save_files"], functions: ["save_to_txt"] },
  { modules: ["exporters", "save_files"], functions: ["save_parquet"] },
  { modules: ["exporters", "save_files"], functions: ["drain"] },
  { modules: ["plot_waveform", "plot"], functions: ["plot_waveform", "plot_graph"] },
  { modules: ["plot_histograms"], functions: ["plot_histograms"] },
  { modules: ["read_from_buffer"], functions: ["read_from_buffer"] },
];

/** Built-in functions of mimoCoRB2. Those that this package has are found before this list is asked. */
export const V2_BUILT_INS: readonly string[] = [
  "analyzers.pha",
  "data.clocked_importer",
  "data.export",
  "data.simulate_importer",
  "exporters.csv",
  "exporters.drain",
  "exporters.histogram",
  "importers.picoscope.source",
  "importers.redpitaya.waveform",
  "misc.copy",
  "observers.oscilloscope",
  "visualizers.csv",
  "visualizers.histogram",
];

/** Writes a name in camelCase: `calculate_decay_time` → `calculateDecayTime`. */
export function camelCase(name: string): string {
  return name.replaceAll(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * All pairs of module and function under which a function may be listed, the names as given first.
 *
 * @param module Last part of a module's path without extension.
 * @param name Name of the function.
 */
export function equivalentFunctions(module: string, name: string): [module: string, name: string][] {
  const pairs: [string, string][] = [[module, name], [module, snakeCase(name)]];
  for (const names of NAMES) {
    if (!names.modules.includes(module) || !names.functions.includes(snakeCase(name))) continue;
    for (const otherModule of names.modules) {
      for (const other of names.functions) pairs.push([otherModule, other]);
    }
  }
  return pairs;
}

/** Other names under which a function's section may stand in a configuration file. */
export function equivalentSections(name: string): string[] {
  const others = NAMES.find((names) => names.functions.includes(snakeCase(name)))?.functions ?? [];
  return [...new Set([snakeCase(name), camelCase(name), ...others])].filter((other) => other !== name);
}
