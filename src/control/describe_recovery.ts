/** What a person reads after a killed run was recovered. */
import { describeLedger } from "./end_report.ts";
import type { RecoveryResult } from "./recover_run.ts";
import type { RunRecord } from "./run_record_format.ts";
import { formatDuration, plural } from "./text_format.ts";

/** Writes the report. */
export function describeRecovery(result: RecoveryResult): string {
  if (result.kind === "recovered") return describeRecovered(result);
  const { freed } = result;
  return [
    result.kind === "never began"
      ? `Nothing to recover: the run in ${result.runDirectory} was killed before it began, and has taken nothing`
      : describeFinished(result.record),
    ...(freed > 0 ? [`The shared memory of ${plural(freed, "ring")} that it had left was freed`] : []),
    "",
  ].join("\n");
}

function describeFinished({ directory, status, recovery }: RunRecord): string {
  const how = recovery === undefined
    ? "ended by itself"
    : `was recovered at ${recovery.time_utc}${recovery.files_only ? ", its files only" : ""}`;
  return `Nothing to recover: the run in ${directory} ${how} (${status})`;
}

function describeRecovered({ record, ledger }: Extract<RecoveryResult, { kind: "recovered" }>): string {
  const { events, files, notes } = record.recovery!;
  const disagreements = ledger.rings.flatMap((ring) => ring.disagreements.map((text) => `${ring.name}: ${text}`));
  return [
    `Recovered: ${record.end.stop_reason}`,
    ...notes,
    ...disagreements.map((text) => `The books disagree: ${text}`),
    ...[...record.saved, ...events].map(({ events, ring, group, file }) =>
      `  ${plural(events, "event")} of ${ring} for ${group}: ${file}`
    ),
    ...files.map(({ name, text }) => `  ${name}: ${text}`),
    `Execution time: active ${formatDuration(record.end.active_s)}, to within a second`,
    "Ledger",
    ...describeLedger(ledger, record.end.active_s, Infinity),
    `Files in ${record.directory}`,
    "",
  ].join("\n");
}
