/** Functions that look at events now and then: displays. */
import { checkedFunction, type DaqFunction, type FunctionConfig, type FunctionContext } from "./context.ts";
import type { DaqEvent } from "./event.ts";
import type { EventHandler } from "./event_handler.ts";
import { prepareSteps, runAndEnd } from "./event_steps.ts";
import { fieldsHint, withHintOf } from "./error_hint.ts";
import { ObserverData } from "./observer_data.ts";
import { isPromise } from "./promise_like.ts";
import { requireWiring } from "./wiring.ts";

/**
 * Makes a function that gets the newest event of an observed ring, at most once per `min_sleeptime` seconds of its
 * configuration (1 if there is none). It holds nothing back and sees a copy.
 *
 * @typeParam C Configuration that the setup gives to the function.
 * @param prepare Gets the context and returns what is called for each event, or `{ event, end }`.
 */
export function observer<C = FunctionConfig>(
  prepare: (context: FunctionContext<C>) => EventHandler<DaqEvent, void | PromiseLike<void>>,
): DaqFunction<C> {
  return checkedFunction((context) => requireWiring(context, { observes: 1 }), (context) => {
    const { event: show, end } = prepareSteps(prepare, context);
    const event = withHintOf(show, fieldsHint(context.observes[0]));
    return runAndEnd(() => showAll(new ObserverData(context)[Symbol.iterator](), event), end);
  });
}

function showAll(
  events: Iterator<DaqEvent>,
  show: (event: DaqEvent) => void | PromiseLike<void>,
): void | Promise<void> {
  for (let next = events.next(); !next.done; next = events.next()) {
    const shown = show(next.value);
    if (isPromise(shown)) return showWaiting(events, show, shown);
  }
}

async function showWaiting(
  events: Iterator<DaqEvent>,
  show: (event: DaqEvent) => void | PromiseLike<void>,
  shown: PromiseLike<void>,
): Promise<void> {
  await shown;
  for (let next = events.next(); !next.done; next = events.next()) await show(next.value);
}
