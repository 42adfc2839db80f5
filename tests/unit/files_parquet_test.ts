import fc from "fast-check";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { ParquetReader } from "../../src/files/parquet_reader.ts";
import { ATTRIBUTES_KEY, ParquetEncoder } from "../../src/files/parquet_writer.ts";
import { TarReader } from "../../src/files/tar_reader.ts";
import { parseFieldType } from "../../src/record/field_type.ts";
import { allocateColumns, type Columns, type RecordLayout, recordLayout } from "../../src/record/record_layout.ts";
import { assert, assertEquals, assertGreater, assertThrows } from "../../src/std/assert.js";
import { bytesOf, fillColumns } from "./event_file_fixture.ts";

const DATA = `${import.meta.dirname}/../data/files/`;

const TYPE_NAMES = [
  ...["float16", "float32", "float64", "int8", "int16", "int32", "int64"],
  ...["uint8", "uint16", "uint32", "uint64", "bool", "S1", "S10"],
];

const anyLayout = fc.tuple(
  fc.array(fc.tuple(fc.string({ minLength: 1, maxLength: 12 }), fc.constantFrom(...TYPE_NAMES)), {
    minLength: 1,
    maxLength: 20,
  }),
  fc.integer({ min: 1, max: 70 }),
).filter(([fields]) => fields.every(([name]) => name.isWellFormed() && name !== "__proto__")).map((
  [fields, valuesPerSlot],
) => recordLayout(new Map(fields), valuesPerSlot));

function rampColumns(layout: RecordLayout): Columns {
  const columns = allocateColumns(layout);
  for (const { name } of layout.fields) columns[name].forEach((_, i, column) => column[i] = i * 0.25 - 3);
  return columns;
}

Deno.test("ParquetEncoder.encode() writes what ParquetReader reads, bit by bit", () => {
  const reader = new ParquetReader();
  fc.assert(fc.property(anyLayout, fc.integer(), (layout, seed) => {
    const data = fillColumns(layout, seed);
    const file = new ParquetEncoder(layout).encode({ data, counter: 7, timestamp: 1.5, deadtime: 0.25 });
    const found = reader.open(file, "a.parquet");
    assertEquals(found.rows, layout.valuesPerSlot);
    assertEquals(found.fields, layout.fields.map(({ name }) => name));
    assertEquals(found.attributes, { counter: 7, timestamp: 1.5, deadtime: 0.25 });
    for (const { name, type } of layout.fields) {
      assertEquals(found.fieldType(name)?.name, type.name);
      assertEquals(bytesOf(found.column(name)), bytesOf(data[name]), `${name} ${type.name}`);
    }
  }));
});

Deno.test("ParquetEncoder.encode() writes files that hyparquet reads with all types", async () => {
  const layout = recordLayout(new Map(TYPE_NAMES.map((name) => [`f_${name}`, name])), 3);
  const columns = allocateColumns(layout) as unknown as Record<string, { set(values: unknown): void }>;
  columns.f_float16.set([0.5, -2, 65504]);
  columns.f_float32.set([1.25, -Infinity, 3.4e38]);
  columns.f_float64.set([0.1, -0, 1e300]);
  columns.f_int8.set([-128, 0, 127]);
  columns.f_int16.set([-32768, 0, 32767]);
  columns.f_int32.set([-2147483648, 0, 2147483647]);
  columns.f_int64.set([-9223372036854775808n, 0n, 9223372036854775807n]);
  columns.f_uint8.set([0, 1, 255]);
  columns.f_uint16.set([0, 1, 65535]);
  columns.f_uint32.set([0, 1, 4294967295]);
  columns.f_uint64.set([0n, 1n, 18446744073709551615n]);
  columns.f_bool.set([1, 0, 1]);
  columns.f_S1.set([65, 0, 255]);
  columns.f_S10.set([...new TextEncoder().encode("muon\0\0\0\0\0\0electron\0\0neutrino\0\0")]);
  const data = columns as unknown as Columns;
  const file = new ParquetEncoder(layout).encode({ data, counter: 0, timestamp: 0, deadtime: 0 });
  const rows = await parquetReadObjects({ file: file.buffer });
  assertEquals(rows[0], {
    f_float16: 0.5,
    f_float32: 1.25,
    f_float64: 0.1,
    f_int8: -128,
    f_int16: -32768,
    f_int32: -2147483648,
    f_int64: -9223372036854775808n,
    f_uint8: 0,
    f_uint16: 0,
    f_uint32: 0,
    f_uint64: 0n,
    f_bool: true,
    f_S1: Uint8Array.of(65),
    f_S10: new TextEncoder().encode("muon\0\0\0\0\0\0"),
  });
  const last = rows[2];
  assertEquals([last.f_float16, last.f_int8, last.f_int16, last.f_uint8, last.f_uint16], [
    65504,
    127,
    32767,
    255,
    65535,
  ]);
  assertEquals([last.f_uint32, last.f_uint64, last.f_bool], [4294967295, 18446744073709551615n, true]);
  assertEquals(rows[1].f_float32, -Infinity);
});

