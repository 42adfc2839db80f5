/** Tickets that a ring hands out: plain objects that can be posted to a worker and opened there. */

interface RingPort {
  /** Name of the ring, for messages. */
  readonly ring: string;
  /** Name of the shared-memory segment. */
  readonly segment: string;
  /** Path of the compiled helper library. */
  readonly library: string;
}

/** Opened by `new Writer(port)`. */
export interface WriterPort extends RingPort {
  readonly kind: "writer";
  /** Row of the ring's owner table that was reserved for this writer, or null: a row is taken when it is opened. */
  readonly owner: number | null;
}

/** Opened by `new Reader(port)`; several readers of one group share the events among them. */
export interface ReaderPort extends RingPort {
  readonly kind: "reader";
  /** Number and name of the reader group. */
  readonly group: number;
  readonly groupName: string;
  readonly owner: number | null;
}

/** Opened by `new Observer(port)`. */
export interface ObserverPort extends RingPort {
  readonly kind: "observer";
}
