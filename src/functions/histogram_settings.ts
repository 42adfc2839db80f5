/** The configuration of histograms. */
import { Histogram } from "../pulses/histogram.ts";
import type { RecordLayout } from "../record/record_layout.ts";
import { nearestWord } from "../setup/nearest_word.ts";
import type { FunctionSettings } from "../worker/function_settings.ts";

/** One histogram with what is needed to draw it. */
export interface NamedHistogram {
  /** Name of the field that is filled in. */
  readonly field: string;
  readonly histogram: Histogram;
  readonly label: string;
  readonly logScale: boolean;
}

const FORM = "[min, max, bins, top, label, 0 or 1 for a linear or logarithmic scale]";

/**
 * Reads the key `histograms`: `{field: [min, max, bins, top, label, 0|1]}`. The last three may be left out; `top` (the top
 * of v1's axis) is not used, since axes follow the entries.
 *
 * @throws {TypeError} If a value is not of that form, or there is no such field.
 * @throws {RangeError} If the limits or the number of bins make no histogram.
 */
export function readHistograms(settings: FunctionSettings, layout: RecordLayout): NamedHistogram[] {
  const entries = Object.entries(settings.mapping("histograms"));
  if (entries.length === 0) {
    throw new TypeError(settings.message("histograms", { expected: `{field: ${FORM}}`, found: null }));
  }
  return entries.map(([field, form]) => readHistogram(settings, layout, { field, form }));
}

function readHistogram(
  settings: FunctionSettings,
  layout: RecordLayout,
  { field, form }: { field: string; form: unknown },
): NamedHistogram {
  const fields = layout.fields.map(({ name }) => name);
  if (!fields.includes(field)) {
    const nearest = nearestWord(field, fields);
    const advice = nearest === null ? "" : `; did you mean "${nearest}"?`;
    throw new TypeError(
      settings.message("histograms", { expected: `for fields ${fields.join(", ")}`, found: field }) + advice,
    );
  }
  const [min, max, bins, top = 0, label = field, log = 0] = Array.isArray(form) ? form as readonly unknown[] : [];
  const numbers = [min, max, bins, top];
  const isForm = Array.isArray(form) && form.length >= 3 && form.length <= 6 &&
    numbers.every((value) => typeof value === "number") && [0, 1, true, false].includes(log as number);
  if (!isForm) throw new TypeError(settings.message(`histograms.${field}`, { expected: FORM, found: form }));
  try {
    const histogram = new Histogram({ min: min as number, max: max as number, bins: bins as number });
    return { field, histogram, label: String(label), logScale: Boolean(log) };
  } catch (error) {
    const expected = `${FORM} with min < max and bins >= 1`;
    throw new RangeError(settings.message(`histograms.${field}`, { expected, found: form }), { cause: error });
  }
}
