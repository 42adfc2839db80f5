/** What the functions that `filter`, `processor`, `exporter` and `observer` make call for their events. */

/**
 * Called for every event; or an object with that function as `event` and one that is called when no more events come,
 * also after a failure and when the run was aborted.
 */
export type EventHandler<E, R> = ((event: E) => R) | {
  event(event: E): R;
  end?(): void | Promise<void>;
};
