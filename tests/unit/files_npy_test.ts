import { npyArray, npyRecords } from "../../src/files/npy.ts";
import { parseFieldType } from "../../src/record/field_type.ts";
import { assertEquals, assertMatch } from "../../src/std/assert.js";
import { toolTest } from "../tools.ts";

const type = (name: string) => parseFieldType(name)!;

function header(file: Uint8Array): string {
  const bytes = new DataView(file.buffer).getUint16(8, true);
  assertEquals((10 + bytes) % 64, 0);
  return new TextDecoder().decode(file.subarray(10, 10 + bytes));
}

Deno.test("npyArray() writes the header and the bytes as they are", () => {
  const values = Float32Array.of(1.5, -2, 3e8);
  const file = npyArray({ type: type("float32"), values });
  assertEquals([...file.subarray(0, 8)], [0x93, 78, 85, 77, 80, 89, 1, 0]);
  assertMatch(header(file), /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(3,\), \} *\n$/);
  assertEquals([...new Float32Array(file.buffer.slice(file.length - 12))], [...values]);
});

Deno.test("npyRecords() interleaves columns and quotes their names", () => {
  const file = npyRecords([
    { name: "it's", type: type("uint8"), values: Uint8Array.of(1, 2) },
    { name: "größe", type: type("int16"), values: Int16Array.of(-1, 256) },
  ]);
  assertMatch(header(file), /\[\('it\\'s', '\|u1'\), \('gr\\U000000f6\\U000000dfe', '<i2'\)\]/);
  assertEquals([...file.subarray(-6)], [1, 255, 255, 2, 0, 1]);
});

/** The header is a Python literal and nothing else, which Python itself can tell. */
toolTest("python3", "npyRecords() writes headers that Python reads", async (python) => {
  const file = npyRecords([
    { name: `a'b"c\\d ö 😀`, type: type("float64"), values: Float64Array.of(1) },
    { name: "s", type: type("S3"), values: new Uint8Array(3) },
  ]);
  const { stdout } = await new Deno.Command(python, {
    args: ["-c", `import ast,sys; print(ast.literal_eval(sys.argv[1])["descr"])`, header(file).trim()],
    env: { PYTHONIOENCODING: "utf-8" },
  }).output();
  assertEquals(new TextDecoder().decode(stdout).trim(), `[('a\\'b"c\\\\d ö 😀', '<f8'), ('s', '|S3')]`);
});
