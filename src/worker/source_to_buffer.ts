/** Brings events from a source into a ring. */
import type { Slot } from "../ring/slot.ts";
import type { Writer } from "../ring/writer.ts";
import type { FunctionContext } from "./context.ts";
import { isPromise } from "./promise_like.ts";
import { describeValue } from "./describe_value.ts";
import { type RecordValues, RecordWriter } from "./record_writer.ts";
import { isPair, type OpenSource, openSource } from "./open_source.ts";
import type { EventMetadata, EventSource, SourceItem } from "./source_item.ts";
import { UtcClock } from "./utc_clock.ts";
import { requireWiring } from "./wiring.ts";

/** Longest single wait for a free slot or the end of a pause, after which the importer looks around. */
const WAIT = { timeoutMs: 50 };
const NO_WAIT = { timeoutMs: 0 };

/** How often an importer that awaits its source looks whether the run is ending. */
const ENDING_POLL_MS = 50;

/**
 * Writes events of a source into the sink of a function: pulled from a generator with `run()`, or pushed by the source's
 * own loop with `put()`.
 *
 * Metadata that the source does not give itself: *counter* is `n × workers + workerNumber` for the n-th event of a worker,
 * which is 0, 1, 2 … for one worker and never the same number twice for several. A worker that was started anew goes on
 * where it had been. *timestamp* is the time at which the data
 * were ready. *deadtime* is (copied − ready) / (copied − copied before): the part of the time since the event before in
 * which the importer waited for a free slot or copied; for the first event it counts from the construction.
 *
 * While the run is paused the source is not asked for events, and that time counts neither as dead nor as live. With
 * `pause: discard` the source goes on, and its events are discarded and counted.
 *
 * @example Take events from a generator
 * ```ts
 * import { type DaqFunction, SourceToBuffer } from "@mimocorb/daq";
 *
 * export const sawtooth: DaqFunction = (context) =>
 *   new SourceToBuffer(context, function* () {
 *     const chA = new Float32Array(context.sinks[0].layout.valuesPerSlot);
 *     for (let n = 0; n < 1000; n++) {
 *       for (let i = 0; i < chA.length; i++) chA[i] = (n + i) % 100;
 *       yield { chA };
 *     }
 *   }).run();
 * ```
 *
 * @example Hand events over from a loop
 * ```ts
 * import { type DaqFunction, SourceToBuffer } from "@mimocorb/daq";
 *
 * export const counting: DaqFunction = (context) => {
 *   const buffer = new SourceToBuffer(context);
 *   let n = 0;
 *   while (buffer.put({ data: n++ })) context.signal.sleep(10);
 * };
 * ```
 */
export class SourceToBuffer {
  readonly #context: FunctionContext<unknown>;
  readonly #writer: Writer;
  readonly #records: RecordWriter;
  readonly #fields: number;
  readonly #source: EventSource | null;
  #counter: number;
  readonly #clock = new UtcClock();
  #lastCopiedMs = performance.now();
  #pausedMs = 0;

  /**
   * Looks at the rings only; `run()` or `put()` brings the events in.
   *
   * @param context Context of the function; no source, one sink.
   * @param source What `run()` takes events from; not needed for `put()`.
   * @throws {TypeError} If the function is not wired like that.
   */
  constructor(context: FunctionContext<unknown>, source: EventSource | null = null) {
    requireWiring(context, { sinks: 1 });
    this.#context = context;
    this.#source = source;
    this.#writer = context.sinks[0];
    this.#fields = this.#writer.layout.fields.length;
    this.#records = new RecordWriter(this.#writer.layout, this.#writer.name);
    this.#counter = context.workerNumber + context.publishedBefore[0] * context.workers;
  }

