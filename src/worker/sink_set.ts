/** The sinks of a function that makes events of events: what is written for one event is published together. */
import { type Columns, type RecordLayout, sameLayout } from "../record/record_layout.ts";
import type { Reader } from "../ring/reader.ts";
import type { Slot } from "../ring/slot.ts";
import type { Writer } from "../ring/writer.ts";
import type { EventBooks } from "./event_books.ts";
import { type RecordValues, RecordWriter } from "./record_writer.ts";

/**
 * Says in which way two record layouts differ, or null if they are the same.
 *
 * @param source,sink Ring names with layouts.
 */
export function layoutDifference(
  source: { readonly name: string; readonly layout: RecordLayout },
  sink: { readonly name: string; readonly layout: RecordLayout },
): string | null {
  if (sameLayout(source.layout, sink.layout)) return null;
  const describe = ({ valuesPerSlot, fields }: RecordLayout): string =>
    `${valuesPerSlot} values of ${fields.slice(0, 6).map((field) => `${field.name} ${field.type.name}`).join(", ")}${
      fields.length > 6 ? ` and ${fields.length - 6} more fields` : ""
    }`;
  return `expected ring ${sink.name} to hold the same records as ring ${source.name} (${describe(source.layout)}), ` +
    `found ${describe(sink.layout)}`;
}

/** Claims, fills and publishes slots of several rings for one event at a time. */
export class SinkSet {
  /** Number of sinks. */
  readonly length: number;
  readonly #writers: readonly Writer[];
  readonly #records: readonly RecordWriter[];
  readonly #differences: readonly (string | null)[];
  readonly #books: EventBooks;
  readonly #held: boolean[];

  /**
   * @param source Where the events come from.
   * @param writers The sinks.
   * @param books Where published records are counted.
   */
  constructor(source: Reader, writers: readonly Writer[], books: EventBooks) {
    this.length = writers.length;
    this.#writers = writers;
    this.#records = writers.map((writer) => new RecordWriter(writer.layout, writer.name));
    this.#differences = writers.map((writer) => layoutDifference(source, writer));
    this.#books = books;
    this.#held = writers.map(() => false);
  }

  /**
   * Copies the whole event into a slot of a sink.
   *
   * @returns False if the sink has ended.
   * @throws {TypeError} If the sink's records differ from the source's.
   */
  copy(sink: number, event: Slot): boolean {
    const difference = this.#differences[sink];
    if (difference !== null) throw new TypeError(`Cannot copy an event: ${difference}`);
    const data = this.#claim(sink, event);
    if (data === null) return false;
    this.#records[sink].copy(data, event.data);
    return true;
  }

  /**
   * Writes a record into a slot of a sink, with the metadata of the event that it was made of.
   *
   * @returns False if the sink has ended.
   * @throws {TypeError} If the values do not fit the sink's records.
   */
  write(sink: number, event: Slot, values: RecordValues): boolean {
    const data = this.#claim(sink, event);
    if (data === null) return false;
    this.#records[sink].write(data, values);
    return true;
  }

  /** Publishes what was written. Returns true if that was anything. */
  publish(): boolean {
    let any = false;
    for (let i = 0; i < this.length; i++) {
      if (this.#held[i]) {
        this.#publishOne(i);
        any = true;
      }
    }
    return any;
  }

  /** Gives back what was claimed for the event and is not published yet. */
  abort(): void {
    for (let i = 0; i < this.length; i++) {
      if (this.#held[i]) this.#writers[i].abort();
      this.#held[i] = false;
    }
  }

  #claim(sink: number, event: Slot): Columns | null {
    // Several records of one event: all but the last one go ahead, because a writer holds one slot at a time.
    if (this.#held[sink]) this.#publishOne(sink);
    const slot = this.#writers[sink].claim();
    if (slot === null) return null;
    this.#held[sink] = true;
    slot.counter = event.counter;
    slot.timestamp = event.timestamp;
    slot.deadtime = event.deadtime;
    slot.redelivered = event.redelivered;
    return slot.data;
  }

  #publishOne(sink: number): void {
    this.#writers[sink].processBuffer();
    this.#held[sink] = false;
    this.#books.published[sink]++;
  }
}
