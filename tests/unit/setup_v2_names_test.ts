/** What setups of mimoCoRB2 name, in the words of its examples. */
import { findReadyMade } from "../../src/functions/catalogue.ts";
import type { Plan } from "../../src/setup/plan.ts";
import { planSetup } from "../../src/setup/plan_setup.ts";
import { formatProblems } from "../../src/setup/problem.ts";
import { assert, assertEquals, assertMatch } from "../../src/std/assert.js";
import { memoryResolver } from "./setup_fixture.ts";

const BUFFERS = `
Buffers:
  waveforms: { slot_count: 8, data_length: 100, data_dtype: { IN1: int16 } }
  heights: { slot_count: 8, data_length: 1, data_dtype: { peak_heights: int16 } }
`;

function planOf(text: string, files: Record<string, string> = {}): { plan: Plan; notices: string } {
  const resolver = { ...memoryResolver({ "setup.yaml": BUFFERS + text, ...files }), readyMade: findReadyMade };
  const outcome = planSetup("setup.yaml", { resolver });
  assert(outcome.ok, outcome.ok ? "" : formatProblems(outcome.problems));
  return { plan: outcome.plan, notices: formatProblems(outcome.notices) };
}

function codeOf({ functions }: Plan): string[] {
  return functions.map(({ module, exportName }) => `${module.split("/").at(-1)} ${exportName}`);
}

Deno.test("planSetup() takes source_list, sink_list and observe_list of early v2 setups, with a notice", () => {
  const { plan, notices } = planOf(`
Workers:
  source: { function: spectrum_source.spectrum_source, sink_list: [waveforms] }
  pha: { function: analyzers.pha, source_list: [waveforms], sink_list: [heights] }
  scope: { function: observers.oscilloscope, observe_list: [waveforms] }
`);
  const uses = plan.functions.map(({ sources, sinks, observes }) => [sources, sinks, observes].map(String).join(">"));
  assertEquals(uses, [">waveforms>", "waveforms>heights>", ">>waveforms"]);
  for (const [wrong, key] of [["source_list", "sources"], ["sink_list", "sinks"], ["observe_list", "observes"]]) {
    assertMatch(notices, new RegExp(`\\.${wrong}: .*read as "${key}"`));
  }
});

Deno.test("planSetup() knows v2's ready-made functions by today's and by earlier names", () => {
  const { plan } = planOf(`
Workers:
  source: { function: importers.redpitaya.waveform, sinks: [waveforms] }
  older: { file: redpitaya-mimocorb.py, function: redpitaya_to_mimoCoRB, sinks: [waveforms] }
  pha: { function: analyzers.pha, sources: [waveforms], sinks: [heights] }
  show: { function: visualizers.histogram, observes: [heights] }
  show_older: { function: exporters.visualize_histogram, observes: [heights] }
`);
  assertEquals(codeOf(plan), [
    "redpitaya_source.ts redpitayaSource",
    "redpitaya_source.ts redpitayaSource",
    "pulse_height_analysis.ts pulseHeightAnalysis",
    "visualize_histogram.ts visualizeHistogram",
    "visualize_histogram.ts visualizeHistogram",
  ]);
});

Deno.test("planSetup() takes the ready-made source of spectra for spectra/simulate_source.py, unless a module is there", () => {
  const text = `
Workers:
  gamma: { file: spectra/simulate_source.py, function: simulate_source, sinks: [waveforms] }
  muons: { file: modules/simulate_source.py, function: simulate_source, sinks: [waveforms] }
  pha: { function: analyzers.pha, sources: [waveforms], sinks: [heights] }
`;
  const { plan, notices } = planOf(text);
  assertEquals(codeOf(plan).slice(0, 2), [
    "spectrum_source.ts spectrumSource",
    "simulation_source.ts simulationSource",
  ]);
  assertMatch(notices, /gamma\.file: .*no module of that name here, the ready-made spectrum_source\.spectrum_source/);
  const own = planOf(text, { "spectra/simulate_source.ts": "" }).plan;
  assertEquals(codeOf(own)[0], "simulate_source.ts simulate_source");
});

Deno.test("planSetup() lets a function have the name of a ring that it writes or reads", () => {
  const { plan } = planOf(`
Workers:
  waveforms: { function: spectrum_source.spectrum_source, sinks: [waveforms] }
  heights: { function: analyzers.pha, sources: [waveforms], sinks: [heights] }
`);
  assertEquals(plan.functions.map(({ name, sinks }) => [name, ...sinks]), [["waveforms", "waveforms"], [
    "heights",
    "heights",
  ]]);
});
