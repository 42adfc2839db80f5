/** One exhaustive search of the model in ring.pml: Spin writes a C program, the C compiler builds it, and it is run. */
import { findTool } from "../tools.ts";

const MODEL = new URL("ring.pml", import.meta.url).pathname;
const LINES_OF_TRACE = 400;

/** What is looked for: states without a way on and failed assertions, or runs without an end. */
export type Aim = "states" | "endless";

/** Settings of a search. */
export interface SearchOptions {
  /** The C compiler. */
  readonly compiler: string;
  /** The configuration: macros of ring.pml. */
  readonly settings: Readonly<Record<string, number>>;
  /**
   * Name of a fault in broken.pml that is put into the model.
   * @default "" none
   */
  readonly fault?: string;
  /** @default "states" */
  readonly aim?: Aim;
  /**
   * Steps of a run that are looked at.
   * @default 20000
   */
  readonly mostDepth?: number;
  /**
   * Memory that the search may use.
   * @default 3500
   */
  readonly memoryMiB?: number;
  /**
   * After this time the search is given up.
   * @default 600
   */
  readonly timeoutS?: number;
}

/** What a complete search gave. */
export interface SearchResult {
  readonly states: number;
  /** Steps of the longest run. */
  readonly depth: number;
  readonly seconds: number;
  /** What the search says about the first fault that it found; empty if there is none. */
  readonly finding: string;
  /** The run that leads to the fault, step by step; empty if there is none. */
  readonly trace: string;
  /** Places (`proctype at file:line`) of all steps of this configuration. */
  readonly places: ReadonlySet<string>;
  /** Those of them that the search has reached. */
  readonly reached: ReadonlySet<string>;
}

/** Path of a C compiler, or null. */
export function findCompiler(): string | null {
  return findTool("gcc", "cc", "clang");
}

async function run(command: string, args: readonly string[], folder: string, timeoutS: number) {
  const signal = AbortSignal.timeout(timeoutS * 1000);
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).output();
  const decoder = new TextDecoder();
  if (signal.aborted) throw new Error(`Cannot run ${command}: expected an end within ${timeoutS} s, found none`);
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

async function runOrThrow(command: string, args: readonly string[], folder: string): Promise<string> {
  const { code, text } = await run(command, args, folder, 300);
  if (code !== 0) throw new Error(`Cannot run ${command} ${args.join(" ")}: exit code ${code}\n${text}`);
  return text;
}

/** The number before or after some words of the report. */
function numberIn(report: string, pattern: RegExp): number {
  const found = pattern.exec(report);
  if (found === null) throw new Error(`Cannot read the search's report: expected ${pattern}, found\n${report}`);
  return Number(found[1]);
}

/** Why the search has not looked at everything, or null if it has. */
function whyIncomplete(report: string, aim: Aim): string | null {
  const wanted = [
    "Full statespace search for:",
    "assertion violations\t+",
    aim === "states" ? "invalid end states\t+" : "non-progress cycles \t+",
  ];
  for (const words of wanted) {
    if (!report.includes(words)) return `"${words}" is missing`;
  }
  const cut = [
    /max search depth too small/,
    /out of memory/i,
    /MEMLIM/,
    /VECTORSZ/,
    /Search not completed/,
    /hash factor/,
  ];
  for (const words of cut) {
    const found = words.exec(report);
    if (found !== null) return `"${found[0]}"`;
  }
  return null;
}

/** The places of the program's steps, by process type and number of the state before the step. */
function placesOf(listing: string): Map<string, string> {
  const places = new Map<string, string>();
  let proctype = "";
  for (const line of listing.split("\n")) {
    const heading = /^(?:proctype|init|claim) *(\S*)/.exec(line);
    if (heading !== null) proctype = heading[1] || "init";
    const step = /^\s+state\s+(\d+) -\(tr.*\] (?:\S*\/)?(\w+\.pml:\d+) => (.*)$/.exec(line);
    if (step !== null && step[3] !== "-end-") places.set(`${proctype} ${step[1]}`, `${proctype} at ${step[2]}`);
  }
  return places;
}

function unreachedIn(report: string): Set<string> {
  const unreached = new Set<string>();
  let proctype = "";
  for (const line of report.split("\n")) {
    const heading = /^unreached in (?:proctype |claim )?(\S+)/.exec(line);
    if (heading !== null) proctype = heading[1] === ":init:" ? "init" : heading[1] ?? "";
    const step = /^\t\S+:\d+, state (\d+),/.exec(line);
    if (step !== null) unreached.add(`${proctype} ${step[1]}`);
  }
  return unreached;
}

/**
 * Searches one configuration of the model exhaustively.
 *
 * @param spin Path of Spin.
 * @param options Configuration, aim and bounds.
 * @returns What was found. A search that stops at the first fault, too, gives a result.
 * @throws {Error} if a tool fails, or if the search ended without having looked at everything and without finding a fault.
 */
export async function search(spin: string, options: SearchOptions): Promise<SearchResult> {
  const { compiler, settings, fault = "", aim = "states" } = options;
  const { mostDepth = 20_000, memoryMiB = 3500, timeoutS = 600 } = options;
  const macros = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  if (fault !== "") macros.push(`-DBROKEN=${fault}`);
  const folder = await Deno.makeTempDir({ prefix: "mimocorb_model_" });
  try {
    await runOrThrow(spin, ["-a", ...macros, MODEL], folder);
    // COLLAPSE stores states in a compressed form, without loss: the search stays exhaustive.
    const flags = ["-w", "-DCOLLAPSE", "-DNOFAIR", `-DMEMLIM=${memoryMiB}`, aim === "states" ? "-DSAFETY" : "-DNP"];
    await runOrThrow(compiler, [fault === "" ? "-Og" : "-O0", ...flags, "-o", "pan", "pan.c"], folder);
    const from = performance.now();
    const bounds = [`-m${mostDepth}`, "-w23", ...(aim === "states" ? [] : ["-l"])];
    const { code, text: report } = await run("./pan", bounds, folder, timeoutS);
    const seconds = (performance.now() - from) / 1000;
    const finding = /^pan:1: (.*?) \(at depth \d+\)/m.exec(report)?.[1] ?? "";
    const incomplete = whyIncomplete(report, aim);
    const errors = Number(/errors: (\d+)/.exec(report)?.[1] ?? 0);
    if (errors === 0 && (incomplete !== null || code !== 0)) {
      throw new Error(`Cannot search all states: found ${incomplete ?? `exit code ${code}`} in\n${report}`);
    }
    if ((errors > 0) !== (finding !== "")) throw new Error(`Cannot read the search's report:\n${report}`);
    const places = placesOf(await runOrThrow("./pan", ["-d"], folder));
    const unreached = unreachedIn(report);
    let trace = "";
    if (finding !== "") {
      const { text } = await run(spin, ["-k", "ring.pml.trail", "-p", "-g", ...macros, MODEL], folder, 60);
      trace = text.split("\n").slice(-LINES_OF_TRACE).join("\n");
    }
    return {
      states: numberIn(report, /(\d+(?:\.\d+e\+\d+)?) states, stored/),
      depth: numberIn(report, /depth reached (\d+)/),
      seconds,
      finding,
      trace,
      places: new Set(places.values()),
      reached: new Set([...places].filter(([state]) => !unreached.has(state)).map(([, place]) => place)),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
