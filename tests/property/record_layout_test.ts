/** Record layouts of any fields. */
import fc from "fast-check";
import {
  allocateColumns,
  COLUMN_ALIGNMENT_BYTES,
  layoutFromJson,
  layoutToJson,
  sameLayout,
  viewColumns,
} from "../../src/record/record_layout.ts";
import { assert, assertEquals } from "../../src/std/assert.js";
import { anyLayout, bytesOf, printedSeed } from "./arbitrary_layouts.ts";

const RUNS = 2000;

Deno.test("recordLayout() lays columns one behind the other, aligned and without overlap", () => {
  fc.assert(
    fc.property(anyLayout({ valuesPerSlot: 5000 }), (layout) => {
      let end = 0;
      for (const { type, columnOffset, columnBytes, columnLength } of layout.fields) {
        assertEquals(columnOffset % COLUMN_ALIGNMENT_BYTES, 0);
        assert(columnOffset >= end && columnOffset - end < COLUMN_ALIGNMENT_BYTES);
        assertEquals(columnBytes, layout.valuesPerSlot * type.valueBytes);
        assertEquals(columnLength, layout.valuesPerSlot * type.elementsPerValue);
        end = columnOffset + columnBytes;
      }
      assert(layout.recordBytes >= end && layout.recordBytes - end < COLUMN_ALIGNMENT_BYTES);
    }),
    { numRuns: RUNS, seed: printedSeed("record layout") },
  );
});

Deno.test("layoutFromJson() gives back any layout", () => {
  fc.assert(
    fc.property(anyLayout({ valuesPerSlot: 5000 }), (layout) => {
      const again = layoutFromJson(layoutToJson(layout));
      assert(sameLayout(layout, again));
      assertEquals(again, layout);
    }),
    { numRuns: RUNS, seed: printedSeed("layout as JSON") },
  );
});

Deno.test("viewColumns() gives columns that share no byte", () => {
  fc.assert(
    fc.property(anyLayout({ valuesPerSlot: 30 }), (layout) => {
      const memory = new ArrayBuffer(64 + layout.recordBytes);
      const columns = viewColumns(layout, memory, 64);
      layout.fields.forEach(({ name }, i) => bytesOf(columns, name).fill(i + 1));
      layout.fields.forEach(({ name }, i) => assert(bytesOf(columns, name).every((byte) => byte === i + 1)));
      assert(new Uint8Array(memory, 0, 64).every((byte) => byte === 0));
      assertEquals(Object.keys(allocateColumns(layout)).length, layout.fields.length);
    }),
    { numRuns: RUNS, seed: printedSeed("columns") },
  );
});
