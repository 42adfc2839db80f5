/** Last step of reading a setup: from a checked draft to the frozen plan. Pure. */
import { isRootRing, usersOf } from "./check_flow.ts";
import type { FunctionDraft, RingDraft, SetupDraft } from "./draft.ts";
import { nameFault } from "./read_rings.ts";
import type { FunctionPlan, GroupPlan, Isolation, Plan, RingPlan } from "./plan.ts";

/** Values of the command line, which count before those of the setup. */
export interface CommandLineValues {
  /** @default the setup's value */
  readonly runEvents?: number | undefined;
  /** @default the setup's value */
  readonly runtimeS?: number | undefined;
  /** Absolute path. @default the setup's value */
  readonly targetDirectory?: string | undefined;
  /** Where all functions run. @default the setup's value for each */
  readonly isolation?: Isolation | undefined;
  /** @default the setup's value */
  readonly keyboard?: boolean | undefined;
  /** @default the setup's value */
  readonly page?: boolean | undefined;
}

/**
 * Makes the plan of a run from a draft without problems.
 *
 * @param draft The setup.
 * @param options Paths, and what the command line says.
 */
export function makePlan(
  draft: SetupDraft,
  options: {
    readonly setupFile: string;
    readonly setupDirectory: string;
    readonly configFiles: readonly string[];
    readonly commandLine: CommandLineValues;
  },
): Plan {
  const { setupFile, setupDirectory, configFiles, commandLine } = options;
  const plan: Plan = {
    dialect: draft.dialect,
    runName: runName(setupFile),
    setupFile,
    setupDirectory,
    targetDirectory: commandLine.targetDirectory ?? draft.targetDirectory,
    runEvents: commandLine.runEvents ?? draft.runEvents,
    runtimeS: commandLine.runtimeS ?? draft.runtimeS,
    keyboard: commandLine.keyboard ?? draft.keyboard,
    page: commandLine.page ?? draft.page,
    rings: draft.rings.map((ring) => ringPlan(ring, draft)),
    functions: draft.functions.map((it) => functionPlan(it, commandLine)),
    configFiles,
  };
  return deepFrozen(plan);
}

/** `lifetime` for `lifetime_setup.yaml`: the file's name up to the word "setup". */
function runName(setupFile: string): string {
  const stem = setupFile.slice(setupFile.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
  const before = stem.split("setup")[0].replace(/[\s_.-]+$/, "");
  return before === "" ? "run" : before;
}

function ringPlan({ name, slots, layout, pause }: RingDraft, draft: SetupDraft): RingPlan {
  if (slots === null || layout === null) {
    throw new TypeError(`Cannot plan ring "${name}": expected a ring without problems, found one that was refused`);
  }
  return {
    name,
    slots,
    layout,
    writers: usersOf(name, "write", draft.functions).reduce((sum, { user }) => sum + user.workers, 0),
    groups: readerGroups(name, draft),
    isRoot: isRootRing(name, draft.functions),
    pause: pause ?? draft.pause,
  };
}

/** In v1 every function that reads a ring sees all events; in v2 they share them, as one group. */
function readerGroups(ring: string, draft: SetupDraft): GroupPlan[] {
  const readers = usersOf(ring, "read", draft.functions).map(({ user }) => user.name);
  if (draft.dialect === "v1" || readers.length < 2) return readers.map((name) => ({ name, functions: [name] }));
  const [first, ...others] = readers;
  const joined = readers.join("+");
  const name = nameFault(joined) === null ? joined : `${first}+${others.length}`;
  return [{ name, functions: readers }];
}

function functionPlan(drafted: FunctionDraft, commandLine: CommandLineValues): FunctionPlan {
  const { name, functionName, module, exportName, workers, config, assignments, place } = drafted;
  const rings = (use: "read" | "write" | "observe") => assignments.filter((it) => it.use === use).map((it) => it.ring);
  return {
    name,
    exportName,
    functionName,
    module,
    workers,
    sources: rings("read"),
    sinks: rings("write"),
    observes: rings("observe"),
    config,
    isolation: commandLine.isolation ?? drafted.isolation,
    onFailure: drafted.onFailure,
    restartLimit: drafted.restartLimit,
    watchdogS: drafted.watchdogS,
    place: `${place.file}:${place.line}`,
  };
}

/** Freezes plain objects and arrays; layouts are frozen already and hold classes. */
function deepFrozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFrozen(part);
  return value;
}
