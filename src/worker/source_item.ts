/** What sources of data hand over. */
import type { RecordValues } from "./record_writer.ts";

/** Metadata that a source gives to an event itself; what is missing is filled in. */
export type EventMetadata =
  | readonly [counter: number, timestamp: number, deadtime: number]
  | {
    /** Number of the event, from 0. @default {the next one of the worker} */
    readonly counter?: number;
    /** When its data were ready, in UTC seconds. @default {when they were handed over} */
    readonly timestamp?: number;
    /** Fraction of the time since the event before in which no data could be taken, 0 to 1. @default {as measured} */
    readonly deadtime?: number;
  };

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
