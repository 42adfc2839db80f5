import fc from "fast-check";
import { linearTicks, logTicks, numberLabel } from "../../src/files/axis_ticks.ts";
import { histogramCsv } from "../../src/files/histogram_csv.ts";
import { histogramPlot, type PlottedHistogram } from "../../src/files/histogram_plot.ts";
import { layeredLayout } from "../../src/files/layered_layout.ts";
import { minMaxIndices } from "../../src/files/min_max_decimation.ts";
import { escapeXml } from "../../src/files/svg_text.ts";
import { waveformPlot } from "../../src/files/waveform_plot.ts";
import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertStringIncludes,
  assertThrows,
} from "../../src/std/assert.js";

/** Checks that tags are closed in order, that nothing is undefined or NaN, and that texts are escaped. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [tag, isEnd, name, isEmpty] of svg.matchAll(/<(\/?)([a-zA-Z]+)[^<>]*?(\/?)>/g)) {
    if (isEnd === "/") assertEquals(open.pop(), name, tag);
    else if (isEmpty !== "/") open.push(name);
  }
  assertEquals(open, []);
  assert(!/NaN|undefined|Infinity|\[object/.test(svg), "a number or text is missing");
  assert(!/&(?!amp;|lt;|gt;|quot;|#39;)/.test(svg), "an ampersand is not escaped");
  assert(svg.startsWith("<svg xmlns="));
}

const HISTOGRAM: PlottedHistogram = {
  min: 0,
  max: 15000,
  counts: Float64Array.of(40, 20, 10, 5, 0),
  underflow: 0,
  overflow: 3,
  label: "Tau (ns)",
  logScale: true,
  entries: 75,
  mean: 3300.04,
  sigma: 2811.7,
};

Deno.test("linearTicks() chooses round numbers", () => {
  const table: [[number, number], number, string[]][] = [
    [[0, 1000], 5, ["0", "250", "500", "750", "1000"]],
    [[-2000, 14996], 8, ["0", "2500", "5000", "7500", "10000", "12500"]],
    [[0, 1], 6, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]],
    [[-26.5, 375], 8, ["0", "100", "200", "300"]],
    [[0, 1e-7], 3, ["0", "5×10⁻⁸", "10⁻⁷"]],
    [[0, 2e6], 3, ["0", "10⁶", "2×10⁶"]],
    [[-0.5, 0.5], 3, ["−0.5", "0.0", "0.5"]],
    [[3, 3], 5, ["3"]],
  ];
  for (const [range, most, labels] of table) assertEquals(linearTicks(range, most).labels, labels);
});

Deno.test("linearTicks() stays inside the range, ascends, and is not more than there is room for", () => {
  fc.assert(fc.property(
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
    fc.integer({ min: 2, max: 20 }),
    (low, width, most) => {
      const high = low + width;
      if (width < Math.abs(low) * 1e-9) return;
      const { values, labels } = linearTicks([low, high], most);
      assertLessOrEqual(values.length, most);
      assertEquals(labels.length, values.length);
      values.forEach((value, i) => {
        assertGreaterOrEqual(value, low - width * 1e-5);
        assertLessOrEqual(value, high + width * 1e-5);
        if (i > 0) assertGreater(value, values[i - 1]);
      });
    },
  ));
});

Deno.test("logTicks() chooses powers of ten, or 1, 2, 5 within a decade", () => {
  assertEquals(logTicks([0.5, 250]).labels, ["1", "10", "100"]);
  assertEquals(logTicks([0.5, 250]).minor.slice(0, 5), [0.5, 0.6, 0.7, 0.8, 0.9]);
  assertEquals(logTicks([2, 8]).labels, ["2", "5"]);
  assertEquals(logTicks([0.5, 1e6]).labels.at(-1), "10⁶");
  assertLessOrEqual(logTicks([1e-30, 1e30]).values.length, 9);
});

Deno.test("numberLabel() writes very large and very small numbers as powers of ten", () => {
  const table: [number, string][] = [
    [0, "0"],
    [-2.5, "−2.5"],
    [12345, "12350"],
    [5.332e-8, "5.332×10⁻⁸"],
    [-1e-7, "−10⁻⁷"],
    [1e10, "10¹⁰"],
    [1 / 3, "0.3333"],
  ];
  for (const [value, label] of table) assertEquals(numberLabel(value), label);
  assertEquals(numberLabel(12345, 6), "12345");
});

Deno.test("minMaxIndices() misses no peak and gives at most two samples per column", () => {
  fc.assert(fc.property(
    fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 400 }),
    fc.integer({ min: 1, max: 50 }),
    (values, columns) => {
      const indices = [...minMaxIndices(values, columns)];
      assertLessOrEqual(indices.length, Math.max(2 * columns, 1));
      assertEquals(indices, [...new Set(indices)].sort((a, b) => a - b));
      const chosen = indices.map((i) => values[i]);
      assertEquals(Math.max(...chosen) + 0, Math.max(...values) + 0);
      assertEquals(Math.min(...chosen) + 0, Math.min(...values) + 0);
    },
  ));
  assertEquals([...minMaxIndices([3, 1, 2], 2)], [0, 1, 2]);
});

Deno.test("escapeXml() leaves nothing that XML forbids", () => {
  assertEquals(escapeXml(`<a b="c" & 'd'>`), "&lt;a b=&quot;c&quot; &amp; &#39;d&#39;&gt;");
  assertEquals(escapeXml("a\u0000b\tc\u001b"), "a\ufffdb\tc\ufffd");
});

Deno.test("histogramPlot() draws axes, statistics and what fell outside", () => {
  const svg = histogramPlot([HISTOGRAM], { title: "Muon <lifetime> & more" });
  assertWellFormed(svg);
  assertStringIncludes(svg, "Muon &lt;lifetime&gt; &amp; more");
  assertStringIncludes(svg, ">Tau (ns)<");
  assertStringIncludes(svg, ">entries per 3000 ns<");
  assertStringIncludes(svg, ">Σ 75  ·  mean 3300  ·  σ 2812  ·  3 above<");
  assertStringIncludes(svg, "prefers-color-scheme: dark");
});

Deno.test("histogramPlot() draws grids, all styles, empty histograms and any counts", () => {
  const empty = { ...HISTOGRAM, counts: new Float64Array(3), entries: 0, mean: NaN, sigma: NaN, overflow: 0 };
  for (const style of ["bar", "step", "line"] as const) {
    for (const logScale of [true, false]) {
      for (let n = 1; n <= 7; n++) {
        const histograms = Array.from({ length: n }, (_, i) => ({ ...(i % 2 === 0 ? HISTOGRAM : empty), logScale }));
        const svg = histogramPlot(histograms, { style });
        assertWellFormed(svg);
        assertEquals(svg.split(">no entries<").length - 1, Math.floor(n / 2));
      }
    }
  }
  fc.assert(fc.property(fc.array(fc.nat(1e6), { minLength: 1, maxLength: 200 }), fc.boolean(), (counts, logScale) => {
    assertWellFormed(histogramPlot([{ ...HISTOGRAM, counts, logScale, label: "no unit" }]));
  }));
  assertThrows(() => histogramPlot([]), RangeError, "expected at least one histogram, found none");
});

Deno.test("histogramPlot() draws higher bins higher", () => {
  const svg = histogramPlot([{ ...HISTOGRAM, logScale: false }], { style: "step" });
  const path = [...svg.matchAll(/ d="(M[^"]*H[^"]*V[^"]*)"/g)].map(([, d]) => d).at(-1) ?? "";
  const tops = [...path.matchAll(/V([\d.]+)H/g)].map(([, y]) => Number(y));
  assertEquals(tops.length, 5);
  for (let i = 1; i < 5; i++) assertGreater(tops[i], tops[i - 1]);
});

Deno.test("waveformPlot() draws every channel with its trigger, number and rate", () => {
  const ramp = Float32Array.from({ length: 500 }, (_, i) => -480 + (i === 321 ? 300 : i % 5));
  const svg = waveformPlot(
    { channels: { chA: ramp, "ch<B>": ramp }, sampleTimeNs: 4, preTriggerSamples: 100, counter: 12345, rateHz: 302.4 },
    { title: "Pulses", offsetMv: -480, trigger: { levelMv: -440, channel: "A", direction: "rising" } },
  );
  assertWellFormed(svg);
  for (
    const text of ["># 12345  –  302 Hz<", ">chA<", ">ch&lt;B&gt;<", ">Trg A 40 mV rising<", ">signal − offset (mV)<"]
  ) {
    assertStringIncludes(svg, text);
  }
  assertEquals(svg.split('stroke-dasharray="1.5 4"').length - 1, 1);
  assertEquals(svg.split('stroke-dasharray="7 4"').length - 1, 1);
});

Deno.test("waveformPlot() misses no peak of a long waveform and draws few points", () => {
  const samples = new Float32Array(100_000);
  samples[77_777] = 500;
  const svg = waveformPlot({ channels: { a: samples }, sampleTimeNs: 1, counter: 0 }, { channelRangeMv: 500 });
  assertWellFormed(svg);
  const points = [...svg.matchAll(/ d="M([^"]*L[^"]*)"/g)][0][1].split("L").map((point) =>
    point.split(" ").map(Number)
  );
  assertLessOrEqual(points.length, 2000);
  // 500 mV is the upper edge of the area, 0 mV its middle.
  assertEquals(Math.min(...points.map(([, y]) => y)), 66);
  assertStringIncludes(svg, "># 0<");
});

Deno.test("waveformPlot() draws channels without samples and without any difference", () => {
  assertWellFormed(waveformPlot({ channels: {}, sampleTimeNs: 4, counter: 0 }));
  assertWellFormed(waveformPlot({ channels: { a: [] }, sampleTimeNs: 4, counter: 0 }));
  assertWellFormed(waveformPlot({ channels: { a: [5, 5, 5] }, sampleTimeNs: 4, counter: 0, rateHz: 15234 }));
});

Deno.test("histogramCsv() writes comment lines, edges and counts", () => {
  assertEquals(histogramCsv("decay_time", HISTOGRAM).split("\n"), [
    "# variable: decay_time",
    "# label: Tau (ns)",
    "# entries: 75",
    "# mean: 3300.04",
    "# sigma: 2811.7",
    "# underflow: 0",
    "# overflow: 3",
    "bin_low,bin_high,count",
    "0,3000,40",
    "3000,6000,20",
    "6000,9000,10",
    "9000,12000,5",
    "12000,15000,0",
    "",
  ]);
});

/** Random graphs without cycles: edges go from lower to higher numbers. */
const anyGraph = fc.integer({ min: 1, max: 18 }).chain((count) =>
  fc.tuple(
    fc.array(fc.tuple(fc.integer({ min: 20, max: 200 }), fc.integer({ min: 20, max: 80 })), {
      minLength: count,
      maxLength: count,
    }),
    fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 30 }),
  )
).map(([sizes, links]) => ({
  nodes: sizes.map(([width, height], i) => ({ id: String(i), width, height })),
  edges: links.filter(([a, b]) => a !== b).map(([a, b]) => ({
    from: String(Math.min(a, b)),
    to: String(Math.max(a, b)),
  })),
}));

