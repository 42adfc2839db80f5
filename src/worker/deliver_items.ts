/** Writing of what functions return for an event into their sinks. */
import type { Slot } from "../ring/slot.ts";
import type { SinkItem, TransferResult } from "./buffer_to_buffer.ts";
import { describeValue } from "./describe_value.ts";
import type { FieldValues, RecordValues } from "./record_writer.ts";
import type { SinkSet } from "./sink_set.ts";
import type { Delivery } from "./transfer.ts";

/** Copies the event to every sink. */
export function deliverToAll(sinks: SinkSet, event: Slot): Delivery {
  for (let i = 0; i < sinks.length; i++) {
    if (!sinks.copy(i, event)) return "ended";
  }
  return "processed";
}

/** Writes what {@linkcode TransferResult} asks for. */
export function deliverResult(sinks: SinkSet, event: Slot, result: TransferResult): Delivery {
  if (!result || result === "reject") return "rejected";
  if (result === true || result === "accept" || typeof result === "number") {
    return sinks.copy(0, event) ? "processed" : "ended";
  }
  if (typeof result !== "object") {
    throw new TypeError(
      `Cannot use the result of the function: expected "accept", "reject", null or a list of records, found ${
        describeValue(result)
      }`,
    );
  }
  const isList = Array.isArray(result);
  const items = isList ? result as readonly SinkItem[] : undefined;
  const count = items === undefined ? 1 : items.length;
  if (count > sinks.length) {
    throw new TypeError(
      `Cannot use the result of the function: expected at most ${sinks.length} items, one per sink, found ${count}`,
    );
  }
  let any = false;
  if (count < sinks.length) {
    if (!sinks.copy(0, event)) return "ended";
    any = true;
  }
  const shift = count < sinks.length ? 1 : 0;
  for (let i = 0; i < count; i++) {
    const delivery = deliverItem(sinks, i + shift, event, items === undefined ? result as SinkItem : items[i]);
    if (delivery === "ended") return "ended";
    any ||= delivery === "processed";
  }
  return any ? "processed" : "rejected";
}

/** Writes one {@linkcode SinkItem} into one sink. */
export function deliverItem(sinks: SinkSet, sink: number, event: Slot, item: SinkItem): Delivery {
  if (item === null || item === undefined || item === false) return "rejected";
  if (item === true) return sinks.copy(sink, event) ? "processed" : "ended";
  if (!isRecordList(item)) return sinks.write(sink, event, item as RecordValues) ? "processed" : "ended";
  for (const record of item) {
    if (!sinks.write(sink, event, record)) return "ended";
  }
  return item.length > 0 ? "processed" : "rejected";
}

/** A list whose items are records with names; a list of columns is one record. */
function isRecordList(item: SinkItem): item is readonly Readonly<Record<string, FieldValues>>[] {
  if (!Array.isArray(item)) return false;
  const first: unknown = item[0];
  return item.length === 0 ||
    (typeof first === "object" && first !== null && !Array.isArray(first) && !ArrayBuffer.isView(first));
}
