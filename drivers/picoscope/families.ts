/** The families of PicoScope libraries, and what distinguishes them. */
import { parsePrototypes, type Prototype } from "./foreign_symbols.ts";
import { PS2000A_PROTOTYPES } from "./prototypes/ps2000a.ts";
import { PS3000A_PROTOTYPES } from "./prototypes/ps3000a.ts";
import { PS4000A_PROTOTYPES } from "./prototypes/ps4000a.ts";
import { PS5000A_PROTOTYPES } from "./prototypes/ps5000a.ts";
import { PS6000A_PROTOTYPES } from "./prototypes/ps6000a.ts";
import { PSOSPA_PROTOTYPES } from "./prototypes/psospa.ts";

/** Name of a family, of its library and of the prefix of its functions. */
export type FamilyName = "ps2000a" | "ps3000a" | "ps4000a" | "ps5000a" | "ps6000a" | "psospa";

/** Names of the families, in the order in which they are searched for devices. */
export const FAMILY_NAMES: readonly FamilyName[] = ["ps5000a", "ps3000a", "ps4000a", "ps2000a", "ps6000a", "psospa"];

/** What is particular to a family. */
export interface Family {
  readonly name: FamilyName;
  readonly prototypes: readonly Prototype[];
  /** The older libraries (2000a to 5000a) or those of the 6000E and its successors. */
  readonly generation: "A" | "E";
  /** Bits of the vertical resolutions that can be chosen, with their numbers; empty: there is no choice. */
  readonly resolutions: ReadonlyMap<number, number>;
  /** True if opening takes a resolution. */
  readonly opensWithResolution: boolean;
  /** True if the functions for timebase and capture have an argument `oversample`. */
  readonly hasOversample: boolean;
  /** True if units may be powered by USB or by a supply, and say so. */
  readonly hasPowerSource: boolean;
  /** Bytes of one trigger info; 0: this family does not have trigger times. */
  readonly triggerInfoBytes: 0 | 32 | 48;
  /** Number of the external trigger input. */
  readonly externalSource: number;
  /** How conditions of several channels are written: as a row of states (of 32-bit words), or as a list. */
  readonly conditions: { readonly rowWords: number } | "list";
  /** Bandwidth limits in MHz with their numbers. */
  readonly bandwidths: ReadonlyMap<number, number>;
  /** Ranges in mV with their numbers. */
  readonly ranges: ReadonlyMap<number, number>;
}

const RANGES_MV = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000];

function ranges(first: number, last: number): ReadonlyMap<number, number> {
  return new Map(
    RANGES_MV.map((rangeMv, index): [number, number] => [rangeMv, index]).filter(([, index]) =>
      index >= first && index <= last
    ),
  );
}

const TWENTY_MHZ: ReadonlyMap<number, number> = new Map([[20, 1]]);
/** The newer libraries take the limit in Hz. */
const HERTZ: ReadonlyMap<number, number> = new Map([20, 25, 50, 100, 200, 250, 500].map((mhz) => [mhz, mhz * 1e6]));

const A_GENERATION = {
  generation: "A",
  resolutions: new Map<number, number>(),
  opensWithResolution: false,
  hasOversample: false,
  hasPowerSource: true,
  externalSource: 4,
  bandwidths: TWENTY_MHZ,
} as const;

const E_GENERATION = {
  generation: "E",
  resolutions: new Map([[8, 0], [10, 10], [12, 1]]),
  opensWithResolution: true,
  hasOversample: false,
  hasPowerSource: false,
  triggerInfoBytes: 48,
  externalSource: 1000,
  conditions: "list",
  bandwidths: HERTZ,
  ranges: ranges(0, 10),
} as const;

/** All families by name. */
export const FAMILIES: Readonly<Record<FamilyName, Family>> = {
  ps2000a: {
    ...A_GENERATION,
    name: "ps2000a",
    prototypes: parsePrototypes(PS2000A_PROTOTYPES),
    hasOversample: true,
    hasPowerSource: false,
    triggerInfoBytes: 0,
    conditions: { rowWords: 8 },
    bandwidths: new Map(),
    ranges: ranges(1, 10),
  },
  ps3000a: {
    ...A_GENERATION,
    name: "ps3000a",
    prototypes: parsePrototypes(PS3000A_PROTOTYPES),
    hasOversample: true,
    triggerInfoBytes: 32,
    conditions: { rowWords: 8 },
    ranges: ranges(1, 10),
  },
  ps4000a: {
    ...A_GENERATION,
    name: "ps4000a",
    prototypes: parsePrototypes(PS4000A_PROTOTYPES),
    resolutions: new Map([[12, 1], [14, 2]]),
    triggerInfoBytes: 0,
    externalSource: 8,
    conditions: "list",
    bandwidths: new Map([[0.02, 1], [0.1, 2], [1, 3]]),
    ranges: ranges(0, 13),
  },
  ps5000a: {
    ...A_GENERATION,
    name: "ps5000a",
    prototypes: parsePrototypes(PS5000A_PROTOTYPES),
    resolutions: new Map([[8, 0], [12, 1], [14, 2], [15, 3], [16, 4]]),
    opensWithResolution: true,
    triggerInfoBytes: 32,
    conditions: "list",
    ranges: ranges(0, 10),
  },
  ps6000a: { ...E_GENERATION, name: "ps6000a", prototypes: parsePrototypes(PS6000A_PROTOTYPES) },
  psospa: { ...E_GENERATION, name: "psospa", prototypes: parsePrototypes(PSOSPA_PROTOTYPES) },
};

/** Full scale of the external trigger input, in mV, and the ADC value that belongs to it. */
export const EXTERNAL_FULL_SCALE_MV = 5000;
export const EXTERNAL_FULL_SCALE_COUNT = 32767;

/**
 * Number of analogue channels of a model: the second digit of its name, `5444D` has 4.
 *
 * @param variant The model as the unit names it.
 */
export function channelsOfVariant(variant: string): number {
  const digit = /^\d(\d)/.exec(variant.trim());
  const count = digit === null ? 0 : Number(digit[1]);
  return count === 2 || count === 4 || count === 6 || count === 8 ? count : 4;
}
