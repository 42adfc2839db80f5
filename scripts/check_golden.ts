/**
 * Compares the peak search, the two filters and the file source with a folder of reference results.
 *
 *     deno run -A scripts/check_golden.ts DIR
 *
 * Prints a line for each value that differs and, last, `N compared, N differ`. Exit code 1 if any differs, 2 without DIR.
 */
import { compareFindPeaks } from "./golden/compare_find_peaks.ts";
import { compareLifetime } from "./golden/compare_lifetime.ts";
import { compareRecording } from "./golden/compare_recording.ts";
import { compareSpectrum } from "./golden/compare_spectrum.ts";
import { Tally } from "./golden/tally.ts";

const PARTS = {
  find_peaks: compareFindPeaks,
  lifetime: compareLifetime,
  spectrum: compareSpectrum,
  recording: compareRecording,
};

function checkGolden(folder: string): number {
  const tally = new Tally((line) => console.log(line));
  for (const [name, compare] of Object.entries(PARTS)) {
    try {
      compare(folder, tally);
    } catch (error) {
      tally.impossible(name, `cannot be compared: ${error instanceof Error ? error.message : error}`);
    }
  }
  console.log(`${tally.compared} compared, ${tally.differing} differ`);
  return tally.differing === 0 ? 0 : 1;
}

if (import.meta.main) {
  if (Deno.args.length === 1) Deno.exit(checkGolden(Deno.args[0]));
  console.error("Usage: deno run -A scripts/check_golden.ts DIR");
  Deno.exit(2);
}
