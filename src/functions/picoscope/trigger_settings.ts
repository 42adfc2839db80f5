/** The trigger of a PicoScope source. */
import {
  CHANNEL_NAMES,
  type ChannelName,
  type ChannelSettings,
  LEVEL_DIRECTIONS,
  type TriggerSettings,
  type TriggerSource,
  type TriggerTerm,
  WINDOW_DIRECTIONS,
} from "../../../drivers/picoscope/scope_settings.ts";
import type { ConfigKeys } from "../config_keys.ts";
import { isPicoDaq, PICODAQ_DEFAULTS } from "./picodaq_keys.ts";

const EXTERNAL_MV = 5000;
const TERM_KEYS = ["channel", "direction", "level_mV", "window_mV", "hysteresis_mV"];
const SIMPLE_KEYS = ["trigger_channel", "trigger_level_mV", "trigger_level", "trgChan", "trgThr", "trgActive"];

/** Longest auto-trigger that all families can be told, in ms. */
const LONGEST_AUTO_MS = 2 ** 32 / 1000 - 1;

/** What the trigger has to fit. */
export interface TriggerFrame {
  readonly channels: readonly ChannelSettings[];
  /** True if levels are voltages at the input; otherwise they have the offset in them. */
  readonly subtractsOffset: boolean;
  /** Null: not known before the device is open. */
  readonly sampleTimeNs: number | null;
}

/** Reads it; what is wrong goes to the list of problems. */
export function readTrigger(keys: ConfigKeys, frame: TriggerFrame): TriggerSettings {
  const advanced = keys.settings.value("trigger");
  if (advanced === null) return readSimple(keys, frame);
  const doubled = SIMPLE_KEYS.find((key) => keys.settings.value(key) !== null);
  if (doubled !== undefined) {
    keys.problems.add(
      new TypeError(
        `Cannot configure "${keys.settings.functionName}": expected either "trigger" or "${doubled}", found both`,
      ),
    );
  }
  const mapping = keys.mapping("trigger", ["any", "all", "delay_ns", "auto_ms"]) ?? {};
  const groups = readGroups(keys, mapping, frame);
  checkSameTerms(keys, groups);
  return {
    groups,
    delayNs: keys.numberIn("trigger", mapping, { key: "delay_ns", fallback: 0, min: 0 }),
    autoMs: keys.numberIn("trigger", mapping, { key: "auto_ms", fallback: 0, min: 0, max: LONGEST_AUTO_MS }),
  };
}

/** One channel with one level: the keys of our own, of mimoCoRB2 and of picoDAQ. */
function readSimple(keys: ConfigKeys, frame: TriggerFrame): TriggerSettings {
  const isOff = keys.settings.value("trgActive") === false;
  const source = isOff ? "none" : keys.word(["trigger_channel", "trgChan"], "");
  const delaySamples = keys.quantity([["trgDelay", 1]], { fallback: 0, min: 0, integer: true });
  const delayNs = keys.quantity([["trigger_delay_ns", 1]], { fallback: 0, min: 0 }) +
    delaySamples * (frame.sampleTimeNs ?? 0);
  const autoMs = keys.quantity([["auto_trigger_ms", 1], ["trgTO", 1]], {
    fallback: isPicoDaq(keys) ? PICODAQ_DEFAULTS.autoTriggerMs : 0,
    min: 0,
    max: LONGEST_AUTO_MS,
  });
  if (source === "") {
    keys.problems.expect("trigger_channel", {
      expected: `one of ${frame.channels.map(({ channel }) => channel).join(", ")}, EXT, or none`,
      found: null,
    });
  }
  if (source === "" || source.toLowerCase() === "none") return { groups: [], delayNs, autoMs };
  const name = keys.settings.value("trgChan") === null ? "trigger_channel" : "trgChan";
  const channel = readSource(keys, name, source, frame);
  const level = keys.quantity([["trigger_level_mV", 1], ["trigger_level", 1], ["trgThr", 1000]]);
  const direction = keys.choice(["trigger_direction", "trgTyp"], LEVEL_DIRECTIONS, "rising");
  const hysteresis = keys.settings.value("trigger_hysteresis_mV") === null
    ? null
    : keys.quantity([["trigger_hysteresis_mV", 1]], { min: 0 });
  const levelName = keys.usedKey(["trigger_level_mV", "trigger_level", "trgThr"]) ?? "trigger_level_mV";
  const levelMv = atConverter(keys, frame, { key: levelName, source: channel, levelMv: level });
  return {
    groups: [[{ kind: "level", source: channel, direction, levelMv, hysteresisMv: hysteresis }]],
    delayNs,
    autoMs,
  };
}

