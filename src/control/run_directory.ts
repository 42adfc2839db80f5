/** The folder of one run. */
import { basename, join } from "node:path";
import { SetupRefused } from "./setup_refused.ts";

/** Names that the run itself uses in its directory. */
const RESERVED_NAMES: readonly string[] = [
  "run.yaml",
  "log.txt",
  "stats.csv",
  "data_flow.svg",
  "report.html",
  "setup.yaml",
];

/** How many runs of one name may begin in the same second. */
const MOST_ATTEMPTS = 1000;

/** Writes the stem of a run directory's name, `<name>_<YYYY-MM-DD_HHMMSS>`, in local time. */
export function runDirectoryName(runName: string, began: Date): string {
  const pad = (n: number) => String(n).padStart(2, "0");
  const day = `${began.getFullYear()}-${pad(began.getMonth() + 1)}-${pad(began.getDate())}`;
  return `${runName}_${day}_${pad(began.getHours())}${pad(began.getMinutes())}${pad(began.getSeconds())}`;
}

/**
 * Makes the directory of a new run. Making it is what reserves the name, so two runs never share one.
 *
 * @param targetDirectory Folder of all run directories; made if it does not exist.
 * @param runName Stem of the name.
 * @param began When the run began.
 * @returns Path of the directory, `<target>/<name>_<YYYY-MM-DD_HHMMSS>`, with `_1`, `_2` … if that exists.
 * @throws {SetupRefused} If the folder cannot be written.
 */
export async function createRunDirectory(targetDirectory: string, runName: string, began: Date): Promise<string> {
  const stem = join(targetDirectory, runDirectoryName(runName, began));
  try {
    await Deno.mkdir(targetDirectory, { recursive: true });
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const path = attempt === 0 ? stem : `${stem}_${attempt}`;
      try {
        await Deno.mkdir(path);
        return path;
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
    }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new SetupRefused([
      `Cannot make a run directory: expected a folder that can be written at "${targetDirectory}", found: ${found}. ` +
      `Choose another one with --output or "output_directory"`,
    ]);
  }
  throw new SetupRefused([
    `Cannot make a run directory: expected one of the names "${stem}", "${stem}_1" … to be free, found ${MOST_ATTEMPTS} taken`,
  ]);
}

/**
 * Chooses names for copies of files in one folder: their base names, with `_1`, `_2` … before the extension where two
 * files, or a file and one that the run writes itself, would have the same.
 *
 * @param paths Absolute paths; repeated ones are copied once.
 * @returns Name of the copy by path.
 */
export function namesOfCopies(paths: readonly string[]): Map<string, string> {
  const taken = new Set(RESERVED_NAMES);
  const names = new Map<string, string>();
  for (const path of paths) {
    if (names.has(path)) continue;
    const base = basename(path);
    const dot = base.lastIndexOf(".");
    const [stem, extension] = dot > 0 ? [base.slice(0, dot), base.slice(dot)] : [base, ""];
    let name = base;
    for (let k = 1; taken.has(name); k++) name = `${stem}_${k}${extension}`;
    taken.add(name);
    names.set(path, name);
  }
  return names;
}
