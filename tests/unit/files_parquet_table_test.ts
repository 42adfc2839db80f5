import { crc32 } from "node:zlib";
import fc from "fast-check";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { readPageHeader } from "../../src/files/parquet_page.ts";
import { ParquetSegmentWriter } from "../../src/files/parquet_segment_writer.ts";
import { isParquetTable, ParquetTableReader, type TableEvent } from "../../src/files/parquet_table_reader.ts";
import { type ParquetTableOptions, ParquetTableWriter } from "../../src/files/parquet_table_writer.ts";
import { ParquetEncoder } from "../../src/files/parquet_writer.ts";
import { allocateColumns, type Columns, type RecordLayout, recordLayout } from "../../src/record/record_layout.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../../src/std/assert.js";
import { bytesOf, fillColumns, withFolder } from "./event_file_fixture.ts";

const TYPE_NAMES = [
  ...["float16", "float32", "float64", "int8", "int16", "int32", "int64"],
  ...["uint8", "uint16", "uint32", "uint64", "bool", "S1", "S10", "complex64", "complex128"],
];

interface Event {
  readonly data: Columns;
  readonly counter: number;
  readonly timestamp: number;
  readonly deadtime: number;
  readonly redelivered: boolean;
}

function events(layout: RecordLayout, count: number): Event[] {
  return Array.from({ length: count }, (_, n) => ({
    data: fillColumns(layout, n + 1),
    counter: n % 7 === 3 ? 2 ** 40 + n : n,
    timestamp: 1795351039 + n / 7,
    deadtime: n / 1000,
    redelivered: n % 3 === 1,
  }));
}

function assertSame(found: TableEvent, wanted: Event, layout: RecordLayout): void {
  assertEquals(
    [found.counter, found.timestamp, found.deadtime, found.redelivered],
    [wanted.counter, wanted.timestamp, wanted.deadtime, wanted.redelivered],
  );
  for (const { name, type } of layout.fields) {
    assertEquals(bytesOf(found.data[name]), bytesOf(wanted.data[name]), `${name} ${type.name}`);
  }
}

function writeTable(
  path: string,
  layout: RecordLayout,
  all: readonly Event[],
  options: ParquetTableOptions = {},
): void {
  using table = new ParquetTableWriter(path, layout, options);
  for (const event of all) table.write(event);
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

const PULSES = recordLayout({ height: "float32", position: "int32" }, 1);
const WAVES = recordLayout({ chA: "float32", chB: "int16" }, 5);

Deno.test("ParquetTableWriter writes what ParquetTableReader gives back, bit by bit, for all types and lengths", () => {
  const anyLayout = fc.tuple(
    fc.array(fc.tuple(fc.string({ minLength: 1, maxLength: 12 }), fc.constantFrom(...TYPE_NAMES)), {
      minLength: 1,
      maxLength: 16,
    }),
    fc.constantFrom(1, 1, 2, 3, 7, 64, 200),
  ).filter(([fields]) => fields.every(([name]) => name.isWellFormed() && name !== "__proto__"));
  withFolder((folder) => {
    let number = 0;
    fc.assert(
      fc.property(
        anyLayout,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 9000 }),
        (form, count, bytes) => {
          const layout = recordLayout(new Map(form[0]), form[1]);
          const all = events(layout, count);
          const path = `${folder}/${number++}`;
          writeTable(path, layout, all, { rowGroupBytes: bytes, segmentBytes: 3 * bytes, origin: { run: "muons" } });
          using table = new ParquetTableReader(path);
          assertEquals(table.length, count);
          assertEquals(table.origin, { run: "muons" });
          let n = 0;
          for (const event of table) {
            assertEquals(event.number, n);
            assertSame(event, all[n++], layout);
          }
          assertEquals(n, count);
          assertEquals(table.position, table.byteLength);
          assertEquals(table.next(), null);
        },
      ),
      { numRuns: 60 },
    );
  });
});

