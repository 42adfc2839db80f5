/** Record layouts and values as fast-check makes them. */
import fc from "fast-check";
import { type Columns, type RecordLayout, recordLayout } from "../../src/record/record_layout.ts";

/** Type names, bytes of 1 to 20 included. */
export const ANY_TYPE: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...["float16", "float32", "float64", "bool", "complex64", "complex128"]) },
  {
    weight: 5,
    arbitrary: fc.constantFrom(...["", "u"].flatMap((sign) => [8, 16, 32, 64].map((n) => `${sign}int${n}`))),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }).map((n) => `S${n}`) },
);

/** Names with any characters that a setup may have in them. */
const ANY_NAME = fc.oneof(
  fc.constantFrom(
    "chA",
    "1st_chA_h",
    "0",
    "counter",
    "data",
    "ä b",
    'a "quoted", name',
    "a\tb",
    "naïve 𝛾",
    "constructor",
  ),
  fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }).filter((name) =>
    name.isWellFormed() && !name.includes("\r") && name !== "__proto__"
  ),
);

/** Layouts of up to seven fields. */
export function anyLayout(most: { readonly valuesPerSlot: number }): fc.Arbitrary<RecordLayout> {
  const fields = fc.uniqueArray(fc.tuple(ANY_NAME, ANY_TYPE), {
    minLength: 1,
    maxLength: 7,
    selector: ([name]) => name,
  });
  return fc.tuple(fields, fc.integer({ min: 1, max: most.valuesPerSlot }), fc.boolean()).map(
    ([pairs, valuesPerSlot, isSingle]) => recordLayout(isSingle ? pairs[0][1] : new Map(pairs), valuesPerSlot),
  );
}

/** Memory of a column. */
export function bytesOf(data: Columns, name: string): Uint8Array {
  const { buffer, byteOffset, byteLength } = data[name];
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A seed that is printed, so that a failure can be repeated. */
export function printedSeed(name: string): number {
  const given = Deno.env.get("MIMOCORB_SEED");
  const seed = given === undefined ? crypto.getRandomValues(new Int32Array(1))[0] : Number(given);
  console.log(`${name}: MIMOCORB_SEED=${seed}`);
  return seed;
}