Deno.test("ParquetEncoder.encode() tells pandas dtypes, RangeIndex and the event's metadata", () => {
  const layout = recordLayout(new Map([["zeta", "float32"], ["alpha", "int16"], ["10", "S4"]]), 5);
  const event = {
    data: allocateColumns(layout),
    counter: 12,
    timestamp: 1795351039.1450388,
    deadtime: 0.2622549019607843,
  };
  const metadata = parquetMetadata(new ParquetEncoder(layout).encode(event));
  const notes = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value ?? ""]));
  const pandas = JSON.parse(notes.get("pandas") ?? "");
  assertEquals(pandas.index_columns, [{ kind: "range", name: null, start: 0, stop: 5, step: 1 }]);
  assertEquals(
    pandas.columns.map((column: Record<string, unknown>) => [column.name, column.pandas_type, column.numpy_type]),
    [["zeta", "float32", "float32"], ["alpha", "int16", "int16"], ["10", "bytes", "object"]],
  );
  assertEquals(JSON.parse(notes.get(ATTRIBUTES_KEY) ?? ""), {
    counter: 12,
    timestamp: 1795351039.1450388,
    deadtime: 0.2622549019607843,
  });
  assertEquals(metadata.schema.map(({ name }) => name), ["schema", "zeta", "alpha", "10"]);
  assertEquals(metadata.row_groups.length, 1);
});

Deno.test("ParquetEncoder.writeTo() leaves nothing of an earlier event in the same memory", () => {
  const layout = recordLayout({ chA: "float32", flag: "bool", adc: "int16" }, 11);
  const encoder = new ParquetEncoder(layout);
  const long = { data: fillColumns(layout, 1), counter: 2 ** 52, timestamp: -1.2345678901234567e-300, deadtime: 1 / 3 };
  const short = { data: fillColumns(layout, 2), counter: 1, timestamp: NaN, deadtime: 0 };
  const memory = new Uint8Array(encoder.byteLength + 20);
  encoder.of(long).writeTo(memory, 13);
  assertEquals(memory.subarray(13, 13 + encoder.byteLength), encoder.encode(long));
  encoder.of(short).writeTo(memory, 13);
  assertEquals(memory.subarray(13, 13 + encoder.byteLength), encoder.encode(short));
  assertEquals([...memory.subarray(0, 13), ...memory.subarray(13 + encoder.byteLength)], new Array(20).fill(0));
  const { attributes } = new ParquetReader().open(encoder.encode(short), "a.parquet");
  assertEquals(attributes, { counter: 1, timestamp: null, deadtime: 0 });
});

Deno.test("ParquetEncoder refuses complex numbers, foreign columns and no event", () => {
  assertThrows(
    () => new ParquetEncoder(recordLayout({ z: "complex64" }, 1)),
    TypeError,
    'Cannot store field "z" in a Parquet file: expected real numbers, truth values or bytes, found "complex64"',
  );
  const encoder = new ParquetEncoder(recordLayout({ a: "float32" }, 4));
  assertThrows(() => encoder.writeTo(new Uint8Array(9999), 0), TypeError, "expected a call of of() before");
  const metadata = { counter: 0, timestamp: 0, deadtime: 0 };
  for (const [data, found] of [[{ a: new Float32Array(5) }, "20"], [{}, "no such field"]] as const) {
    assertThrows(
      () => encoder.encode({ data, ...metadata }),
      TypeError,
      `Cannot write field "a" to a Parquet file: expected 16 bytes as in its layout, found ${found}`,
    );
  }
});

