/** `report.html`: a whole run on one page that needs nothing else, for the logbook. */
import { histogramPlot } from "../files/histogram_plot.ts";
import { type PlottedRates, ratesPlot } from "../files/rates_plot.ts";
import { escapeXml } from "../files/svg_text.ts";
import { waveformPlot } from "../files/waveform_plot.ts";
import { fitHistogram } from "../pulses/histogram_fit.ts";
import type { Plan } from "../setup/plan.ts";
import type { Panel } from "../worker/panel.ts";
import { dataFlowSvg } from "./data_flow.ts";
import type { KeptPanel } from "./report_panels.ts";
import type { RunRecord } from "./run_record_format.ts";
import type { RunVerdict } from "./run_verdict.ts";
import { formatDuration, formatPercent, formatRate } from "./text_format.ts";

/** What the report tells. */
export interface ReportFacts {
  readonly record: RunRecord;
  readonly plan: Plan;
  readonly verdict: RunVerdict;
  readonly rates: PlottedRates;
  readonly panels: readonly KeptPanel[];
  /** SVG documents that displays have written, by file name. */
  readonly drawings: Readonly<Record<string, string>>;
  /** Text of the setup by the name of its copy, and of its configuration files. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A fit that is worse says nothing. */
const MOST_CHI2_PER_DEGREE = 10;

type HistogramPanel = Extract<Panel, { kind: "histogram" }>;

const STYLE = `:root{color-scheme:light dark;--ink:#1a1f26;--faint:#5a6572;--grid:#dfe3e8;--paper:#fff;--good:#0a7f5a;
--bad:#b3123b}@media (prefers-color-scheme:dark){:root{--ink:#e8ecf1;--faint:#9eabb9;--grid:#2e3640;--paper:#14181d;
--good:#3fd4a3;--bad:#ff7b97}}
body{margin:32px auto;max-width:1000px;padding:0 20px;background:var(--paper);color:var(--ink);
font:15px/1.5 -apple-system,"Segoe UI",Roboto,"DejaVu Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
h1{font-size:28px;margin:0}h2{font-size:19px;margin:34px 0 10px}p{margin:6px 0}.good{color:var(--good)}.bad{color:var(--bad)}
.faint{color:var(--faint)}table{border-collapse:collapse;width:100%}
th{color:var(--faint);font-weight:500;font-size:13px;text-align:left}td{border-top:1px solid var(--grid)}
th,td{padding:4px 14px 4px 0;vertical-align:top}.n{text-align:right}svg{max-width:100%;height:auto}
pre{overflow:auto;font-size:13px;border:1px solid var(--grid);border-radius:8px;padding:10px}
@media print{details{display:none}body{margin:0}}`;

/** Writes the report. Everything in it that comes from setups or functions stands as text. */
export function reportHtml(facts: ReportFacts): string {
  const { record, plan, verdict, rates, panels, drawings, settings } = facts;
  const histograms = panels.filter((it): it is KeptPanel & { panel: HistogramPanel } => it.panel.kind === "histogram");
  // What displays have drawn into files is the same with its scales.
  const waveforms = Object.keys(drawings).length > 0 ? Object.values(drawings) : panels.map(waveformOf);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(record.run)} ${escapeXml(record.begin.time_local.slice(0, 19))}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeXml(record.run)}</h1>
<p class="faint">${escapeXml(record.begin.time_local)} · ${escapeXml(record.begin.host)} · ${
    escapeXml(record.directory)
  }</p>
<p class="${verdict.exitCode === 0 ? "good" : "bad"}"><b>${escapeXml(verdict.headline)}</b></p>
${verdict.complaints.map((text) => `<p class="bad">${escapeXml(text)}</p>`).join("\n")}
${factsTable(record)}
<h2>Ledger</h2>
${ledgerTable(record)}
<h2>Data flow</h2>
${dataFlowSvg(plan)}
<h2>Rates</h2>
${ratesPlot(rates)}
${section("Histograms", histograms.length === 0 ? "" : histogramPlot(histograms.map(({ panel }) => plotted(panel))))}
${section("Fits", fitsTable(histograms))}
${section("Waveforms", waveforms.join("\n"))}
${section("Results", panels.map(resultOf).join("\n"))}
<h2>Functions</h2>
${functionsTable(record)}
${section("Failures", failuresTable(record))}
<h2>Settings</h2>
<p class="faint">${escapeXml(versionsOf(record))}</p>
${
    Object.entries(settings).map(([name, text]) =>
      `<details><summary>${escapeXml(name)}</summary><pre>${escapeXml(text)}</pre></details>`
    ).join("\n")
  }
