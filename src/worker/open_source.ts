/** Sources of all kinds as one function that gives the next event. */
import { describeValue } from "./describe_value.ts";
import { isPromise } from "./promise_like.ts";
import type { FieldValues, RecordValues } from "./record_writer.ts";
import type { EventMetadata, EventSource, SourceItem } from "./source_item.ts";

/** A source as one function to call for each event, and one to call when no more are wanted. */
export interface OpenSource {
  readonly next: () => SourceItem | PromiseLike<SourceItem>;
  readonly close: () => void;
}

type AnyIterator = Iterator<SourceItem> | AsyncIterator<SourceItem>;

/** Opens a source. A function that is no generator function is called for the first event here. */
export function openSource(source: EventSource): OpenSource {
  if (typeof source !== "function") return openIterator(iteratorOf(source));
  const first = source();
  const iterator = asIterator(first);
  if (iterator !== null) return openIterator(iterator);
  let isFirst = true;
  return {
    next: () => {
      if (!isFirst) return source() as SourceItem | PromiseLike<SourceItem>;
      isFirst = false;
      return first as SourceItem | PromiseLike<SourceItem>;
    },
    close: () => {},
  };
}

function iteratorOf(source: Iterable<SourceItem> | AsyncIterable<SourceItem>): AnyIterator {
  if (typeof source === "object") {
    if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
    if (Symbol.iterator in source) return source[Symbol.iterator]();
  }
  throw new TypeError(
    `Cannot read a source: expected a generator, an iterator or a function to call for each event, found ${
      describeValue(source)
    }`,
  );
}

/** Generators have both `next` and an iterator; arrays of data have only the latter. */
function asIterator(value: unknown): AnyIterator | null {
  return typeof value === "object" && value !== null && typeof (value as { next?: unknown }).next === "function"
    ? value as AnyIterator
    : null;
}

function openIterator(iterator: AnyIterator): OpenSource {
  const item = (result: IteratorResult<SourceItem>): SourceItem => result.done ? null : result.value;
  return {
    next: () => {
      const result = iterator.next();
      return isPromise(result) ? result.then(item) : item(result);
    },
    close: () => void iterator.return?.(),
  };
}

/**
 * Says whether an item is a pair of data and metadata: it is if its first half is a whole record, whatever the second one
 * is, so that wrong metadata are called so. Two channels of three samples each look like a pair, so for a ring with two
 * fields the first half must be a record.
 */
export function isPair(item: SourceItem, fields: number): item is readonly [RecordValues, EventMetadata | null] {
  if (!Array.isArray(item) || item.length !== 2) return false;
  const [data, metadata] = item as readonly unknown[];
  if (metadata === null || metadata === undefined) return true;
  return isRecord(data) || (fields !== 2 && isMetadata(metadata));
}

function isMetadata(value: unknown): value is EventMetadata {
  if (Array.isArray(value)) return value.length === 3 && value.every((entry) => typeof entry === "number");
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value) &&
    ("counter" in value || "timestamp" in value || "deadtime" in value);
}

function isRecord(value: unknown): boolean {
  if (Array.isArray(value)) return typeof (value as readonly FieldValues[])[0] === "object" && value[0] !== null;
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
}
