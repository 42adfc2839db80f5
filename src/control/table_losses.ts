/** What the tables of a killed run lack: their events since the last row group were in the memory of the program. */
import { join } from "node:path";
import { readSegmentForm } from "../files/parquet_segment_form.ts";
import { partsOf } from "../files/parquet_table_parts.ts";
import { PositionedFile } from "../files/positioned_file.ts";
import type { RingTally } from "../ring/ring_status.ts";
import { plural } from "./text_format.ts";

/** Where a table's events came from, and how many it has. */
interface TableRows {
  readonly ring: string;
  readonly functionName: string;
  readonly rows: number;
}

/**
 * Compares the tables of a run with what their reader groups have processed. A table whose writers shared their group with
 * another function is left out, and so is one that has no file at all.
 *
 * @param runDirectory Path of the run directory; its files are complete.
 * @param folders Folders in it.
 * @param tallies Counters of the rings.
 * @returns A sentence for each table that lacks events.
 */
export function tableLosses(
  runDirectory: string,
  folders: readonly string[],
  tallies: ReadonlyMap<string, RingTally>,
): string[] {
  return folders.flatMap((folder) => {
    const table = rowsOf(join(runDirectory, folder));
    const groups = table === null ? [] : tallies.get(table.ring)?.groups ?? [];
    const group = groups.find(({ name }) => name === table?.functionName);
    if (table === null || group === undefined || group.processed <= table.rows) return [];
    const lacking = plural(group.processed - table.rows, "event");
    return [`"${folder}": ${lacking} since the last row group of a writer that was killed are not in the table`];
  });
}

function rowsOf(folder: string): TableRows | null {
  try {
    let found: TableRows | null = null;
    for (const { path } of partsOf(folder)) {
      using file = new PositionedFile(path);
      const { note: { origin }, groups } = readSegmentForm(file);
      if (origin.ring === undefined || origin.function === undefined) return null;
      const rows: number = (found?.rows ?? 0) + groups.reduce((sum, group) => sum + group.rows, 0);
      found = { ring: origin.ring, functionName: origin.function, rows };
    }
    return found;
  } catch {
    // Damage was reported when the files were completed.
    return null;
  }
}
