import fc from "fast-check";
import { float32Text, floatText, shortestFloat32 } from "../../src/files/float_text.ts";
import { TextTableWriter } from "../../src/files/text_table.ts";
import { parseTextTable, readTextTable } from "../../src/files/text_table_reader.ts";
import {
  allocateColumns,
  type Columns,
  type FieldSpecification,
  recordLayout,
} from "../../src/record/record_layout.ts";
import { assert, assertEquals, assertThrows } from "../../src/std/assert.js";
import { withFolder } from "./event_file_fixture.ts";

function columnsOf(fields: FieldSpecification, values: readonly (readonly (number | bigint)[])[]): Columns {
  const layout = recordLayout(fields, 1);
  const columns = allocateColumns(layout) as unknown as Record<string, { set(values: unknown): void }>;
  layout.fields.forEach(({ name }, i) => columns[name].set(values[i]));
  return columns as unknown as Columns;
}

Deno.test("float32Text() writes the shortest decimal, as v1's files have it", () => {
  // The shortest decimals are those of NumPy's repr; exponents are written as JavaScript writes them.
  const wanted: [number, string][] = [
    [213.77188110351562, "213.77188"],
    [0.1, "0.1"],
    [1 / 3, "0.33333334"],
    [254.4, "254.4"],
    [100, "100.0"],
    [0, "0.0"],
    [-0, "-0.0"],
    [16777216, "16777216.0"],
    [123456.789, "123456.79"],
    [0.00012345, "0.00012345"],
    [1e-5, "0.00001"],
    [5.3e-8, "5.3e-8"],
    [1.401298464324817e-45, "1e-45"],
    [3.4028234663852886e38, "3.4028235e+38"],
    [-256830.625, "-256830.62"],
    [NaN, "nan"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
  ];
  for (const [value, text] of wanted) assertEquals(float32Text(Math.fround(value)), text);
});

Deno.test("shortestFloat32() rounds to its number and needs no digit more than necessary", () => {
  const word = new Uint32Array(1);
  const float = new Float32Array(word.buffer);
  const anyFloat32 = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((bits) => {
      word[0] = bits;
      return float[0];
    }),
    fc.float({ min: -1000, max: 1000, noNaN: true }),
  ).filter(Number.isFinite);
  fc.assert(
    fc.property(anyFloat32, (value) => {
      const shortest = shortestFloat32(value);
      assertEquals(Math.fround(shortest), value);
      if (Number.isInteger(value)) return;
      const digits = (x: number) => x.toExponential().replace(/e.*|[.-]/g, "").length;
      let fewest = 1;
      while (Math.fround(Number(value.toPrecision(fewest))) !== value) fewest++;
      assert(digits(shortest) <= fewest, `${shortest} has more than ${fewest} digits`);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("floatText() writes float64 numbers so that they read back", () => {
  assertEquals(floatText(1795351039.1450388), "1795351039.1450388");
  assertEquals(floatText(0.2622549019607843), "0.2622549019607843");
  assertEquals(floatText(-1), "-1.0");
  assertEquals(floatText(1e21), "1e+21");
});

Deno.test("TextTableWriter writes v1's table: tabs, titles, integers as integers", () => {
  withFolder((folder) => {
    const path = `${folder}/pulses.txt`;
    const fields = {
      decay_time: "int32",
      "1st_chA_h": "float32",
      time: "int64",
      hit: "bool",
      name: "S6",
      mean: "float64",
    };
    const data = columnsOf(fields, [[2492], [213.77188], [2n ** 60n], [1], [...new TextEncoder().encode("mu")], [0.1]]);
    {
      using writer = new TextTableWriter(path, recordLayout(fields, 1), {
        headerAlias: {
          counter: "event id",
          timestamp: "time of event (UTC)",
          deadtime: "dead time",
          decay_time: "decay time (ns)",
          "1st_chA_h": "1st chA height",
          unused: "not there",
        },
      });
      writer.write({ data, counter: 21, timestamp: 1795351039.1450388, deadtime: 0.2622549019607843 });
      writer.write({ data, counter: 5, timestamp: -1, deadtime: 0 });
      assertEquals(writer.rows, 2);
    }
    assertEquals(Deno.readTextFileSync(path).split("\n"), [
      "event id\ttime of event (UTC)\tdead time\tdecay time (ns)\t1st chA height\ttime\thit\tname\tmean",
      "21\t1795351039.1450388\t0.2622549019607843\t2492\t213.77188\t1152921504606846976\t1\tmu\t0.1",
      "5\t-1.0\t0.0\t2492\t213.77188\t1152921504606846976\t1\tmu\t0.1",
      "",
    ]);
  });
});

Deno.test("TextTableWriter writes v2's table with commas, quoting what would break a line", () => {
  withFolder((folder) => {
    const path = `${folder}/a.csv`;
    const fields = { text: "S8", half: "float16", z: "complex64" };
    const data = columnsOf(fields, [[...new TextEncoder().encode('a,"b"')], [0.1], [1.5, -2]]);
    {
      using writer = new TextTableWriter(path, recordLayout(fields, 1), {
        separator: ",",
        headerAlias: { half: "h, m" },
      });
      writer.write({ data, counter: 0, timestamp: 1.5, deadtime: 0 });
    }
    assertEquals(
      Deno.readTextFileSync(path),
      'counter,timestamp,deadtime,text,"h, m",z\n0,1.5,0.0,"a,""b""",0.1,1.5-2.0j\n',
    );
    const table = readTextTable(path);
    assertEquals(table.header, ["counter", "timestamp", "deadtime", "text", "h, m", "z"]);
    assertEquals(table.columns.get("h, m"), Float64Array.of(0.1));
    assertEquals(table.columns.get("text"), Float64Array.of(NaN));
  });
});

Deno.test("TextTableWriter keeps lines until their time has come, then they are in the file", () => {
  withFolder((folder) => {
    const layout = recordLayout({ a: "int32" }, 1);
    const event = { data: columnsOf({ a: "int32" }, [[1]]), counter: 0, timestamp: 0, deadtime: 0 };
    const lines = (path: string) => Deno.readTextFileSync(path).split("\n").length - 1;
    using patient = new TextTableWriter(`${folder}/a.txt`, layout, { flushIntervalMs: 1e9 });
    assertEquals(lines(`${folder}/a.txt`), 1);
    patient.write(event);
    assertEquals(lines(`${folder}/a.txt`), 1);
    patient.flush();
    assertEquals(lines(`${folder}/a.txt`), 2);
    using hasty = new TextTableWriter(`${folder}/b.txt`, layout, { flushIntervalMs: 0 });
    hasty.write(event);
    assertEquals(lines(`${folder}/b.txt`), 2);
  });
});

Deno.test("TextTableWriter and readTextTable() keep all numbers of many lines", () => {
  withFolder((folder) => {
    const fields = { f: "float32", d: "float64", i: "int16", u: "uint32" };
    const layout = recordLayout(fields, 1);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.float(), fc.double(), fc.integer({ min: -32768, max: 32767 }), fc.nat(0xffffffff))),
        (rows) => {
          const path = `${folder}/a.txt`;
          {
            using writer = new TextTableWriter(path, layout, { overwrite: true });
            rows.forEach((row, counter) => {
              const data = columnsOf(fields, row.map((value) => [value]));
              writer.write({ data, counter, timestamp: counter / 7, deadtime: 0 });
            });
          }
          const { columns, rows: count } = readTextTable(path);
          assertEquals(count, rows.length);
          // The shortest decimal of a float32 is another number in float64.
          assertEquals(Float32Array.from(columns.get("f")!), Float32Array.from(rows, ([f]) => f));
          assertEquals(columns.get("d"), Float64Array.from(rows, ([, d]) => d));
          assertEquals(columns.get("i"), Float64Array.from(rows, ([, , i]) => i));
          assertEquals(columns.get("u"), Float64Array.from(rows, ([, , , u]) => u));
          assertEquals(columns.get("timestamp"), Float64Array.from(rows, (_, i) => i / 7));
        },
      ),
      { numRuns: 50 },
    );
  });
});

Deno.test("TextTableWriter writes more than its memory holds", () => {
  withFolder((folder) => {
    const layout = recordLayout({ text: "S300" }, 1);
    const data = columnsOf({ text: "S300" }, [[...new TextEncoder().encode("ü".repeat(150))]]);
    {
      using writer = new TextTableWriter(`${folder}/a.txt`, layout, { flushIntervalMs: 1e9 });
      for (let counter = 0; counter < 2000; counter++) writer.write({ data, counter, timestamp: 0, deadtime: 0 });
    }
    const table = readTextTable(`${folder}/a.txt`);
    assertEquals(table.columns.get("counter"), Float64Array.from({ length: 2000 }, (_, i) => i));
  });
});

Deno.test("TextTableWriter refuses waveforms, files that exist and writing after close", () => {
  withFolder((folder) => {
    const path = `${folder}/a.txt`;
    assertThrows(
      () => new TextTableWriter(path, recordLayout({ a: "int32" }, 500)),
      RangeError,
      `Cannot write events to the text table "${path}": expected one value per field, found 500`,
    );
    const layout = recordLayout({ a: "int32" }, 1);
    const writer = new TextTableWriter(path, layout);
    writer.close();
    writer.close();
    const event = { data: allocateColumns(layout), counter: 0, timestamp: 0, deadtime: 0 };
    assertThrows(() => writer.write(event), TypeError, `Cannot write to "${path}": expected an open file`);
    assertThrows(
      () => new TextTableWriter(path, layout),
      Error,
      `Cannot create "${path}": expected a name that is not`,
    );
  });
});

Deno.test({
  name: "TextTableWriter names the file and the reason when the disk is full (needs /dev/full)",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    assertThrows(
      () => new TextTableWriter("/dev/full", recordLayout({ a: "int32" }, 1), { overwrite: true }),
      Error,
      `Cannot write "/dev/full": expected free space on its disk, found "No space left on device`,
    );
  },
});

