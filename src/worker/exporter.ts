/** Functions that take events out of the rings: into files, networks, results. */
import { deliverToAll } from "./deliver_items.ts";
import { checkedFunction, type DaqFunction, type FunctionConfig, type FunctionContext } from "./context.ts";
import type { DaqEvent } from "./event.ts";
import type { EventHandler } from "./event_handler.ts";
import { prepareSteps, runAndEnd } from "./event_steps.ts";
import { runTransfer } from "./transfer.ts";
import { requireWiring, type Wiring } from "./wiring.ts";

const WIRING: Wiring = { sources: 1, sinks: "any", passesThrough: true };

/**
 * Makes a function that gets every event of one ring. If it has sinks, each event is also handed on to all of them as it
 * is; they must hold the same records as the source. An event that was delivered twice because a worker died is dropped the
 * second time, and counted.
 *
 * @typeParam C Configuration that the setup gives to the function.
 * @param prepare Gets the context and returns what is called for each event, or `{ event, end }`, where `end` closes what
 *   was opened.
 */
export function exporter<C = FunctionConfig>(
  prepare: (context: FunctionContext<C>) => EventHandler<DaqEvent, void | PromiseLike<void>>,
): DaqFunction<C> {
  return checkedFunction((context) => requireWiring(context, WIRING), (context) => {
    const { event, end } = prepareSteps(prepare, context);
    return runAndEnd(() => runTransfer(context, { judge: event, deliver: deliverToAll, dropsDoubles: true }), end);
  });
}
