/** Comparison of the lifetime analysis with the reference analysis. */
import { type FoundPeakProperties, measuredProperties } from "../../src/pulses/find_peaks.ts";
import { LifetimeAnalysis } from "../../src/pulses/lifetime_analysis.ts";
import type { PeakTable } from "../../src/pulses/peak_table.ts";
import { compareProperties, type GoldenProperties } from "./compare_find_peaks.ts";
import type { Tally } from "./tally.ts";
import { readExpected, readWaveforms } from "./waveforms.ts";

/** How far values that the reference stores as float32 and ours may be apart, relative. */
export const FLOAT32_TOLERANCE = 1e-5;

/** Fields with whole numbers. */
const INTEGER_FIELD = /^decay_time$|_p$|_position$/;

interface ExpectedEvent {
  readonly peaks: Readonly<Record<string, GoldenProperties & { readonly positions: readonly number[] }>>;
  readonly coincidences: readonly (readonly number[])[];
  readonly result: Readonly<Record<string, number>> | null;
}

/** Compares peaks, coincidences and parameters of every event in `<folder>/lifetime`. */
export function compareLifetime(folder: string, tally: Tally): void {
  const golden = readExpected<ExpectedEvent>(`${folder}/lifetime`);
  const analysis = new LifetimeAnalysis(golden.config, { fields: golden.channels, samples: golden.samples });
  let event = 0;
  for (const channels of readWaveforms(`${folder}/lifetime`, golden)) {
    const place = `lifetime[${event}]`;
    const expected = golden.expected[event++];
    const result = analysis.analyse(channels);
    for (const [i, name] of golden.channels.entries()) {
      const { positions, ...properties } = expected.peaks[name];
      const peaks = analysis.peaks[i];
      tally.list(`${place}.${name}.positions`, peaks.positions.subarray(0, peaks.count), {
        expected: positions,
        tolerance: 0,
      });
      compareProperties(`${place}.${name}`, { found: propertiesOf(peaks), expected: properties }, tally);
    }
    compareCoincidences(`${place}.coincidences`, { analysis, expected: expected.coincidences }, tally);
    compareParameters(`${place}.result`, { found: result?.parameters ?? null, expected: expected.result }, tally);
  }
}

/** Compares values by field name; `null` stands for a rejected event. */
export function compareParameters(
  place: string,
  { found, expected }: {
    found: Readonly<Record<string, number>> | null;
    expected: Readonly<Record<string, number>> | null;
  },
  tally: Tally,
): void {
  if (!tally.same(`${place}: accepted`, found !== null, expected !== null) || found === null || expected === null) {
    return;
  }
  tally.same(`${place}: fields`, Object.keys(found).sort().join(" "), Object.keys(expected).sort().join(" "));
  for (const [name, value] of Object.entries(expected)) {
    const tolerance = INTEGER_FIELD.test(name) ? 0 : FLOAT32_TOLERANCE;
    tally.close(`${place}.${name}`, found[name], { expected: value, tolerance });
  }
}

function propertiesOf(peaks: PeakTable): FoundPeakProperties {
  const names = measuredProperties({ prominence: 0, width: 0 });
  return Object.fromEntries(names.map((name) => [name, peaks[name].subarray(0, peaks.count)]));
}

function compareCoincidences(
  place: string,
  { analysis, expected }: { analysis: LifetimeAnalysis; expected: readonly (readonly number[])[] },
  tally: Tally,
): void {
  const { rows, channels } = analysis.coincidences;
  if (!tally.same(`${place}: length`, rows, expected.length)) return;
  for (let row = 0; row < rows; row++) {
    const found = Array.from({ length: channels }, (_, channel) => analysis.coincidences.entry(row, channel));
    tally.list(`${place}[${row}]`, found, { expected: expected[row], tolerance: 0 });
  }
}