Deno.test("ParquetReader reads v1's files (Snappy, dictionaries) exactly", () => {
  using archive = new TarReader(`${DATA}v1_recording.tar`);
  const member = archive.next();
  assert(member !== null);
  const file = new ParquetReader().open(member.data, member.name);
  assertEquals(file.fields, ["chA", "chB", "chC", "chD"]);
  assertEquals(file.attributes, {});
  const counts = new Int16Array(Deno.readFileSync(`${DATA}v1_recording_event1.i16`).buffer);
  for (const [channel, field] of file.fields.entries()) {
    assertEquals(file.fieldType(field)?.name, "float32");
    const wanted = Float32Array.from(counts.subarray(channel * 4250, (channel + 1) * 4250), (count) => count * 0.25);
    assertEquals(file.column(field), wanted);
  }
});

Deno.test("ParquetReader reads files of DuckDB: gzip and zstd, missing values, several row groups", () => {
  for (const packing of ["gzip", "zstd"]) {
    const file = new ParquetReader().open(Deno.readFileSync(`${DATA}duckdb_${packing}.parquet`), "duck.parquet");
    assertEquals(file.rows, 300);
    const ramp = <T>(value: (i: number) => T) => Array.from({ length: 300 }, (_, i) => value(i));
    assertEquals(file.column("a"), Float32Array.from(ramp((i) => i * 0.25)));
    assertEquals(file.column("b"), Float64Array.from(ramp((i) => i % 7)));
    assertEquals(file.column("c"), Int8Array.from(ramp((i) => i % 100 - 50)));
    assertEquals(file.column("d"), BigInt64Array.from(ramp((i) => BigInt(i * i))));
    assertEquals(file.column("e"), Uint8Array.from(ramp((i) => i % 2 === 0 ? 1 : 0)));
    assertEquals(file.column("f"), Uint16Array.from(ramp((i) => i * 3)));
    assertEquals(file.column("g"), Float32Array.from(ramp((i) => i % 5 === 0 ? NaN : i)));
    assertEquals(file.fieldType("h"), null);
    assertThrows(
      () => file.column("h"),
      TypeError,
      'Cannot read field "h" of "duck.parquet": expected numbers or bytes',
    );
    assertEquals(file.column("k"), Int32Array.from(ramp((i) => i)));
  }
});

Deno.test("ParquetReader.open() does not mix up files of equal size", () => {
  const reader = new ParquetReader();
  const open = (fields: Record<string, string>, counter: number) => {
    const layout = recordLayout(fields, 8);
    const data = rampColumns(layout);
    return reader.open(new ParquetEncoder(layout).encode({ data, counter, timestamp: 0, deadtime: 0 }), "a.parquet");
  };
  assertEquals(open({ ab: "float32" }, 1).attributes.counter, 1);
  assertEquals(open({ ab: "float32" }, 2).attributes.counter, 2);
  assertEquals(open({ cd: "float32" }, 3).fields, ["cd"]);
  assertEquals(
    open({ ab: "float32", cd: "float32" }, 4).column("cd"),
    Float32Array.from({ length: 8 }, (_, i) => i / 4 - 3),
  );
  assertEquals(open({ cd: "float32", ab: "float32" }, 4).fields, ["cd", "ab"]);
});

