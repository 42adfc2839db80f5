import { dataFlowSvg } from "../../src/control/data_flow.ts";
import { recordLayout } from "../../src/record/record_layout.ts";
import type { FunctionPlan, Plan, RingPlan } from "../../src/setup/plan.ts";
import { assert, assertEquals, assertStringIncludes } from "../../src/std/assert.js";

const WAVEFORM = recordLayout({ chA: "float32", chB: "float32" }, 4250);
const PULSE = recordLayout({ decay_time: "int32" }, 1);

function ring(name: string, values: Partial<RingPlan> = {}): RingPlan {
  return { name, slots: 128, layout: WAVEFORM, writers: 1, groups: [], isRoot: false, pause: "wait", ...values };
}

function fkt(name: string, functionName: string, values: Partial<FunctionPlan> = {}): FunctionPlan {
  return {
    name,
    functionName,
    exportName: functionName,
    module: "file:///a.ts",
    workers: 1,
    sources: [],
    sinks: [],
    observes: [],
    config: {},
    isolation: "thread",
    onFailure: "stop",
    restartLimit: 5,
    watchdogS: 10,
    place: "test_setup.yaml:1",
    ...values,
  };
}

function plan(values: Partial<Plan>): Plan {
  return {
    dialect: "v1",
    runName: "lifetime",
    setupFile: "/a/lifetime_setup.yaml",
    setupDirectory: "/a",
    targetDirectory: "/a/target",
    runEvents: 0,
    runtimeS: 0,
    keyboard: true,
    page: true,
    rings: [],
    functions: [],
    configFiles: [],
    ...values,
  };
}

const LIFETIME = plan({
  rings: [ring("RB_1", { isRoot: true }), ring("RB_2"), ring("RB_3", { slots: 32, layout: PULSE })],
  functions: [
    fkt("Fkt_1", "simulation_source", { sinks: ["RB_1"] }),
    fkt("Fkt_2", "calculate_decay_time", { sources: ["RB_1"], sinks: ["RB_2", "RB_3"], workers: 2 }),
    fkt("Fkt_3", "save_to_txt", { sources: ["RB_3"] }),
    fkt("Fkt_4", "plot_waveform", { observes: ["RB_2"] }),
  ],
});

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

Deno.test("dataFlowSvg() shows every ring with its slots and every function with its workers", () => {
  const svg = dataFlowSvg(LIFETIME);
  const texts = [
    ...["Data flow of lifetime", "RB_1", "RB_2", "RB_3", "128 slots × 4250 values", "32 slots × 1 value", "1 field"],
    ...["simulation_source", "calculate_decay_time", "save_to_txt", "plot_waveform", "Fkt_2", "2 workers", "1 worker"],
  ];
  for (const text of texts) assertStringIncludes(svg, `>${text}<`);
  assert(!/NaN|undefined/.test(svg));
});

Deno.test("dataFlowSvg() draws an arrow for every assignment, dotted for observers", () => {
  const svg = dataFlowSvg(LIFETIME);
  const legend = { arrows: 2, dotted: 1 };
  assertEquals(count(svg, 'marker-end="url(#head)"'), 6 + legend.arrows);
  assertEquals(count(svg, 'stroke-dasharray="1.5 4.5"'), 1 + legend.dotted);
});

Deno.test("dataFlowSvg() fills the rings that importers feed", () => {
  const filled = (svg: string) => count(svg, 'rect class="f-s0 l-s0" x=');
  const legend = 1;
  assertEquals(filled(dataFlowSvg(LIFETIME)), 1 + legend);
  const { rings } = LIFETIME;
  assertEquals(filled(dataFlowSvg({ ...LIFETIME, rings: rings.map((one) => ({ ...one, isRoot: false })) })), legend);
});

Deno.test("dataFlowSvg() escapes names and tells rings from functions of the same name", () => {
  const svg = dataFlowSvg(plan({
    dialect: "v2",
    runName: "a & b",
    rings: [ring("<input>", { isRoot: true })],
    functions: [fkt("<input>", "source", { sinks: ["<input>"], isolation: "process", workers: 3 })],
  }));
  assertEquals(count(svg, ">&lt;input&gt;<"), 2);
  assertStringIncludes(svg, ">Data flow of a &amp; b<");
  assertStringIncludes(svg, ">3 processes<");
});

Deno.test("dataFlowSvg() lets no texts of boxes overlap", () => {
  const functions = Array.from({ length: 12 }, (_, i) =>
    fkt(`Fkt_${i + 3}`, `analyse_with_a_rather_long_name_${i}`, {
      sources: [`RB_${i % 3 + 1}`],
      sinks: i < 2 ? [`RB_${i + 4}`] : [],
      observes: i > 8 ? ["RB_5"] : [],
    }));
  const svg = dataFlowSvg(plan({
    rings: [1, 2, 3, 4, 5].map((i) => ring(`RB_${i}`, { isRoot: i < 4 })),
    functions: [
      fkt("Fkt_1", "source", { sinks: ["RB_1", "RB_2"] }),
      fkt("Fkt_2", "source", { sinks: ["RB_3"] }),
      ...functions,
    ],
  }));
  const boxes = [
    ...svg.matchAll(/<rect class="f-[^"]*"[^>]* x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g),
  ]
    .map(([, x, y, width, height]) => ({ x: +x, y: +y, width: +width, height: +height }))
    .filter(({ height }) => height > 30);
  const different = boxes.filter((a, i) => boxes.findIndex((b) => a.x === b.x && a.y === b.y) === i);
  assertEquals(different.length, 5 + 14);
  for (const [i, a] of different.entries()) {
    for (const b of different.slice(i + 1)) {
      const isApart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      assert(isApart, JSON.stringify([a, b]));
    }
  }
});
