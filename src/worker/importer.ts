/** Functions that bring events in. */
import { checkedFunction, type DaqFunction, type FunctionConfig, type FunctionContext } from "./context.ts";
import type { EventSource } from "./source_item.ts";
import { SourceToBuffer } from "./source_to_buffer.ts";
import { requireWiring } from "./wiring.ts";

/**
 * Makes a function that writes events of a source into one ring; see {@linkcode SourceToBuffer} for the metadata that
 * they get.
 *
 * @typeParam C Configuration that the setup gives to the function.
 * @param prepare Gets the context and returns the source: a generator, an iterator, or a function that returns one event
 *   when it is called and `null` at the end. It may be a generator function itself.
 */
export function importer<C = FunctionConfig>(prepare: (context: FunctionContext<C>) => EventSource): DaqFunction<C> {
  return checkedFunction(
    (context) => requireWiring(context, { sinks: 1 }),
    (context) => new SourceToBuffer(context, prepare(context)).run(),
  );
}
