import { countsSince, PanelParts } from "../../src/control/panel_parts.ts";
import { assert, assertEquals } from "../../src/std/assert.js";
import type { Panel } from "../../src/worker/panel.ts";

function histogram(counts: number[], max = counts.length): Panel {
  const outside = { underflow: counts[0], overflow: 0 };
  const head = { kind: "histogram" as const, title: "t", label: "x", min: 0, max, logScale: false };
  return { ...head, counts: Float64Array.from(counts), ...outside };
}

function map(counts: number[]): Panel {
  const bins = counts.length / 2;
  return {
    kind: "histogram2d",
    title: "m",
    xRange: [0, 1, bins],
    yRange: [0, 1, 2],
    counts: Float64Array.from(counts),
  };
}

function value(of: number): Panel {
  return { kind: "value", title: "v", value: of };
}

function of(worker: number, life = 0) {
  return { worker, life };
}

function countsOf({ sum }: PanelParts): number[] {
  assert(sum.kind === "histogram" || sum.kind === "histogram2d");
  return [...sum.counts];
}

Deno.test("PanelParts shows the latest state of kinds that cannot be added, whoever sent it", () => {
  const parts = new PanelParts(of(0), value(1));
  parts.put(of(1), value(2));
  assertEquals(parts.sum, value(2));
  parts.put(of(0), value(3));
  assertEquals(parts.sum, value(3));
  const table: Panel = { kind: "table", title: "t", rows: [{ a: 1 }] };
  parts.put(of(1), table);
  assertEquals(parts.sum, table);
});

Deno.test("PanelParts adds counts of workers", () => {
  const parts = new PanelParts(of(0), histogram([1, 1]));
  parts.put(of(1), histogram([5, 0]));
  parts.put(of(0), histogram([2, 3]));
  assertEquals(countsOf(parts), [7, 3]);
  assert(parts.sum.kind === "histogram" && parts.sum.underflow === 7);
  const maps = new PanelParts(of(0), map([1, 2, 3, 4]));
  maps.put(of(3), map([1, 1, 1, 1]));
  assertEquals(countsOf(maps), [2, 3, 4, 5]);
});

Deno.test("PanelParts keeps what a worker had counted before it was started anew", () => {
  const parts = new PanelParts(of(0), histogram([10, 0]));
  parts.put(of(1), histogram([1, 1]));
  assertEquals(parts.put(of(0, 1), histogram([2, 0])), false);
  assertEquals(countsOf(parts), [13, 1]);
  parts.put(of(0, 1), histogram([3, 0]));
  parts.put(of(0, 2), histogram([0, 4]));
  assertEquals(countsOf(parts), [14, 5]);
});

Deno.test("PanelParts says when counts have begun anew, and begins anew with other bins", () => {
  const parts = new PanelParts(of(0), histogram([10, 5]));
  assertEquals(parts.put(of(0), histogram([11, 5])), false);
  assertEquals(parts.put(of(0), histogram([11, 4])), true);
  assertEquals(parts.put(of(0), histogram([1, 1], 7)), true);
  parts.put(of(1), histogram([1, 1], 7));
  assertEquals(countsOf(parts), [2, 2]);
  assertEquals(parts.put(of(1), histogram([1, 1, 1])), true);
  assertEquals(countsOf(parts), [1, 1, 1]);
  parts.put(of(0), value(1));
  assertEquals(parts.sum, value(1));
});

Deno.test("countsSince() gives what has come since, and null if counts have fallen", () => {
  const since = countsSince(histogram([5, 5]), histogram([1, 5]));
  assert(since?.kind === "histogram");
  assertEquals([[...since.counts], since.underflow], [[4, 0], 4]);
  assertEquals(countsSince(histogram([5, 4]), histogram([1, 5])), null);
  assertEquals(countsSince(histogram([5, 4]), map([1, 1])), null);
  const maps = countsSince(map([2, 2]), map([1, 2]));
  assert(maps?.kind === "histogram2d");
  assertEquals([...maps.counts], [1, 0]);
});
