/** Tickets that a ring hands out: plain objects that can be posted to a worker and opened there. */

/** What the ports of a ring have in common. */
export interface RingPort {
  /** Name of the ring, for messages. */
  readonly ring: string;
  /** Name of the shared-memory segment. */
  readonly segment: string;
  /** Path of the compiled helper library. */
  readonly library: string;
}

/** Opened by `new Writer(port)`. */
export interface WriterPort extends RingPort {
  /** Tells it from other ports, also after it was posted. */
  readonly kind: "writer";
  /** Row of the ring's owner table that was reserved for this writer, or null: a row is taken when it is opened. */
  readonly owner: number | null;
}

/** Opened by `new Reader(port)`; several readers of one group share the events among them. */
export interface ReaderPort extends RingPort {
  /** Tells it from other ports, also after it was posted. */
  readonly kind: "reader";
  /** Number of the reader group, from 0 in the order of their making. */
  readonly group: number;
  /** Name of the reader group, as given to `newReaderGroup`. */
  readonly groupName: string;
  /** Row of the ring's owner table that was reserved for this reader, or null: a row is taken when it is opened. */
  readonly owner: number | null;
}

/** Opened by `new Observer(port)`. */
export interface ObserverPort extends RingPort {
  /** Tells it from other ports, also after it was posted. */
  readonly kind: "observer";
}
