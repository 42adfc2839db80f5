/** Values of text tables as numbers of given types. */
import type { BigIntColumn, FieldType, NumberColumn } from "../record/field_type.ts";

/**
 * Writes the text of one value into a column.
 *
 * @returns False if the text is no value of that type.
 */
export type ValueReader = (text: string, target: NumberColumn | BigIntColumn) => boolean;

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const WHOLE = /^[+-]?\d+$/;
const COMPLEX = /^([+-]?(?:nan|inf|[\d.]+(?:[eE][+-]?\d+)?))([+-](?:nan|inf|[\d.]+(?:[eE][+-]?\d+)?))j$/;

const textEncoder = new TextEncoder();

/** Makes what reads the values of a type, as `TextTableWriter` writes them. */
export function valueReader(type: FieldType): ValueReader {
  switch (type.kind) {
    case "bytes":
      return readBytes;
    case "complex":
      return readComplex;
    case "float":
      return (text, target) => {
        const value = floatOf(text);
        if (value === null) return false;
        target[0] = value;
        return true;
      };
    case "bool":
      return (text, target) => {
        const value = { "0": 0, "1": 1, false: 0, true: 1 }[text.toLowerCase()];
        if (value === undefined) return false;
        target[0] = value;
        return true;
      };
    default:
      return type.valueBytes === 8 ? readBigInt : readInteger;
  }
}

/** Reads a decimal number, `nan` or `inf`; null if the text is none. */
export function floatOf(text: string): number | null {
  if (DECIMAL.test(text)) return Number(text);
  const word = /^([+-]?)(nan|inf|infinity)$/i.exec(text);
  if (word === null) return null;
  if (word[2].toLowerCase() === "nan") return NaN;
  return word[1] === "-" ? -Infinity : Infinity;
}

/** Says which kind of value a text is, for a column whose type is not known. */
export function kindOfText(text: string): "int" | "float" | "complex" | "bytes" {
  if (WHOLE.test(text)) return "int";
  if (floatOf(text) !== null) return "float";
  return COMPLEX.test(text) ? "complex" : "bytes";
}

function readInteger(text: string, target: NumberColumn | BigIntColumn): boolean {
  if (!WHOLE.test(text)) return false;
  const value = Number(text);
  target[0] = value;
  return target[0] === value;
}

function readBigInt(text: string, target: NumberColumn | BigIntColumn): boolean {
  if (!WHOLE.test(text)) return false;
  const value = BigInt(text.replace("+", ""));
  (target as BigIntColumn)[0] = value;
  return (target as BigIntColumn)[0] === value;
}

function readComplex(text: string, target: NumberColumn | BigIntColumn): boolean {
  const parts = COMPLEX.exec(text);
  const real = floatOf(parts?.[1] ?? "");
  const imaginary = floatOf(parts?.[2] ?? "");
  if (real === null || imaginary === null) return false;
  target[0] = real;
  target[1] = imaginary;
  return true;
}

function readBytes(text: string, target: NumberColumn | BigIntColumn): boolean {
  const bytes = textEncoder.encode(text);
  if (bytes.length > target.length) return false;
  target.fill(0 as never);
  (target as Uint8Array).set(bytes);
  return true;
}
