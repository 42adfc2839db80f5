/** The setups that users copy. */
import { resolve } from "node:path";
import type { Plan } from "../../src/setup/plan.ts";
import { planSetup } from "../../src/setup/plan_setup.ts";
import { formatProblems } from "../../src/setup/problem.ts";
import { assert, assertEquals } from "../../src/std/assert.js";
import { diskResolver } from "./setup_fixture.ts";

const EXAMPLES = resolve(import.meta.dirname!, "../../examples");
const SEED = new URL("../../../shared/reference/mimocorb-1.0.0beta.txt", import.meta.url);

/** Modules that stand beside the examples. */
const MODULES = [
  "simul_source",
  "lifetime_filter",
  "spectrum_filter",
  "exporters",
  "plot_waveform",
  "plot_histograms",
].map((name) => `modules/${name}.ts`);
/** Of the examples in the v2 dialect. */
const V2_MODULES = ["v2/simple/functions.ts"];

function planOf(setup: string): Plan {
  const outcome = planSetup(setup, { resolver: diskResolver(EXAMPLES, { modules: [...MODULES, ...V2_MODULES] }) });
  assert(outcome.ok, outcome.ok ? "" : formatProblems(outcome.problems));
  return outcome.plan;
}

function shape(plan: Plan): unknown {
  return {
    limits: [plan.runEvents, plan.runtimeS],
    rings: plan.rings.map(({ name, slots, layout, groups }) => [
      name,
      slots,
      layout.valuesPerSlot,
      layout.fields.length,
      groups.map((group) => group.name).join(" "),
    ]),
    functions: plan.functions.map(({ name, functionName, workers, sources, sinks, observes }) => [
      name,
      functionName,
      workers,
      `${sources.join(" ")}>${sinks.join(" ")}${observes.length > 0 ? ` ~${observes.join(" ")}` : ""}`,
    ]),
  };
}

Deno.test("planSetup() plans examples/demo_setup.yaml", () => {
  const plan = planOf("demo_setup.yaml");
  assertEquals(shape(plan), {
    limits: [1000, 0],
    rings: [["RB_1", 16, 500, 2, "Fkt_2 Fkt_3"], ["RB_2", 16, 1, 6, "Fkt_4 Fkt_6"]],
    functions: [
      ["Fkt_1", "simulation_source", 1, ">RB_1"],
      ["Fkt_2", "drain", 1, "RB_1>"],
      ["Fkt_3", "find_peaks", 2, "RB_1>RB_2"],
      ["Fkt_4", "drain", 1, "RB_2>"],
      ["Fkt_5", "plot_waveform", 1, "> ~RB_1"],
      ["Fkt_6", "plot_histograms", 1, "RB_2>"],
    ],
  });
  assertEquals(plan.functions[0].config, {
    number_of_samples: 500,
    analogue_offset: -0.48,
    sample_time_ns: 4,
    pre_trigger_samples: 100,
    sleeptime: 0.03,
    random: true,
  });
});

Deno.test("planSetup() plans examples/lifetime_setup.yaml", () => {
  const plan = planOf("lifetime_setup.yaml");
  assertEquals(shape(plan), {
    limits: [10_000_000, 5000],
    rings: [
      ["RB_1", 128, 4250, 4, "Fkt_2"],
      ["RB_2", 128, 4250, 4, "Fkt_4"],
      ["RB_3", 32, 1, 25, "Fkt_3 Fkt_6"],
    ],
    functions: [
      ["Fkt_1", "simulation_source", 1, ">RB_1"],
      ["Fkt_2", "calculate_decay_time", 2, "RB_1>RB_2 RB_3"],
      ["Fkt_3", "save_to_txt", 1, "RB_3>"],
      ["Fkt_4", "save_parquet", 1, "RB_2>"],
      ["Fkt_5", "plot_waveform", 1, "> ~RB_2"],
      ["Fkt_6", "plot_histograms", 1, "RB_3>"],
    ],
  });
  const [source, filter, text] = plan.functions;
  assertEquals([source.config.sleeptime, source.config.trigger_level], [0.0001, -440]);
  assertEquals((filter.config.signatures as string[][][]).map((pair) => pair.map((row) => row.join(""))), [
    ["++--", "0+--"],
    ["++--", "--+0"],
    ["++++", "000+"],
  ]);
  assertEquals(text.config.filename, "muon_lifetime");
  const aliases = text.config.header_alias as Record<string, string>;
  const fields = plan.rings[2].layout.fields.map(({ name }) => name);
  assertEquals(Object.keys(aliases).sort(), ["counter", "timestamp", "deadtime", ...fields].sort());
  const histograms = plan.functions[5].config.histograms as Record<string, unknown[]>;
  assert(Object.keys(histograms).every((field) => fields.includes(field)));
});

