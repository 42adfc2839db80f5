/** What the functions that `filter`, `processor`, `exporter` and `observer` make call for their events. */

/**
 * Called for every event; or an object with that function as `event` and one that is called when no more events come,
 * also after a failure and when the run was aborted.
 */
export type EventHandler<E, R> = ((event: E) => R) | {
  /** Called for every event, one after the other. */
  event(event: E): R;
  /** Closes what was opened; called once. */
  end?(): void | Promise<void>;
};
