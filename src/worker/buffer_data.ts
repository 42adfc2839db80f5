/** Events of a ring for a loop of the user's own. */
import type { FunctionContext } from "./context.ts";
import type { DaqEvent } from "./event.ts";
import { requireWiring } from "./wiring.ts";

/**
 * Gives the events of the first source, one after the other, until it ends: `for (const event of new BufferData(context))`.
 * An event is released when the next one is asked for; its data must not be used afterwards. If the loop is left early,
 * the last event is released when the function returns, as failed if it throws.
 */
export class BufferData implements Iterable<DaqEvent> {
  readonly #context: FunctionContext<unknown>;

  /**
   * Looks at the rings only.
   *
   * @param context Context of the function; one source.
   * @throws {TypeError} If the function has no source, or several.
   */
  constructor(context: FunctionContext<unknown>) {
    requireWiring(context, { sources: 1, sinks: "any" });
    this.#context = context;
  }

  /** Yields events; blocks while there are none. */
  *[Symbol.iterator](): Generator<DaqEvent, void, void> {
    const reader = this.#context.sources[0];
    for (let event = reader.next(); event !== null; event = reader.next()) {
      yield event;
    }
  }
}
