/** The channels of a PicoScope source: which field is which channel, and how each is set. */
import type { FamilyName } from "../../../drivers/picoscope/families.ts";
import {
  CHANNEL_NAMES,
  type ChannelName,
  type ChannelSettings,
  type Coupling,
} from "../../../drivers/picoscope/scope_settings.ts";
import type { RecordField, RecordLayout } from "../../record/record_layout.ts";
import type { ConfigKeys } from "../config_keys.ts";
import { isPicoDaq, nextRangeMv, PICODAQ_DEFAULTS } from "./picodaq_keys.ts";

const COUPLINGS = ["DC", "AC", "DC50"] as const satisfies readonly Coupling[];
const CHANNEL_KEYS = ["range_mV", "coupling", "offset_mV", "bandwidth_MHz"];
const FIELD_REGEXP = /^(?:ch|channel)?_?([A-Ha-h])$/;
const VOLTAGE_REGEXP = /^\s*[+±]?-?\s*(\d+(?:\.\d+)?)\s*(m?)v\s*$/i;
const DEFAULT_RANGE_MV = 20_000;

/** The channels in the order of the ring's fields. */
export interface SourceChannels {
  readonly channels: readonly ChannelSettings[];
  /** True if the offset is taken out of the data again, and trigger levels are voltages at the input. */
  readonly subtractsOffset: boolean;
}

/** Reads them; what is wrong goes to the list of problems. */
export function readChannels(
  keys: ConfigKeys,
  { layout, family }: { layout: RecordLayout; family: FamilyName | null },
): SourceChannels {
  const own = ownChannels(keys);
  const names = channelNames(keys, layout.fields, own);
  const usesV2Offset = ["analogue_offset", ...CHANNEL_NAMES.map((name) => `analogue_offset_ch${name}`)]
    .some((key) => keys.settings.value(key) !== null);
  return {
    channels: names.map((name, i) => readChannel(keys, { name, i, family, own: own?.get(name) ?? {} })),
    subtractsOffset: keys.flag("subtract_offset", !usesV2Offset),
  };
}

/** The mapping `channels`, by channel. */
function ownChannels(keys: ConfigKeys): ReadonlyMap<string, Readonly<Record<string, unknown>>> | null {
  const found = keys.settings.value("channels");
  if (found === null) return null;
  if (Array.isArray(found)) return new Map(found.map((name) => [String(name), {}]));
  const mapping = keys.problems.try({}, () => keys.settings.mapping("channels"));
  return new Map(
    Object.entries(mapping).map(([name, value]) => {
      const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
      if (!isMapping && value !== null) {
        keys.problems.expect(`channels.${name}`, { expected: "a mapping such as {range_mV: 500}", found: value });
      }
      const settings = isMapping ? value as Readonly<Record<string, unknown>> : {};
      return [name, keys.known(`channels.${name}`, settings, CHANNEL_KEYS)];
    }),
  );
}

/**
 * Which channels the fields are: as listed, as their names say, or the first ones.
 */
function channelNames(
  keys: ConfigKeys,
  fields: readonly RecordField[],
  own: ReadonlyMap<string, unknown> | null,
): ChannelName[] {
  const used = keys.usedKey(["channels", "picoChannels"]);
  const picoChannels = keys.settings.value("picoChannels");
  const listed = own !== null
    ? [...own.keys()]
    : picoChannels !== null
    ? [picoChannels].flat().map(String)
    : byFieldNames(fields) ?? CHANNEL_NAMES.slice(0, fields.length);
  const names = listed.map((name) => name.toUpperCase() as ChannelName);
  const areRight = names.length === fields.length && new Set(names).size === names.length &&
    names.every((name) => CHANNEL_NAMES.includes(name));
  if (areRight) return names;
  keys.problems.expect(used ?? "channels", {
    expected: `as many different channels of ${CHANNEL_NAMES.join(", ")} as the ring has fields (${
      fields.map(({ name }) => name).join(", ")
    })`,
    found: listed,
  });
  return CHANNEL_NAMES.slice(0, Math.min(fields.length, CHANNEL_NAMES.length));
}

function byFieldNames(fields: readonly RecordField[]): string[] | null {
  const letters = fields.map(({ name }) => FIELD_REGEXP.exec(name)?.[1]?.toUpperCase());
  const areDistinct = letters.every((letter) => letter !== undefined) && new Set(letters).size === letters.length;
  return areDistinct ? letters as string[] : null;
}

