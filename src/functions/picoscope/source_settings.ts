/** Everything that the configuration of a PicoScope source says, checked before a device is opened. */
import { FAMILIES, FAMILY_NAMES, type FamilyName } from "../../../drivers/picoscope/families.ts";
import { CHANNEL_NAMES, type ScopeSettings } from "../../../drivers/picoscope/scope_settings.ts";
import type { RecordLayout } from "../../record/record_layout.ts";
import type { FunctionContext } from "../../worker/context.ts";
import { FunctionSettings } from "../../worker/function_settings.ts";
import { requireWiring } from "../../worker/wiring.ts";
import { ConfigKeys } from "../config_keys.ts";
import { ProblemList } from "../problem_list.ts";
import { checkKeyNames } from "../unknown_keys.ts";
import { readChannels } from "./channel_settings.ts";
import { readGenerator } from "./generator_settings.ts";
import { isPicoDaq, PICODAQ_DEFAULTS, PICODAQ_KEYS } from "./picodaq_keys.ts";
import { readTrigger } from "./trigger_settings.ts";

const MODES = ["rapid_block", "block", "streaming"] as const;

/** Captures of one arming where none are given, and what part of the ring's slots they may take. */
const DEFAULT_CAPTURES = 100;
const PART_OF_RING = 0.5;

/** picoDAQ gives the length of the whole window, of which a sample is this part less one. */
const PICODAQ_SAMPLES_LESS = 0.1;

/** All keys of the source: our own, those of mimoCoRB2 and of picoDAQ. */
export const SOURCE_KEYS: readonly string[] = [
  ...["device", "family", "library_path", "simulator", "mode", "resolution_bits", "reconnect_timeout_s"],
  ...["channels", "channel_range_mV", "channel_range", "channel_coupling", "coupling", "bandwidth_MHz"],
  ...["analogue_offset_mV", "analogue_offset", "subtract_offset"],
  ...CHANNEL_NAMES.flatMap((name) => [`channel${name}_range`, `analogue_offset_ch${name}`]),
  ...["sample_time_ns", "timebase", "sample_time_tolerance", "number_of_samples"],
  ...["pre_trigger_samples", "pretrigger_samples", "trigger", "trigger_channel", "trigger_level_mV", "trigger_level"],
  ...["trigger_direction", "trigger_hysteresis_mV", "trigger_delay_ns", "auto_trigger_ms"],
  ...["captures_per_set", "number_of_memory_segments", "longest_set_s", "stream_buffer_s", "signal_generator"],
  ...PICODAQ_KEYS,
];

/** How data are taken. */
export type CaptureMode = typeof MODES[number];

/** Which device to use. */
export interface DeviceSettings {
  /** `auto`: the first one found; `simulated`; or a serial number. */
  readonly device: string;
  /** Null: all families are searched. */
  readonly family: FamilyName | null;
  readonly libraryPath: string | null;
  /** Properties of the simulated device, as its library takes them. */
  readonly simulator: ReadonlyMap<string, string>;
}

/** All settings of a source. */
export interface SourceSettings {
  readonly device: DeviceSettings;
  readonly mode: CaptureMode;
  readonly scope: ScopeSettings;
  /** Names of the ring's fields, one per channel that is on. */
  readonly fields: readonly string[];
  /** True for each field that takes ADC counts as they are; the others take mV. */
  readonly isRaw: readonly boolean[];
  readonly subtractsOffset: boolean;
  /** Captures of one arming. */
  readonly captures: number;
  /** A set that is not complete after so long is ended and taken as it is. */
  readonly longestSetMs: number;
  /** Seconds of data that a streaming buffer holds. */
  readonly streamBufferS: number;
  /** How long a device that is gone is waited for; Infinity: until the run ends. */
  readonly reconnectS: number;
  /** Keys that are not known, as a text for the log; null: none. */
  readonly unknownKeys: string | null;
}

/**
 * Reads and checks the configuration.
 *
 * @throws {TypeError} If something is wrong: names all of it.
 */
