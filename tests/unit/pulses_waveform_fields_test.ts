import { channelOf } from "../../src/pulses/waveform_fields.ts";
import { allocateColumns, recordLayout } from "../../src/record/record_layout.ts";
import { assertStrictEquals, assertThrows } from "../../src/std/assert.js";

const columns = allocateColumns(recordLayout({ chA: "float32", time: "int64" }, 3));

Deno.test("channelOf() gives the column itself", () => {
  assertStrictEquals(channelOf(columns, "chA"), columns.chA);
});

Deno.test("channelOf() refuses a missing field and 64-bit integers", () => {
  assertThrows(() => channelOf(columns, "chB"), TypeError, 'expected field "chB" with numbers up to 32 bits');
  assertThrows(() => channelOf(columns, "chB"), TypeError, "found fields chA, time");
  assertThrows(() => channelOf(columns, "time"), TypeError, "found 64-bit integers");
});
