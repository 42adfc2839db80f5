/** The keys with which sources set their rhythm, and how many events they give. */
import { Random } from "../pulses/random.ts";
import type { FunctionContext } from "../worker/context.ts";
import type { FunctionSettings } from "../worker/function_settings.ts";
import { Pacer } from "../worker/pacer.ts";

/** Mean time between events, and whether it varies as in a Poisson process. */
export interface SourcePacing {
  readonly sleeptimeS: number;
  readonly isRandom: boolean;
}

/** Reads `sleeptime` (s, 0.1 if absent) and `random` (false). */
export function readPacing(settings: FunctionSettings): SourcePacing {
  return {
    sleeptimeS: settings.number("sleeptime", { fallback: 0.1, min: 0, max: 1e6 }),
    isRandom: settings.flag("random", false),
  };
}

/**
 * Makes a worker's pacer. Several workers of a source share its rate.
 *
 * @param seed Makes the random times repeatable; null: different each time.
 */
export function makePacer(
  context: FunctionContext<unknown>,
  { sleeptimeS, isRandom }: SourcePacing,
  seed: number | string | null,
): Pacer {
  const meanS = sleeptimeS * context.workers;
  if (!isRandom) return new Pacer(context.signal, { meanS });
  const random = new Random(seed === null ? null : `pacing ${seed}`);
  return new Pacer(context.signal, { meanS, draw: () => random.exponential() });
}

/**
 * Seed of one worker: the function's own for the first worker, one derived from it for each further one, and for one that
 * was started anew: it must not give the same events again.
 */
export function workerSeed(
  settings: FunctionSettings,
  context: FunctionContext<unknown>,
): number | string | null {
  const seed = settings.value("seed");
  if (seed === null) return null;
  if (typeof seed !== "number" && typeof seed !== "string") {
    throw new TypeError(settings.message("seed", { expected: "a number or a text", found: seed }));
  }
  const own = context.workerNumber === 0 ? seed : `${seed}/${context.workerNumber}`;
  return context.restarts === 0 ? own : `${own} restart ${context.restarts}`;
}

/** Events that one worker shall give, when all workers of the source shall give `total`; 0: without end. */
export function workerShare(total: number, context: FunctionContext<unknown>): number {
  if (total <= 0) return Infinity;
  return Math.ceil((total - context.workerNumber) / context.workers);
}

/** Checks that `number_of_samples`, if it is there, is what the ring's slots hold; gives that. */
export function checkSamples(settings: FunctionSettings, context: FunctionContext<unknown>): number {
  const { name, layout } = context.sinks[0];
  const samples = settings.number("number_of_samples", { fallback: layout.valuesPerSlot, min: 1, integer: true });
  if (samples === layout.valuesPerSlot) return samples;
  const expected = `${layout.valuesPerSlot}, the samples in a slot of ring ${name}`;
  throw new RangeError(settings.message("number_of_samples", { expected, found: samples }));
}
