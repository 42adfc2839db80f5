/** Reads the dialect of mimoCoRB2: Buffers, Workers, base_config. */
import type { AssignmentDraft, FunctionDraft, RingUse, SetupDraft } from "./draft.ts";
import { findBuiltIn, findModuleFunction } from "./find_module.ts";
import { itemPlaces, keyPlace, keyPlaces, type Place } from "./place.ts";
import {
  type Config,
  FUNCTION_OWN_KEYS,
  type FunctionDefaults,
  ownParts,
  plainConfig,
  readAssignment,
  readFunctionDefaults,
  readOwnKeys,
} from "./read_functions.ts";
import { nameFault, readRing } from "./read_rings.ts";
import type { Reading } from "./reading.ts";
import { absolutePath } from "./setup_files.ts";
import { ELSEWHERE, OWN_KEYS, V2_FUNCTION_KEYS, V2_KEYS, V2_RING_KEYS } from "./setup_keys.ts";
import { SetupMapping } from "./setup_mapping.ts";
import { isNothing, quoted } from "./setup_node.ts";

/**
 * Reads a setup in the v2 dialect.
 *
 * @param root Place of the whole setup, a mapping.
 * @param reading Where files are found and findings go.
 * @returns What the setup says; incomplete if findings hold problems.
 */
export function validateV2(root: Place, reading: Reading): SetupDraft {
  const { findings } = reading;
  const top = new SetupMapping(root, [...Object.values(V2_KEYS), ...Object.values(OWN_KEYS)], {
    elsewhere: ELSEWHERE.v2.top,
    findings,
  });
  const ringMap = top.read(V2_KEYS.rings) ?? null;
  const ringEntries = namedEntries(ringMap, { what: "ring", reading });
  const rings = ringEntries.map(([name, place]) =>
    readRing(name, place, { keys: V2_RING_KEYS, elsewhere: ELSEWHERE.v2.ring, fieldForm: "named", findings })
  );
  const functionMap = top.read(V2_KEYS.functions) ?? null;
  const entries = namedEntries(functionMap, { what: "function", reading });
  const basePlace = top.read(V2_KEYS.baseConfig) ?? null;
  const base = basePlace === null ? {} : readConfig(basePlace, reading);
  const defaults = readFunctionDefaults(top);
  const ringNames = isWhole(ringMap, rings) ? rings.map(({ name }) => name) : null;
  const functions = entries.map(([name, place]) => readFunction(name, place, { ringNames, base, defaults, reading }));
  const target = top.read(V2_KEYS.target) ?? "target";
  return {
    dialect: "v2",
    rings,
    functions: functions.filter((it) => it !== null),
    isComplete: ringNames !== null && isWhole(functionMap, entries) && functions.every((it) => it !== null),
    runEvents: top.read(V2_KEYS.runEvents) ?? 0,
    runtimeS: top.read(V2_KEYS.runtime) ?? 0,
    keyboard: top.read(V2_KEYS.keyboard) ?? true,
    page: top.read(V2_KEYS.page) ?? true,
    pause: top.readIfThere(OWN_KEYS.pause) ?? "discard",
    targetDirectory: absolutePath(target, reading.setupDirectory, reading.resolver),
  };
}

/** True if a mapping was read with all its entries, and none got lost under another's name. */
function isWhole(map: Place | null, read: readonly unknown[]): boolean {
  return map?.node.kind === "map" && map.node.duplicates.length === 0 && read.length > 0 &&
    read.length === map.node.entries.size;
}

/** Entries of a mapping of names to mappings. */
function namedEntries(
  map: Place | null,
  { what, reading }: { readonly what: "ring" | "function"; readonly reading: Reading },
): [string, Place][] {
  const { findings } = reading;
  if (map === null || map.node.kind !== "map") return [];
  const entries = keyPlaces(map);
  if (entries.length === 0) findings.refuse(map, `at least one ${what}`);
  for (const { key, line, column } of map.node.duplicates) {
    const where = { file: map.file, path: `${map.path}.${key}`, line, column };
    findings.refuseAt(where, `a name that no other ${what} has`, { found: `${quoted(key)} again` });
  }
  return entries.filter(([name, place]) => {
    const fault = nameFault(name);
    if (fault !== null) findings.refuse(place, `the name of a ${what}`, { found: fault });
    else if (place.node.kind !== "map") findings.refuse(place, "a mapping of keys to values");
    else return true;
    return false;
  });
}

