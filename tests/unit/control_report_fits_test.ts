import { type ReportFacts, reportHtml } from "../../src/control/report_html.ts";
import { fitHistograms } from "../../src/control/report_fits.ts";
import type { KeptPanel } from "../../src/control/report_panels.ts";
import { curvePlot } from "../../src/files/curve_plot.ts";
import { heatPlot } from "../../src/files/heat_plot.ts";
import { Random } from "../../src/pulses/random.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../../src/std/assert.js";
import type { Panel } from "../../src/worker/panel.ts";

function histogram(counts: ArrayLike<number>, label: string): Extract<Panel, { kind: "histogram" }> {
  return {
    ...{ kind: "histogram", title: "t", label, min: 0, max: counts.length, underflow: 0, overflow: 0, logScale: false },
    counts: Float64Array.from(counts),
  };
}

/** 400,000 decays over a flat background: an exponential alone does not describe them. */
const DECAYS = histogram(Array.from({ length: 50 }, (_, i) => Math.round(4e4 * Math.exp(-i / 10) + 500)), "Tau (us)");

function gaussian(): Panel & { readonly kind: "histogram" } {
  const random = new Random(3);
  const counts = new Float64Array(50);
  for (let i = 0; i < 20_000; i++) counts[Math.floor(25 + 4 * random.gaussian())]++;
  return histogram(counts, "Height (mV)");
}

function kept(panel: Panel, name = "a", entry = "Fkt_1"): KeptPanel {
  return { entry, name, panel };
}

const RECORD = {
  run: "lifetime",
  directory: "/lab/lifetime_1",
  status: "complete",
  begin: { time_local: "2026-01-01T00:00:00", host: "lab", versions: {}, system: "linux", processors: 2 },
  end: { active_s: 10, paused_s: 0, stop_reason: "20 events reached", time_local: "2026-01-01T00:00:10" },
  goals: { runevents: 20, runtime_s: 60 },
  dead_time: { fraction: 0.1, dead_s: 1, live_s: 9, importers: [] },
  ledger: [],
  functions: [],
  function_counts: {},
  failures: [],
};

function report(panels: readonly KeptPanel[], drawings: Record<string, string> = {}): string {
  const functions = [{ name: "Fkt_2", functionName: "plot_waveform", observes: ["RB_1"], sources: [], sinks: [] }];
  const ring = { name: "RB_1", slots: 8, isRoot: false, groups: [], layout: { valuesPerSlot: 4, fields: [] } };
  const facts = {
    record: RECORD,
    plan: { runName: "lifetime", rings: [ring], functions },
    verdict: { exitCode: 0, headline: "Complete", complaints: [] },
    rates: { timesS: [], ratesHz: {} },
    panels,
    drawings,
    settings: {},
  };
  return reportHtml(facts as unknown as ReportFacts);
}

Deno.test("fitHistograms() lists every fit that was tried, poor ones marked, and why there is none", () => {
  const [decays, heights, few] = fitHistograms([DECAYS, gaussian(), histogram([0, 7, 0, 0], "Few")]);
  const exponential = decays.rows.find(([, kind]) => kind === "exponential")!;
  assertMatch(exponential[2], /τ = \d+\.\d+ ± 0\.\d+/);
  assertMatch(exponential[3], /^\d+\.\d \/ 48$/);
  assert(Number(exponential[3].split(" ")[0]) > 480, `this data set is to have a poor fit: ${exponential[3]}`);
  assertEquals(exponential[4], "poor fit");
  assertEquals(decays.curves.map(({ isPoor }) => isPoor), [true]);
  assertEquals(heights.rows.map((row) => row[1]), ["gauss", "exponential"]);
  assertEquals(heights.rows[0][4], "");
  assertEquals(heights.curves.map(({ isPoor }) => isPoor), [false]);
  assertEquals(few.rows.map((row) => row[4]), [
    "not fitted: fewer than 3 bins with entries in the range",
    "not fitted: fewer than 2 bins with entries in the range",
  ]);
  assertEquals(few.curves, []);
});

