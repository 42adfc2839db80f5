import { assert, assertEquals } from "../../src/std/assert.js";
import { findReadyMade, READY_MADE_NAMES } from "../../src/functions/catalogue.ts";

for (const name of READY_MADE_NAMES) {
  Deno.test(`findReadyMade() finds a function when ${name} is asked for`, async () => {
    const found = findReadyMade(null, name);
    assert(found !== null);
    const exports = await import(found.module) as Record<string, unknown>;
    assertEquals(typeof exports[found.exportName], "function");
  });
}

for (
  const [module, name, exportName] of [
    ["exporters", "saveToTxt", "saveToTxt"],
    ["spectrum_filter", "findPeaks", "findPeaks"],
    ["save_files", "save_parquet", "saveParquet"],
    ["plot", "plot_graph", "plotWaveform"],
    ["simulation_source", "simulation_source", "simulationSource"],
    [null, "misc.copy", "copy"],
  ] as const
) {
  Deno.test(`findReadyMade() finds ${exportName} when module ${module} has ${name}`, () => {
    assertEquals(findReadyMade(module, name)?.exportName, exportName);
  });
}

for (
  const [module, name] of [["exporters", "plot_graph"], ["nowhere", "drain"], [null, "drain"], [
    null,
    "importers.teletype.waveform",
  ]] as const
) {
  Deno.test(`findReadyMade() finds nothing when module ${module} has ${name}`, () => {
    assertEquals(findReadyMade(module, name), null);
  });
}
