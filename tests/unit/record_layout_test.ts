/** Byte layout of records. */
import {
  allocateColumns,
  bigIntColumn,
  layoutFromJson,
  layoutToJson,
  recordLayout,
  sameLayout,
  viewColumns,
} from "../../src/record/record_layout.ts";
import { assertEquals, assertStrictEquals, assertThrows } from "../../src/std/assert.js";

Deno.test("recordLayout() puts each column on a multiple of 64 bytes, in the order of the fields", () => {
  const layout = recordLayout({ chA: "float32", flag: "bool", name: "S10", z: "complex128" }, 17);
  assertEquals(
    layout.fields.map((field) => [field.name, field.columnOffset, field.columnBytes, field.columnLength]),
    [["chA", 0, 68, 17], ["flag", 128, 17, 17], ["name", 192, 170, 170], ["z", 384, 272, 34]],
  );
  assertEquals(layout.recordBytes, 384 + 320);
  assertEquals(layout.isSingle, false);
});

Deno.test("recordLayout() adds no padding when a column fills its cache lines exactly", () => {
  const layout = recordLayout({ a: "float32", b: "float64" }, 16);
  assertEquals(layout.fields.map((field) => field.columnOffset), [0, 64]);
  assertEquals(layout.recordBytes, 192);
});

Deno.test("recordLayout() names the field of a bare type data", () => {
  const layout = recordLayout("int16", 3);
  assertEquals([layout.isSingle, layout.fields.length, layout.fields[0].name], [true, 1, "data"]);
});

Deno.test("recordLayout() keeps the order of a Map where JavaScript would sort the names", () => {
  const layout = recordLayout(new Map([["3", "int8"], ["1", "float32"], ["2", "bool"]]), 1);
  assertEquals(layout.fields.map((field) => field.name), ["3", "1", "2"]);
});

Deno.test("recordLayout() is frozen", () => {
  const layout = recordLayout({ a: "float32" }, 1);
  assertThrows(() => Object.assign(layout, { recordBytes: 0 }), TypeError);
  assertThrows(() => Object.assign(layout.fields[0], { columnOffset: 1 }), TypeError);
});

Deno.test("recordLayout() throws a TypeError that names the field and its type when the type is unknown", () => {
  const error = assertThrows(() => recordLayout({ a: "float32", b: "flot32" }, 1), TypeError, `field "b"`);
  assertEquals(error.message.includes(`found "flot32"`), true);
});

Deno.test("recordLayout() throws a TypeError when there is no field", () => {
  assertThrows(() => recordLayout({}, 1), TypeError, "at least one field");
});

for (const values of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) {
  Deno.test(`recordLayout() throws a RangeError for ${values} values per slot`, () => {
    assertThrows(() => recordLayout("float32", values), RangeError, `found ${values}`);
  });
}

Deno.test("viewColumns() views the memory without copying it", () => {
  const layout = recordLayout({ a: "int16", b: "float64" }, 5);
  const memory = new ArrayBuffer(128 + layout.recordBytes);
  const columns = viewColumns(layout, memory, 128);
  columns.a[4] = -7;
  columns.b[0] = 0.25;
  assertEquals(new DataView(memory).getInt16(128 + 8, true), -7);
  assertEquals(new DataView(memory).getFloat64(128 + 64, true), 0.25);
  assertEquals([columns.a.length, columns.b.length], [5, 5]);
  assertEquals(Object.keys(columns), ["a", "b"]);
});

Deno.test("allocateColumns() gives zeroed memory of its own", () => {
  const layout = recordLayout({ a: "uint8", b: "S10" }, 3);
  const [one, other] = [allocateColumns(layout), allocateColumns(layout)];
  assertEquals(Array.from(one.b as Uint8Array), new Array(30).fill(0));
  one.a[0] = 1;
  assertEquals(other.a[0], 0);
});

Deno.test("bigIntColumn() gives the column of 64-bit integers", () => {
  const columns = allocateColumns(recordLayout({ n: "int64", u: "uint64", x: "float32" }, 2));
  bigIntColumn(columns, "n")[1] = -(2n ** 63n);
  bigIntColumn(columns, "u")[0] = 2n ** 64n - 1n;
  assertEquals(bigIntColumn(columns, "n")[1], -9223372036854775808n);
  assertEquals(bigIntColumn(columns, "u")[0], 18446744073709551615n);
  assertStrictEquals(bigIntColumn(columns, "n"), columns.n as unknown);
});

Deno.test("bigIntColumn() throws a TypeError that says what there is", () => {
  const columns = allocateColumns(recordLayout({ n: "int64", x: "float32" }, 2));
  assertThrows(() => bigIntColumn(columns, "x"), TypeError, "found Float32Array");
  assertThrows(() => bigIntColumn(columns, "m"), TypeError, "found the fields n, x");
});

Deno.test("sameLayout() compares fields, types and lengths, not how they were written", () => {
  const layout = recordLayout({ a: "float32", b: "int16" }, 4);
  assertEquals(sameLayout(layout, recordLayout({ a: "f4", b: "short" }, 4)), true);
  assertEquals(sameLayout(layout, recordLayout({ a: "float32", b: "int16" }, 5)), false);
  assertEquals(sameLayout(layout, recordLayout({ b: "int16", a: "float32" }, 4)), false);
  assertEquals(sameLayout(layout, recordLayout({ a: "float32", b: "uint16" }, 4)), false);
  assertEquals(sameLayout(layout, recordLayout({ a: "float32" }, 4)), false);
});

for (
  const fields of [
    "float32",
    { a: "S10", b: "int64", ü: "bool" },
    new Map([["2", "float16"], ["1", "complex64"]]),
  ]
) {
  Deno.test(`layoutFromJson() reads what layoutToJson() wrote, fields ${typeof fields}`, () => {
    const layout = recordLayout(fields, 9);
    const back = layoutFromJson(layoutToJson(layout));
    assertEquals(back, layout);
  });
}

Deno.test("layoutFromJson() throws a SyntaxError for other text", () => {
  for (const text of ["", "{", "null", "{}", "[1]"]) assertThrows(() => layoutFromJson(text), SyntaxError);
});

Deno.test("recordLayout() refuses a field named __proto__, and keeps fields named like members of all objects", () => {
  const fields = JSON.parse('{"chA": "float32", "__proto__": "float32"}') as Record<string, string>;
  for (const specification of [fields, new Map(Object.entries(fields))]) {
    assertThrows(
      () => recordLayout(specification, 3),
      TypeError,
      'Cannot lay out a record: expected another name for field "__proto__"',
    );
  }
  const columns = allocateColumns(recordLayout({ constructor: "int16", toString: "float32", hasOwnProperty: "S3" }, 2));
  assertEquals(Object.keys(columns), ["constructor", "toString", "hasOwnProperty"]);
  assertEquals(Object.values(columns).map((column) => column.length), [2, 2, 6]);
});