</body>
</html>
`;
}

function section(title: string, content: string): string {
  return content.trim() === "" ? "" : `<h2>${title}</h2>\n${content}`;
}

/** A table; cells that are numbers stand on the right. */
function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return "";
  const isNumber = head.map((_, i) => rows.some((row) => typeof row[i] === "number"));
  const cell = (tag: string, value: string | number, i: number) =>
    `<${tag}${isNumber[i] ? ' class="n"' : ""}>${escapeXml(String(value))}</${tag}>`;
  const line = (tag: string, cells: readonly (string | number)[]) =>
    `<tr>${cells.map((value, i) => cell(tag, value, i)).join("")}</tr>`;
  return `<table>\n${line("th", head)}\n${rows.map((row) => line("td", row)).join("\n")}\n</table>`;
}

function factsTable({ end, dead_time, goals, ledger }: RunRecord): string {
  const first = ledger[0];
  const rate = first === undefined || !(end.active_s > 0) ? 0 : first.published / end.active_s;
  return table(["", ""], [
    ["events taken", first === undefined ? "–" : `${first.published} (${formatRate(rate)})`],
    ["active time", formatDuration(end.active_s)],
    ...(end.paused_s > 0 ? [["paused", formatDuration(end.paused_s)]] : []),
    ["dead time", `${formatPercent(dead_time.fraction)}, live time ${formatDuration(dead_time.live_s)}`],
    ["ended by", `${end.stop_reason}, ${end.time_local}`],
    ...(goals.runevents > 0 ? [["goal", `${goals.runevents} events`]] : []),
    ...(goals.runtime_s > 0 ? [["goal", formatDuration(goals.runtime_s)]] : []),
  ]);
}

function ledgerTable({ ledger }: RunRecord): string {
  const head = [
    "ring",
    "published",
    "reader group",
    "processed",
    "rejected",
    "failed",
    "doubles",
    "unfinished",
    "residual",
  ];
  return table(
    head,
    ledger.flatMap((ring) => {
      const groups = ring.groups.length > 0 ? ring.groups : [null];
      return groups.map((group, i) => [
        i === 0 ? ring.ring : "",
        i === 0 ? ring.published : "",
        group?.name ?? "none",
        ...(group === null
          ? ["", "", "", "", ""]
          : [group.processed, group.rejected, group.failed, group.doubles, group.unfinished]),
        i === 0 ? ring.residual : "",
      ]);
    }),
  );
}

function functionsTable({ functions, function_counts: counts }: RunRecord): string {
  return table(
    ["entry", "function", "worker", "taken", "rejected", "published", "waited (s)"],
    functions.flatMap((fn) =>
      (counts[fn.name] ?? []).map(({ worker, ended, sources, sinks }) => {
        const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
        const waits = [...sources.map((it) => it.wait_s), ...sinks.map((it) => it.wait_s)];
        return [
          fn.name,
          fn.function,
          ended === "ok" ? String(worker) : `${worker} (${ended})`,
          sum(sources.map((it) => it.processed + it.rejected + it.failed + it.doubles)),
          sum(sources.map((it) => it.rejected)),
          sum(sinks.map((it) => it.published)),
          Number(sum(waits).toFixed(3)),
        ];
      })
    ),
  );
}

function failuresTable({ failures }: RunRecord): string {
  return table(
    ["function", "worker", "event", "message"],
    failures.map((
      it,
    ) => [`${it.name} ${it.function}`, String(it.worker), it.event === null ? "" : String(it.event), it.message]),
  );
}

function plotted(panel: HistogramPanel) {
  const { min, max, counts } = panel;
  const width = (max - min) / counts.length;
  let entries = 0;
  let sum = 0;
  counts.forEach((n, i) => {
    entries += n;
    sum += n * (min + (i + 0.5) * width);
  });
  const mean = sum / entries;
  const squares = counts.reduce((total, n, i) => total + n * (min + (i + 0.5) * width - mean) ** 2, 0);
  return { ...panel, entries, mean, sigma: Math.sqrt(squares / entries) };
}

/** Both fits of every histogram over its whole range, but for those that have nothing to do with it. */
function fitsTable(histograms: readonly { readonly name: string; readonly panel: HistogramPanel }[]): string {
  const rows = histograms.flatMap(({ panel }) =>
    (["gauss", "exponential"] as const).flatMap((kind) => {
      const fit = fitHistogram(panel, { kind });
      if (fit.state !== "ok" || fit.chi2 > MOST_CHI2_PER_DEGREE * fit.degrees) return [];
      const [, place] = fit.parameters;
      if (kind === "gauss" && (place.value < panel.min || place.value > panel.max)) return [];
      const values = fit.parameters.map(({ name, value, error }) => `${name} = ${measured(value, error)}`);
      return [[panel.label, kind, values.join(", "), `${fit.chi2.toFixed(1)} / ${fit.degrees}`]];
    })
  );
  return table(["histogram", "function", "parameters over the whole range", "χ² / degrees of freedom"], rows);
}

/** A value and its error, the error with two digits. */
function measured(value: number, error: number): string {
  const decimals = Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(error))));
  return Number.isFinite(decimals) ? `${value.toFixed(decimals)} ± ${error.toFixed(decimals)}` : String(value);
}

function waveformOf({ panel }: KeptPanel): string {
  if (panel.kind !== "waveform") return "";
  const { channels, sampleTimeNs, counter, title } = panel;
  return waveformPlot({ channels, sampleTimeNs, counter }, { title });
}

function resultOf({ panel }: KeptPanel): string {
  if (panel.kind === "value") {
    return `<p>${escapeXml(panel.title)}: <b>${escapeXml(`${panel.value} ${panel.unit ?? ""}`.trim())}</b></p>`;
  }
  if (panel.kind !== "table" || panel.rows.length === 0) return "";
  const columns = Object.keys(panel.rows[0]);
  const rows = panel.rows.map((row) => columns.map((name) => row[name] ?? ""));
  return `<p>${escapeXml(panel.title)}</p>\n${table(columns, rows)}`;
}

function versionsOf({ begin }: RunRecord): string {
  const versions = Object.entries(begin.versions).map(([name, version]) => `${name} ${version}`);
  return [...versions, begin.system, `${begin.processors} processors`].join(" · ");
}
