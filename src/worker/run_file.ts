/** Paths of the files that functions write. */
import { dirname } from "node:path";
import { fileError } from "../files/file_error.ts";
import type { FunctionContext } from "./context.ts";

/** Files that every run writes itself. */
const FILES_OF_THE_RUN: readonly string[] = [
  "log.txt",
  "run.yaml",
  "stats.csv",
  "data_flow.svg",
  "report.html",
  "setup.yaml",
];

/** Folder that `recover` makes. */
const RECOVERED_FOLDER = "recovered";

/** File systems allow names of 255 bytes; the rest is for the worker's number, the extension and endings while writing. */
const LONGEST_NAME_BYTES = 200;

/** Names that the functions' checks have claimed, by context. */
const CLAIMS = new WeakMap<object, Set<string>>();

/** Who wants to know of files that are named later, by context. */
const LISTENERS = new WeakMap<object, (file: string) => void>();

/**
 * Path of a file in the run directory. Folders in the name are made. Workers after the first of a function get a number in
 * the name, `pulses_1.txt`, since each writes a file of its own.
 *
 * @param context Context of the function.
 * @param name Name from the configuration, without extension.
 * @param extension `.txt`; a name that already ends so keeps it once.
 * @throws {TypeError} If the name would lead out of the run directory, also by a link, or is that of a file that every run
 *   writes.
 * @throws {Error} If a folder in the name cannot be made.
 */
export function runFile(context: FunctionContext<unknown>, name: string, extension: string): string {
  const file = fileOf(context, name, extension);
  const path = `${context.runDirectory}/${file}`;
  if (file.includes("/")) makeFolder(dirname(path));
  refuseLinkOutside(context, { file, path });
  tell(context, file);
  return path;
}

/**
 * Path of a file that all workers of a function share, such as the folder of a table; otherwise as {@linkcode runFile}.
 */
export function sharedRunFile(context: FunctionContext<unknown>, name: string, extension: string): string {
  return runFile(ofFirstWorker(context), name, extension);
}

/**
 * Claims a file of the run directory for a function when its configuration is checked: if two functions claim the same one,
 * the setup is refused before anything starts. Nothing is made yet.
 *
 * @param context Context of the function.
 * @param name Name from the configuration, without extension.
 * @param extension `.txt`, or empty for a folder.
 * @throws {TypeError} As {@linkcode checkFileName}, or if the name is that of a file that every run writes.
 */
export function claimRunFile(context: FunctionContext<unknown>, name: string, extension: string): void {
  claim(context, fileOf(context, name, extension));
}

/** Claims a file that all workers of a function share; otherwise as {@linkcode claimRunFile}. */
export function claimSharedRunFile(context: FunctionContext<unknown>, name: string, extension: string): void {
  const file = fileOf(ofFirstWorker(context), name, extension);
  if (context.workerNumber === 0) claim(context, file);
}

/** Files that the checks have claimed with a context, relative to the run directory. */
export function claimedFiles(context: FunctionContext<unknown>): readonly string[] {
  return [...CLAIMS.get(context) ?? []];
}

/** Tells somebody of each file that a function is about to write from now on, relative to the run directory. */
export function listenForFiles(context: FunctionContext<unknown>, listener: (file: string) => void): void {
  LISTENERS.set(context, listener);
}

/**
 * Checks a file name from the configuration.
 *
 * @throws {TypeError} If it is empty, absolute, too long, or leads out of the run directory.
 */
export function checkFileName(context: FunctionContext<unknown>, name: string): void {
  const parts = name.split("/");
  const isFine = parts.every((part) => part !== "" && part !== "." && part !== "..") && !/[\p{Cc}\\]/u.test(name) &&
    name.isWellFormed() && parts[0] !== RECOVERED_FOLDER;
  if (!isFine) {
    throw new TypeError(
      `Cannot configure "${context.functionName}": expected a file name inside the run directory, found ${
        JSON.stringify(name)
      }; leave out "..", "\\" and a leading "/"`,
    );
  }
  const longest = Math.max(...parts.map((part) => new TextEncoder().encode(part).length));
  if (longest <= LONGEST_NAME_BYTES) return;
  throw new TypeError(
    `Cannot configure "${context.functionName}": expected a file name of at most ${LONGEST_NAME_BYTES} bytes, found ` +
      `${longest} in ${JSON.stringify(`${name.slice(0, 40)}…`)}`,
  );
}

/** The context may be one that was made from the worker's own. */
function tell(context: object, file: string): void {
  for (let own: object | null = context; own !== null; own = Object.getPrototypeOf(own)) LISTENERS.get(own)?.(file);
}

function claim(context: FunctionContext<unknown>, file: string): void {
  const claims = CLAIMS.get(context) ?? new Set();
  claims.add(file);
  CLAIMS.set(context, claims);
}

function ofFirstWorker(context: FunctionContext<unknown>): FunctionContext<unknown> {
  return Object.create(context, { workerNumber: { value: 0 } }) as FunctionContext<unknown>;
}

function fileOf(context: FunctionContext<unknown>, name: string, extension: string): string {
  checkFileName(context, name);
  const stem = extension !== "" && name.endsWith(extension) ? name.slice(0, -extension.length) : name;
  const number = context.workerNumber === 0 ? "" : `_${context.workerNumber}`;
  const file = `${stem}${number}${extension}`;
  if (!FILES_OF_THE_RUN.includes(file)) return file;
  throw new TypeError(
    `Cannot configure "${context.functionName}": expected a file name that is free, found "${file}", ` +
      `which every run writes itself`,
  );
}

function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw fileError("create", path, error);
  }
}

/** Somebody may have put links into the run directory after it was made. */
function refuseLinkOutside(context: FunctionContext<unknown>, { file, path }: { file: string; path: string }): void {
  const folder = realPath(dirname(path));
  const top = realPath(context.runDirectory);
  const isInside = folder === null || top === null || folder === top || folder.startsWith(`${top}/`);
  if (isInside && !isLink(path)) return;
  throw new TypeError(
    `Cannot configure "${context.functionName}": expected a file name inside the run directory, found "${file}", where a ` +
      `link leads elsewhere`,
  );
}

function realPath(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch {
    // It does not exist; whoever opens the file says so.
    return null;
  }
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}
