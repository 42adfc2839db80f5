/** A resolver for tests of setups: files from the disk or from memory, a small catalogue of ready-made functions. */
import { resolve } from "node:path/posix";
import type { SetupResolver } from "../../src/setup/setup_resolver.ts";

/** Functions of the catalogue; exported under camelCase names, as the real ones are. */
const READY_MADE = [
  "simul_source.simulation_source",
  "file_source.tar_parquet_source",
  "lifetime_filter.calculate_decay_time",
  "spectrum_filter.find_peaks",
  "exporters.save_to_txt",
  "exporters.save_parquet",
  "exporters.drain",
  "exporters.csv",
  "plot_waveform.plot_waveform",
  "plot_histograms.plot_histograms",
  "read_from_buffer.read_from_buffer",
];

function readyMade(module: string | null, name: string): { module: string; exportName: string } | null {
  const full = module === null ? name : `${module}.${name}`;
  if (!READY_MADE.includes(full)) return null;
  const [file, last] = full.split(".");
  return {
    module: `ready-made:${file}`,
    exportName: last.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  };
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * Reads files from the disk.
 *
 * @param workingDirectory Where the program would have been started.
 * @param options Modules that exist although they do not; without them only ready-made functions are found.
 */
export function diskResolver(workingDirectory: string, options: { modules?: readonly string[] } = {}): SetupResolver {
  const modules = (options.modules ?? []).map((path) => resolve(workingDirectory, path));
  return {
    workingDirectory,
    homeDirectory: "/home/me",
    readText: (path) => isFile(path) ? new TextDecoder().decode(Deno.readFileSync(path)) : null,
    exists: (path) => modules.includes(path) || isFile(path),
    list(directory) {
      try {
        return [...Deno.readDirSync(directory)].filter((entry) => entry.isFile).map((entry) => entry.name).sort();
      } catch {
        return [];
      }
    },
    readyMade,
    readyMadeNames: () => READY_MADE,
  };
}

/**
 * Reads files from memory.
 *
 * @param files Texts by path; relative paths start in /daq.
 */
export function memoryResolver(files: Readonly<Record<string, string>>): SetupResolver {
  const texts = new Map(Object.entries(files).map(([path, text]) => [resolve("/daq", path), text]));
  return {
    workingDirectory: "/daq",
    homeDirectory: "/home/me",
    readText: (path) => texts.get(path) ?? null,
    exists: (path) => texts.has(path),
    list: (directory) =>
      [...texts.keys()].filter((path) => path.slice(0, path.lastIndexOf("/")) === directory).map((path) =>
        path.slice(path.lastIndexOf("/") + 1)
      ),
    readyMade,
    readyMadeNames: () => READY_MADE,
  };
}
