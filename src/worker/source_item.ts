/** What sources of data hand over. */
import type { RecordValues } from "./record_writer.ts";

/** Metadata that a source gives to an event itself; what is missing is filled in. */
export type EventMetadata =
  | readonly [counter: number, timestamp: number, deadtime: number]
  | { readonly counter?: number; readonly timestamp?: number; readonly deadtime?: number };

/**
 * One event of a source: its data as channels in the order of the ring's fields, or by field name; or a pair of data and
 * metadata (`null`: none); or `null` when there are no more events.
 */
export type SourceItem = RecordValues | readonly [RecordValues, EventMetadata | null] | null;

/**
 * Where events come from: a generator or any other iterator, a function that makes one, or a function that is called once
 * per event. All of them may be asynchronous.
 */
export type EventSource =
  | Iterable<SourceItem>
  | AsyncIterable<SourceItem>
  | (() => Iterable<SourceItem> | AsyncIterable<SourceItem> | SourceItem | PromiseLike<SourceItem>);