Deno.test("fitHistograms() does not fit histograms without end, and says so", () => {
  const all = fitHistograms(Array.from({ length: 101 }, () => histogram([1, 2, 3], "x")));
  assertEquals(all[100].rows[0][4], "not fitted: only the first 100 histograms are");
});

Deno.test("reportHtml() draws fits into the histograms, dashed where they are poor", () => {
  const html = report([kept(DECAYS), kept(gaussian(), "b")]);
  const curves = [...html.matchAll(/<path class="l-trigger" stroke-width="1.6"[^>]*>/g)].map(([path]) => path);
  assertEquals(curves.map((path) => path.includes("stroke-dasharray")), [true, false]);
  assertStringIncludes(html, ">poor fit</td>");
});

Deno.test("reportHtml() shows panels of all kinds, waveforms also beside drawings of displays", () => {
  const wave = (title: string, counter: number): Panel => {
    return { kind: "waveform", title, channels: { chA: Float32Array.of(1, 2) }, sampleTimeNs: 4, counter };
  };
  const drawings = { "waveform_RB_1.svg": "<svg><title>Pulses # 12</title></svg>" };
  const panels = [
    kept({ kind: "xy", title: "A curve", x: Float64Array.of(1, 2), y: Float64Array.of(3, 4) }),
    kept({ kind: "histogram2d", title: "A map", xRange: [0, 1, 2], yRange: [0, 1, 1], counts: Float64Array.of(1, 5) }),
    kept(wave("Own pulse", 7), "pulse"),
    kept(wave("Drawn already", 12), "waveform", "Fkt_2"),
    kept(wave("Another ring", 1), "waveform", "Fkt_2"),
    kept({ kind: "value", title: "A value", value: 3 }),
    kept({ kind: "table", title: "A table", rows: [{ a: 1 }] }),
    kept({ kind: "xy", title: "Broken" } as unknown as Panel, "broken"),
  ];
  const html = report(panels, drawings);
  for (const text of ["A curve", "A map", "Own pulse", "Pulses # 12", "Another ring", "A value", "A table"]) {
    assertStringIncludes(html, text);
  }
  assert(!html.includes("Drawn already"));
  assertMatch(html, /Cannot draw Fkt_1\/broken: /);
});

Deno.test("reportHtml() has one line for the goals", () => {
  const rows = [...report([]).matchAll(/<tr><td>goals?<\/td><td>([^<]*)<\/td>/g)].map(([, text]) => text);
  assertEquals(rows.length, 1);
  assertMatch(rows[0], /^20 events or .* of active time$/);
});

Deno.test("curvePlot() keeps its points in the frame, leaves gaps, and thins out long curves", () => {
  const plot = curvePlot({ x: [0, 1, 2, 3], y: [0, NaN, 5, -5] }, { title: "<b>" });
  assertMatch(plot, /d="M[\d. ]+M[\d. ]+L[\d. ]+"/);
  assert(plot.includes("&lt;b&gt;"));
  const long = curvePlot({ x: Array.from({ length: 20_000 }, (_, i) => i), y: new Float64Array(20_000) }, {
    title: "",
  });
  assertMatch(long, /20000 points, one of 5 drawn/);
  assert(long.length < 100_000, String(long.length));
  assertMatch(curvePlot({ x: [], y: [] }, { title: "" }), /no points/);
});

Deno.test("heatPlot() draws filled bins only, and fine bins together", () => {
  const plot = heatPlot({ xRange: [0, 3, 3], yRange: [0, 2, 2], counts: [0, 4, 4, 0, 0, 1] }, { title: "m" });
  assertEquals(
    [...plot.matchAll(/fill-opacity="([\d.]+)" d="([^"]*)"/g)].map(([, level, path]) => [
      Number(level),
      path.split("M").length - 1,
    ]),
    [[0.25, 1], [1, 1]],
  );
  assertMatch(plot, /Σ 9 {2}· {2}at most 4 per bin/);
  const counts = new Float64Array(1000 * 1000).fill(1);
  const fine = heatPlot({ xRange: [0, 1, 1000], yRange: [0, 1, 1000], counts }, { title: "" });
  assert(fine.length < 300_000, String(fine.length));
  assertMatch(fine, /8 × 8 bins together/);
});
