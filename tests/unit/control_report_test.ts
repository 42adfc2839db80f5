import { ReportPanels } from "../../src/control/report_panels.ts";
import { ratesOf } from "../../src/control/write_report.ts";
import { ratesPlot } from "../../src/files/rates_plot.ts";
import { assert, assertEquals } from "../../src/std/assert.js";
import type { Panel } from "../../src/worker/panel.ts";

function histogram(counts: number[]): Panel {
  const [min, max] = [0, counts.length];
  const outside = { underflow: 1, overflow: 0 };
  return {
    kind: "histogram",
    title: "t",
    label: "x",
    min,
    max,
    counts: Float64Array.from(counts),
    ...outside,
    logScale: false,
  };
}

Deno.test("ReportPanels keeps the newest state of each worker and sums histograms", () => {
  const panels = new ReportPanels();
  panels.put({ entry: "Fkt_1", worker: 0, life: 0, name: "a" }, histogram([1, 1]));
  panels.put({ entry: "Fkt_1", worker: 1, life: 0, name: "a" }, histogram([5, 0]));
  panels.put({ entry: "Fkt_1", worker: 0, life: 0, name: "a" }, histogram([2, 3]));
  panels.put({ entry: "Fkt_2", worker: 0, life: 0, name: "a" }, { kind: "value", title: "v", value: 7 });
  const [first, second] = panels.all();
  assert(first.panel.kind === "histogram");
  assertEquals([[...first.panel.counts], first.panel.underflow], [[7, 3], 2]);
  assertEquals([second.entry, second.panel.kind], ["Fkt_2", "value"]);
  for (let i = 0; i < 1000; i++) {
    panels.put({ entry: "Fkt_3", worker: 0, life: 0, name: `n${i}` }, { kind: "value", title: "v", value: i });
  }
  assertEquals(panels.all().length, 500);
});

Deno.test("ratesOf() reads the rates of all rings, also of those with odd names, out of stats.csv", () => {
  const stats = `time_utc,state,RB_1.rate_hz,"a,""b"".rate_hz",workers
2026-01-01T00:00:00.000Z,Running,5.00,1.00,2
2026-01-01T00:00:02.500Z,Running,7.25,0.00,2
`;
  assertEquals(ratesOf(stats, ["RB_1", `a,"b"`, "RB_9"]), {
    timesS: [0, 2.5],
    ratesHz: { RB_1: [5, 7.25], [`a,"b"`]: [1, 0] },
  });
  assertEquals(ratesOf("", ["RB_1"]).timesS, []);
});

Deno.test("ratesPlot() draws one line per ring, within its frame, and long tables with fewer points", () => {
  const timesS = Array.from({ length: 10_000 }, (_, i) => i);
  const drawing = ratesPlot({ timesS, ratesHz: { a: timesS.map(() => 100), "<b>": timesS.map((s) => s) } });
  assert(drawing.includes("&lt;b&gt;") && !drawing.includes("<b>"));
  const lines = [...drawing.matchAll(/<path class="l-s\d" stroke-width="1.6"[^>]* d="M([^"]+)"/g)];
  assertEquals(lines.length, 2);
  for (const [, points] of lines) {
    assert(points.split("L").length <= 800);
    for (const point of points.split("L")) {
      const [x, y] = point.split(" ").map(Number);
      assert(x >= 69 && x <= 881 && y >= 39 && y <= 283, point);
    }
  }
  assert(ratesPlot({ timesS: [], ratesHz: { a: [] } }).includes("</svg>"));
});