Deno.test("parseTextTable() reads tabs, commas, semicolons, CR LF, nan and inf", () => {
  const { header, rows, columns } = parseTextTable("a;b\r\n1;nan\r\n-2.5e3;-inf\r\nx;\r\n");
  assertEquals(header, ["a", "b"]);
  assertEquals(rows, 3);
  assertEquals(columns.get("a"), Float64Array.of(1, -2500, NaN));
  assertEquals(columns.get("b"), Float64Array.of(NaN, -Infinity, NaN));
  assertEquals(parseTextTable("only\n3\n").columns.get("only"), Float64Array.of(3));
  assertEquals(parseTextTable("a\tb\n").rows, 0);
});

Deno.test("parseTextTable() leaves out a last line that was cut off", () => {
  const { rows, columns } = parseTextTable("a\tb\n1\t2\n3");
  assertEquals(rows, 1);
  assertEquals(columns.get("b"), Float64Array.of(2));
});

Deno.test("parseTextTable() names table and line when columns are missing", () => {
  assertThrows(() => parseTextTable("", "a.txt"), SyntaxError, 'Cannot read "a.txt": expected a header line');
  assertThrows(
    () => parseTextTable("a\tb\n1\t2\n3\n4\t5\n", "a.txt"),
    SyntaxError,
    'Cannot read "a.txt", line 3: expected 2 columns, found 1',
  );
  assertThrows(() => readTextTable("/nowhere/a.txt"), Error, 'Cannot read "/nowhere/a.txt": expected an existing file');
});