  /**
   * Takes events from the source until it has none left or the run ends. Blocks while the ring is full; returns a promise
   * only if the source does.
   *
   * @throws {TypeError} If an event's data do not fit the ring, or there is no source.
   * @throws {RangeError} If a value does not fit an integer field.
   */
  run(): void | Promise<void> {
    if (this.#source === null) {
      throw new TypeError(`Cannot fill ring ${this.#writer.name}: expected a source, found none; or use put()`);
    }
    this.#context.books.isKept = true;
    if (!this.#mayGoOn()) return;
    const source = openSource(this.#source);
    let isWaiting = false;
    try {
      while (this.#mayGoOn()) {
        const item = source.next();
        if (isPromise(item)) {
          isWaiting = true;
          return this.#runWaiting(source, item);
        }
        if (!this.#putItem(item)) return this.#warnOfNothing();
      }
    } finally {
      if (!isWaiting) source.close();
    }
  }

  /**
   * Writes one event; for sources with a loop of their own. Blocks while the ring is full, and while the run is paused
   * (unless the ring discards then).
   *
   * @param data The event's data, by field name or in the order of the fields; `null` says that no more will come.
   * @param metadata Metadata that the source knows better. @default {null}
   * @returns False when no more events are wanted: leave the loop then.
   * @throws {TypeError} If the data do not fit the ring.
   * @throws {RangeError} If a value does not fit an integer field.
   */
  put(data: RecordValues | null, metadata: EventMetadata | null = null): boolean {
    this.#context.books.isKept = true;
    if (data === null) return false;
    if (this.#context.ending) return this.#isLate();
    return this.#store(data, metadata, performance.now()) && !this.#context.ending;
  }

  async #runWaiting(source: OpenSource, first: PromiseLike<SourceItem>): Promise<void> {
    try {
      let item: SourceItem | PromiseLike<SourceItem> = first;
      for (;;) {
        if (isPromise(item)) item = await this.#untilEnding(item);
        if (!this.#putItem(item)) return this.#warnOfNothing();
        if (!this.#mayGoOn()) return;
        item = source.next();
      }
    } finally {
      source.close();
    }
  }

  /** Waits for an item, or gives null when the run ends first. */
  #untilEnding(item: PromiseLike<SourceItem>): Promise<SourceItem> {
    return new Promise((resolve, reject) => {
      const poll = setInterval(() => {
        if (!this.#context.ending) return;
        clearInterval(poll);
        resolve(null);
      }, ENDING_POLL_MS);
      item.then(resolve, reject).then(() => clearInterval(poll));
    });
  }

  /** Waits out a pause, unless events are discarded in it. Returns false when no more events are wanted. */
  #mayGoOn(): boolean {
    const context = this.#context;
    if (context.ending) return false;
    context.books.current = this.#counter;
    return this.#writer.pauseMode === "discard" || !this.#writer.isPaused || this.#waitOutPause();
  }

  /** Returns false when the run ends. */
  #waitOutPause(): boolean {
    const startMs = performance.now();
    let isOver = false;
    while (!isOver && !this.#context.ending) isOver = this.#writer.waitWhilePaused(WAIT);
    this.#pausedMs += performance.now() - startMs;
    return isOver;
  }

  #putItem(item: SourceItem): boolean {
    if (item === null) return false;
    const readyMs = performance.now();
    if (item === undefined) {
      throw new TypeError(`Cannot fill ring ${this.#writer.name}: expected an event's data or null, found undefined`);
    }
    return isPair(item, this.#fields)
      ? this.#store(item[0], item[1] ?? null, readyMs)
      : this.#store(item, null, readyMs);
  }

  /** Says so if the source has ended before it gave anything; a further worker may find its share empty. */
  #warnOfNothing(): void {
    const { books, ending, workerNumber, functionName, log } = this.#context;
    if (ending || workerNumber > 0 || books.published[0] + books.discarded > 0) return;
    log.warn(`${functionName} ended without having given any event to ring ${this.#writer.name}`);
  }

  #store(data: RecordValues, metadata: EventMetadata | null, readyMs: number): boolean {
    const { books } = this.#context;
    if (metadata !== null) this.#checkMetadata(metadata);
    books.produced++;
    const pausedBeforeMs = this.#pausedMs;
    const slot = this.#claim();
    if (slot === null) {
      const waitedMs = performance.now() - readyMs - (this.#pausedMs - pausedBeforeMs);
      books.deadS += Math.max(0, waitedMs) / 1000;
      books.late++;
      return false;
    }
    try {
      this.#records.write(slot.data, data);
    } catch (error) {
      this.#writer.abort();
      books.failed++;
      throw error;
    }
    const copiedMs = performance.now();
    const cycleMs = copiedMs - this.#lastCopiedMs - this.#pausedMs;
    const deadMs = copiedMs - readyMs - (this.#pausedMs - pausedBeforeMs);
    this.#lastCopiedMs = copiedMs;
    this.#pausedMs = 0;
    books.deadS += deadMs / 1000;
    slot.counter = this.#counter;
    slot.timestamp = this.#clock.utcS(readyMs);
    slot.deadtime = cycleMs > 0 ? Math.min(1, Math.max(0, deadMs / cycleMs)) : 0;
    slot.redelivered = false;
    if (metadata !== null) setMetadata(slot, metadata);
    const isDiscarded = this.#writer.isDiscarding;
    this.#writer.processBuffer();
    if (isDiscarded) {
      books.discarded++;
    } else {
      books.published[0]++;
      this.#counter += this.#context.workers;
    }
    return true;
  }

  /** Counts an event that came when no more were wanted. */
  #isLate(): false {
    this.#context.books.produced++;
    this.#context.books.late++;
    return false;
  }

  #claim(): Slot | null {
    const writer = this.#writer;
    for (;;) {
      const slot = writer.claim(NO_WAIT) ?? (writer.state === "timed out" ? writer.claim(WAIT) : null);
      if (slot !== null) return slot;
      if (writer.state === "ended" || (writer.state === "paused" && !this.#waitOutPause())) return null;
    }
  }

  #checkMetadata(metadata: EventMetadata): void {
    if (typeof metadata !== "object" || (isTuple(metadata) && metadata.length !== 3)) {
      throw this.#wrongMetadata(metadata);
    }
    for (const value of Object.values(metadata)) {
      if (value !== undefined && typeof value !== "number") throw this.#wrongMetadata(value);
    }
  }

  #wrongMetadata(found: unknown): TypeError {
    return new TypeError(
      `Cannot fill ring ${this.#writer.name}: expected metadata [counter, timestamp, deadtime] as numbers, found ${
        describeValue(found)
      }`,
    );
  }
}

function setMetadata(slot: Slot, metadata: EventMetadata): void {
  const [counter, timestamp, deadtime] = isTuple(metadata)
    ? metadata
    : [metadata.counter, metadata.timestamp, metadata.deadtime];
  if (counter !== undefined) slot.counter = counter;
  if (timestamp !== undefined) slot.timestamp = timestamp;
  if (deadtime !== undefined) slot.deadtime = deadtime;
}

function isTuple(metadata: EventMetadata): metadata is Extract<EventMetadata, readonly number[]> {
  return Array.isArray(metadata);
}
