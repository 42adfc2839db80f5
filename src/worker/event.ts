/** An event as user functions see it. */
import type { Columns } from "../record/record_layout.ts";

/**
 * One event: the data of a slot with its metadata. What it holds lies in the ring itself and is valid until the function
 * asks for the next event; keep a copy (`event.data.chA.slice()`) of what is needed longer. Data of a source are shared
 * with the other reader groups of the ring: never write into them.
 */
export interface DaqEvent {
  /** One typed array per field. */
  readonly data: Columns;
  /** Number of the event, from 0, given by the importer. */
  readonly counter: number;
  /** When its data were ready, in seconds since 1970 (UTC). */
  readonly timestamp: number;
  /** Fraction of the time since the event before in which the importer could not take data, 0 to 1; -1: not known. */
  readonly deadtime: number;
  /** True if the event, or the one it was made of, was offered before to a worker that died. */
  readonly redelivered: boolean;
}
