/** A function's configuration, read with checks: what number, text or list a key must hold. */
import { ConfigReader } from "../pulses/config_reader.ts";
import type { FunctionContext } from "./context.ts";

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
  /**
   * Views the configuration of a context; one that is no mapping counts as empty.
   *
   * @param context Context of the function.
   */
  constructor(context: FunctionContext<unknown>) {
    const { config } = context;
    const isMapping = typeof config === "object" && config !== null && !Array.isArray(config);
    super(context.functionName, isMapping ? config as Readonly<Record<string, unknown>> : {});
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
