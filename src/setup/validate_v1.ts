/** Reads the dialect of mimoCoRB 1: RingBuffer, Functions with Fkt_main, FunctionConfigs. */
import type { AssignmentDraft, FunctionDraft, RingUse, SetupDraft } from "./draft.ts";
import type { Findings } from "./findings.ts";
import { findModuleFunction } from "./find_module.ts";
import { nearestWord } from "./nearest_word.ts";
import { itemPlaces, keyPlace, keyPlaces, type Place } from "./place.ts";
import {
  FUNCTION_OWN_KEYS,
  type FunctionDefaults,
  ownParts,
  readAssignment,
  readFunctionDefaults,
  readOwnKeys,
} from "./read_functions.ts";
import { nameFault, readRing } from "./read_rings.ts";
import { type ListEntry, readNamedList } from "./read_v1_list.ts";
import type { Reading } from "./reading.ts";
import { absolutePath } from "./setup_files.ts";
import { ELSEWHERE, OWN_KEYS, V1_FUNCTION_KEYS, V1_KEYS, V1_MAIN_KEYS, V1_RING_KEYS } from "./setup_keys.ts";
import { SetupMapping } from "./setup_mapping.ts";
import { describeNode, isNothing, quoted } from "./setup_node.ts";
import { V1Configs } from "./v1_configs.ts";

const USES: readonly RingUse[] = ["read", "write", "observe"];

/**
 * Reads a setup in the v1 dialect.
 *
 * @param root Place of the whole setup, a mapping.
 * @param reading Where files are found and findings go.
 * @returns What the setup says; incomplete if findings hold problems.
 */
export function validateV1(root: Place, reading: Reading): SetupDraft {
  const { findings } = reading;
  const top = new SetupMapping(root, [...Object.values(V1_KEYS), ...Object.values(OWN_KEYS)], {
    elsewhere: ELSEWHERE.v1.top,
    findings,
  });
  const ringList = top.read(V1_KEYS.rings) ?? null;
  const ringEntries = ringList === null ? [] : readNamedList(ringList, {
    expectedName: (index) => `RB_${index + 1}`,
    findings,
  });
  const rings = ringEntries.map(({ name, place }) =>
    readRing(name, place, { keys: V1_RING_KEYS, elsewhere: ELSEWHERE.v1.ring, fieldForm: "numbered", findings })
  );
  if (ringList !== null && listLength(ringList) === 0) findings.refuse(ringList, "at least one ring");

  const functionList = top.read(V1_KEYS.functions) ?? null;
  const entries = functionList === null ? [] : readFunctionList(functionList, findings);
  const mainEntry = entries.find(({ name }) => name === "Fkt_main") ??
    entries.find(({ index, name }) => index === 0 && !isNumbered(name));
  const functionEntries = entries.filter((entry) => entry !== mainEntry && entry.name !== "Fkt_main");
  if (functionList !== null && entries.length === listLength(functionList) && functionEntries.length === 0) {
    findings.refuse(functionList, "Fkt_main and at least one function", { found: "no function" });
  }
  const main = readMain(mainEntry, reading);
  const configs = new V1Configs({
    common: main.config,
    inline: top.read(V1_KEYS.configs) ?? null,
    functionNames: functionEntries.map(({ place }) => sourceText(keyPlace(place, "fkt_name"))),
    reading,
  });
  const defaults = readFunctionDefaults(top);
  const hasAllRings = ringList !== null && rings.length > 0 && rings.length === listLength(ringList);
  // A ring of the wrong number is not to be missed again in the functions that use the right one.
  const ringNames = !hasAllRings
    ? null
    : [...new Set(ringEntries.flatMap(({ name, index }) => [name, `RB_${index + 1}`]))];
  const functions = functionEntries.map((entry) => readFunction(entry, { ringNames, configs, defaults, reading }));
  const limits = main.config === null ? main : readGeneral(main.config, { ...main, reading });
  const output = top.read(V1_KEYS.output) ?? "target";
  return {
    dialect: "v1",
    rings,
    functions: functions.filter((it) => it !== null),
    isComplete: ringNames?.length === rings.length && functionList !== null && functions.length > 0 &&
      functions.every((it) => it !== null) &&
      functionEntries.length + 1 === listLength(functionList),
    runEvents: limits.runEvents,
    runtimeS: limits.runtimeS,
    keyboard: top.read(V1_KEYS.keyboard) ?? true,
    page: top.read(V1_KEYS.page) ?? true,
    pause: top.readIfThere(OWN_KEYS.pause) ?? "wait",
    targetDirectory: absolutePath(output, reading.resolver.workingDirectory, reading.resolver),
  };
}

function listLength(list: Place): number {
  return list.node.kind === "list" ? list.node.items.length : 0;
}

function isNumbered(name: string): boolean {
  return /^Fkt_\d+$/.test(name);
}

function sourceText(place: Place | null): string {
  return place?.node.kind === "scalar" ? place.node.source : "";
}

