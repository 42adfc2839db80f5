/** Gathers what `report.html` needs from the run directory, and writes it there. */
import { join } from "node:path";
import type { PlottedRates } from "../files/rates_plot.ts";
import { reportHtml } from "./report_html.ts";
import type { KeptPanel } from "./report_panels.ts";
import type { RunBegin } from "./run_record.ts";
import type { RunRecord } from "./run_record_format.ts";
import type { RunVerdict } from "./run_verdict.ts";

/** Drawings of waveforms that are taken into the report. */
const MOST_DRAWINGS = 12;
/** Longer settings are left to their files. */
const MOST_SETTINGS_CHARACTERS = 200_000;

/**
 * Writes the report of a run that is over.
 *
 * @throws {Error} If the file cannot be written.
 */
export async function writeReport(
  begin: RunBegin,
  end: { readonly record: RunRecord; readonly verdict: RunVerdict; readonly panels: readonly KeptPanel[] },
): Promise<void> {
  const { plan, runDirectory, copies } = begin;
  const read = (name: string) => readText(join(runDirectory, name));
  const names = [...Deno.readDirSync(runDirectory)].map((entry) => entry.name).sort();
  const waveforms = names.filter((name) => /^waveform_.*\.svg$/.test(name)).slice(0, MOST_DRAWINGS);
  const html = reportHtml({
    ...end,
    plan,
    rates: ratesOf(read("stats.csv"), plan.rings.map((ring) => ring.name)),
    drawings: Object.fromEntries(waveforms.map((name) => [name, read(name)])),
    settings: Object.fromEntries(
      [...copies.values()].map((name) => [name, read(name).slice(0, MOST_SETTINGS_CHARACTERS)]),
    ),
  });
  await Deno.writeTextFile(join(runDirectory, "report.html"), html);
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/** Rates of the rings out of the text of `stats.csv`. */
export function ratesOf(stats: string, rings: readonly string[]): PlottedRates {
  const [head = "", ...lines] = stats.split("\n").filter((line) => line !== "");
  // Names with commas stand in quotes; the lines below hold none.
  const columns: readonly string[] = head.match(/"(?:[^"]|"")*"|[^,]+/g) ?? [];
  const quoted = (name: string) => /[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
  const places = rings.map((ring) => columns.indexOf(quoted(`${ring}.rate_hz`)));
  const rows = lines.map((line) => line.split(","));
  const begin = Date.parse(rows[0]?.[0] ?? "");
  return {
    timesS: rows.map((row) => (Date.parse(row[0]) - begin) / 1000),
    ratesHz: Object.fromEntries(
      rings.flatMap((ring, i) => places[i] < 0 ? [] : [[ring, rows.map((row) => Number(row[places[i]]))]]),
    ),
  };
}
