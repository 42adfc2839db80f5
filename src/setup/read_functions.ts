/** What the functions of both dialects have in common: keys of our own, configurations. */
import type { AssignmentDraft, FunctionDraft, RingUse } from "./draft.ts";
import type { Findings } from "./findings.ts";
import { nearestWord } from "./nearest_word.ts";
import type { Place } from "./place.ts";
import type { FailurePolicy, Isolation } from "./plan.ts";
import { OWN_KEYS } from "./setup_keys.ts";
import type { SetupMapping } from "./setup_mapping.ts";
import { plainValue, quoted } from "./setup_node.ts";

/** A function's configuration: plain values, keys in file order. */
export type Config = Readonly<Record<string, unknown>>;

/** Values at the top of a setup that functions without their own take. */
export interface FunctionDefaults {
  readonly isolation: Isolation;
  readonly onFailure: FailurePolicy;
  readonly restartLimit: number;
  readonly watchdogS: number;
  /** For importers; undefined if there is none. */
  readonly seed: number | undefined;
}

/** Reads our own keys at the top of a setup. */
export function readFunctionDefaults(top: SetupMapping): FunctionDefaults {
  return {
    isolation: top.read(OWN_KEYS.isolation) ?? "thread",
    onFailure: top.read(OWN_KEYS.onFailure) ?? "stop",
    restartLimit: top.read(OWN_KEYS.restartLimit) ?? 0,
    watchdogS: top.read(OWN_KEYS.watchdogS) ?? 0,
    seed: top.readIfThere(OWN_KEYS.seed),
  };
}

/** Copies a configuration mapping into plain values. */
export function plainConfig(place: Place, findings: Findings): Config {
  const plain = plainValue(place.node);
  if (plain !== null) return plain.value as Config;
  findings.refuse(place, "a configuration of at most 100000 values and 500 levels", {
    found: "more, by aliases inside aliases",
  });
  return {};
}

/** Our own keys of one function. */
export interface OwnValues {
  readonly isolation: Isolation;
  readonly onFailure: FailurePolicy;
  readonly restartLimit: number;
  readonly watchdogS: number;
  /** Of the function itself, and of the setup; undefined if there is none. */
  readonly seed: number | undefined;
  readonly setupSeed: number | undefined;
}

/** Our own keys that may stand in a function's entry. */
export const FUNCTION_OWN_KEYS = [
  OWN_KEYS.isolation,
  OWN_KEYS.onFailure,
  OWN_KEYS.restartLimit,
  OWN_KEYS.watchdogS,
  OWN_KEYS.seed,
];

/** Reads our own keys in a function's entry. */
export function readOwnKeys(mapping: SetupMapping, defaults: FunctionDefaults): OwnValues {
  return {
    isolation: mapping.readIfThere(OWN_KEYS.isolation) ?? defaults.isolation,
    onFailure: mapping.readIfThere(OWN_KEYS.onFailure) ?? defaults.onFailure,
    restartLimit: mapping.readIfThere(OWN_KEYS.restartLimit) ?? defaults.restartLimit,
    watchdogS: mapping.readIfThere(OWN_KEYS.watchdogS) ?? defaults.watchdogS,
    seed: mapping.readIfThere(OWN_KEYS.seed),
    setupSeed: defaults.seed,
  };
}

/** The parts of a function that our own keys decide: the seed of its entry counts before the one in its configuration. */
export function ownParts(
  own: OwnValues,
  { config, assignments }: { readonly config: Config; readonly assignments: readonly AssignmentDraft[] },
): Pick<FunctionDraft, "config" | "isolation" | "onFailure" | "restartLimit" | "watchdogS"> {
  const { isolation, onFailure, restartLimit, watchdogS } = own;
  const isImporter = assignments.length > 0 && assignments.every(({ use }) => use === "write");
  const seed = own.seed ?? (isImporter && config.seed === undefined ? own.setupSeed : undefined);
  return { config: seed === undefined ? config : { ...config, seed }, isolation, onFailure, restartLimit, watchdogS };
}

/**
 * Checks that a ring is one of the setup's; reports it with the nearest name otherwise.
 *
 * @param options The ring's name, and the names of all rings: null, if some could not be read and may be missing.
 */
export function readAssignment(
  place: Place,
  options: {
    readonly ring: string;
    readonly use: RingUse;
    readonly rings: readonly string[] | null;
    readonly findings: Findings;
  },
): AssignmentDraft | null {
  const { ring, use, rings, findings } = options;
  if (rings === null || rings.includes(ring)) return { ring, use, place };
  findings.refuse(place, `a ring of this setup (${rings.join(", ")})`, {
    found: quoted(ring),
    suggestion: nearestWord(ring, rings),
  });
  return null;
}
