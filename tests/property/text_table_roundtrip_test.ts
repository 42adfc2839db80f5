/** Text tables of any fields and values give back what was written. */
import fc from "fast-check";
import { TextEvents } from "../../src/files/text_events.ts";
import { TextTableWriter } from "../../src/files/text_table.ts";
import type { FieldType } from "../../src/record/field_type.ts";
import { allocateColumns, type Columns, type RecordLayout } from "../../src/record/record_layout.ts";
import { assertEquals } from "../../src/std/assert.js";
import { kept, withFolder } from "../unit/event_file_fixture.ts";
import { anyLayout, bytesOf, printedSeed } from "./arbitrary_layouts.ts";

const RUNS = 500;

/** Values of a type as the bytes that they have in memory; of NaN only the plain one, of bytes only text. */
function anyValue(type: FieldType): fc.Arbitrary<Uint8Array> {
  const { kind, valueBytes } = type;
  if (kind === "bool") return fc.constantFrom(0, 1).map((bit) => Uint8Array.of(bit));
  if (kind === "bytes") {
    return fc.string({ maxLength: valueBytes, unit: "binary" }).filter((text) => {
      const bytes = new TextEncoder().encode(text);
      return text.isWellFormed() && bytes.length <= valueBytes && !text.endsWith("\0") && !text.startsWith("\ufeff");
    }).map((text) => {
      const bytes = new Uint8Array(valueBytes);
      bytes.set(new TextEncoder().encode(text));
      return bytes;
    });
  }
  const bits = fc.uint8Array({ minLength: valueBytes, maxLength: valueBytes }).map((bytes) => bytes.slice());
  if (kind === "int" || kind === "uint") return bits;
  return bits.map((bytes) => {
    const numbers = new type.columnClass(bytes.buffer as ArrayBuffer, 0, type.elementsPerValue) as Float64Array;
    for (let i = 0; i < numbers.length; i++) if (Number.isNaN(numbers[i])) numbers[i] = NaN;
    return bytes;
  });
}

function anyEvent(layout: RecordLayout): fc.Arbitrary<Columns> {
  return fc.tuple(...layout.fields.map(({ type }) => anyValue(type))).map((values) => {
    const data = allocateColumns(layout);
    layout.fields.forEach(({ name }, i) => bytesOf(data, name).set(values[i]));
    return data;
  });
}

const anyTable = fc.tuple(anyLayout({ valuesPerSlot: 1 }), fc.constantFrom("\t", ",", ";")).chain((
  [layout, separator],
) =>
  fc.record({
    layout: fc.constant(layout),
    separator: fc.constant(separator),
    events: fc.array(
      fc.record({
        data: anyEvent(layout),
        counter: fc.integer({ min: 0, max: 2 ** 53 - 1 }),
        timestamp: fc.double({ noNaN: true }),
        deadtime: fc.double({ noNaN: true }),
      }),
      { maxLength: 12 },
    ),
  })
);

Deno.test("a text table gives back any events that text can hold", () => {
  const seed = printedSeed("text table");
  fc.assert(
    fc.property(anyTable, ({ layout, separator, events }) => {
      withFolder((folder) => {
        const path = `${folder}/a.txt`;
        {
          using table = new TextTableWriter(path, layout, { separator });
          for (const event of events) table.write(event);
        }
        const fields = new Map(layout.fields.map(({ name, type }) => [name, { name, type: type.name }]));
        using reader = new TextEvents(path, { fields });
        const read = [];
        for (let event = reader.next(); event !== null; event = reader.next()) read.push(kept(event));
        assertEquals(read, events.map(kept));
        assertEquals([reader.faults, reader.position], [[], reader.byteLength]);
      });
    }),
    { numRuns: RUNS, seed },
  );
});

Deno.test("a text table without types gives values that are written as the same text again", () => {
  const seed = printedSeed("text table without types");
  fc.assert(
    fc.property(anyTable, ({ layout, separator, events }) => {
      withFolder((folder) => {
        const path = `${folder}/a.txt`;
        {
          using table = new TextTableWriter(path, layout, { separator });
          for (const event of events) table.write(event);
        }
        using reader = new TextEvents(path);
        {
          using again = new TextTableWriter(`${folder}/b.txt`, reader.layout, { separator });
          for (let event = reader.next(); event !== null; event = reader.next()) again.write(event);
        }
        assertEquals(Deno.readTextFileSync(`${folder}/b.txt`), Deno.readTextFileSync(path));
      });
    }),
    { numRuns: RUNS, seed },
  );
});