Deno.test("ParquetTableWriter writes files that hyparquet reads: plain columns, and lists for waveforms", async () => {
  const folder = Deno.makeTempDirSync();
  for (const valuesPerSlot of [1, 3]) {
    const layout = recordLayout(new Map(TYPE_NAMES.map((name) => [`f_${name}`, name])), valuesPerSlot);
    const all = events(layout, 9);
    const path = `${folder}/${valuesPerSlot}`;
    writeTable(path, layout, all, { rowGroupBytes: 1 });
    const file = Deno.readFileSync(`${path}/part-00000.parquet`);
    const rows = await parquetReadObjects({ file: file.buffer, utf8: false });
    assertEquals(rows.length, 9);
    for (const [n, row] of rows.entries()) {
      assertEquals([row.counter, row.redelivered], [BigInt(all[n].counter), all[n].redelivered]);
      assertEquals([row.timestamp, row.deadtime], [all[n].timestamp, all[n].deadtime]);
      const values = (title: string) => (valuesPerSlot === 1 ? [row[title]] : [...row[title]]) as unknown[];
      const wanted = (name: string) => Array.from(all[n].data[name] as Iterable<unknown>);
      for (const name of TYPE_NAMES.filter((type) => !/^(S|complex|bool)/.test(type))) {
        assertEquals(values(`f_${name}`), wanted(`f_${name}`), name);
      }
      assertEquals(values("f_bool"), wanted("f_bool").map(Boolean));
      assertEquals(values("f_S10").flatMap((bytes) => [...bytes as Uint8Array]), wanted("f_S10"));
      assertEquals(values("f_complex64_imag"), wanted("f_complex64").filter((_, i) => i % 2 === 1));
    }
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("ParquetTableWriter notes layout and run, and counts with a checksum in every page", () => {
  withFolder((folder) => {
    writeTable(`${folder}/t`, WAVES, events(WAVES, 20), {
      origin: { run: "lifetime", ring: "RB_2" },
      rowGroupBytes: 300,
    });
    const bytes = Deno.readFileSync(`${folder}/t/part-00000.parquet`);
    const metadata = parquetMetadata(bytes.buffer);
    const notes = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value ?? ""]));
    assertEquals(JSON.parse(notes.get("PANDAS_ATTRS")!), { run: "lifetime", ring: "RB_2" });
    const { format, layout, part } = JSON.parse(notes.get("mimocorb")!);
    assertEquals([format, part], ["mimocorb table", 0]);
    assertEquals(layout.fields, [["chA", "float32"], ["chB", "int16"]]);
    assertEquals(metadata.schema.map(({ name }) => name).filter((name) => !["list", "element"].includes(name)), [
      ...["schema", "counter", "timestamp", "deadtime", "redelivered", "chA", "chB"],
    ]);
    let pages = 0;
    for (const { columns } of metadata.row_groups) {
      for (const { meta_data } of columns) {
        const offset = Number(meta_data!.data_page_offset);
        const header = readPageHeader(bytes, offset)!;
        const body = bytes.subarray(offset + header.headerBytes, offset + header.headerBytes + header.bodyBytes);
        assertEquals(header.crc, crc32(body));
        pages++;
      }
    }
    assert(pages > 12);
  });
});

Deno.test("ParquetTableWriter keeps only finished files in its folder, and leaves nothing beside it", () => {
  withFolder((folder) => {
    const table = new ParquetTableWriter(`${folder}/t`, PULSES, { rowGroupBytes: 500, segmentBytes: 1500 });
    const all = events(PULSES, 200);
    for (const event of all) {
      table.write(event);
      for (const name of names(`${folder}/t`)) assert(isWhole(`${folder}/t/${name}`), name);
    }
    const open = names(folder).filter((name) => name !== "t");
    assertEquals(open.length, 2, open.join());
    assertMatch(open[0], /^t\.part-\d{5}\.parquet\.new$/);
    assertEquals(open[1], "t.room.new");
    assertEquals(table.events, 200);
    table.close();
    table.close();
    assertEquals(names(folder), ["t"]);
    assertEquals(table.events, 200);
    assert(names(`${folder}/t`).length > 4);
    assertThrows(() => table.write(all[0]), TypeError, "found a closed one");
  });
});