export function readSourceSettings(context: FunctionContext): SourceSettings {
  requireWiring(context, { sinks: 1 });
  const settings = new FunctionSettings(context);
  const problems = new ProblemList(context.functionName);
  const keys = new ConfigKeys(settings, problems);
  const [{ layout, slots }] = context.sinks;
  const isRaw = readFieldTypes(layout, problems);
  const device = readDevice(keys);
  const mode = keys.choice(["mode"], MODES, "rapid_block");
  const { channels, subtractsOffset } = readChannels(keys, { layout, family: device.family });
  checkChannels(keys, channels, device.family);
  const samples = readSamples(keys, layout);
  const time = readSampleTime(keys, samples);
  const preSamples = readPreSamples(keys, samples);
  const trigger = mode === "streaming"
    ? { groups: [], delayNs: 0, autoMs: 0 }
    : readTrigger(keys, { channels, subtractsOffset, sampleTimeNs: time.sampleTimeNs });
  const generator = readGenerator(keys);
  const captures = keys.quantity([["captures_per_set", 1], ["number_of_memory_segments", 1]], {
    fallback: Math.max(1, Math.min(DEFAULT_CAPTURES, Math.floor(slots * PART_OF_RING))),
    min: 1,
    integer: true,
  });
  const reconnectS = keys.quantity([["reconnect_timeout_s", 1]], { fallback: 0, min: 0 });
  const result: SourceSettings = {
    device,
    mode,
    scope: {
      resolutionBits: readResolution(keys, device.family),
      channels,
      samples,
      preSamples,
      ...time,
      trigger,
      generator,
    },
    fields: layout.fields.map(({ name }) => name),
    isRaw,
    subtractsOffset,
    captures: mode === "rapid_block" ? captures : 1,
    longestSetMs: 1000 * keys.quantity([["longest_set_s", 1]], { fallback: 1, above: 0 }),
    streamBufferS: keys.quantity([["stream_buffer_s", 1]], { fallback: 0.2, above: 0, max: 60 }),
    reconnectS: reconnectS === 0 ? Infinity : reconnectS,
    unknownKeys: checkKeyNames(context, keys, SOURCE_KEYS),
  };
  problems.throwIfAny();
  return result;
}

/** `int16` takes ADC counts, `float32` and `float64` take mV. */
function readFieldTypes(layout: RecordLayout, problems: ProblemList): boolean[] {
  return layout.fields.map(({ name, type }) => {
    if (type.name !== "int16" && type.name !== "float32" && type.name !== "float64") {
      problems.add(
        new TypeError(
          `Cannot fill field "${name}" from a PicoScope: expected float32 or float64 (mV) or int16 (ADC counts), found ${type.name}`,
        ),
      );
    }
    return type.name === "int16";
  });
}

function readDevice(keys: ConfigKeys): DeviceSettings {
  const { settings, problems } = keys;
  const device = keys.word(["device"], "auto");
  const model = settings.value("PSmodel") === null ? null : `ps${keys.word(["PSmodel"], "")}`;
  const found = keys.usedKey(["family", "PSmodel"]) === "PSmodel" ? model : settings.value("family");
  const family = found === null || found === "auto"
    ? null
    : keys.oneOf<FamilyName>(model === null ? "family" : "PSmodel", {
      found,
      words: FAMILY_NAMES,
      fallback: "ps5000a",
    });
  const libraryPath = settings.value("library_path") === null ? null : keys.word(["library_path"], "");
  const simulator = problems.try({}, () => settings.mapping("simulator"));
  return {
    device: device.toLowerCase() === "auto" || device.toLowerCase() === "simulated" ? device.toLowerCase() : device,
    family,
    libraryPath,
    simulator: new Map(Object.entries(simulator).map(([key, value]) => [key, String(value)])),
  };
}