function readChannel(
  keys: ConfigKeys,
  { name, i, family, own }: {
    name: ChannelName;
    i: number;
    family: FamilyName | null;
    own: Readonly<Record<string, unknown>>;
  },
): ChannelSettings {
  const path = `channels.${name}`;
  const { problems } = keys;
  const common = keys.choice(
    ["channel_coupling", "coupling"],
    COUPLINGS,
    isPicoDaq(keys) ? PICODAQ_DEFAULTS.coupling : "DC",
  );
  const listed = listValue(keys, "ChanModes", i);
  const couplingFound = own.coupling ?? listed;
  const coupling = couplingFound === null || couplingFound === undefined
    ? common
    : keys.oneOf(own.coupling ? `${path}.coupling` : "ChanModes", {
      found: couplingFound,
      words: COUPLINGS,
      fallback: common,
    });
  const bandwidth = keys.settings.value("bandwidth_MHz") === null ? null : keys.quantity([["bandwidth_MHz", 1]], {
    above: 0,
  });
  const ownOffset = "offset_mV" in own ? keys.numberIn(path, own, { key: "offset_mV" }) : null;
  const ownBandwidth = "bandwidth_MHz" in own && own.bandwidth_MHz !== null
    ? keys.numberIn(path, own, { key: "bandwidth_MHz", min: 0 })
    : null;
  const ownRange = "range_mV" in own ? rangeMv(own.range_mV) : null;
  if ("range_mV" in own && ownRange === null) {
    problems.expect(`${path}.range_mV`, { expected: RANGE_WORDS, found: own.range_mV });
  }
  return {
    channel: name,
    rangeMv: ownRange ?? readRange(keys, { name, i, family }),
    coupling,
    offsetMv: ownOffset ?? readOffset(keys, name, i),
    bandwidthMhz: ownBandwidth ?? bandwidth,
  };
}

const RANGE_WORDS = 'a voltage in mV, or a text such as "500MV" or "2V"';

function readRange(
  keys: ConfigKeys,
  { name, i, family }: { name: ChannelName; i: number; family: FamilyName | null },
): number {
  const used = keys.usedKey([`channel${name}_range`]) ??
    keys.usedKey(["channel_range_mV", "channel_range", "ChanRanges"]);
  if (used === null) return isPicoDaq(keys) ? nextRangeMv(PICODAQ_DEFAULTS.rangeMv, family) : DEFAULT_RANGE_MV;
  const found = used === "ChanRanges" ? listValue(keys, used, i) : keys.settings.value(used);
  const range = used === "ChanRanges" ? volts(found) : rangeMv(found);
  if (range !== null) return used === "ChanRanges" ? nextRangeMv(range, family) : range;
  keys.problems.expect(used, { expected: used === "ChanRanges" ? "a list of volts" : RANGE_WORDS, found });
  return DEFAULT_RANGE_MV;
}

function readOffset(keys: ConfigKeys, name: ChannelName, i: number): number {
  const ofChannel = `analogue_offset_ch${name}`;
  if (keys.settings.value(ofChannel) !== null) return keys.quantity([[ofChannel, 1000]]);
  const used = keys.usedKey(["analogue_offset_mV", "analogue_offset", "ChanOffsets"]);
  if (used !== "ChanOffsets") {
    return keys.quantity([["analogue_offset_mV", 1], ["analogue_offset", 1000]], { fallback: 0 });
  }
  const found = listValue(keys, used, i);
  if (typeof found === "number") return found * 1000;
  keys.problems.expect(used, { expected: "a list of volts, one per channel", found: keys.settings.value(used) });
  return 0;
}

function listValue(keys: ConfigKeys, key: string, i: number): unknown {
  const found = keys.settings.value(key);
  return Array.isArray(found) ? found[i] ?? null : found;
}

function volts(found: unknown): number | null {
  return typeof found === "number" && found > 0 ? Number((found * 1000).toPrecision(12)) : null;
}

/** 500, "500", "500MV" and "500 mV" are 500 mV, "2V" is 2000 mV. */
function rangeMv(found: unknown): number | null {
  if (typeof found === "number") return found > 0 ? found : null;
  if (typeof found !== "string") return null;
  const match = VOLTAGE_REGEXP.exec(found.replace(/^.*_/, ""));
  if (match !== null) return Number(match[1]) * (match[2] === "" ? 1000 : 1);
  return Number(found) > 0 ? Number(found) : null;
}
