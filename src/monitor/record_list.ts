/** The latest records of a ring as rows of a table. */
import type { Slot } from "../ring/slot.ts";
import type { PageRing, RecordsMessage } from "./protocol.ts";

const MOST_ROWS = 30;
/** Of waveforms only the first values are shown. */
const MOST_FIELDS = 40;

/** Keeps rows, newest first. */
export class RecordList {
  readonly #ring: PageRing;
  readonly #rows: (string | number)[][] = [];
  #version = 0;

  /** @param ring The ring. */
  constructor(ring: PageRing) {
    this.#ring = ring;
  }

  /** Grows with every record. */
  get version(): number {
    return this.#version;
  }

  /** Adds an event. */
  add({ counter, timestamp, data }: Slot): void {
    this.#version++;
    const fields = this.#ring.fields.slice(0, MOST_FIELDS);
    this.#rows.unshift([counter, timestamp, ...fields.map(({ name }) => cellOf(data[name]))]);
    if (this.#rows.length > MOST_ROWS) this.#rows.pop();
  }

  /** All rows as a page gets them. */
  message(): RecordsMessage {
    const fields = this.#ring.fields.slice(0, MOST_FIELDS);
    return {
      type: "records",
      ring: this.#ring.name,
      columns: ["counter", "timestamp", ...fields.map(({ name }) => name)],
      rows: this.#rows,
    };
  }
}

/** The first value of a column; NaN and infinities, which JSON lacks, as text. */
function cellOf(column: ArrayLike<number | bigint>): string | number {
  const value = column[0];
  return typeof value === "number" && Number.isFinite(value) ? value : String(value);
}
