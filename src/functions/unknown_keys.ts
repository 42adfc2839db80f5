/** Keys of a configuration that a function does not know. */
import { nearestWord } from "../setup/nearest_word.ts";
import type { FunctionContext } from "../worker/context.ts";
import type { ConfigKeys } from "./config_keys.ts";

/**
 * Looks for keys that are not known. One that is nearly a known key is a problem; the others may be meant for somebody else.
 *
 * @param known All keys that the function knows, also those that it does not need with this configuration.
 * @returns A text for the log about the others; null if there are none.
 */
export function checkKeyNames(
  context: FunctionContext,
  keys: ConfigKeys,
  known: readonly string[],
): string | null {
  // A key that is not needed just now is not misspelt.
  for (const key of known) keys.settings.value(key);
  const others: string[] = [];
  for (const key of Object.keys(context.config ?? {})) {
    if (known.includes(key)) continue;
    const nearest = nearestWord(key, known);
    if (nearest === null) {
      others.push(`"${key}"`);
    } else {
      keys.problems.add(
        new TypeError(
          `Cannot configure "${context.functionName}": expected keys that it has, found "${key}"; did you mean "${nearest}"?`,
        ),
      );
    }
  }
  return others.length === 0 ? null : `${context.functionName} does not know, and ignores, ${others.join(", ")}`;
}
