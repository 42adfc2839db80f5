/** Histograms as text for other programs. */
import type { PlottedHistogram } from "./histogram_plot.ts";

/**
 * Writes a histogram as a table: comment lines (`#`) with what it shows and what fell outside, then
 * `bin_low,bin_high,count` and one line per bin. `numpy.loadtxt(…, delimiter=",", skiprows=…)` and
 * `pandas.read_csv(…, comment="#")` read it.
 *
 * @param name Name of the variable.
 */
export function histogramCsv(name: string, histogram: PlottedHistogram): string {
  const { min, max, counts, underflow, overflow, label, entries, mean, sigma } = histogram;
  const notes: [string, string | number][] = [
    ["variable", name],
    ["label", label],
    ["entries", entries],
    ["mean", mean],
    ["sigma", sigma],
    ["underflow", underflow],
    ["overflow", overflow],
  ];
  const lines = notes.map(([key, value]) => `# ${key}: ${String(value).replace(/\s+/g, " ")}`);
  lines.push("bin_low,bin_high,count");
  const edge = (i: number) => Number((min + (max - min) * i / counts.length).toPrecision(12));
  for (let i = 0; i < counts.length; i++) lines.push(`${edge(i)},${edge(i + 1)},${counts[i]}`);
  return lines.join("\n") + "\n";
}
