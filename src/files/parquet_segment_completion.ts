/** Finishing files of a table whose program was stopped. */
import { dirname } from "node:path";
import type { FileFault } from "./damaged_file_error.ts";
import { fileError } from "./file_error.ts";
import { faultInGroup, readSegmentForm, type SegmentForm } from "./parquet_segment_form.ts";
import { finishFile } from "./parquet_segment_writer.ts";
import { encodeFooter, groupBytes, type RowGroupPlace } from "./parquet_table_footer.ts";
import { PositionedFile } from "./positioned_file.ts";

/** What {@linkcode completeSegment} found and did. */
export interface SegmentCompletion {
  readonly wasComplete: boolean;
  /** Rows in whole row groups. */
  readonly rows: number;
  /** Bytes that were cut off behind the last whole row group. */
  readonly cutBytes: number;
  /** Damage that is no torn end; the file was left as it was then. */
  readonly fault: FileFault | null;
}

/** More than this behind the last whole row group is no torn end. */
const LARGEST_FOOTER_BYTES = 1 << 24;

/**
 * Finishes a file of a table that was being written: cuts off what stands behind the last whole row group, writes the
 * footer, and gives the file its name. A file without a whole row group is removed.
 *
 * @param path The file. One that has its name already was whole when it got it, and is only looked at.
 * @param finished Path that it shall have then.
 * @throws {DamagedFileError} If nothing can be had of the file.
 * @throws {Error} If the file cannot be read or written; the message names it.
 */
export function completeSegment(path: string, finished: string): SegmentCompletion {
  const { form, groups, size } = wholeGroups(path);
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  const last = groups.at(-1);
  const end = last === undefined ? form.groupsBegin : last.offset + groupBytes(last);
  const isComplete = form.faults.length === 0 && groups.length === form.groups.length;
  if (path === finished) {
    const fault = form.faults[0] ?? (isComplete ? null : tailFault(path, end, size));
    return { wasComplete: isComplete, rows, cutBytes: 0, fault };
  }
  const largest = Math.max(0, ...form.groups.map(groupBytes));
  const isTorn = size - end <= 2 * largest + LARGEST_FOOTER_BYTES || groups.length === 0;
  const damage = form.faults.find(({ offset }) => offset < end) ?? (isTorn ? null : tailFault(path, end, size));
  if (damage !== null) return { wasComplete: false, rows, cutBytes: 0, fault: damage };
  if (last === undefined) {
    remove(path);
    return { wasComplete: false, rows, cutBytes: size, fault: null };
  }
  const footer = encodeFooter(form.columns, form.noteText, groups);
  let file: Deno.FsFile;
  try {
    Deno.mkdirSync(dirname(finished), { recursive: true });
    file = Deno.openSync(path, { read: true, write: true });
  } catch (error) {
    throw fileError("write", path, error);
  }
  try {
    if (!isComplete) writeFooter(file, { path, end, footer });
    finishFile(file, { from: path, to: finished });
  } finally {
    file.close();
  }
  return { wasComplete: false, rows, cutBytes: isComplete ? 0 : size - end, fault: null };
}

function tailFault(path: string, offset: number, size: number): FileFault {
  const reason = "data that are no whole row groups";
  return { path, offset, byteLength: size - offset, reason, events: null, isTail: false };
}

/** Row groups up to the last whole one: a lost page, such as a crash of the machine leaves, can only be near the end. */
function wholeGroups(path: string): { form: SegmentForm; groups: readonly RowGroupPlace[]; size: number } {
  using file = new PositionedFile(path);
  const form = readSegmentForm(file);
  const groups = [...form.groups];
  for (let group = groups.at(-1); group !== undefined; group = groups.at(-1)) {
    const bytes = file.read(group.offset, groupBytes(group));
    if (faultInGroup(form, group, { bytes, path }) === null) break;
    groups.pop();
  }
  return { form, groups, size: file.size };
}

function writeFooter(
  file: Deno.FsFile,
  { path, end, footer }: { path: string; end: number; footer: Uint8Array },
): void {
  try {
    file.truncateSync(end);
    file.seekSync(end, Deno.SeekMode.Start);
    for (let done = 0; done < footer.length;) done += file.writeSync(footer.subarray(done));
  } catch (error) {
    throw fileError("write", path, error);
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    throw fileError("remove", path, error);
  }
}