function readFunction(
  name: string,
  place: Place,
  options: {
    readonly ringNames: readonly string[] | null;
    readonly base: Config;
    readonly defaults: FunctionDefaults;
    readonly reading: Reading;
  },
): FunctionDraft | null {
  const { ringNames, base, defaults, reading } = options;
  const keys = V2_FUNCTION_KEYS;
  const mapping = new SetupMapping(place, [...Object.values(keys), ...FUNCTION_OWN_KEYS], {
    elsewhere: ELSEWHERE.v2.function,
    findings: reading.findings,
  });
  const file = mapping.read(keys.file);
  const functionName = mapping.read(keys.functionName);
  const workers = mapping.read(keys.workers);
  const lists = ([["read", keys.sources], ["write", keys.sinks], ["observe", keys.observes]] as const).map(
    ([use, key]) => {
      const list = mapping.read(key);
      return list === undefined ? null : readRingNames(list, { use, ringNames, reading });
    },
  );
  const configPlace = mapping.read(keys.config) ?? null;
  const config = configPlace === null ? base : { ...base, ...readConfig(configPlace, reading) };
  const own = readOwnKeys(mapping, defaults);
  if (file === undefined || functionName === undefined) return null;
  const namePlace = keyPlace(place, "function")!;
  const found = file === ""
    ? findBuiltIn(namePlace, reading)
    : findModuleFunction(keyPlace(place, "file")!, namePlace, reading);
  if (found === null || workers === undefined || lists.includes(null)) return null;
  const assignments = lists.flatMap((list) => list ?? []);
  if (assignments.length === 0) reading.findings.note(place, "the function has no ring");
  return { name, place, functionName, ...found, workers, assignments, ...ownParts(own, { config, assignments }) };
}

/** Reads a list of ring names; one name alone counts as a list. */
function readRingNames(
  list: Place | null,
  options: { readonly use: RingUse; readonly ringNames: readonly string[] | null; readonly reading: Reading },
): AssignmentDraft[] | null {
  const { findings } = options.reading;
  if (list === null) return [];
  const seen = new Set<string>();
  const assignments = (list.node.kind === "list" ? itemPlaces(list) : [list]).map((item) => {
    if (item.node.kind !== "scalar" || isNothing(item.node)) {
      findings.refuse(item, "the name of a ring");
      return null;
    }
    const ring = item.node.source;
    if (seen.has(ring)) {
      findings.refuse(item, "each ring once in the list", { found: `${quoted(ring)} again` });
      return null;
    }
    seen.add(ring);
    return readAssignment(item, { ring, use: options.use, rings: options.ringNames, findings });
  });
  const sound = assignments.filter((it) => it !== null);
  return sound.length === assignments.length ? sound : null;
}

/** Reads a configuration: a mapping, a file's name, or a list of these, of which later ones lie over earlier ones. */
function readConfig(place: Place, reading: Reading): Config {
  const { findings } = reading;
  const parts = place.node.kind === "list" ? itemPlaces(place) : [place];
  const read = (part: Place): Config => {
    if (part.node.kind === "map") return plainConfig(part, findings);
    if (part.node.kind === "scalar" && typeof part.node.value === "string" && part.node.value.trim() !== "") {
      const content = reading.configFile(part);
      return content === null ? {} : plainConfig(content, findings);
    }
    if (!isNothing(part.node)) findings.refuse(part, V2_FUNCTION_KEYS.config.expects);
    return {};
  };
  return parts.reduce((config: Config, part) => ({ ...config, ...read(part) }), {});
}
