/** A worker's own counts of events: the second set of books, to be compared with the counters of the rings. */

/** Plain counts of one worker, as posted to the control at its end. */
export interface EventCounts {
  /** Events taken from the sources by the access classes. */
  readonly taken: number;
  /** Records published, per sink. */
  readonly published: readonly number[];
  /** Events that the function refused. */
  readonly rejected: number;
  /** Events that made the function throw; of an importer those whose data did not fit the ring. */
  readonly failed: number;
  /** Events that were dropped because they had been seen before. */
  readonly doubles: number;
  /** Events that an importer brought in while a pause discarded them. */
  readonly discarded: number;
  /** Events that a source handed over, whatever became of them. */
  readonly produced: number;
  /** Events that a source handed over when the ring took no more. */
  readonly late: number;
  /** Seconds in which an importer had data and waited for a free slot or copied; without pauses. */
  readonly deadS: number;
  /** True of a filter with one sink: each event that it accepts is one record there. @default {false} */
  readonly isOneToOne?: boolean;
}

/**
 * Counts that access classes keep while a function runs. A function that uses its rings directly keeps none, or keeps all
 * of them itself and sets `isKept`.
 */
export class EventBooks {
  /** True if somebody counts. */
  isKept = false;
  /** Each event that is accepted becomes one record in the only sink. */
  isOneToOne = false;
  /** Events taken from the sources. */
  taken = 0;
  /** Events that the function refused. */
  rejected = 0;
  /** Events that made the function throw; of an importer those whose data did not fit the ring. */
  failed = 0;
  /** Events that were dropped because they had been seen before. */
  doubles = 0;
  /** Events that an importer brought in while a pause discarded them. */
  discarded = 0;
  /** Events that a source handed over, whatever became of them. */
  produced = 0;
  /** Events that a source handed over when the ring took no more. */
  late = 0;
  /** Seconds in which an importer had data and waited for a free slot or copied; without pauses. */
  deadS = 0;
  /** Records published, per sink. */
  readonly published: number[];
  /** Counter of the event that an importer is about to bring in, or that a display shows; null: not known, or none. */
  current: number | null = null;

  /**
   * Empty books.
   *
   * @param sinks Number of the worker's sinks.
   */
  constructor(sinks: number) {
    this.published = new Array<number>(sinks).fill(0);
  }

  /** Copies the counts for a message; null if nobody counted. */
  counts(): EventCounts | null {
    if (!this.isKept) return null;
    const { taken, rejected, failed, doubles, discarded, produced, late, deadS, isOneToOne } = this;
    const counts = {
      taken,
      published: [...this.published],
      rejected,
      failed,
      doubles,
      discarded,
      produced,
      late,
      deadS,
    };
    return isOneToOne ? { ...counts, isOneToOne } : counts;
  }
}
