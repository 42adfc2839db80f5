/** Configurations of picoDAQ: what its keys mean where they differ from ours. */
import { FAMILIES, FAMILY_NAMES, type FamilyName } from "../../../drivers/picoscope/families.ts";
import type { ConfigKeys } from "../config_keys.ts";

/** Keys that nobody else has. One of them tells that a configuration is picoDAQ's. */
const OWN_KEYS = [
  "PSmodel",
  "picoChannels",
  "ChanModes",
  "ChanRanges",
  "ChanOffsets",
  "Nsamples",
  "sampleTime",
  "trgActive",
  "trgChan",
  "trgThr",
  "trgTyp",
  "trgTO",
  "trgDelay",
  "pretrig",
];

/** Its keys for the signal generator, and those that mean nothing here: colours of its displays, words on its terminal. */
const FURTHER_KEYS = [
  ...["frqSG", "PkToPkSG", "waveTypeSG", "offsetVoltageSG", "swpSG", "stopFreqSG", "dwellTimeSG"],
  ...["ChanColors", "verbose"],
];

/** All keys of picoDAQ's configuration of a device. */
export const PICODAQ_KEYS: readonly string[] = [...OWN_KEYS, ...FURTHER_KEYS];

/** What picoDAQ takes where its configuration says nothing. */
export const PICODAQ_DEFAULTS = { coupling: "AC", rangeMv: 350, autoTriggerMs: 1000, preTriggerPart: 0.05 } as const;

/** True if the configuration is picoDAQ's, so that what it does not say is as picoDAQ has it. */
export function isPicoDaq(keys: ConfigKeys): boolean {
  return OWN_KEYS.some((key) => keys.settings.value(key) !== null);
}

/**
 * The smallest range that is not below a voltage: with picoDAQ's keys a range need not be one that the device has.
 *
 * @param family Null: ranges of all families.
 * @returns The voltage itself if there is none; then no device has it.
 */
export function nextRangeMv(rangeMv: number, family: FamilyName | null): number {
  const families = family === null ? FAMILY_NAMES : [family];
  const ranges = families.flatMap((name) => [...FAMILIES[name].ranges.keys()]);
  const larger = ranges.filter((known) => known >= rangeMv);
  return larger.length === 0 ? rangeMv : Math.min(...larger);
}
