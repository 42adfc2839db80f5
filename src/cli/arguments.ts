/** Command line of `run_daq.ts`. */
import type { Isolation } from "../setup/plan.ts";
import { nearestWord } from "../setup/nearest_word.ts";
import { parseWebAddress, type WebAddress } from "../monitor/web_address.ts";
import { parseArgs } from "../std/parse_args.js";

/** Setup file that is taken if none is named, as in v1. */
export const DEFAULT_SETUP = "demo_setup.yaml";

/** What the command line asks for. */
export interface RunArguments {
  readonly setupFile: string;
  readonly verbose: 0 | 1 | 2;
  readonly debug: boolean;
  readonly runEvents: number | undefined;
  readonly runtimeS: number | undefined;
  readonly output: string | undefined;
  readonly deadlineS: number | undefined;
  readonly isolation: Isolation | undefined;
  readonly dryRun: boolean;
  readonly keyboard: boolean;
  /** Where the page is served; null: nowhere; undefined: as the setup says. */
  readonly web: WebAddress | null | undefined;
  readonly keepOpen: boolean;
}

/** A run, a piece of information, or what is wrong with the command line. */
export type CliRequest =
  | { readonly kind: "run"; readonly arguments: RunArguments }
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "refused"; readonly message: string };

const VALUE_OPTIONS = ["verbose", "runevents", "runtime", "output", "deadline", "isolation", "web"];
const SWITCHES = ["debug", "dry-run", "no-keyboard", "keep-open", "help", "version"];
const ALIASES = { v: "verbose", d: "debug", h: "help", o: "output" };

/** Text of `--help`. */
export const HELP = `Takes data as a setup file says.

Usage: deno run -A run_daq.ts [options] [setup.yaml]
       deno run -A run_daq.ts recover [RUN_DIRECTORY]   finishes a run that was killed
       deno run -A run_daq.ts convert FILE... --to csv|parquet|journal|tar   converts files of events

Without a setup file, ${DEFAULT_SETUP} of the working directory is taken.

Options:
  -v, --verbose N     0 errors only, 1 layout and end report, 2 live state too [2]
  -d, --debug         show and log messages of all levels; in the run, :log debug does so
      --runevents N   end after N events in the first ring; 0 without limit
      --runtime S     end after S seconds of active time; 0 without limit
  -o, --output DIR    parent of the run directories
      --isolation W   where all functions run: thread, or process, each worker in a process of its own
      --deadline S    seconds without any movement after which workers count as hung
      --dry-run       check the setup, load the functions, print the plan, take no data
      --no-keyboard   no keys
      --web WHERE     serve the page at PORT or HOST:PORT, or "off" [127.0.0.1:8055, or the next free port]
      --keep-open     keep the page up after the run, until e or Ctrl-C
  -h, --help          this text
      --version       version of the program

Keys: p pause, r resume, s stop (what was taken is processed), e end at once, : opens a line for commands (:help). Ctrl-C is s, a second one e.
Exit code: 0 run complete, 1 run failed, 2 setup refused.
`;

/** Reads the command line. Never throws. */
export function parseArguments(args: readonly string[]): CliRequest {
  const unknown: string[] = [];
  const parsed = parseArgs(joinNegativeValues(args), {
    string: [...VALUE_OPTIONS, "_"],
    boolean: SWITCHES,
    alias: ALIASES,
    unknown: (arg, key) => {
      if (key !== undefined) unknown.push(arg);
      return key === undefined;
    },
  });
  const problems = unknown.map(describeUnknown);
  const text = (name: string): string | undefined => {
    const value = parsed[name];
    if (value === "") problems.push(`Cannot read option --${name}: expected a value after it, found none`);
    return value === undefined || value === "" ? undefined : String(value);
  };
  const number = (name: string, expected: string, isValid: (n: number) => boolean): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const parsedNumber = value.trim() === "" ? NaN : Number(value);
    if (isValid(parsedNumber)) return parsedNumber;
    problems.push(`Cannot read option --${name}: expected ${expected}, found "${value}"`);
    return undefined;
  };
  const verbose = number("verbose", "0, 1 or 2", (n) => n === 0 || n === 1 || n === 2) ?? 2;
  const runEvents = number("runevents", "an integer of at least 0", (n) => Number.isSafeInteger(n) && n >= 0);
  const runtimeS = number("runtime", "a number of seconds of at least 0", (n) => Number.isFinite(n) && n >= 0);
  const deadlineS = number("deadline", "a number of seconds above 0", (n) => Number.isFinite(n) && n > 0);
  const output = text("output");
  const webText = text("web");
  const web = webText === undefined ? undefined : parseWebAddress(webText);
  if (web === "unreadable") {
    problems.push(`Cannot read option --web: expected off, a port or HOST:PORT, found "${webText}"`);
  }
  const isolation = text("isolation");
  if (isolation !== undefined && isolation !== "thread" && isolation !== "process") {
    problems.push(`Cannot read option --isolation: expected "thread" or "process", found "${isolation}"`);
  }
  if (parsed._.length > 1) {
    const found = parsed._.map((word) => `"${word}"`).join(", ");
    problems.push(`Cannot read the command line: expected one setup file, found ${found}`);
  }
  if (parsed.help) return { kind: "help" };
  if (parsed.version) return { kind: "version" };
  if (problems.length > 0) return { kind: "refused", message: problems.join("\n") };
  return {
    kind: "run",
    arguments: {
      setupFile: String(parsed._[0] ?? DEFAULT_SETUP),
      verbose: verbose as 0 | 1 | 2,
      debug: parsed.debug === true,
      runEvents,
      runtimeS,
      output,
      deadlineS,
      isolation: isolation as Isolation | undefined,
      dryRun: parsed["dry-run"] === true,
      keyboard: parsed["no-keyboard"] !== true,
      web: web === "unreadable" ? undefined : web,
      keepOpen: parsed["keep-open"] === true,
    },
  };
}

/** Joins `--runtime -5` to `--runtime=-5`: the value is wrong, but it is no option. */
function joinNegativeValues(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1)?.replace(/^--?/, "") ?? "";
    const name = Object.entries(ALIASES).find(([letter]) => letter === before)?.[1] ?? before;
    if (/^-[\d.]/.test(arg) && VALUE_OPTIONS.includes(name)) joined.splice(-1, 1, `--${name}=${arg}`);
    else joined.push(arg);
  }
  return joined;
}

function describeUnknown(arg: string): string {
  const option = arg.replace(/=.*$/s, "");
  const nearest = nearestWord(option.replace(/^-+/, ""), [...VALUE_OPTIONS, ...SWITCHES]);
  const hint = nearest === null ? "; --help lists all of them" : `; did you mean "--${nearest}"?`;
  return `Cannot read the command line: expected one of its options, found "${option}"${hint}`;
}
