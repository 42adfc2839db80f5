/** Functions that let events pass or not. */
import type { Slot } from "../ring/slot.ts";
import { checkedFunction, type DaqFunction, type FunctionConfig, type FunctionContext } from "./context.ts";
import type { DaqEvent } from "./event.ts";
import type { EventHandler } from "./event_handler.ts";
import { prepareSteps, runAndEnd } from "./event_steps.ts";
import { describeValue } from "./describe_value.ts";
import type { SinkSet } from "./sink_set.ts";
import { type Delivery, runTransfer } from "./transfer.ts";
import { requireWiring, type Wiring } from "./wiring.ts";

/**
 * What a filter says of an event: `"accept"` or `true`: it goes to all sinks; `"reject"`, `false`, `null` or `undefined`: to
 * none; a list with one truth value per sink: to those with `true`.
 */
export type Verdict = "accept" | "reject" | boolean | null | undefined | readonly boolean[];

const WIRING: Wiring = { sources: 1, sinks: "some", passesThrough: true };

/**
 * Makes a function that reads one ring and copies the events that it accepts, with their metadata, to its sinks. Sinks
 * must hold the same records as the source; that is checked before the run starts.
 *
 * @typeParam C Configuration that the setup gives to the function.
 * @param prepare Gets the context and returns what is called for each event. The event's data lie in the ring: they are
 *   valid until the function returns, and are shared with other readers, so never write into them.
 *
 * @example Let high pulses pass
 * ```ts
 * import { filter, max } from "@mimocorb/daq";
 *
 * export const highPulses = filter<{ threshold: number }>(({ config }) => (event) =>
 *   max(event.data.chA) > config.threshold ? "accept" : "reject"
 * );
 * ```
 */
export function filter<C = FunctionConfig>(
  prepare: (context: FunctionContext<C>) => EventHandler<DaqEvent, Verdict | PromiseLike<Verdict>>,
): DaqFunction<C> {
  return checkedFunction((context) => requireWiring(context, WIRING), (context) => {
    context.books.isOneToOne = context.sinks.length === 1;
    const { event, end } = prepareSteps(prepare, context);
    return runAndEnd(() => runTransfer(context, { judge: event, deliver: deliverVerdict, givesResults: true }), end);
  });
}

function deliverVerdict(sinks: SinkSet, event: Slot, verdict: Verdict): Delivery {
  if (verdict === "reject" || verdict === false || verdict === null || verdict === undefined) return "rejected";
  const isMask = Array.isArray(verdict);
  if (!isMask && verdict !== "accept" && verdict !== true) throw wrongVerdict(sinks, verdict);
  if (isMask && verdict.length !== sinks.length) throw wrongVerdict(sinks, verdict);
  let any = false;
  for (let i = 0; i < sinks.length; i++) {
    if (isMask && !isSet(sinks, verdict[i])) continue;
    if (!sinks.copy(i, event)) return "ended";
    any = true;
  }
  return any ? "processed" : "rejected";
}

function isSet(sinks: SinkSet, value: unknown): boolean {
  if (typeof value !== "boolean") throw wrongVerdict(sinks, [value]);
  return value;
}

function wrongVerdict(sinks: SinkSet, verdict: unknown): TypeError {
  const found = Array.isArray(verdict) ? `[${verdict.map(describeValue).join(", ")}]` : describeValue(verdict);
  return new TypeError(
    `Cannot use the result of a filter: expected "accept", "reject", true, false or a list of ${sinks.length} truth ${
      sinks.length === 1 ? "value" : "values"
    }, found ${found}`,
  );
}