Deno.test("planSetup() plans examples/spin_setup.yaml", () => {
  const plan = planOf("spin_setup.yaml");
  assertEquals(shape(plan), {
    limits: [10_000_000, 5000],
    rings: [
      ["RB_1", 128, 4250, 4, "Fkt_2"],
      ["RB_2", 128, 4250, 4, "Fkt_5"],
      ["RB_3", 32, 1, 25, "Fkt_3 Fkt_7"],
      ["RB_4", 32, 1, 25, "Fkt_4 Fkt_8"],
    ],
    functions: [
      ["Fkt_1", "simulation_source", 1, ">RB_1"],
      ["Fkt_2", "calculate_decay_time", 2, "RB_1>RB_2 RB_3 RB_4"],
      ["Fkt_3", "save_to_txt", 1, "RB_3>"],
      ["Fkt_4", "save_to_txt", 1, "RB_4>"],
      ["Fkt_5", "save_parquet", 1, "RB_2>"],
      ["Fkt_6", "plot_waveform", 1, "> ~RB_2"],
      ["Fkt_7", "plot_histograms", 1, "RB_3>"],
      ["Fkt_8", "plot_histograms", 1, "RB_4>"],
    ],
  });
  assertEquals(plan.functions.slice(2, 4).map(({ config }) => config.filename), ["spin_top", "spin_bottom"]);
  for (const [index, ring] of [[6, 2], [7, 3]]) {
    const fields = plan.rings[ring].layout.fields.map(({ name }) => name);
    const histograms = plan.functions[index].config.histograms as Record<string, unknown[]>;
    assert(Object.keys(histograms).every((field) => fields.includes(field)));
  }
});

Deno.test("planSetup() plans examples/simulsource_setup.yaml with its older names", () => {
  const plan = planOf("simulsource_setup.yaml");
  assertEquals(shape(plan), {
    limits: [10_000_000, 5000],
    rings: [
      ["RB_1", 128, 4250, 4, "Fkt_2"],
      ["RB_2", 128, 4250, 4, "Fkt_4"],
      ["RB_3", 32, 1, 25, "Fkt_3"],
    ],
    functions: [
      ["Fkt_1", "simulation_source", 1, ">RB_1"],
      ["Fkt_2", "calculate_decay_time", 2, "RB_1>RB_2 RB_3"],
      ["Fkt_3", "save_to_txt", 1, "RB_3>"],
      ["Fkt_4", "save_parquet", 1, "RB_2>"],
      ["Fkt_5", "plot_graph", 1, "> ~RB_2"],
    ],
  });
  assertEquals(plan.functions.map(({ module, exportName }) => `${module.split(/[/:]/).at(-1)} ${exportName}`), [
    "simul_source simulationSource",
    "lifetime_filter.ts calculate_decay_time",
    "exporters saveToTxt",
    "exporters saveParquet",
    "plot_waveform plotWaveform",
  ]);
  assertEquals(plan.functions.map(({ config }) => Object.keys(config).length > 0), [true, true, true, true, true]);
  assertEquals(plan.rings[0].layout.fields[0].type.name, "float64");
});

Deno.test("planSetup() plans examples/v2/simple/setup.yaml", () => {
  const plan = planOf("v2/simple/setup.yaml");
  assertEquals(shape(plan), {
    limits: [0, 0],
    rings: [
      ["raw_osc", 500, 100, 1, "filter"],
      ["filtered_osc", 500, 100, 1, "calculate_pulse_heights"],
      ["pulse_heights", 500, 1, 1, "save"],
      ["saved_heights", 500, 1, 1, "print_pulse_heights"],
    ],
    functions: [
      ["pulse_simulator", "simulate_osc", 1, ">raw_osc"],
      ["filter", "filter_data", 2, "raw_osc>filtered_osc"],
      ["calculate_pulse_heights", "calculate_pulse_heights", 3, "filtered_osc>pulse_heights"],
      ["save", "exporters.csv", 1, "pulse_heights>saved_heights"],
      ["print_pulse_heights", "print_pulse_heights", 1, "saved_heights>"],
      ["oscilloscope", "plot_waveform.plot_waveform", 1, "> ~filtered_osc"],
    ],
  });
  assertEquals(plan.functions[1].config, { sample_time_ns: 10, min_height: 0.6 });
});

Deno.test("planSetup() has no notice for the examples that are written for it", () => {
  for (const setup of ["demo_setup.yaml", "lifetime_setup.yaml", "spin_setup.yaml", "v2/simple/setup.yaml"]) {
    const { notices } = planSetup(setup, { resolver: diskResolver(EXAMPLES, { modules: MODULES }) });
    assertEquals(formatProblems(notices), "");
  }
});

const hasSeed = await Deno.stat(SEED).then(() => true, () => false);
const why = hasSeed ? "" : " (skipped: the description of mimoCoRB 1.0.0beta is not here)";

Deno.test({
  name: `examples/simulsource_setup.yaml is the printed listing of mimoCoRB 1.0.0beta, word for word${why}`,
  ignore: !hasSeed,
  fn() {
    const seed = Deno.readTextFileSync(SEED);
    const listing = seed.slice(
      seed.indexOf("# Application example for mimoCoRB"),
      seed.indexOf("### 2.1.1 Indices and tables"),
    );
    const words = listing.replaceAll(/```|\*\*|\(continue[sd] \w+ (next|previous) page\)|\s*↪/g, "").split(/\s+/)
      .filter(
        (word) => word !== "",
      );
    const example = Deno.readTextFileSync(`${EXAMPLES}/simulsource_setup.yaml`).split(/\s+/);
    assertEquals(example.filter((word) => word !== ""), words);
  },
});
