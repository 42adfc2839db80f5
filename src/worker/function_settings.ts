/** A function's configuration, read with checks: what number, text or list a key must hold. */
import { ConfigReader } from "../pulses/config_reader.ts";
import { nearestWord } from "../setup/nearest_word.ts";
import type { FunctionContext } from "./context.ts";

/** Keys that were looked up in the configuration of a context. */
const LOOKED_UP = new WeakMap<object, Set<string>>();

/** What an optional text must be. */
export interface TextRule {
  /** Value to take if the key is absent or empty. @default {none: the key is required} */
  readonly fallback?: string;
}

/**
 * Reads the configuration of the function that a context belongs to. Messages name function and key.
 *
 * @example A threshold that need not be configured
 * ```ts
 * import { type DaqFunction, FunctionSettings } from "@mimocorb/daq";
 *
 * export const pulseCounter: DaqFunction = (context) => {
 *   const settings = new FunctionSettings(context);
 *   const threshold = settings.number("threshold", { fallback: 50, min: 0 });
 *   for (const reader of context.sources) context.log.info(`${reader.name}: threshold ${threshold} mV`);
 * };
 * ```
 */
export class FunctionSettings extends ConfigReader {
  readonly #lookedUp: Set<string>;

  /**
   * Views the configuration of a context; one that is no mapping counts as empty.
   *
   * @param context Context of the function.
   */
  constructor(context: FunctionContext<unknown>) {
    super(context.functionName, mappingOf(context.config));
    this.#lookedUp = LOOKED_UP.get(context) ?? new Set();
    LOOKED_UP.set(context, this.#lookedUp);
  }

  /** Value of a key as it is; null if the key is absent or empty. */
  override value(key: string): unknown {
    this.#lookedUp.add(key);
    return super.value(key);
  }

  /**
   * Reads a text; numbers are taken as text.
   *
   * @throws {TypeError} If the key is required and absent, or its value is something else.
   */
  text(key: string, rule: TextRule = {}): string {
    const found = this.value(key) ?? rule.fallback ?? null;
    if (typeof found === "string" || typeof found === "number") return String(found);
    throw new TypeError(this.message(key, { expected: "a text", found }));
  }

  /**
   * Reads a truth value.
   *
   * @throws {TypeError} If the value is something else.
   */
  flag(key: string, fallback: boolean): boolean {
    const found = this.value(key) ?? fallback;
    if (typeof found === "boolean") return found;
    throw new TypeError(this.message(key, { expected: "true or false", found }));
  }

  /**
   * Reads a mapping; an absent one is empty.
   *
   * @throws {TypeError} If the value is something else.
   */
  mapping(key: string): Readonly<Record<string, unknown>> {
    const found = this.value(key) ?? {};
    if (typeof found === "object" && !Array.isArray(found)) return found as Readonly<Record<string, unknown>>;
    throw new TypeError(this.message(key, { expected: "a mapping", found }));
  }
}

/**
 * Finds keys of a configuration that no {@linkcode FunctionSettings} of the context looked up and that are nearly the name
 * of one that was looked up and is absent.
 *
 * @returns Texts for the user, one per key.
 */
export function misspeltKeys(context: FunctionContext<unknown>): string[] {
  const config = mappingOf(context.config);
  const lookedUp = LOOKED_UP.get(context) ?? new Set<string>();
  const absent = [...lookedUp].filter((key) => !Object.hasOwn(config, key));
  return Object.keys(config).flatMap((key) => {
    const nearest = lookedUp.has(key) ? null : nearestWord(key, absent);
    return nearest === null
      ? []
      : [`${context.functionName} does not use the key "${key}"; did you mean "${nearest}"?`];
  });
}

function mappingOf(config: unknown): Readonly<Record<string, unknown>> {
  const isMapping = typeof config === "object" && config !== null && !Array.isArray(config);
  return isMapping ? config as Readonly<Record<string, unknown>> : {};
}