function readFunctionList(list: Place, findings: Findings): ListEntry[] {
  const [first] = itemPlaces(list);
  const [firstName] = first === undefined ? [] : keyPlaces(first).map(([name]) => name);
  const hasNoMain = firstName !== undefined && isNumbered(firstName);
  if (hasNoMain) {
    findings.refuseAt(first, 'an entry "Fkt_main:" as the first one of the list', { found: quoted(firstName) });
  }
  return readNamedList(list, {
    expectedName: (index) => hasNoMain ? `Fkt_${index + 1}` : index === 0 ? "Fkt_main" : `Fkt_${index}`,
    findings,
  });
}

interface MainEntry {
  /** Content of the common configuration file. */
  readonly config: Place | null;
  readonly runEvents: number;
  readonly runtimeS: number;
}

function readMain(entry: ListEntry | undefined, reading: Reading): MainEntry {
  if (entry === undefined) return { config: null, runEvents: 0, runtimeS: 0 };
  const mapping = new SetupMapping(entry.place, Object.values(V1_MAIN_KEYS), {
    elsewhere: ELSEWHERE.v1.main,
    findings: reading.findings,
  });
  const hasFile = mapping.read(V1_MAIN_KEYS.configFile) ?? "";
  return {
    config: hasFile === "" ? null : reading.configFile(keyPlace(entry.place, "config_file")!),
    runEvents: mapping.read(V1_MAIN_KEYS.runEvents) ?? 0,
    runtimeS: mapping.read(V1_MAIN_KEYS.runtime) ?? 0,
  };
}

/** Section `general` of the common configuration file: its limits count before those of Fkt_main. */
function readGeneral(
  config: Place,
  main: { readonly runEvents: number; readonly runtimeS: number; readonly reading: Reading },
): { readonly runEvents: number; readonly runtimeS: number } {
  const { findings } = main.reading;
  const general = keyPlace(config, "general");
  if (general === null || isNothing(general.node)) return main;
  if (general.node.kind !== "map") {
    findings.refuse(general, "a mapping of keys to values");
    return main;
  }
  const limits = [V1_MAIN_KEYS.runEvents, V1_MAIN_KEYS.runtime];
  const mapping = new SetupMapping(general, limits, { isOpen: true, findings });
  return {
    runEvents: mapping.readIfThere(V1_MAIN_KEYS.runEvents) ?? main.runEvents,
    runtimeS: mapping.readIfThere(V1_MAIN_KEYS.runtime) ?? main.runtimeS,
  };
}

function readFunction(
  { name, place }: ListEntry,
  options: {
    readonly ringNames: readonly string[] | null;
    readonly configs: V1Configs;
    readonly defaults: FunctionDefaults;
    readonly reading: Reading;
  },
): FunctionDraft | null {
  const { ringNames, configs, defaults, reading } = options;
  const { findings } = reading;
  const keys = V1_FUNCTION_KEYS;
  const mapping = new SetupMapping(place, [...Object.values(keys), ...FUNCTION_OWN_KEYS], {
    elsewhere: ELSEWHERE.v1.function,
    findings,
  });
  const fileName = mapping.read(keys.fileName);
  const functionName = mapping.read(keys.functionName);
  const workers = mapping.read(keys.workers);
  const assigned = mapping.read(keys.assignments);
  const assignments = assigned === undefined ? null : readAssignments(assigned, { ringNames, reading });
  const hasFile = mapping.read(keys.configFile) ?? "";
  const ownConfig = hasFile === "" ? null : keyPlace(place, "config_file");
  const own = readOwnKeys(mapping, defaults);
  if (fileName === undefined || functionName === undefined) return null;
  const namePlace = keyPlace(place, "fkt_name") ?? keyPlace(place, "kt_name")!;
  const fault = nameFault(functionName);
  if (fault !== null) findings.refuse(namePlace, "the name of a function", { found: fault });
  const found = fault === null ? findModuleFunction(keyPlace(place, "file_name")!, namePlace, reading) : null;
  // Of a function that was not found the name may be wrong, and with it that of its section.
  const config = found === null && ownConfig === null
    ? {}
    : configs.of(functionName, { place: namePlace, ownFile: ownConfig });
  if (found === null || assignments === null || workers === undefined) return null;
  if (assignments.length === 0) findings.note(place, "the function has no ring");
  return { name, place, functionName, ...found, workers, assignments, ...ownParts(own, { config, assignments }) };
}

function readAssignments(
  place: Place | null,
  { ringNames, reading }: { readonly ringNames: readonly string[] | null; readonly reading: Reading },
): AssignmentDraft[] | null {
  const { findings } = reading;
  if (place === null) return [];
  const assignments = keyPlaces(place).map(([ring, word]) => {
    const value = word.node.kind === "scalar" ? word.node.value : null;
    const use = USES.find((known) => known === value);
    if (use === undefined) {
      findings.refuse(word, '"read", "write" or "observe"', {
        found: typeof value === "string" ? quoted(value) : describeNode(word.node),
        suggestion: typeof value === "string" ? nearestWord(value, USES) : null,
      });
    }
    const assignment = readAssignment(word, { ring, use: use ?? "read", rings: ringNames, findings });
    return use === undefined ? null : assignment;
  });
  const sound = assignments.filter((it) => it !== null);
  return sound.length === assignments.length ? sound : null;
}
