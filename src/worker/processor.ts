/** Functions that make new records of events. */
import type { Slot } from "../ring/slot.ts";
import type { SinkItem } from "./buffer_to_buffer.ts";
import { deliverItem } from "./deliver_items.ts";
import { checkedFunction, type DaqFunction, type FunctionConfig, type FunctionContext } from "./context.ts";
import type { DaqEvent } from "./event.ts";
import type { EventHandler } from "./event_handler.ts";
import { prepareSteps, runAndEnd } from "./event_steps.ts";
import { describeValue } from "./describe_value.ts";
import type { FieldValues } from "./record_writer.ts";
import type { SinkSet } from "./sink_set.ts";
import { type Delivery, runTransfer } from "./transfer.ts";
import { requireWiring, type Wiring } from "./wiring.ts";

/**
 * What a processor makes of an event: `null` or `undefined`: nothing; a list with one item per sink, each `null`, `true`
 * (the event as it is), a record, or a list of records; with one sink also the record alone.
 */
export type ProcessorResult = readonly SinkItem[] | Readonly<Record<string, FieldValues>> | null | undefined;

const WIRING: Wiring = { sources: 1, sinks: "some" };

/**
 * Makes a function that reads one ring and writes what it makes of each event, with the event's metadata, to its sinks.
 *
 * @typeParam C Configuration that the setup gives to the function.
 * @param prepare Gets the context and returns what is called for each event.
 */
export function processor<C = FunctionConfig>(
  prepare: (context: FunctionContext<C>) => EventHandler<DaqEvent, ProcessorResult | PromiseLike<ProcessorResult>>,
): DaqFunction<C> {
  return checkedFunction((context) => requireWiring(context, WIRING), (context) => {
    const { event, end } = prepareSteps(prepare, context);
    return runAndEnd(() => runTransfer(context, { judge: event, deliver: deliverRecords, givesResults: true }), end);
  });
}

function deliverRecords(sinks: SinkSet, event: Slot, result: ProcessorResult): Delivery {
  if (result === null || result === undefined) return "rejected";
  if (!Array.isArray(result)) {
    if (sinks.length !== 1 || typeof result !== "object") throw wrongResult(sinks, result);
    return deliverItem(sinks, 0, event, result as SinkItem);
  }
  if (result.length !== sinks.length) throw wrongResult(sinks, result);
  let any = false;
  for (let i = 0; i < sinks.length; i++) {
    const delivery = deliverItem(sinks, i, event, result[i] as SinkItem);
    if (delivery === "ended") return "ended";
    any ||= delivery === "processed";
  }
  return any ? "processed" : "rejected";
}

function wrongResult(sinks: SinkSet, result: unknown): TypeError {
  const expected = sinks.length === 1
    ? "null, a record, or a list of one item"
    : `null or a list of ${sinks.length} items, one per sink`;
  return new TypeError(`Cannot use the result of a processor: expected ${expected}, found ${describeValue(result)}`);
}
