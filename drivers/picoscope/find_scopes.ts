/** Finds PicoScopes of all families and opens one. */
import { InstrumentLost } from "../instrument.ts";
import { DriverLibrary } from "./driver_library.ts";
import { FAMILIES, FAMILY_NAMES, type FamilyName } from "./families.ts";
import { installAdvice, LIBRARY_VARIABLE } from "./library_paths.ts";
import { PicoError } from "./pico_status.ts";
import { Scope } from "./scope.ts";
import { enumerateUnits } from "./unit.ts";
import { usbAdvice } from "./usb_advice.ts";

/** Functions that a library may lack: older versions, and families that do without them. */
const OPTIONAL: ReadonlySet<string> = new Set([
  "OpenUnitAsync",
  "OpenUnitProgress",
  "PingUnit",
  "FlashLed",
  "MinimumValue",
  "GetTimebase",
  "GetMinimumTimebaseStateless",
  "NearestSampleIntervalStateless",
  "GetNoOfProcessedCaptures",
  "SetTriggerChannelPropertiesV2",
  "SetAutoTriggerMicroSeconds",
  "SetDataBuffers",
  "GetValuesAsync",
  "GetValuesOverlapped",
  "GetValuesOverlappedBulk",
  "StopUsingGetValuesOverlapped",
  "GetTriggerTimeOffset",
  "GetTriggerTimeOffset64",
  "GetValuesTriggerTimeOffsetBulk",
  "GetValuesTriggerTimeOffsetBulk64",
  "NoOfStreamingValues",
  "SetSigGenBuiltInV2",
  "SigGenSoftwareControl",
  "GetAnalogueOffset",
  "GetAnalogueOffsetLimits",
  "GetChannelInformation",
  "GetScalingValues",
  "IsTriggerOrPulseWidthQualifierEnabled",
  "GetMaxDownSampleRatio",
  "GetMaxSegments",
  "MemorySegmentsBySamples",
  "CurrentPowerSource",
  "OpenUnitWithResolution",
]);

/** The newer families need what the older ones have under another name. */
const REQUIRED_ANYWAY: Readonly<Partial<Record<FamilyName, readonly string[]>>> = {
  ps6000a: ["GetTimebase"],
  psospa: ["GetTimebase"],
};

/** Functions without which a family cannot be used. */
export function requiredFunctions(family: FamilyName): readonly string[] {
  return FAMILIES[family].prototypes.map(({ name }) => name).filter((name) =>
    !OPTIONAL.has(name) || REQUIRED_ANYWAY[family]?.includes(name)
  );
}

/**
 * Loads the library of a family.
 *
 * @param path Library file or folder; null: the usual places.
 * @throws {Error} If it is nowhere, cannot be loaded, or lacks functions.
 */
export function openFamily(family: FamilyName, path: string | null = null): DriverLibrary {
  const { prototypes } = FAMILIES[family];
  return DriverLibrary.open({ prefix: family, prototypes, required: requiredFunctions(family) }, { path });
}

/** A unit that is connected and not open. */
export interface FoundScope {
  /** Family of the library that found it. */
  readonly family: FamilyName;
  /** Batch and serial number, as `device` in a configuration takes it. */
  readonly serial: string;
}

/** Where to look for units. */
export interface ScopeSearch {
  /** Null: all families whose libraries are installed. @default {null} */
  readonly family?: FamilyName | null;
  /** Library file or folder. @default {the usual places} */
  readonly libraryPath?: string | null;
  /** Gets the reasons why families could not be searched. @default {nothing} */
  readonly onNotice?: (text: string) => void;
}

/** What {@linkcode openScope} opens. */
export interface ScopeRequest extends ScopeSearch {
  /** Serial number; null: the first unit that is found. @default {null} */
  readonly serial?: string | null;
}

/** Libraries stay loaded until the thread ends: some of them do not survive being unloaded and loaded again. */
const libraries = new Map<string, DriverLibrary>();

/** Loads the library of a family once per thread; see {@linkcode openFamily}. */
export function loadFamily(family: FamilyName, path: string | null): DriverLibrary {
  const key = `${family} ${path ?? ""}`;
  let library = libraries.get(key);
  if (library === undefined) {
    library = openFamily(family, path);
    libraries.set(key, library);
  }
  return library;
}

/** Unloads all libraries that this thread has loaded; nothing of them may be open. */
export function closeLibraries(): void {
  for (const library of libraries.values()) library.close();
  libraries.clear();
}

/**
 * Lists the units that are connected and not open. Takes some seconds with real ones.
 *
 * @throws {Error} If no library of a family that is searched can be used: says what to install.
 */
export async function listScopes(search: ScopeSearch = {}): Promise<FoundScope[]> {
  const found: FoundScope[] = [];
  for (const [family, library] of searchedLibraries(search)) {
    try {
      for (const serial of await enumerateUnits(library)) found.push({ family, serial });
    } catch (error) {
      if (!(error instanceof PicoError)) throw error;
      search.onNotice?.(error.message);
    }
  }
  return found;
}

/**
 * Opens a unit: the one of a serial number, or the first one that is found. Takes some seconds with a real one.
 *
 * @throws {InstrumentLost} If there is none.
 * @throws {Error} If no library can be used, or the unit cannot be opened: says what to do.
 */
export async function openScope(request: ScopeRequest = {}): Promise<Scope> {
  const { family = null, serial = null, libraryPath = null, onNotice } = request;
  if (family !== null) {
    return Scope.open({ family: FAMILIES[family], library: loadFamily(family, libraryPath), serial });
  }
  const found = await listScopes(request);
  const wanted = found.find((unit) => serial === null || unit.serial === serial);
  const list = found.map((unit) => `${unit.serial} (${unit.family})`).join(", ");
  if (wanted === undefined) {
    throw new InstrumentLost(
      found.length === 0
        ? `Cannot open a PicoScope: expected one that is not open, found none; ${usbAdvice()}`
        : `Cannot open PicoScope ${serial}: expected it among the units that are not open, found ${list}`,
    );
  }
  onNotice?.(`found ${list}`);
  const library = loadFamily(wanted.family, libraryPath);
  return Scope.open({ family: FAMILIES[wanted.family], library, serial: wanted.serial });
}

function searchedLibraries({ family = null, libraryPath = null }: ScopeSearch): [FamilyName, DriverLibrary][] {
  if (family !== null) return [[family, loadFamily(family, libraryPath)]];
  const usable: [FamilyName, DriverLibrary][] = [];
  const errors: Error[] = [];
  for (const name of FAMILY_NAMES) {
    try {
      usable.push([name, loadFamily(name, libraryPath)]);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      errors.push(error);
    }
  }
  if (usable.length > 0) return usable;
  const broken = errors.find(({ message }) => !message.startsWith("Cannot find"));
  if (broken !== undefined) throw broken;
  throw new AggregateError(
    errors,
    `Cannot look for a PicoScope: expected the library of one of the families ${
      FAMILY_NAMES.join(", ")
    } in the usual ` +
      `places or where ${LIBRARY_VARIABLE} says, found none; for a 5000 series, for example, ${
        installAdvice("ps5000a")
      }`,
  );
}
