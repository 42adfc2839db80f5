/** Looks configuration values up under all the names that they have: our own, those of mimoCoRB2, those of picoDAQ. */
import type { NumberRule } from "../pulses/config_reader.ts";
import { nearestWord } from "../setup/nearest_word.ts";
import type { FunctionSettings } from "../worker/function_settings.ts";
import type { ProblemList } from "./problem_list.ts";

/** A key with the factor that turns its value into our unit. */
export type ScaledKey = readonly [key: string, factor: number];

/** Reads the configuration of a source and collects what is wrong with it. */
export class ConfigKeys {
  readonly settings: FunctionSettings;
  readonly problems: ProblemList;

  /** For one function. */
  constructor(settings: FunctionSettings, problems: ProblemList) {
    this.settings = settings;
    this.problems = problems;
  }

  /** The one of several names that is used; null if none is. More than one is a problem. */
  usedKey(names: readonly string[]): string | null {
    const used = names.filter((name) => this.settings.value(name) !== null);
    if (used.length > 1) {
      this.problems.add(
        new TypeError(
          `Cannot configure "${this.settings.functionName}": expected one of the keys ${quoted(used)}, found ${
            used.length === 2 ? "both" : "all"
          }: they mean the same`,
        ),
      );
    }
    return used[0] ?? null;
  }

  /**
   * Reads a number that may have several names.
   *
   * @param keys The names with their factors, our own one first; its name stands in the message if the number is required.
   * @param rule Bounds in our unit. Without a fallback the number is required.
   */
  quantity(keys: readonly ScaledKey[], rule: NumberRule = {}): number {
    const used = this.usedKey(keys.map(([key]) => key)) ?? keys[0][0];
    const factor = keys.find(([key]) => key === used)![1];
    const fallback = rule.fallback ?? NaN;
    return this.problems.try(fallback, () => {
      if (this.settings.value(used) === null && rule.fallback !== undefined) return rule.fallback;
      return round(factor * this.settings.number(used, { ...scaled(rule, factor) }));
    });
  }

  /** Reads a text that may have several names, as it is written; the fallback if there is none. */
  word(names: readonly string[], fallback: string): string {
    const used = this.usedKey(names);
    if (used === null) return fallback;
    return this.problems.try(fallback, () => this.settings.text(used));
  }

  /** Reads one of some words, whatever their capitals, blanks and strokes. */
  choice<T extends string>(names: readonly string[], words: readonly T[], fallback: T): T {
    const used = this.usedKey(names);
    if (used === null) return fallback;
    return this.oneOf(used, { found: this.settings.value(used), words, fallback });
  }

  /** Takes a value as one of some words, or notes a problem. */
  oneOf<T extends string>(
    key: string,
    { found, words, fallback }: { found: unknown; words: readonly T[]; fallback: T },
  ): T {
    const match = words.find((word) => plain(word) === plain(String(found)));
    if (match !== undefined) return match;
    const nearest = nearestWord(String(found), words);
    this.problems.expect(key, {
      expected: `one of ${words.join(", ")}${nearest === null ? "" : ` (perhaps ${nearest})`}`,
      found,
    });
    return fallback;
  }

  /** Reads a truth value. */
  flag(name: string, fallback: boolean): boolean {
    return this.problems.try(fallback, () => this.settings.flag(name, fallback));
  }

  /** Reads a mapping whose keys are known; others are problems. Null if it is absent. */
  mapping(name: string, known: readonly string[]): Readonly<Record<string, unknown>> | null {
    if (this.settings.value(name) === null) return null;
    return this.problems.try<Readonly<Record<string, unknown>> | null>(
      null,
      () => this.known(name, this.settings.mapping(name), known),
    );
  }

  /** Notes a problem for each key of a mapping that is not known; gives the mapping back. */
  known(
    name: string,
    mapping: Readonly<Record<string, unknown>>,
    known: readonly string[],
  ): Readonly<Record<string, unknown>> {
    for (const key of Object.keys(mapping)) {
      if (known.includes(key)) continue;
      const nearest = nearestWord(key, known);
      this.problems.add(
        new TypeError(
          `Cannot configure "${this.settings.functionName}": expected "${name}" to have keys of ${
            quoted(known)
          }, found "${key}"${nearest === null ? "" : `; did you mean "${nearest}"?`}`,
        ),
      );
    }
    return mapping;
  }

  /** Takes a value of a mapping as a number, or notes a problem. */
  numberIn(
    name: string,
    mapping: Readonly<Record<string, unknown>>,
    { key, fallback, min = -Infinity, max = Infinity }: { key: string; fallback?: number; min?: number; max?: number },
  ): number {
    const found = mapping[key] ?? null;
    if (found === null && fallback !== undefined) return fallback;
    if (typeof found === "number" && Number.isFinite(found) && found >= min && found <= max) return found;
    const bounds = [min > -Infinity ? `>= ${min}` : "", max < Infinity ? `<= ${max}` : ""].filter((text) =>
      text !== ""
    );
    this.problems.expect(`${name}.${key}`, { expected: `a number ${bounds.join(" and ")}`.trim(), found });
    return fallback ?? NaN;
  }
}

/** Names in quotes, with commas. */
export function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

function scaled(rule: NumberRule, factor: number): NumberRule {
  const { min, max, above, integer } = rule;
  return {
    ...(min === undefined ? {} : { min: round(min / factor) }),
    ...(max === undefined ? {} : { max: round(max / factor) }),
    ...(above === undefined ? {} : { above: round(above / factor) }),
    ...(integer === undefined ? {} : { integer }),
  };
}

/** 0.48 V are 480 mV, not 480.00000000000006. */
function round(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(12)) : value;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[\s_-]/g, "");
}
