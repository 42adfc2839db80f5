/** What a person reads when a run is over. */
import type { DeadTime } from "./dead_time.ts";
import type { Ledger, LedgerGroup } from "./ledger.ts";
import type { RunVerdict } from "./run_verdict.ts";
import { formatDuration, formatPercent, formatRate, textTable, wrapText, wrapWords } from "./text_format.ts";

/** Width of the list of files where no terminal sets one. */
const LIST_WIDTH = 100;

type Outcome = Exclude<keyof LedgerGroup, "name">;

/** What may become of an event, in the order of the ledger's columns. */
const OUTCOMES: readonly Outcome[] = ["processed", "rejected", "failed", "doubles", "unfinished"];

/** What the report tells. */
export interface EndReport {
  readonly runDirectory: string;
  /** Names of the files in it. */
  readonly files: readonly string[];
  readonly verdict: RunVerdict;
  readonly activeS: number;
  readonly pausedS: number;
  readonly wallS: number;
  readonly deadTime: DeadTime;
  readonly ledger: Ledger;
}

/**
 * Writes the report.
 *
 * @param report What to tell.
 * @param width Characters that fit into a line; null: any number, as for a file.
 */
export function describeEnd(report: EndReport, width: number | null): string {
  const { verdict, ledger, deadTime, activeS } = report;
  const paused = report.pausedS > 0 ? `, paused ${formatDuration(report.pausedS)}` : "";
  const first = ledger.rings[0];
  const fit = (line: string, indent = "") => wrapText(line, width ?? Infinity, indent);
  return [
    ...fit(verdict.headline),
    ...[...verdict.complaints, ...verdict.remarks ?? []].flatMap((line) => fit(line, "  ")),
    ...fit(
      `Execution time: ${formatDuration(report.wallS)} (active ${formatDuration(activeS)}${paused})` +
        (first === undefined ? "" : ` - Events taken: ${first.published}`),
    ),
    ...fit(`Dead time: ${formatPercent(deadTime.fraction)}, live time: ${formatDuration(deadTime.liveS)}`),
    "Ledger",
    ...describeLedger(ledger, activeS, width ?? Infinity),
    ...fit(`Files in ${report.runDirectory}`),
    ...wrapWords(report.files, (width ?? LIST_WIDTH) - 2).map((line) => `  ${line}`),
    "",
  ].join("\n");
}

/** A table of what happened; where it is too wide, a list. */
export function describeLedger(ledger: Ledger, activeS: number, width: number): string[] {
  const groups = ledger.rings.flatMap((ring) => ring.groups);
  const outcomes = OUTCOMES.filter((name) => name === "processed" || groups.some((group) => group[name] > 0));
  const rate = (published: number) => formatRate(activeS > 0 ? published / activeS : 0);
  const header = ["ring", "events", "rate", "reader group", ...outcomes, "residual"];
  const rows = ledger.rings.flatMap((ring) => {
    const counts = [ring.name, String(ring.published), rate(ring.published)];
    return (ring.groups.length > 0 ? ring.groups : [null]).map((group, i) => [
      ...(i === 0 ? counts : ["", "", ""]),
      ...(group === null
        ? ["none", ...outcomes.map(() => "")]
        : [group.name, ...outcomes.map((o) => String(group[o]))]),
      i === 0 ? String(ring.residual) : "",
    ]);
  });
  const table = textTable([header, ...rows]);
  if (table.every((line) => line.length <= width)) return table;
  return ledger.rings.flatMap((ring) => [
    ...wrapText(
      `${ring.name}: ${ring.published} events, ${rate(ring.published)}, residual ${ring.residual}`,
      width,
      "  ",
    ),
    ...ring.groups.flatMap((group) =>
      wrapText(`${group.name}: ${outcomes.map((name) => `${group[name]} ${name}`).join(", ")}`, width, "    ")
    ),
  ]);
}