Deno.test("layeredLayout() lets no boxes overlap, all edges point right and none run through a box", () => {
  fc.assert(fc.property(anyGraph, ({ nodes, edges }) => {
    const { places, courses, width, height } = layeredLayout(nodes, edges, { layerGap: 40, nodeGap: 12 });
    const boxes = nodes.map((node) => {
      const { x, y } = places.get(node.id)!;
      return {
        left: x - node.width / 2,
        right: x + node.width / 2,
        top: y - node.height / 2,
        bottom: y + node.height / 2,
      };
    });
    boxes.forEach((a, i) => {
      assertGreaterOrEqual(a.left, -1e-6);
      assertGreaterOrEqual(a.top, -1e-6);
      assertLessOrEqual(a.right, width + 1e-6);
      assertLessOrEqual(a.bottom, height + 1e-6);
      for (const b of boxes.slice(i + 1)) {
        const isApart = a.right < b.left || b.right < a.left || a.bottom + 11 < b.top || b.bottom + 11 < a.top;
        assert(isApart, "two boxes overlap");
      }
    });
    courses.forEach((course, i) => {
      assertEquals(course.length % 2, 0);
      for (let k = 1; k < course.length; k++) assertGreaterOrEqual(course[k].x, course[k - 1].x);
      assertEquals(course[0].x, boxes[Number(edges[i].from)].right);
      assertEquals(course.at(-1)?.x, boxes[Number(edges[i].to)].left);
      for (let k = 1; k < course.length - 1; k++) {
        const { x, y } = course[k];
        for (const { left, right, top, bottom } of boxes) {
          assert(x < left || x > right || y < top || y > bottom, "an edge runs through a box");
        }
      }
    });
  }));
});