function checkChannels(keys: ConfigKeys, channels: ScopeSettings["channels"], family: FamilyName | null): void {
  const families = family === null ? FAMILY_NAMES : [family];
  const ranges = [...new Set(families.flatMap((name) => [...FAMILIES[name].ranges.keys()]))].sort((a, b) => a - b);
  const bandwidths = [...new Set(families.flatMap((name) => [...FAMILIES[name].bandwidths.keys()]))].sort((a, b) =>
    a - b
  );
  const of = family === null ? "a PicoScope" : `the family ${family}`;
  for (const { channel, rangeMv, bandwidthMhz, coupling } of channels) {
    if (!ranges.includes(rangeMv)) {
      keys.problems.expect(`range of channel ${channel}`, {
        expected: `one of ${ranges.join(", ")} mV, the ranges of ${of}`,
        found: rangeMv,
      });
    }
    if (bandwidthMhz !== null && !bandwidths.includes(bandwidthMhz)) {
      keys.problems.expect(`bandwidth_MHz of channel ${channel}`, {
        expected: bandwidths.length === 0 ? `absent: ${of} has no limit` : `one of ${bandwidths.join(", ")}`,
        found: bandwidthMhz,
      });
    }
    if (coupling === "DC50" && family !== null && FAMILIES[family].generation === "A") {
      keys.problems.expect(`coupling of channel ${channel}`, {
        expected: `AC or DC, which ${of} has`,
        found: coupling,
      });
    }
  }
}

function readResolution(keys: ConfigKeys, family: FamilyName | null): number | null {
  if (keys.settings.value("resolution_bits") === null) return null;
  const bits = keys.quantity([["resolution_bits", 1]], { min: 8, max: 16, integer: true });
  const resolutions = family === null ? null : FAMILIES[family].resolutions;
  const known = resolutions === null ? [8, 10, 12, 14, 15, 16] : resolutions.size === 0 ? [8] : [...resolutions.keys()];
  if (!Number.isNaN(bits) && !known.includes(bits)) {
    keys.problems.expect("resolution_bits", {
      expected: `one of ${known.join(", ")}${family === null ? "" : `, which the family ${family} has`}`,
      found: bits,
    });
  }
  return bits;
}

/** The ring decides; the keys may say the same. */
function readSamples(keys: ConfigKeys, { valuesPerSlot }: RecordLayout): number {
  const samples = keys.quantity([["number_of_samples", 1], ["Nsamples", 1]], {
    fallback: valuesPerSlot,
    min: 1,
    integer: true,
  });
  if (samples !== valuesPerSlot && !Number.isNaN(samples)) {
    keys.problems.expect(keys.usedKey(["number_of_samples", "Nsamples"]) ?? "number_of_samples", {
      expected: `${valuesPerSlot}, the values in a slot of the ring`,
      found: samples,
    });
  }
  return valuesPerSlot;
}

function readSampleTime(
  keys: ConfigKeys,
  samples: number,
): Pick<ScopeSettings, "sampleTimeNs" | "timebase" | "sampleTimeTolerance"> {
  const used = keys.usedKey(["sample_time_ns", "timebase", "sampleTime"]);
  const tolerance = keys.quantity([["sample_time_tolerance", 1]], {
    fallback: used === "sampleTime" ? 1 : 0.01,
    min: 0,
  });
  if (used === "timebase") {
    const timebase = keys.quantity([["timebase", 1]], { min: 0, max: 0xFFFFFFFF, integer: true });
    return { sampleTimeNs: null, timebase, sampleTimeTolerance: tolerance };
  }
  const sampleTimeNs = used === "sampleTime"
    ? keys.quantity([["sampleTime", 1e9]], { above: 0 }) / (samples - PICODAQ_SAMPLES_LESS)
    : keys.quantity([["sample_time_ns", 1]], { above: 0 });
  return { sampleTimeNs, timebase: null, sampleTimeTolerance: tolerance };
}

function readPreSamples(keys: ConfigKeys, samples: number): number {
  const used = keys.usedKey(["pre_trigger_samples", "pretrigger_samples", "pretrig"]);
  const preSamples = used === "pretrig"
    ? Math.round(samples * keys.quantity([["pretrig", 1]], { min: 0 }))
    : keys.quantity([["pre_trigger_samples", 1], ["pretrigger_samples", 1]], {
      fallback: isPicoDaq(keys) ? Math.round(PICODAQ_DEFAULTS.preTriggerPart * samples) : 0,
      min: 0,
      integer: true,
    });
  if (preSamples < samples || Number.isNaN(preSamples)) return preSamples;
  keys.problems.expect(used ?? "pre_trigger_samples", {
    expected: used === "pretrig"
      ? `less than 1, so that some of the ${samples} samples are behind the trigger`
      : `less than the ${samples} samples`,
    found: used === "pretrig" ? keys.settings.value("pretrig") : preSamples,
  });
  return 0;
}
