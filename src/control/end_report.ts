/** What a person reads when a run is over. */
import type { DeadTime } from "./dead_time.ts";
import type { Ledger } from "./ledger.ts";
import type { StopReason } from "./run_state.ts";
import { formatDuration, formatPercent, formatRate, textTable, wrapWords } from "./text_format.ts";

/** Width up to which lists are written in one line. */
const WIDTH = 100;

/** What the report tells. */
export interface EndReport {
  readonly runDirectory: string;
  /** Names of the files in it. */
  readonly files: readonly string[];
  readonly stopReason: StopReason;
  readonly exitCode: number;
  readonly activeS: number;
  readonly pausedS: number;
  readonly wallS: number;
  readonly deadTime: DeadTime;
  readonly ledger: Ledger;
  /** One line for each reason why the run did not succeed. */
  readonly complaints: readonly string[];
}

/** Writes the report. */
export function describeEnd(report: EndReport): string {
  const { ledger, deadTime, activeS } = report;
  const paused = report.pausedS > 0 ? `, paused ${formatDuration(report.pausedS)}` : "";
  const first = ledger.rings[0];
  const header = [
    "ring",
    "events",
    "rate",
    "reader group",
    "processed",
    "rejected",
    "failed",
    "doubles",
    "unfinished",
    "residual",
  ];
  const rows = ledger.rings.flatMap((ring) => {
    const counts = [ring.name, String(ring.published), formatRate(activeS > 0 ? ring.published / activeS : 0)];
    const groups = ring.groups.length > 0 ? ring.groups : [null];
    return groups.map((group, i) => [
      ...(i === 0 ? counts : ["", "", ""]),
      ...(group === null
        ? ["none", "", "", "", "", ""]
        : [group.name, group.processed, group.rejected, group.failed, group.doubles, group.unfinished].map(String)),
      i === 0 ? String(ring.residual) : "",
    ]);
  });
  const files = wrapWords(report.files, WIDTH - 2).map((line) => `  ${line}`);
  return [
    `Run ${report.exitCode === 0 ? "complete" : "failed"}: ${report.stopReason.text}`,
    ...report.complaints.map((complaint) => `  ${complaint}`),
    `Execution time: ${formatDuration(report.wallS)} (active ${formatDuration(activeS)}${paused})` +
    (first === undefined ? "" : ` - Events processed: ${first.published}`),
    `Dead time: ${formatPercent(deadTime.fraction)}, live time: ${formatDuration(deadTime.liveS)}`,
    "Ledger",
    ...textTable([header, ...rows]),
    `Files in ${report.runDirectory}`,
    ...files,
    "",
  ].join("\n");
}
