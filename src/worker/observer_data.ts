/** Events of an observed ring for a loop of the user's own. */
import type { Observer } from "../ring/observer.ts";
import type { FunctionContext } from "./context.ts";
import type { DaqEvent } from "./event.ts";
import { requireWiring } from "./wiring.ts";

/** Longest rest while a run that ends is drained. */
const DRAINING_REST_MS = 20;

/** Options of {@linkcode ObserverData}. */
export interface ObserverDataOptions {
  /** Least time between two events, in seconds. @default {`min_sleeptime` of the configuration, or 1} */
  readonly minSleeptimeS?: number;
}

/**
 * Gives the newest event of the observed ring, again and again until the ring ends, with a rest between two of them. What
 * it gives is a copy: it holds nothing back, and is valid until the next event is asked for. The last event of the ring is
 * always given.
 */
export class ObserverData implements Iterable<DaqEvent> {
  readonly #context: FunctionContext<unknown>;
  readonly #observer: Observer;
  readonly #restMs: number;

  /**
   * Looks at ring and configuration only.
   *
   * @param context Context of the function; one observed ring.
   * @param options See {@linkcode ObserverDataOptions}.
   * @throws {TypeError} If the function does not observe exactly one ring, or `min_sleeptime` is no time.
   */
  constructor(context: FunctionContext<unknown>, options: ObserverDataOptions = {}) {
    requireWiring(context, { observes: 1 });
    this.#context = context;
    this.#observer = context.observes[0];
    this.#restMs = 1000 * (options.minSleeptimeS ?? minSleeptimeS(context));
  }

  /** Yields events; blocks while there is no new one. */
  *[Symbol.iterator](): Generator<DaqEvent, void, void> {
    for (;;) {
      const event = this.#observer.get();
      if (event === null) return;
      this.#context.books.current = event.counter;
      yield event;
      this.#context.books.current = null;
      this.#rest();
    }
  }

  /** Rests; from the end of the run on only shortly, so that what is still coming is seen and the end found. */
  #rest(): void {
    const { signal } = this.#context;
    if (!signal.sleep(this.#restMs)) signal.sleepWhileDraining(Math.min(this.#restMs, DRAINING_REST_MS));
  }
}

function minSleeptimeS(context: FunctionContext<unknown>): number {
  const { min_sleeptime: value = 1 } = (context.config ?? {}) as { min_sleeptime?: unknown };
  if (typeof value !== "number" || !(value >= 0)) {
    throw new TypeError(
      `Cannot configure function "${context.functionName}": expected min_sleeptime to be a number of seconds >= 0, found ${
        JSON.stringify(value)
      }`,
    );
  }
  return value;
}
