import { Coincidences } from "../../src/pulses/coincidences.ts";
import { assertEquals } from "../../src/std/assert.js";

function group(channels: readonly (readonly number[])[], tolerance = 20): number[][] {
  const coincidences = new Coincidences(channels.length, tolerance);
  coincidences.group(channels.map((positions) => ({ positions, count: positions.length })));
  return table(coincidences);
}

function table(coincidences: Coincidences): number[][] {
  return Array.from(
    { length: coincidences.rows },
    (_, row) => Array.from({ length: coincidences.channels }, (_, channel) => coincidences.entry(row, channel)),
  );
}

Deno.test("Coincidences.group() puts peaks at the same time into one row", () => {
  assertEquals(group([[500, 900], [501], [], [505]]), [[0, 0, -1, 0], [1, -1, -1, -1]]);
});

Deno.test("Coincidences.group() counts the tolerance from the earliest peak, and it does not belong", () => {
  assertEquals(group([[500], [519], [520]]), [[0, 0, -1], [-1, -1, 0]]);
  assertEquals(group([[520], [500], [519]]), [[-1, 0, 0], [0, -1, -1]]);
});

Deno.test("Coincidences.group() takes only one peak of a channel into a row", () => {
  assertEquals(group([[500, 505], [502]]), [[0, 0], [1, -1]]);
});

Deno.test("Coincidences.group() finds no row without peaks", () => {
  assertEquals(group([[], []]), []);
});

Deno.test("Coincidences.group() starts anew with each event and holds any number of rows", () => {
  const coincidences = new Coincidences(2, 5);
  const many = Array.from({ length: 100 }, (_, i) => 10 * i);
  assertEquals(coincidences.group([{ positions: many, count: 100 }, { positions: [1, 500], count: 1 }]), 100);
  assertEquals([coincidences.entry(0, 1), coincidences.entry(50, 1), coincidences.entry(99, 0)], [0, -1, 99]);
  assertEquals(coincidences.group([{ positions: many, count: 1 }, { positions: [], count: 0 }]), 1);
  assertEquals(table(coincidences), [[0, -1]]);
});
