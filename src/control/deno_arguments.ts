/** How another process of Deno is started, so that it may do and finds what this program may do and finds. */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Flags that only make sense for the program itself. */
const FLAGS_OF_ONE_PROGRAM = /^(-r|--(reload|watch|inspect|check|serve|port|host)\b)/;

/** Flags that say which configuration file counts. */
const CONFIG_FLAGS = /^(-c|--config|--no-config)(=|$)/;

/** Everything that can be allowed to a program. */
const PERMISSIONS = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;

/** What is known of the program that runs. */
export interface ProgramStart {
  /** Its command line, the name of the command first; null if it is not known. */
  readonly commandLine: readonly string[] | null;
  /** URL of its main module. */
  readonly mainModule: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Folder that relative paths start in. */
  readonly workingDirectory: string;
  /** Says whether something is allowed without limits. */
  readonly isGranted: (name: typeof PERMISSIONS[number]) => boolean;
  /** Says whether there is a file. */
  readonly exists: (path: string) => boolean;
}

/**
 * Arguments for `deno` that start a module like this program: with its flags if it was started by `deno run`, otherwise with
 * its permissions, and always with its configuration file, so that imports mean the same, and with its arguments.
 *
 * @param module URL of the module.
 * @param start How this program was started. @default what the system and Deno say
 */
export function denoArguments(module: string, start: ProgramStart = thisProgram()): string[] {
  const flags = flagsOfRun(start) ?? permissionFlags(start);
  const config = flags.some((flag) => CONFIG_FLAGS.test(flag)) ? [] : configFlag(start);
  return ["run", ...flags, ...config, "--quiet", module, ...start.args];
}

/** The flags between `deno run` and the main module; null if the program was not started like that. */
function flagsOfRun({ commandLine, mainModule, workingDirectory }: ProgramStart): string[] | null {
  if (commandLine === null) return null;
  const isMain = (arg: string) =>
    arg === mainModule || pathToFileURL(resolve(workingDirectory, arg)).href === mainModule;
  const args = commandLine.slice(1);
  // The first word that is no flag is the command; for `run` it may be missing. Under `deno test` a test is the main module.
  const command = args.findIndex((arg) => !arg.startsWith("-"));
  if (command < 0) return null;
  if (args[command] === "run") args.splice(command, 1);
  else if (!isMain(args[command])) return null;
  const main = args.findIndex((arg) => !arg.startsWith("-") && isMain(arg));
  if (main < 0) return null;
  return args.slice(0, main).filter((flag) => !FLAGS_OF_ONE_PROGRAM.test(flag) && !/^(-q|--quiet)$/.test(flag));
}

function permissionFlags({ isGranted }: ProgramStart): string[] {
  const granted = PERMISSIONS.filter(isGranted);
  return granted.length === PERMISSIONS.length ? ["-A"] : granted.map((name) => `--allow-${name}`);
}

/** Deno looks for its configuration from the folder of the main module on upwards; the module started here is elsewhere. */
function configFlag({ mainModule, workingDirectory, exists }: ProgramStart): string[] {
  const isFile = mainModule.startsWith("file:");
  let folder = isFile ? dirname(fileURLToPath(mainModule)) : workingDirectory;
  for (;;) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      if (exists(join(folder, name))) return ["--config", join(folder, name)];
    }
    const parent = dirname(folder);
    if (parent === folder) return ["--no-config"];
    folder = parent;
  }
}

function thisProgram(): ProgramStart {
  return {
    commandLine: commandLineOfThis(),
    mainModule: Deno.mainModule,
    args: Deno.args,
    workingDirectory: Deno.cwd(),
    isGranted: (name) => Deno.permissions.querySync({ name }).state === "granted",
    exists: (path) => {
      try {
        return Deno.statSync(path).isFile;
      } catch {
        return false;
      }
    },
  };
}

/** Only a program that may do everything can read it. */
function commandLineOfThis(): string[] | null {
  try {
    return Deno.readTextFileSync("/proc/self/cmdline").split("\0").slice(0, -1);
  } catch {
    return null;
  }
}
