/** Names of NumPy types, and what they are in memory. */
import { FIELD_TYPE_NAMES, parseFieldType } from "../../src/record/field_type.ts";
import { assertEquals } from "../../src/std/assert.js";

const TYPES: [name: string, kind: string, bytes: number, columnClass: string][] = [
  ["float16", "float", 2, "Float16Array"],
  ["float32", "float", 4, "Float32Array"],
  ["float64", "float", 8, "Float64Array"],
  ["int8", "int", 1, "Int8Array"],
  ["int16", "int", 2, "Int16Array"],
  ["int32", "int", 4, "Int32Array"],
  ["int64", "int", 8, "BigInt64Array"],
  ["uint8", "uint", 1, "Uint8Array"],
  ["uint16", "uint", 2, "Uint16Array"],
  ["uint32", "uint", 4, "Uint32Array"],
  ["uint64", "uint", 8, "BigUint64Array"],
  ["bool", "bool", 1, "Uint8Array"],
  ["complex64", "complex", 8, "Float32Array"],
  ["complex128", "complex", 16, "Float64Array"],
  ["S10", "bytes", 10, "Uint8Array"],
];

for (const [name, kind, bytes, columnClass] of TYPES) {
  Deno.test(`parseFieldType() gives ${kind} values of ${bytes} bytes for ${name}`, () => {
    const type = parseFieldType(name)!;
    assertEquals(
      [type.name, type.kind, type.valueBytes, type.columnClass.name],
      [name, kind, bytes, columnClass],
    );
    const elementBytes = new type.columnClass(new ArrayBuffer(16), 0, 0).BYTES_PER_ELEMENT;
    assertEquals(type.elementsPerValue * elementBytes, bytes);
  });
}

const ALIASES: [alias: string, name: string][] = [
  ["f2", "float16"],
  ["f4", "float32"],
  ["<f4", "float32"],
  ["=f8", "float64"],
  ["|u1", "uint8"],
  ["|b1", "bool"],
  ["i8", "int64"],
  ["u8", "uint64"],
  ["c8", "complex64"],
  ["c16", "complex128"],
  ["np.float32", "float32"],
  ["numpy.int16", "int16"],
  [" float64 ", "float64"],
  ["float", "float64"],
  ["int", "int64"],
  ["long", "int64"],
  ["double", "float64"],
  ["half", "float16"],
  ["?", "bool"],
  ["b", "int8"],
  ["B", "uint8"],
  ["d", "float64"],
  ["S1", "S1"],
  ["a7", "S7"],
  ["|S10", "S10"],
];

Deno.test("parseFieldType() reads NumPy's other names, prefixes and byte orders", () => {
  for (const [alias, name] of ALIASES) assertEquals(parseFieldType(alias)?.name, name, alias);
});

Deno.test("parseFieldType() gives null for what is no number type here", () => {
  for (const name of ["", "flot32", ">f4", "float128", "U10", "O", "S", "S0", "S-1", "S1.5", "M8", "constructor"]) {
    assertEquals(parseFieldType(name), null, name);
  }
});

Deno.test("FIELD_TYPE_NAMES holds only names that parseFieldType() knows", () => {
  for (const name of FIELD_TYPE_NAMES) assertEquals(parseFieldType(name) === null, false, name);
});
