/** Reads a function's configuration as it comes from a setup: keys are looked up by name, values are checked. */

/** What a number in a configuration must fulfil. */
export interface NumberRule {
  /** Value to take if the key is absent or null. @default {none: the key is required} */
  readonly fallback?: number;
  /** Least allowed value. @default {-Infinity} */
  readonly min?: number;
  /** Greatest allowed value. @default {Infinity} */
  readonly max?: number;
  /** Value that must be exceeded. @default {-Infinity} */
  readonly above?: number;
  /** Only whole numbers. @default {false} */
  readonly integer?: boolean;
}

/** View of one function's configuration. Its messages name the function and the key. */
export class ConfigReader {
  /** Name of the function, for messages. */
  readonly functionName: string;
  readonly #config: Readonly<Record<string, unknown>>;

  /**
   * Views a configuration; nothing is checked yet.
   *
   * @param functionName Name of the function, for messages.
   * @param config Keys and values as the setup gives them.
   */
  constructor(functionName: string, config: Readonly<Record<string, unknown>>) {
    this.functionName = functionName;
    this.#config = config;
  }

  /** Value of a key as it is; null if the key is absent or empty. */
  value(key: string): unknown {
    return this.#config[key] ?? null;
  }

  /**
   * Reads a number.
   *
   * @throws {TypeError} If the key is required and absent, or its value is not a number.
   * @throws {RangeError} If the number is out of its range.
   */
  number(key: string, rule: NumberRule = {}): number {
    return this.#checked(key, rule, this.value(key) ?? rule.fallback ?? null);
  }

  #checked(key: string, rule: NumberRule, found: unknown): number {
    if (typeof found !== "number" || !Number.isFinite(found)) throw this.#typeError(key, { rule, found });
    const { min = -Infinity, max = Infinity, above = -Infinity, integer = false } = rule;
    if (found < min || found > max || found <= above || (integer && !Number.isSafeInteger(found))) {
      throw new RangeError(this.message(key, { expected: describe(rule), found }));
    }
    return found;
  }

  /**
   * Reads a list of numbers; a single number is a list of one.
   *
   * @param rule Holds for each of them.
   * @throws {TypeError} If the key is required and absent, or its value is something else.
   * @throws {RangeError} If a number is out of its range.
   */
  numbers(key: string, rule: NumberRule = {}): readonly number[] {
    const found = this.value(key);
    if (!Array.isArray(found)) return [this.number(key, rule)];
    if (found.length === 0 || !found.every((item) => typeof item === "number" && Number.isFinite(item))) {
      throw new TypeError(this.message(key, { expected: "a number or a list of numbers", found }));
    }
    return found.map((item) => this.#checked(key, rule, item));
  }

  /** Text of an error about the value of a key. */
  message(key: string, { expected, found }: { expected: string; found: unknown }): string {
    const what = found === null ? "nothing" : JSON.stringify(found);
    return `Cannot configure "${this.functionName}": expected "${key}" to be ${expected}, found ${what}`;
  }

  #typeError(key: string, { rule, found }: { rule: NumberRule; found: unknown }): TypeError {
    const advice = found === null ? "; add the key to the function's configuration" : "";
    return new TypeError(this.message(key, { expected: describe(rule), found }) + advice);
  }
}

function describe({ min, max, above, integer = false }: NumberRule): string {
  const bounds = [
    above === undefined ? "" : `> ${above}`,
    min === undefined ? "" : `>= ${min}`,
    max === undefined ? "" : `<= ${max}`,
  ].filter((bound) => bound !== "");
  return `${integer ? "an integer" : "a number"}${bounds.length === 0 ? "" : " " + bounds.join(" and ")}`;
}
