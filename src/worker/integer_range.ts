/** Which values integer fields can hold. */
import type { FieldType } from "../record/field_type.ts";

/** Least and greatest value of an integer type; bigints for types that numbers cannot hold. */
export interface IntegerRange {
  readonly min: number | bigint;
  readonly max: number | bigint;
  /** Only the truth values 0 and 1. */
  readonly isTruth: boolean;
}

/** Range of a field's elements; null for floating-point and complex numbers, which take everything. */
export function integerRange({ kind, valueBytes }: FieldType): IntegerRange | null {
  if (kind === "float" || kind === "complex") return null;
  if (kind === "bool") return { min: 0, max: 1, isTruth: true };
  const bits = kind === "bytes" ? 8 : 8 * valueBytes;
  const min = kind === "int" ? -(1n << BigInt(bits - 1)) : 0n;
  const max = (1n << BigInt(kind === "int" ? bits - 1 : bits)) - 1n;
  return bits === 64 ? { min, max, isTruth: false } : { min: Number(min), max: Number(max), isTruth: false };
}
