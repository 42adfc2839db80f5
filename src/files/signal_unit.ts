/** The unit of samples. There is one rule: whole numbers are the counts of a converter, all others are mV. */
import type { FieldType } from "../record/field_type.ts";

/** Unit of some samples. */
export type SignalUnit = "mV" | "counts";

/** Unit of the samples in a field of a ring. */
export function unitOfField({ kind }: Pick<FieldType, "kind">): SignalUnit {
  return kind === "int" || kind === "uint" ? "counts" : "mV";
}

/** Unit of samples by the kind of their array; in an array of no kind they are mV. */
export function unitOfSamples(samples: ArrayLike<number>): SignalUnit {
  if (!ArrayBuffer.isView(samples)) return "mV";
  const isFloat = [Float16Array, Float32Array, Float64Array].some((type) => samples instanceof type);
  return isFloat ? "mV" : "counts";
}

/** Unit of an axis for several channels. */
export function unitOfAxis(channels: readonly ArrayLike<number>[]): SignalUnit | "mV or counts" {
  const units = new Set(channels.map(unitOfSamples));
  return units.size < 2 ? [...units][0] ?? "mV" : "mV or counts";
}
