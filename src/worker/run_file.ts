/** Paths of the files that functions write. */
import type { FunctionContext } from "./context.ts";

/** Files that every run writes itself. */
const FILES_OF_THE_RUN: readonly string[] = ["log.txt", "run.yaml", "stats.csv", "data_flow.svg"];

/**
 * Path of a file in the run directory. Folders in the name are made. Workers after the first of a function get a number in
 * the name, `pulses_1.txt`, since each writes a file of its own.
 *
 * @param context Context of the function.
 * @param name Name from the configuration, without extension.
 * @param extension `.txt`; a name that already ends so keeps it once.
 * @throws {TypeError} If the name would lead out of the run directory, or is that of a file that every run writes.
 */
export function runFile(context: FunctionContext<unknown>, name: string, extension: string): string {
  checkFileName(context, name);
  const stem = name.endsWith(extension) ? name.slice(0, -extension.length) : name;
  const number = context.workerNumber === 0 ? "" : `_${context.workerNumber}`;
  if (FILES_OF_THE_RUN.includes(`${stem}${number}${extension}`)) {
    throw new TypeError(
      `Cannot configure "${context.functionName}": expected a file name that is free, found "${stem}${number}${extension}", ` +
        `which every run writes itself`,
    );
  }
  const path = `${context.runDirectory}/${stem}${number}${extension}`;
  const folder = path.slice(0, path.lastIndexOf("/"));
  if (stem.includes("/")) Deno.mkdirSync(folder, { recursive: true });
  return path;
}

/**
 * Checks a file name from the configuration.
 *
 * @throws {TypeError} If it is empty, absolute, or leads out of the run directory.
 */
export function checkFileName(context: FunctionContext<unknown>, name: string): void {
  const parts = name.split("/");
  const isFine = parts.every((part) => part !== "" && part !== "." && part !== "..") && !/[\p{Cc}\\]/u.test(name);
  if (isFine) return;
  throw new TypeError(
    `Cannot configure "${context.functionName}": expected a file name inside the run directory, found ${
      JSON.stringify(name)
    }; leave out "..", "\\" and a leading "/"`,
  );
}