/** `all` of some terms, or `any` of terms and of groups of terms that must all be fulfilled. */
function readGroups(
  keys: ConfigKeys,
  mapping: Readonly<Record<string, unknown>>,
  frame: TriggerFrame,
): TriggerTerm[][] {
  const given = (["any", "all"] as const).filter((key) => (mapping[key] ?? null) !== null);
  const list = given.length === 1 ? mapping[given[0]] : null;
  if (!Array.isArray(list) || list.length === 0) {
    keys.problems.expect("trigger", { expected: 'a mapping with a list under one of "any" and "all"', found: mapping });
    return [];
  }
  const path = `trigger.${given[0]}`;
  if (given[0] === "all") return [readTerms(keys, path, list, frame)];
  return list.map((item, i) => {
    const group = (item as { all?: unknown } | null)?.all;
    return Array.isArray(group)
      ? readTerms(keys, `${path}[${i}].all`, group, frame)
      : readTerms(keys, path, [item], frame);
  });
}

function readTerms(keys: ConfigKeys, path: string, list: readonly unknown[], frame: TriggerFrame): TriggerTerm[] {
  return list.map((item, i) => readTerm(keys, `${path}[${i}]`, item, frame)).filter((term) => term !== null);
}

function readTerm(keys: ConfigKeys, path: string, item: unknown, frame: TriggerFrame): TriggerTerm | null {
  if (typeof item !== "object" || item === null || Array.isArray(item)) {
    keys.problems.expect(path, { expected: "a mapping such as {channel: A, level_mV: 50}", found: item });
    return null;
  }
  const mapping = keys.known(path, item as Readonly<Record<string, unknown>>, TERM_KEYS);
  const source = readSource(keys, `${path}.channel`, String(mapping.channel ?? ""), frame);
  const hysteresisMv = (mapping.hysteresis_mV ?? null) === null
    ? null
    : keys.numberIn(path, mapping, { key: "hysteresis_mV", min: 0 });
  const level = (key: string, levelMv: number) => atConverter(keys, frame, { key: `${path}.${key}`, source, levelMv });
  if ((mapping.window_mV ?? null) === null) {
    const direction = keys.oneOf(`${path}.direction`, {
      found: mapping.direction ?? "rising",
      words: LEVEL_DIRECTIONS,
      fallback: "rising",
    });
    const levelMv = level("level_mV", keys.numberIn(path, mapping, { key: "level_mV" }));
    return { kind: "level", source, direction, levelMv, hysteresisMv };
  }
  const window = mapping.window_mV;
  const isWindow = Array.isArray(window) && window.length === 2 &&
    window.every((edge) => typeof edge === "number" && Number.isFinite(edge)) && window[0] < window[1];
  if (!isWindow || (mapping.level_mV ?? null) !== null) {
    keys.problems.expect(`${path}.window_mV`, {
      expected: 'a list [lower, upper] of mV, without "level_mV" beside it',
      found: window,
    });
    return null;
  }
  const direction = keys.oneOf(`${path}.direction`, {
    found: mapping.direction ?? "enter",
    words: WINDOW_DIRECTIONS,
    fallback: "enter",
  });
  const [lowerMv, upperMv] = window.map((edge: number) => level("window_mV", edge));
  return { kind: "window", source, direction, lowerMv, upperMv, hysteresisMv };
}

function readSource(keys: ConfigKeys, key: string, found: string, { channels }: TriggerFrame): TriggerSource {
  const name = found.trim().toUpperCase().replace(/^(CH|CHANNEL)_?/, "");
  if (name === "EXT" || name === "EXTERNAL") return "EXT";
  if (channels.some(({ channel }) => channel === name)) return name as ChannelName;
  const isOff = CHANNEL_NAMES.includes(name as ChannelName);
  keys.problems.expect(key, {
    expected: `a channel that is on (${channels.map(({ channel }) => channel).join(", ")}), EXT${
      key.startsWith("trigger.") ? "" : ", or none"
    }${isOff ? "; give it a field in the ring" : ""}`,
    found,
  });
  return channels[0]?.channel ?? "A";
}

/** A level as a voltage at the converter; out of the range is a problem. */
function atConverter(
  keys: ConfigKeys,
  { channels, subtractsOffset }: TriggerFrame,
  { key, source, levelMv }: { key: string; source: TriggerSource; levelMv: number },
): number {
  const channel = channels.find((one) => one.channel === source);
  const rangeMv = channel?.rangeMv ?? EXTERNAL_MV;
  const offsetMv = subtractsOffset ? channel?.offsetMv ?? 0 : 0;
  if (Math.abs(levelMv + offsetMv) > rangeMv) {
    keys.problems.expect(key, {
      expected: `within ${-rangeMv - offsetMv} to ${rangeMv - offsetMv} mV, the range of ${
        source === "EXT" ? "EXT" : `channel ${source}`
      }`,
      found: levelMv,
    });
  }
  return levelMv + offsetMv;
}

/** The device has one set of levels for each channel. */
function checkSameTerms(keys: ConfigKeys, groups: readonly (readonly TriggerTerm[])[]): void {
  const known = new Map<TriggerSource, string>();
  for (const term of groups.flat()) {
    const text = JSON.stringify(term);
    if ((known.get(term.source) ?? text) !== text) {
      keys.problems.expect("trigger", {
        expected: `the same levels and direction wherever channel ${term.source} stands`,
        found: "different ones",
      });
    }
    known.set(term.source, text);
  }
}
