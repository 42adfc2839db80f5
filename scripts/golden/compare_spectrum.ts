/** Comparison of the spectrum analysis with the reference analysis. */
import { SpectrumAnalysis } from "../../src/pulses/spectrum_analysis.ts";
import { compareParameters } from "./compare_lifetime.ts";
import type { Tally } from "./tally.ts";
import { readExpected, readWaveforms } from "./waveforms.ts";

/** Compares the parameters of every event in `<folder>/spectrum`. */
export function compareSpectrum(folder: string, tally: Tally): void {
  const golden = readExpected<Readonly<Record<string, number>> | null>(`${folder}/spectrum`);
  const analysis = new SpectrumAnalysis(golden.config, { fields: golden.channels, samples: golden.samples });
  let event = 0;
  for (const channels of readWaveforms(`${folder}/spectrum`, golden)) {
    const found = analysis.analyse(channels);
    compareParameters(`spectrum[${event}]`, { found, expected: golden.expected[event] }, tally);
    event++;
  }
}