Deno.test("layeredLayout() avoids crossings that can be avoided", () => {
  const node = (id: string) => ({ id, width: 50, height: 20 });
  const nodes = ["a", "b", "c", "x", "y", "z"].map(node);
  const edges = [["a", "z"], ["b", "y"], ["c", "x"]].map(([from, to]) => ({ from, to }));
  const { places } = layeredLayout(nodes, edges);
  const y = (id: string) => places.get(id)!.y;
  const order = (ids: string[]) => ids.toSorted((p, q) => y(p) - y(q));
  assertEquals(order(["z", "y", "x"]), order(["a", "b", "c"]).map((id) => ({ a: "z", b: "y", c: "x" })[id]));
  assertEquals(y("a"), y("z"));
});

Deno.test("layeredLayout() places beginnings next to what they lead to and survives cycles", () => {
  const node = (id: string) => ({ id, width: 50, height: 20 });
  const chain = [["a", "b"], ["b", "c"], ["c", "d"], ["late", "d"]].map(([from, to]) => ({ from, to }));
  const { places } = layeredLayout(["a", "b", "c", "d", "late"].map(node), chain);
  assertEquals(places.get("late")?.x, places.get("c")?.x);
  const cycle = layeredLayout(["a", "b"].map(node), [{ from: "a", to: "b" }, { from: "b", to: "a" }]);
  assertEquals(cycle.places.size, 2);
});
