/** Finishing the files of a run that was killed. */
import { basename } from "node:path";
import { DamagedFileError, faultText } from "./damaged_file_error.ts";
import { fileError } from "./file_error.ts";
import { completeJournal } from "./journal_completion.ts";
import { completeSegment } from "./parquet_segment_completion.ts";
import { OPEN_ENDING } from "./parquet_segment_writer.ts";
import { finishedPath, isRoomPath, partsOf } from "./parquet_table_parts.ts";
import { isParquetTable } from "./parquet_table_reader.ts";
import { completeTar } from "./tar_completion.ts";
import { cutTornLine, endOfLines, endTornLine } from "./text_completion.ts";

/**
 * What became of a file.
 *
 * - `whole`: there was nothing to do.
 * - `completed`: a torn end was cut off, an end was written, or something half-written was removed.
 * - `damaged`: it is broken elsewhere than at its end; it was left as it is.
 * - `unknown`: it is of no kind that can be finished; it was left as it is.
 */
export type CompletionState = "whole" | "completed" | "damaged" | "unknown";

/** What {@linkcode completeFile} found and did. */
export interface CompletedFile {
  /** What became of it. */
  readonly state: CompletionState;
  /** Bytes that were thrown away, because they were part of something that has no end. */
  readonly droppedBytes: number;
  /** What was done, or what is wrong; empty for whole files. */
  readonly text: string;
}

const WHOLE: CompletedFile = { state: "whole", droppedBytes: 0, text: "" };

/** A table has counter, timestamp, dead time and a field. */
const FEWEST_COLUMNS = 4;

/** Bytes in which the header line of a table is looked for. */
const HEADER_BYTES = 1 << 16;

/**
 * Finishes a file that a killed program was writing, so that it is whole, with everything that was written to its end.
 * Whatever is whole stays untouched, and so does what is no file of ours.
 *
 * | kind | what is done |
 * |---|---|
 * | `.csv`, `.txt` with a header of at least four columns, `stats.csv` | a last line without end is cut off |
 * | `log.txt` | a last line without end is ended |
 * | `.tar` | a last member that is not whole is cut off, the end blocks are written |
 * | `.mjournal` | a last record that is not whole is cut off, the index is written |
 * | `<table>.part-<n>.parquet.new` | gets its footer with all whole row groups and its place in the folder; without any it is removed |
 * | `part-<n>.parquet`, or a folder of them | the same, if the machine lost the end of a file |
 * | other `<file>.new` | removed: the file itself is whole |
 *
 * It may be repeated, also after it was interrupted itself. Nobody else may write the file meanwhile. Synchronous.
 *
 * @param path The file, or the folder of a table. One that does not exist any more is whole.
 * @throws {Error} If the file cannot be read or written; the message names it.
 *
 * @example Finish a table in the middle of whose last line a program was killed
 * ```ts
 * import { completeFile } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const path = Deno.makeTempFileSync({ suffix: ".csv" });
 * Deno.writeTextFileSync(path, "counter,timestamp,deadtime,height\n0,1700000000.5,0.0,12.5\n1,17000");
 * assertEquals(completeFile(path), { state: "completed", droppedBytes: 7, text: "a torn last line was cut off" });
 * assertEquals(Deno.readTextFileSync(path), "counter,timestamp,deadtime,height\n0,1700000000.5,0.0,12.5\n");
 * Deno.removeSync(path);
 * ```
 */
export function completeFile(path: string): CompletedFile {
  const info = statOf(path);
  if (info === null) return WHOLE;
  if (info.isDirectory) return completeFolder(path);
  const name = basename(path);
  try {
    if (name.endsWith(OPEN_ENDING)) return completeNew(path);
    if (name === "log.txt") return completeLog(path);
    if (name === "stats.csv") return completeTable(path);
    if (name.endsWith(".mjournal")) return journal(path);
    if (name.endsWith(".tar")) return archive(path);
    if (name.endsWith(".parquet")) return isParquetTable(path) ? segment(path, path) : unknown("is no table of ours");
    if (/\.(csv|txt)$/.test(name)) return isTable(path) ? completeTable(path) : unknown("is no table of events");
    return unknown("is of no kind that can be completed");
  } catch (error) {
    if (!(error instanceof DamagedFileError)) throw error;
    return { state: "damaged", droppedBytes: 0, text: faultText(error.fault) };
  }
}

function statOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw fileError("read", path, error);
  }
}

function completeFolder(path: string): CompletedFile {
  const parts = partsOf(path);
  if (parts.length === 0) return unknown("is no table");
  const results = parts.map((part) => ({ name: basename(part.path), ...completeFile(part.path) }));
  const states: readonly CompletionState[] = ["damaged", "completed", "unknown", "whole"];
  const state = states.find((candidate) => results.some((result) => result.state === candidate)) ?? "whole";
  return {
    state,
    droppedBytes: results.reduce((sum, { droppedBytes }) => sum + droppedBytes, 0),
    text: results.filter(({ text }) => text !== "").map(({ name, text }) => `${name}: ${text}`).join("; "),
  };
}

function completeNew(path: string): CompletedFile {
  if (isRoomPath(path)) return { ...removed(path, "room that was kept on the disk was given back"), droppedBytes: 0 };
  if (basename(path) === "run.yaml.new") {
    return { ...removed(path, "the room for the end record was given back"), droppedBytes: 0 };
  }
  const finished = finishedPath(path);
  if (finished !== null) return segment(path, finished);
  if (statOf(path.slice(0, -OPEN_ENDING.length)) === null) return unknown("stands for no file that there is");
  return removed(path, "a new version that was being written was removed");
}

function removed(path: string, text: string): CompletedFile {
  try {
    const { size } = Deno.statSync(path);
    Deno.removeSync(path);
    return { state: "completed", droppedBytes: size, text };
  } catch (error) {
    throw fileError("remove", path, error);
  }
}

function completeLog(path: string): CompletedFile {
  const cut = endTornLine(path);
  return cut === null ? WHOLE : { state: "completed", droppedBytes: cut, text: "its last line was ended" };
}

function completeTable(path: string): CompletedFile {
  const cut = cutTornLine(path);
  return cut === 0 ? WHOLE : { state: "completed", droppedBytes: cut, text: "a torn last line was cut off" };
}

function journal(path: string): CompletedFile {
  const { wasComplete, events, cutBytes, faults } = completeJournal(path);
  const damage = faults.filter(({ isTail }) => !isTail).map(faultText).join("; ");
  if (damage !== "") return { state: "damaged", droppedBytes: cutBytes, text: damage };
  if (wasComplete) return WHOLE;
  if (statOf(path) === null) {
    return { state: "completed", droppedBytes: cutBytes, text: "a file without a header was removed" };
  }
  return { state: "completed", droppedBytes: cutBytes, text: `${events} events are whole; the index was written` };
}

function archive(path: string): CompletedFile {
  const { isWhole, end, size, members, fault } = completeTar(path);
  if (fault !== null) return { state: "damaged", droppedBytes: 0, text: faultText(fault) };
  if (isWhole) return WHOLE;
  return {
    state: "completed",
    droppedBytes: size - end,
    text: `${members} members are whole; the end of the archive was written`,
  };
}

function segment(path: string, finished: string): CompletedFile {
  const { wasComplete, rows, cutBytes, fault } = completeSegment(path, finished);
  if (fault !== null) return { state: "damaged", droppedBytes: 0, text: faultText(fault) };
  if (wasComplete) return WHOLE;
  const text = rows === 0 && path !== finished
    ? "a part of a table without whole row groups was removed"
    : `${rows} events in whole row groups are in ${basename(finished)}`;
  return { state: "completed", droppedBytes: cutBytes, text };
}

function unknown(text: string): CompletedFile {
  return { state: "unknown", droppedBytes: 0, text };
}

/** Looks at the first two lines: others write text files, too, and some end without a line feed. */
function isTable(path: string): boolean {
  if (endOfLines(path).end === 0) return false;
  const head = new Uint8Array(HEADER_BYTES);
  using file = Deno.openSync(path);
  const length = file.readSync(head) ?? 0;
  const [header, second, ...rest] = new TextDecoder().decode(head.subarray(0, length)).split("\n");
  const separator = header.includes("\t") ? "\t" : ",";
  const columns = (line: string) => line.replaceAll(/"(?:[^"]|"")*"/g, "").split(separator).length;
  if (columns(header) < FEWEST_COLUMNS) return false;
  const isSecondWhole = rest.length > 0 && second !== "" && !second.includes('"');
  return !isSecondWhole || columns(second) === columns(header);
}
