/** Checks which rings a function is connected to. */
import type { FunctionContext } from "./context.ts";
import { layoutDifference } from "./sink_set.ts";

/** How many rings of a kind a function needs: a number, or "some": one or more, or "any". */
export type RingCount = number | "some" | "any";

/** The rings that a function needs; a kind that is not named must not be there. */
export interface Wiring {
  readonly sources?: RingCount;
  readonly sinks?: RingCount;
  readonly observes?: RingCount;
  /** Sinks must hold the same records as the first source. @default {false} */
  readonly passesThrough?: boolean;
}

const KINDS = [
  ["sources", "source (read)"],
  ["sinks", "sink (write)"],
  ["observes", "observed ring (observe)"],
] as const;

/**
 * Checks that a function is connected to the rings that it needs.
 *
 * @throws {TypeError} If it is not; the message names function and rings.
 */
export function requireWiring(context: FunctionContext<unknown>, wiring: Wiring): void {
  for (const [kind, words] of KINDS) {
    const wanted = wiring[kind] ?? 0;
    const rings = context[kind];
    if (wanted === "any" || (wanted === "some" ? rings.length > 0 : rings.length === wanted)) continue;
    const names = rings.map((ring) => ring.name).join(", ");
    throw new TypeError(
      `Cannot connect function "${context.functionName}" (${context.name}): expected ${
        wanted === "some" ? "at least one" : wanted === 0 ? "no" : wanted
      } ${words}, found ${rings.length === 0 ? "none" : `${rings.length} (${names})`}`,
    );
  }
  if (!wiring.passesThrough) return;
  for (const sink of context.sinks) {
    const difference = layoutDifference(context.sources[0], sink);
    if (difference !== null) {
      throw new TypeError(`Cannot connect function "${context.functionName}" (${context.name}): ${difference}`);
    }
  }
}
