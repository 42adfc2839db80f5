/** What a person reads after a killed run was recovered. */
import { describeLedger } from "./end_report.ts";
import type { RecoveryResult } from "./recover_run.ts";
import { formatDuration, plural } from "./text_format.ts";

/** Writes the report. */
export function describeRecovery({ record, ledger, wasKilled }: RecoveryResult): string {
  if (!wasKilled) {
    const how = record.recovery === undefined ? "ended by itself" : `was recovered at ${record.recovery.time_utc}`;
    return `Nothing to recover: the run in ${record.directory} ${how} (${record.status})`;
  }
  const { events, files, notes } = record.recovery!;
  return [
    `Recovered: ${record.end.stop_reason}`,
    ...notes,
    ...events.map(({ events, ring, group, file }) => `  ${plural(events, "event")} of ${ring} for ${group}: ${file}`),
    ...files.map(({ name, text }) => `  ${name}: ${text}`),
    `Execution time: active ${formatDuration(record.end.active_s)}, to within a second`,
    "Ledger",
    ...describeLedger(ledger, record.end.active_s, Infinity),
    `Files in ${record.directory}`,
    "",
  ].join("\n");
}
