/** Reads a setup: text → tree → draft → plan, all problems collected on the way. */
import { basename, dirname, resolve } from "node:path/posix";
import { checkFlow } from "./check_flow.ts";
import type { SetupDraft } from "./draft.ts";
import { Findings } from "./findings.ts";
import { makePlan } from "./make_plan.ts";
import { nearestWord } from "./nearest_word.ts";
import { parseSetup } from "./parse_setup.ts";
import { keyPlaces, type Place, rootPlace } from "./place.ts";
import type { Isolation, Plan } from "./plan.ts";
import type { Problem } from "./problem.ts";
import { Reading } from "./reading.ts";
import { absolutePath, shownPath } from "./setup_files.ts";
import { V1_KEYS, V2_KEYS } from "./setup_keys.ts";
import { isNothing, quoted } from "./setup_node.ts";
import type { SetupResolver } from "./setup_resolver.ts";
import { validateV1 } from "./validate_v1.ts";
import { validateV2 } from "./validate_v2.ts";

/** What the command line says instead of the setup. */
export interface CommandLine {
  /** Events in the first ring that end the run, 0 = no limit. @default the setup's value */
  readonly runEvents?: number | undefined;
  /** Active seconds that end the run, 0 = no limit. @default the setup's value */
  readonly runtimeS?: number | undefined;
  /** Folder for run directories, from the working directory. @default the setup's value */
  readonly outputDirectory?: string | undefined;
  /** Where all functions run. @default the setup's value for each */
  readonly isolation?: Isolation | undefined;
  /** @default the setup's value */
  readonly keyboard?: boolean | undefined;
  /** @default the setup's value */
  readonly page?: boolean | undefined;
}

/** Options of {@linkcode planSetup}. */
export interface PlanSetupOptions {
  readonly resolver: SetupResolver;
  /** @default {} */
  readonly commandLine?: CommandLine;
}

/** A plan, or everything that stands against it; notices in both cases. */
export type SetupOutcome =
  | { readonly ok: true; readonly plan: Plan; readonly notices: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly notices: readonly Problem[] };

/**
 * Reads a setup of either dialect and its configuration files, and plans the run.
 *
 * Nothing is loaded or started: whether a module exports its function and whether that accepts its rings and
 * configuration is found out when the workers load it.
 *
 * @param file Path of the setup; a relative one starts in the resolver's working directory.
 * @param options How files and functions are found, and values of the command line.
 * @returns The frozen plan, or all problems in the order of the files, each with place, expectation and finding.
 * @throws {RangeError} If a limit of the command line is negative or no number.
 */
export function planSetup(file: string, options: PlanSetupOptions): SetupOutcome {
  const { resolver, commandLine = {} } = options;
  checkLimits(commandLine);
  const findings = new Findings();
  const setupFile = resolve(resolver.workingDirectory, file);
  const setupDirectory = dirname(setupFile);
  const reading = new Reading(setupFile, { setupDirectory, resolver, findings });
  const root = readRoot(reading);
  const draft = root === null ? null : validateSetup(root, reading);
  const order = [shownPath(setupFile, resolver), ...reading.configFiles.map((path) => shownPath(path, resolver))];
  const notices = inFileOrder(findings.notices, order);
  if (draft === null || findings.problems.length > 0) {
    return Object.freeze({ ok: false, problems: inFileOrder(findings.problems, order), notices });
  }
  const { outputDirectory } = commandLine;
  const targetDirectory = outputDirectory === undefined
    ? undefined
    : absolutePath(outputDirectory, resolver.workingDirectory, resolver);
  const { configFiles } = reading;
  const plan = makePlan(draft, {
    setupFile,
    setupDirectory,
    configFiles,
    commandLine: { ...commandLine, targetDirectory },
  });
  return Object.freeze({ ok: true, plan, notices });
}

function checkLimits({ runEvents = 0, runtimeS = 0 }: CommandLine): void {
  if (!Number.isSafeInteger(runEvents) || runEvents < 0) {
    throw new RangeError(`Cannot plan a run: expected runEvents to be an integer >= 0, found ${runEvents}`);
  }
  if (!Number.isFinite(runtimeS) || runtimeS < 0) {
    throw new RangeError(`Cannot plan a run: expected runtimeS to be a number >= 0, found ${runtimeS}`);
  }
}

function readRoot({ setupFile, setupDirectory, resolver, findings }: Reading): Place | null {
  const file = shownPath(setupFile, resolver);
  const text = resolver.exists(setupFile) ? resolver.readText(setupFile) : null;
  if (text === null) {
    const isThere = resolver.exists(setupFile);
    const found = isThere ? "one that cannot be read" : "no file of that name";
    const setups = resolver.list(setupDirectory).filter((name) => /\.ya?ml$/.test(name));
    const suggestion = isThere ? null : nearestWord(basename(setupFile), setups);
    findings.refuseAt({ file, path: "", line: 0, column: 0 }, "a setup file", { found, suggestion });
    return null;
  }
  const tree = parseSetup(text, file, findings);
  if (tree === null) return null;
  const root = rootPlace(file, tree);
  if (tree.kind === "map" && tree.entries.size > 0) return root;
  findings.refuse(root, "a setup: a mapping with RingBuffer and Functions (v1) or Buffers and Workers (v2)", {
    ...(isNothing(tree) ? { found: "an empty file" } : {}),
  });
  return null;
}

/** Reads a setup in the dialect that its keys show, and checks what it says as a whole. */
function validateSetup(root: Place, reading: Reading): SetupDraft | null {
  const dialect = findDialect(root, reading.findings);
  if (dialect === null) return null;
  const draft = dialect === "v1" ? validateV1(root, reading) : validateV2(root, reading);
  checkFlow(draft, reading.findings);
  return draft;
}

/** The rings show the dialect; without them, the functions, then keys that are nearly those. */
function findDialect(root: Place, findings: Findings): "v1" | "v2" | null {
  const keys = keyPlaces(root).map(([key]) => key);
  const pairs = [[V1_KEYS.rings.name, V2_KEYS.rings.name], [V1_KEYS.functions.name, V2_KEYS.functions.name]];
  for (const [v1, v2] of pairs) {
    if (keys.includes(v1) && keys.includes(v2)) {
      const [, place] = keyPlaces(root).find(([key]) => key === v2)!;
      findings.refuseAt(place, `either ${v1} (v1 dialect) or ${v2} (v2 dialect)`, { found: "both" });
      return null;
    }
    if (keys.includes(v1) || keys.includes(v2)) return keys.includes(v1) ? "v1" : "v2";
  }
  for (const [v1, v2] of pairs) {
    if (nearestWord(v1, keys) !== null) return "v1";
    if (nearestWord(v2, keys) !== null) return "v2";
  }
  const found = `the keys ${keys.slice(0, 5).map(quoted).join(", ")}`;
  findings.refuse(root, "a setup with RingBuffer and Functions (v1) or Buffers and Workers (v2)", { found });
  return null;
}

/** The setup's findings come first, then those of its configuration files; within a file by line. */
function inFileOrder(problems: readonly Problem[], files: readonly string[]): readonly Problem[] {
  const sorted = problems.toSorted((a, b) =>
    files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column
  );
  return Object.freeze(sorted);
}