function isWhole(path: string): boolean {
  using table = new ParquetTableReader(path);
  return [...table].length > 0;
}

Deno.test("ParquetTableWriter closes row groups and files by their age", () => {
  withFolder((folder) => {
    const layout = recordLayout("int16", 1);
    writeTable(`${folder}/groups`, layout, events(layout, 6), { rowGroupS: 0 });
    const metadata = parquetMetadata(Deno.readFileSync(`${folder}/groups/part-00000.parquet`).buffer);
    assertEquals(metadata.row_groups.map(({ num_rows }) => Number(num_rows)), [1, 1, 1, 1, 1, 1]);
    const table = new ParquetTableWriter(`${folder}/files`, layout, { segmentS: 0 });
    for (const event of events(layout, 3)) {
      table.write(event);
      table.idle();
    }
    assertEquals(names(`${folder}/files`), ["part-00000.parquet", "part-00001.parquet", "part-00002.parquet"]);
    table.close();
    assertEquals(names(`${folder}/files`).length, 3);
  });
});

Deno.test("ParquetTableWriter keeps the names of fields and gives way with its own", async () => {
  const folder = Deno.makeTempDirSync();
  const layout = recordLayout(new Map([["counter", "float32"], ["z", "complex64"], ["z_real", "int8"]]), 1);
  const all = events(layout, 2);
  writeTable(`${folder}/t`, layout, all);
  const [row] = await parquetReadObjects({ file: Deno.readFileSync(`${folder}/t/part-00000.parquet`).buffer });
  assertEquals(Object.keys(row).sort(), [
    ...["counter", "counter_", "deadtime", "redelivered", "timestamp", "z_imag", "z_real", "z_real_"],
  ]);
  assertEquals([row.counter_, row.z_real, row.z_real_], [0n, all[0].data.z_real[0], all[0].data.z[0]]);
  using table = new ParquetTableReader(`${folder}/t`);
  assertSame(table.next()!, all[0], layout);
  table.close();
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("ParquetTableWriter goes on behind what is there only when it is told to", () => {
  withFolder((folder) => {
    const all = events(PULSES, 30);
    writeTable(`${folder}/t`, PULSES, all.slice(0, 10));
    assertThrows(() => new ParquetTableWriter(`${folder}/t`, PULSES), Error, `Cannot create "${folder}/t"`);
    writeTable(`${folder}/t`, PULSES, all.slice(10, 20), { append: true });
    writeTable(`${folder}/t`, PULSES, all.slice(20), { worker: 3 });
    assertEquals(names(`${folder}/t`), ["part-00000.parquet", "part-00000_3.parquet", "part-00001.parquet"]);
    using table = new ParquetTableReader(`${folder}/t`);
    const timestamps = Array.from(table, ({ timestamp }) => timestamp).sort((a, b) => a - b);
    assertEquals(timestamps, all.map(({ timestamp }) => timestamp));
  });
});

Deno.test("ParquetTableWriter finishes what a killed one has left before it goes on", () => {
  withFolder((folder) => {
    const all = events(PULSES, 40);
    const killed = new ParquetTableWriter(`${folder}/t`, PULSES, { rowGroupBytes: 300, worker: 1 });
    for (const event of all.slice(0, 25)) killed.write(event);
    const other = new ParquetTableWriter(`${folder}/u`, PULSES, { worker: 1 });
    other.write(all[0]);
    assertThrows(() => new ParquetTableWriter(`${folder}/t`, PULSES, { worker: 1 }), Error, "not taken yet");
    writeTable(`${folder}/t`, PULSES, all.slice(30), { worker: 1, append: true });
    assertEquals(names(`${folder}/t`), ["part-00000_1.parquet", "part-00001_1.parquet"]);
    using table = new ParquetTableReader(`${folder}/t`);
    const counters = Array.from(table, ({ timestamp }) => all.findIndex((event) => event.timestamp === timestamp));
    const kept = counters.filter((n) => n < 25);
    assertEquals(counters, [...Array(kept.length).keys(), ...Array.from({ length: 10 }, (_, n) => 30 + n)]);
    assert(kept.length >= 15, String(kept.length));
    assertEquals(names(folder).filter((name) => name.startsWith("u.part")).length, 1);
  });
});

Deno.test("ParquetTableWriter leaves no table behind when no event came", () => {
  withFolder((folder) => {
    new ParquetTableWriter(`${folder}/t`, PULSES).close();
    assertEquals([names(folder), names(`${folder}/t`)], [["t"], []]);
    assertThrows(() => new ParquetTableReader(`${folder}/t`), Error, 'expected files "part-00000.parquet"');
  });
});

Deno.test("ParquetSegmentWriter makes one file, which has its name when it is whole", () => {
  withFolder((folder) => {
    const all = events(WAVES, 12);
    const file = new ParquetSegmentWriter(`${folder}/a.parquet`, WAVES, { rowGroupBytes: 400 });
    for (const event of all) file.write(event);
    assertEquals(names(folder), ["a.parquet.new"]);
    file.close();
    assertEquals(names(folder), ["a.parquet"]);
    using table = new ParquetTableReader(`${folder}/a.parquet`);
    let n = 0;
    for (const event of table) assertSame(event, all[n++], WAVES);
    assertEquals(n, 12);
    assertThrows(() => new ParquetSegmentWriter(`${folder}/a.parquet`, WAVES), Error, "a name that is not taken yet");
  });
});

Deno.test("ParquetTableReader.next() writes into the columns that it is given, and close() ends it", () => {
  withFolder((folder) => {
    const all = events(WAVES, 3);
    writeTable(`${folder}/t`, WAVES, all);
    const table = new ParquetTableReader(`${folder}/t`);
    const target = allocateColumns(WAVES);
    const event = table.next(target)!;
    assertEquals(event.data === target, true);
    assertSame(event, all[0], WAVES);
    assertEquals(table.next(), event);
    assertEquals(event.data === target, false);
    table.close();
    table.close();
    assertEquals(table.next(), null);
  });
});

Deno.test("ParquetTableReader names a file that is missing in the middle", () => {
  withFolder((folder) => {
    const all = events(PULSES, 60);
    writeTable(`${folder}/t`, PULSES, all, { rowGroupBytes: 500, segmentBytes: 500 });
    Deno.removeSync(`${folder}/t/part-00001.parquet`);
    const error = assertThrows(() => new ParquetTableReader(`${folder}/t`), Error, "found a missing file");
    assertMatch(error.message, /part-00001\.parquet/);
    using table = new ParquetTableReader(`${folder}/t`, { salvage: true });
    assertEquals(table.faults.map(({ path, reason }) => [path.slice(-18), reason]), [
      ["part-00001.parquet", "a missing file"],
    ]);
    assert([...table].length < 60);
  });
});

Deno.test("ParquetTableReader refuses what is none of its tables and says what it is", () => {
  withFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/text.parquet`, "counter,timestamp\n");
    const single = new ParquetEncoder(WAVES).encode({
      data: allocateColumns(WAVES),
      counter: 0,
      timestamp: 0,
      deadtime: 0,
    });
    Deno.writeFileSync(`${folder}/single.parquet`, single);
    writeTable(`${folder}/t`, WAVES, events(WAVES, 2));
    writeTable(`${folder}/u`, PULSES, events(PULSES, 2));
    Deno.renameSync(`${folder}/u/part-00000.parquet`, `${folder}/t/part-00001.parquet`);
    const open = (name: string) => () => new ParquetTableReader(`${folder}/${name}`);
    assertThrows(open("text.parquet"), Error, "expected a table of save_parquet_table, found other data");
    assertThrows(open("single.parquet"), Error, "found a Parquet file of another program");
    assertThrows(open("t"), TypeError, "expected files of the same layout");
    assertThrows(open("nothing"), Error, "expected an existing file");
    assertEquals(
      ["text.parquet", "single.parquet", "nothing", "t"].map((name) => isParquetTable(`${folder}/${name}`)),
      [
        ...[false, false, false, true],
      ],
    );
  });
});
