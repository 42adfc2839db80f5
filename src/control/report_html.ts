/** `report.html`: a whole run on one page that needs nothing else, for the logbook. */
import { type PlottedRates, ratesPlot } from "../files/rates_plot.ts";
import { escapeXml } from "../files/svg_text.ts";
import type { Plan } from "../setup/plan.ts";
import { dataFlowSvg } from "./data_flow.ts";
import { drawingsOf, histogramDrawing, undrawnWaveforms } from "./report_drawings.ts";
import { fitHistograms } from "./report_fits.ts";
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

const FITS_HEAD = ["histogram", "function", "parameters over the whole range", "χ² / degrees of freedom", "remark"];

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
  const histograms = panels.flatMap(({ panel }) => panel.kind === "histogram" ? [panel] : []);
  const fits = fitHistograms(histograms);
  const histogramDrawings = [
    histogramDrawing(histograms, fits.map(({ curves }) => curves)),
    ...drawingsOf(panels, "histogram2d"),
  ];
  const waveforms = [
    ...Object.values(drawings),
    ...drawingsOf(undrawnWaveforms(panels, { plan, drawings }), "waveform"),
  ];
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
${(verdict.remarks ?? []).map((text) => `<p>${escapeXml(text)}</p>`).join("\n")}
${factsTable(record)}
<h2>Ledger</h2>
${ledgerTable(record)}
<h2>Data flow</h2>
${dataFlowSvg(plan)}
<h2>Rates</h2>
${ratesPlot(rates)}
${section("Histograms", histogramDrawings.join("\n"))}
${section("Fits", table(FITS_HEAD, fits.flatMap(({ rows }) => rows)))}
${section("Curves", drawingsOf(panels, "xy").join("\n"))}
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
  const wanted = [
    ...(goals.runevents > 0 ? [`${goals.runevents} events`] : []),
    ...(goals.runtime_s > 0 ? [`${formatDuration(goals.runtime_s)} of active time`] : []),
  ];
  return table(["", ""], [
    ["events taken", first === undefined ? "–" : `${first.published} (${formatRate(rate)})`],
    ["active time", formatDuration(end.active_s)],
    ...(end.paused_s > 0 ? [["paused", formatDuration(end.paused_s)]] : []),
    ["dead time", `${formatPercent(dead_time.fraction)}, live time ${formatDuration(dead_time.live_s)}`],
    ["ended by", `${end.stop_reason}, ${end.time_local}`],
    ...(wanted.length > 0 ? [[wanted.length > 1 ? "goals" : "goal", wanted.join(" or ")]] : []),
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
