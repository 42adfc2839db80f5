/** What a run directory tells of a run that was killed. */
import { join } from "node:path";
import { parse } from "../std/yaml.js";
import type { BeginRecord, RunRecord } from "./run_record_format.ts";

/** Why a run directory cannot be recovered. */
export class RecoveryRefused extends Error {
  override readonly name = "RecoveryRefused";
}

/** The time that a killed run had, as far as its files say. */
export interface KilledRunTimes {
  /** When it last wrote something. */
  readonly lastSign: Date;
  readonly activeS: number;
  readonly pausedS: number;
}

/**
 * Reads the record of a run.
 *
 * @param runDirectory Path of the run directory.
 * @returns Null if the run was killed before it began: there is a log and no record.
 * @throws {RecoveryRefused} If there is no record in it, or it is none of this program's.
 */
export function readRunRecord(runDirectory: string): BeginRecord | RunRecord | null {
  const path = join(runDirectory, "run.yaml");
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && isFile(join(runDirectory, "log.txt"))) return null;
    throw refused(runDirectory, `its record "${path}"`, message(error));
  }
  let record: unknown;
  try {
    record = parse(text);
  } catch (error) {
    throw refused(runDirectory, `"${path}" to be YAML`, message(error));
  }
  if (!isRecord(record)) throw refused(runDirectory, `"${path}" to be the record of a run`, "something else");
  return { ...record, files: record.files ?? [] };
}

/** Looks up in `stats.csv` and the files' dates when the run was last heard of. Missing files count as never. */
export function timesOfKilledRun(runDirectory: string, record: BeginRecord): KilledRunTimes {
  let lastMs = Date.parse(record.begin.time_utc);
  for (const { name, isFile } of Deno.readDirSync(runDirectory)) {
    if (isFile) lastMs = Math.max(lastMs, Deno.statSync(join(runDirectory, name)).mtime?.getTime() ?? 0);
  }
  const line = lastStats(join(runDirectory, "stats.csv"));
  const number = (column: string) => Number(line.get(column) ?? 0) || 0;
  // What it did after its last statistics it did for up to a second more.
  const afterS = Math.max(0, (lastMs - Date.parse(line.get("time_utc") ?? "")) / 1000) || 0;
  return {
    lastSign: new Date(lastMs),
    activeS: number("active_s") + (line.get("state") === "Running" ? afterS : 0),
    pausedS: number("paused_s") + (line.get("state") === "Paused" ? afterS : 0),
  };
}

/** Cells of the last whole line by column; none where there is no such line. */
function lastStats(path: string): ReadonlyMap<string, string> {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch {
    return new Map();
  }
  // What follows the last line feed is a line that was being written.
  const [header, ...lines] = text.split("\n").slice(0, -1);
  const cells = lines.at(-1)?.split(",") ?? [];
  return new Map(header?.split(",").map((column, i) => [column, cells[i] ?? ""]) ?? []);
}

function isRecord(value: unknown): value is BeginRecord | RunRecord {
  const record = value as Partial<BeginRecord> | null;
  return typeof record === "object" && record !== null && typeof record.status === "string" &&
    typeof record.begin?.process_id === "number" && Array.isArray(record.rings);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function refused(runDirectory: string, expected: string, found: string): RecoveryRefused {
  return new RecoveryRefused(`Cannot recover "${runDirectory}": expected ${expected}, found: ${found}`);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