Deno.test("ParquetFile.copyColumn() converts numbers to the wanted type", () => {
  const layout = recordLayout({ a: "float64", b: "int32", c: "bool", d: "float32" }, 4);
  const data = allocateColumns(layout);
  data.a.set([0.1, 2, NaN, -Infinity]);
  data.b.set([-5, 0, 127, 100]);
  data.c.set([1, 0, 0, 1]);
  data.d.set([1, 2, 3, 4]);
  const file = new ParquetReader().open(
    new ParquetEncoder(layout).encode({ data, counter: 0, timestamp: 0, deadtime: 0 }),
    "a.parquet",
  );
  const copy = (name: string, typeName: string) => {
    const type = parseFieldType(typeName);
    assert(type !== null);
    const target = new type.columnClass(new ArrayBuffer(4 * type.valueBytes), 0, 4 * type.elementsPerValue);
    file.copyColumn({ name, type }, target);
    return [...target];
  };
  assertEquals(copy("a", "float32"), [Math.fround(0.1), 2, NaN, -Infinity]);
  assertEquals(copy("b", "float32"), [-5, 0, 127, 100]);
  assertEquals(copy("b", "int8"), [-5, 0, 127, 100]);
  assertEquals(copy("b", "int64"), [-5n, 0n, 127n, 100n]);
  assertEquals(copy("c", "float64"), [1, 0, 0, 1]);
  assertEquals(copy("c", "int16"), [1, 0, 0, 1]);
  assertEquals(copy("d", "uint64"), [1n, 2n, 3n, 4n]);
  assertThrows(
    () => copy("b", "uint8"),
    TypeError,
    'field "b" of "a.parquet": expected values that uint8 can hold, found -5',
  );
  assertThrows(() => copy("a", "int32"), TypeError, "expected values that int32 can hold, found 0.1");
  assertThrows(() => copy("b", "bool"), TypeError, "expected values that bool can hold, found -5");
  assertThrows(() => copy("a", "S4"), TypeError, "expected values that S4 can hold");
  assertThrows(
    () => copy("e", "int8"),
    TypeError,
    `expected one of its fields "a", "b", "c", "d", found no such field`,
  );
  const type = parseFieldType("int32")!;
  assertThrows(() => file.copyColumn({ name: "b", type }, new Int32Array(3)), RangeError, "expected 3 values, found 4");
});

Deno.test("ParquetReader.open() names the file when it is no Parquet file", () => {
  for (const bytes of [new Uint8Array(0), new Uint8Array(100), new TextEncoder().encode("PAR1".repeat(20))]) {
    assertThrows(
      () => new ParquetReader().open(bytes, "x.tar: a.parquet"),
      Error,
      'Cannot read "x.tar: a.parquet": expected a Parquet',
    );
  }
});

Deno.test("ParquetReader names the file in every error about damaged data", () => {
  using archive = new TarReader(`${DATA}v1_recording.tar`);
  const intact = archive.next()?.data.slice();
  assert(intact !== undefined);
  let refused = 0;
  fc.assert(
    fc.property(fc.integer({ min: 4, max: intact.length - 5 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
      const damaged = intact.slice();
      damaged[at] ^= 1 << bit;
      try {
        const file = new ParquetReader().open(damaged, "a.parquet");
        if (file.rows === 4250) { for (const field of file.fields) file.column(field); }
      } catch (error) {
        assert(error instanceof Error && error.message.includes('"a.parquet"'), String(error));
        refused++;
      }
    }),
    // A damaged footer can keep the decoder busy for seconds; these 300 cases do not.
    { numRuns: 300, seed: 3 },
  );
  assertGreater(refused, 0);
});

Deno.test({
  name: "ParquetReader reads all events of ../shared/golden as v1 wrote them (needs ../shared)",
  ignore: !exists("../../../shared/golden/recording_lifetime.tar"),
  fn: () => {
    const golden = `${import.meta.dirname}/../../../shared/golden/`;
    const counts = new Int16Array(Deno.readFileSync(`${golden}lifetime/waveforms.i16`).buffer);
    const mvPerCount = JSON.parse(Deno.readTextFileSync(`${golden}lifetime/expected.json`)).mv_per_count;
    const reader = new ParquetReader();
    using archive = new TarReader(`${golden}recording_lifetime.tar`);
    let at = 0;
    for (const { name, data } of archive) {
      const file = reader.open(data, name);
      for (const field of ["chA", "chB", "chC", "chD"]) {
        const wanted = Float32Array.from(counts.subarray(at, at + 4250), (count) => count * mvPerCount);
        assertEquals(file.column(field), wanted);
        at += 4250;
      }
    }
    assertEquals(at, 30 * 4 * 4250);
  },
});

function exists(path: string): boolean {
  try {
    Deno.statSync(new URL(path, import.meta.url));
    return true;
  } catch {
    return false;
  }
}
