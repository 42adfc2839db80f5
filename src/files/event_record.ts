/** What the writers of files take: an event's data with its metadata. A ring's slot is one. */
import type { Columns } from "../record/record_layout.ts";

/** One event: the columns of its record and its metadata. */
export interface EventRecord {
  /** One typed array per field. */
  readonly data: Columns;
  /** Number of the event, from 0. */
  readonly counter: number;
  /** When it was ready, in seconds since 1970-01-01 UTC; -1 if unknown. */
  readonly timestamp: number;
  /** Fraction of time in which the importer could take no event, 0 … 1; -1 if unknown. */
  readonly deadtime: number;
}
