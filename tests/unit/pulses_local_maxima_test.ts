import { collectLocalMaxima } from "../../src/pulses/local_maxima.ts";
import { PeakTable } from "../../src/pulses/peak_table.ts";
import { ValleyTable } from "../../src/pulses/valleys.ts";
import { assertEquals } from "../../src/std/assert.js";

function collect(signal: readonly number[], floor = -Infinity) {
  const peaks = new PeakTable(signal.length);
  const valleys = new ValleyTable(signal.length);
  collectLocalMaxima(peaks, signal, { floor, valleys });
  const rows = (column: ArrayLike<number>) => Array.from(column).slice(0, peaks.count);
  return {
    positions: rows(peaks.positions),
    sizes: rows(peaks.plateauSizes),
    edges: rows(peaks.leftEdges).map((left, i) => [left, peaks.rightEdges[i]]),
    valleysBefore: rows(peaks.valleysBefore),
    valleys: Array.from(
      { length: valleys.count },
      (_, i) => [valleys.starts[i], valleys.ends[i], valleys.lows[i], valleys.firstLows[i]],
    ),
  };
}

Deno.test("collectLocalMaxima() finds single samples and the middle of flat tops", () => {
  const { positions, sizes, edges } = collect([0, 2, 0, 3, 3, 0, 4, 4, 4, 1, 1, 2]);
  assertEquals(positions, [1, 3, 7]);
  assertEquals(sizes, [1, 2, 3]);
  assertEquals(edges, [[1, 1], [3, 4], [6, 8]]);
});

Deno.test("collectLocalMaxima() takes no top that touches the first or the last sample", () => {
  assertEquals(collect([3, 1, 2, 2]).positions, []);
  assertEquals(collect([3, 3, 1, 2]).positions, []);
  for (const short of [[], [1], [1, 2], [2, 1], [2, 2]]) assertEquals(collect(short).positions, []);
});

Deno.test("collectLocalMaxima() takes no flat step of a rise or a fall", () => {
  assertEquals(collect([0, 1, 1, 2, 1, 1, 0]).positions, [3]);
});

Deno.test("collectLocalMaxima() finds no peak beside NaN", () => {
  assertEquals(collect([0, 2, NaN, 3, 0, 4, 0]).positions, [5]);
});

Deno.test("collectLocalMaxima() leaves out maxima below the floor and sums up the valleys", () => {
  const { positions, valleysBefore, valleys } = collect([0, 1, -1, 0, -1, 5, 2, 6, 1, 1, 0, 3, 0], 2);
  assertEquals(positions, [5, 7, 11]);
  assertEquals(valleysBefore, [1, 1, 2]);
  assertEquals(valleys, [[0, 4, -1, 2], [8, 10, 0, 10], [12, 12, 0, 12]]);
});

Deno.test("collectLocalMaxima() sums up a valley of every length", () => {
  for (let length = 1; length < 12; length++) {
    const signal = Array.from({ length }, (_, i) => 20 - i);
    assertEquals(collect(signal, 21).valleys, [[0, length - 1, 21 - length, length - 1]]);
  }
});

Deno.test("collectLocalMaxima() ends a valley at NaN", () => {
  assertEquals(collect([3, 2, 1, 3, NaN, 2, 2], 4).valleys, [[0, 3, 1, 2], [5, 6, 2, 5]]);
});
