/** The configuration of histograms in mimoCoRB2: `bins: {field: [min, max, edges]}`. */
import { Histogram } from "../pulses/histogram.ts";
import type { FunctionSettings } from "../worker/function_settings.ts";

/** A histogram of one field. */
export interface BinnedField {
  readonly field: string;
  readonly histogram: Histogram;
  /** Number of edges, as the configuration gives it: one more than there are bins. */
  readonly edges: number;
}

const FORM = "[min, max, number of edges] with min < max and at least 2 edges";

/**
 * Reads the key `bins`. The third number counts edges, as in NumPy's `linspace`, so there is one bin less.
 *
 * @param fields Names that are allowed.
 * @throws {TypeError} If a value is not of that form, or there is no such field.
 */
export function readBins(settings: FunctionSettings, fields: readonly string[]): BinnedField[] {
  const entries = Object.entries(settings.mapping("bins"));
  if (entries.length === 0) {
    throw new TypeError(settings.message("bins", { expected: `{field: ${FORM}}`, found: null }));
  }
  return entries.map(([field, form]) => {
    if (!fields.includes(field)) {
      throw new TypeError(settings.message("bins", { expected: `for fields ${fields.join(", ")}`, found: field }));
    }
    const [min, max, edges] = Array.isArray(form) ? form as readonly unknown[] : [];
    const isRange = typeof min === "number" && typeof max === "number" && min < max && Number.isFinite(max - min);
    if (!isRange || !Number.isSafeInteger(edges) || (edges as number) < 2) {
      throw new TypeError(settings.message(`bins.${field}`, { expected: FORM, found: form }));
    }
    return { field, histogram: new Histogram({ min, max, bins: edges as number - 1 }), edges: edges as number };
  });
}
