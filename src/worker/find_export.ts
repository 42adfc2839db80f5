/** Look-up of a user's function in its module. */
import { nearestWord } from "../setup/nearest_word.ts";
import { camelCase } from "../setup/older_names.ts";
import type { DaqFunction } from "./context.ts";

/** `calculateDecayTime` → `calculate_decay_time`. */
function snakeCase(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

/**
 * Finds an exported function: by its name as written, in camelCase, or in snake_case.
 *
 * @param exports What the module exports.
 * @param names Names to look for, the best one first.
 * @param module URL of the module, for messages.
 * @throws {TypeError} If there is no such function; the message lists what the module exports.
 */
export function findExport(
  exports: Readonly<Record<string, unknown>>,
  names: readonly string[],
  module: string,
): DaqFunction<unknown> {
  const candidates = new Set(names.flatMap((name) => [name, camelCase(name), snakeCase(name)]));
  for (const name of candidates) {
    const value = Object.hasOwn(exports, name) ? exports[name] : undefined;
    if (typeof value === "function") return value as DaqFunction<unknown>;
    if (value !== undefined) {
      throw new TypeError(`Cannot use "${name}" of ${module}: expected a function, found ${typeof value}`);
    }
  }
  const functions = Object.keys(exports).filter((name) => typeof exports[name] === "function");
  const nearest = nearestWord(names[0], functions);
  throw new TypeError(
    `Cannot find function "${names[0]}": expected an export of ${module}, found ${
      functions.length === 0 ? "no exported functions" : functions.join(", ")
    }${nearest === null ? "" : `; did you mean "${nearest}"?`}`,
  );
}
