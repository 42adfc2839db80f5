/** Keys of setups: name, what they take, default, meaning, and how a value is read. */
import type { Findings } from "./findings.ts";
import { nearestWord } from "./nearest_word.ts";
import type { Place } from "./place.ts";
import { quoted } from "./setup_node.ts";

/** One key of a setup. The tables in docs/setup_reference.md are made from these. */
export interface SetupKey<T> {
  readonly name: string;
  /** What its value is, for messages and docs: `an integer >= 1`. */
  readonly expects: string;
  /** Value without the key; undefined if the key must be there. */
  readonly default: T | undefined;
  /** The default in words, where the value does not say it. */
  readonly defaultText: string;
  readonly meaning: string;
  /** Names of the same key that are understood with a notice. */
  readonly misprints: readonly string[];
  /** Reads the value at a place; refuses it and returns undefined if it is not what the key takes. */
  read(place: Place, findings: Findings): T | undefined;
}

/** What all keys have besides their kind of value. */
export interface KeyText<T> {
  readonly meaning: string;
  /**
   * Value without the key.
   * @default none: the key must be there
   */
  readonly default?: T;
  /**
   * The default in words.
   * @default the value as YAML shows it
   */
  readonly defaultText?: string;
  /** @default [] */
  readonly misprints?: readonly string[];
}

function setupKey<T>(
  name: string,
  options: KeyText<T> & { readonly expects: string; readonly read: SetupKey<T>["read"] },
): SetupKey<T> {
  const { meaning, expects, read, misprints = [] } = options;
  const defaultText = options.defaultText ?? (options.default === undefined ? "required" : `${options.default}`);
  return Object.freeze({ name, expects, default: options.default, defaultText, meaning, misprints, read });
}

/** A whole number between bounds. */
export function integerKey(
  name: string,
  options: KeyText<number> & { readonly minimum: number; readonly maximum: number },
): SetupKey<number> {
  const { minimum, maximum } = options;
  const unbounded = maximum === Number.MAX_SAFE_INTEGER;
  const expects = unbounded ? `an integer >= ${minimum}` : `an integer from ${minimum} to ${maximum}`;
  return setupKey<number>(name, {
    ...options,
    expects,
    read(place, findings) {
      const value = place.node.kind === "scalar" ? place.node.value : null;
      if (typeof value === "number" && Number.isSafeInteger(value) && value >= minimum && value <= maximum) {
        return value;
      }
      return refuseNumber(place, expects, findings);
    },
  });
}

/** A number from a bound on. */
export function numberKey(name: string, options: KeyText<number> & { readonly minimum: number }): SetupKey<number> {
  const expects = `a number >= ${options.minimum}`;
  return setupKey<number>(name, {
    ...options,
    expects,
    read(place, findings) {
      const value = place.node.kind === "scalar" ? place.node.value : null;
      if (typeof value === "number" && Number.isFinite(value) && value >= options.minimum) return value;
      return refuseNumber(place, expects, findings);
    },
  });
}

function refuseNumber(place: Place, expects: string, findings: Findings): undefined {
  const value = place.node.kind === "scalar" ? place.node.value : null;
  const isQuotedNumber = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
  findings.refuse(place, expects, {
    ...(isQuotedNumber ? { found: `the text ${quoted(value)}`, suggestion: value.trim(), isUnquoted: true } : {}),
  });
  return undefined;
}

const TRUTH_WORDS = ["true", "false", "yes", "no", "on", "off"];

/** true or false, yes or no, on or off. */
export function booleanKey(name: string, options: KeyText<boolean>): SetupKey<boolean> {
  return setupKey<boolean>(name, {
    ...options,
    expects: "true or false",
    read(place, findings) {
      const value = place.node.kind === "scalar" ? place.node.value : null;
      if (typeof value === "boolean") return value;
      const suggestion = typeof value === "string" ? nearestWord(value, TRUTH_WORDS) : null;
      const isUnquoted = suggestion !== null && suggestion === value;
      findings.refuse(place, "true or false", {
        suggestion,
        isUnquoted,
        ...(isUnquoted ? { found: `the text ${quoted(value)}` } : {}),
      });
      return undefined;
    },
  });
}

/** One of some words. */
export function wordKey<W extends string>(
  name: string,
  options: KeyText<W> & { readonly words: readonly W[] },
): SetupKey<W> {
  const quotedWords = options.words.map((word) => `"${word}"`);
  const expects = `${quotedWords.slice(0, -1).join(", ")} or ${quotedWords.at(-1)}`;
  return setupKey<W>(name, {
    ...options,
    expects,
    read(place, findings) {
      const value = place.node.kind === "scalar" ? place.node.value : null;
      const word = options.words.find((known) => known === value);
      if (word !== undefined) return word;
      findings.refuse(place, expects, {
        suggestion: typeof value === "string" ? nearestWord(value, options.words) : null,
      });
      return undefined;
    },
  });
}

/** A text that is not empty: the name of a file, a folder or a function. */
export function textKey(name: string, options: KeyText<string> & { readonly expects: string }): SetupKey<string> {
  return setupKey<string>(name, {
    ...options,
    read(place, findings) {
      const value = place.node.kind === "scalar" ? place.node.value : null;
      if (typeof value === "string" && value.trim() !== "") return value;
      findings.refuse(place, options.expects);
      return undefined;
    },
  });
}

/** A mapping, a list or another value with parts that have rules of their own; gives the place of the value. */
export function partsKey(
  name: string,
  options: Omit<KeyText<Place | null>, "default"> & {
    readonly expects: string;
    readonly kinds: readonly Place["node"]["kind"][];
    readonly isRequired?: boolean;
  },
): SetupKey<Place | null> {
  const { isRequired = false } = options;
  return setupKey<Place | null>(name, {
    ...options,
    ...(isRequired ? {} : { default: null, defaultText: options.defaultText ?? "none" }),
    read(place, findings) {
      if (options.kinds.includes(place.node.kind)) return place;
      findings.refuse(place, options.expects);
      return undefined;
    },
  });
}
