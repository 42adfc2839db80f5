/** How many records the file of a worker must hold that has died. */

/** What is known of one life of a worker. */
export interface FileLife {
  /** Records that it found in its file; null if it has not said so. */
  readonly found: number | null;
  /** Events that it has released as processed. */
  readonly processed: number;
  /** True if it held an event when it died. */
  readonly heldAny: boolean;
}

/**
 * Records that the worker's file holds, apart from the one of the event that the last life held: if it holds one more, that
 * one is written. Each life begins with what it has found, so that nothing that earlier ones have left in doubt counts.
 *
 * @param lives All lives so far, the first one first.
 * @returns Null if that cannot be known: a life died before it could say what it has found.
 */
export function recordsBefore(lives: readonly FileLife[]): number | null {
  const last = lives.at(-1);
  if (last === undefined) return 0;
  if (last.found !== null) return last.found + last.processed;
  return last.processed === 0 && !last.heldAny ? recordsBefore(lives.slice(0, -1)) : null;
}
