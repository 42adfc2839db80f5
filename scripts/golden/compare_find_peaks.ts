/** Comparison of `findPeaks` with what SciPy found. */
import { findPeaks } from "../../src/pulses/find_peaks.ts";
import type { FindPeaksOptions } from "../../src/pulses/peak_conditions.ts";
import { PEAK_PROPERTIES, type PeakProperty } from "../../src/pulses/peak_table.ts";
import type { Tally } from "./tally.ts";

/** How far SciPy's float64 values and ours may be apart, relative. */
export const FLOAT64_TOLERANCE = 1e-9;

const OPTION_NAMES: Readonly<Record<string, keyof FindPeaksOptions>> = {
  rel_height: "relHeight",
  plateau_size: "plateauSize",
};

interface FindPeaksCase {
  readonly x: readonly number[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly positions: readonly number[];
  readonly properties: GoldenProperties;
}

/** Properties of peaks by SciPy's names. */
export type GoldenProperties = Readonly<Record<string, readonly number[]>>;

/** Compares every case of `<folder>/find_peaks.json`. */
export function compareFindPeaks(folder: string, tally: Tally): void {
  const { cases } = JSON.parse(Deno.readTextFileSync(`${folder}/find_peaks.json`)) as { cases: FindPeaksCase[] };
  for (const [i, golden] of cases.entries()) {
    const options = Object.fromEntries(
      Object.entries(golden.options).map(([name, value]) => [OPTION_NAMES[name] ?? name, value]),
    );
    const { positions, properties } = findPeaks(golden.x, options as FindPeaksOptions);
    const place = `find_peaks[${i}]`;
    tally.list(`${place}.positions`, positions, { expected: golden.positions, tolerance: 0 });
    compareProperties(`${place}.properties`, { found: properties, expected: golden.properties }, tally);
  }
}

/** Compares properties of peaks: which there are, and their values. Indices must be the same. */
export function compareProperties(
  place: string,
  { found, expected }: {
    found: { readonly [Name in PeakProperty]?: Int32Array | Float64Array };
    expected: GoldenProperties;
  },
  tally: Tally,
): void {
  for (const [name, ours] of Object.entries(PEAK_PROPERTIES)) {
    const values = found[ours];
    if (!tally.same(`${place}: has ${name}`, values !== undefined, name in expected)) continue;
    if (values === undefined) continue;
    const tolerance = values instanceof Int32Array ? 0 : FLOAT64_TOLERANCE;
    tally.list(`${place}.${name}`, values, { expected: expected[name], tolerance });
  }
}
