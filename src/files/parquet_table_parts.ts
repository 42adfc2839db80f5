/** Names of the files of a table. */
import { basename, dirname, join } from "node:path";
import { OPEN_ENDING } from "./parquet_segment_writer.ts";

const PART_NAME = /^part-(\d{5,})(?:_([1-9]\d*))?\.parquet$/;
const OPEN_PART = /^(.+)\.(part-\d{5,}(?:_[1-9]\d*)?\.parquet)\.new$/;

const ROOM_NAME = /\.room(?:_[1-9]\d*)?\.new$/;

/** One finished file of a table. */
export interface TablePart {
  readonly path: string;
  readonly part: number;
  readonly worker: number;
}

/** `part-00003.parquet`, or `part-00003_1.parquet` for worker 1. */
export function partName(part: number, worker: number): string {
  return `part-${String(part).padStart(5, "0")}${worker === 0 ? "" : `_${worker}`}.parquet`;
}

/** Where a file of a table is while it is written: beside the folder, in which all files are whole. */
export function openPartPath(folder: string, name: string): string {
  return `${folder}.${name}${OPEN_ENDING}`;
}

/** Where a file that was being written belongs when it is finished; null if the name is none of a file of a table. */
export function finishedPath(openPath: string): string | null {
  const match = OPEN_PART.exec(basename(openPath));
  if (match !== null) return join(dirname(openPath), match[1], match[2]);
  return openPath.endsWith(`.parquet${OPEN_ENDING}`) ? openPath.slice(0, -OPEN_ENDING.length) : null;
}

/** Files of a worker that were being written when its program was stopped, as if they were finished. */
export function openPartsOf(folder: string, worker: number): (TablePart & { readonly openPath: string })[] {
  const top = dirname(folder);
  return [...Deno.readDirSync(top)].flatMap(({ name }) => {
    const openPath = join(top, name);
    const match = PART_NAME.exec(basename(finishedPath(openPath) ?? ""));
    if (match === null || Number(match[2] ?? 0) !== worker) return [];
    const path = join(folder, match[0]);
    return openPath === openPartPath(join(folder), match[0])
      ? [{ path, openPath, part: Number(match[1]), worker }]
      : [];
  });
}

/** Path of the file that keeps room on the disk for the worker's row group. */
export function roomPath(folder: string, worker: number): string {
  return `${folder}.room${worker === 0 ? "" : `_${worker}`}${OPEN_ENDING}`;
}

/** Says whether a path is one that {@linkcode roomPath} gives. */
export function isRoomPath(path: string): boolean {
  return ROOM_NAME.test(path);
}

/**
 * Lists the files of a table in the order of their numbers; other files in the folder are left out.
 *
 * @throws {Deno.errors.NotFound} If there is no such folder.
 */
export function partsOf(folder: string): TablePart[] {
  const parts = [...Deno.readDirSync(folder)].flatMap(({ name }): TablePart[] => {
    const match = PART_NAME.exec(name);
    return match === null ? [] : [{ path: join(folder, name), part: Number(match[1]), worker: Number(match[2] ?? 0) }];
  });
  return parts.sort((a, b) => a.part - b.part || a.worker - b.worker);
}
