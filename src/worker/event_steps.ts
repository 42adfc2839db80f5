/** The calls of a user function for its events and for their end. */
import { describeValue } from "./describe_value.ts";
import type { EventHandler } from "./event_handler.ts";

/** Both forms of an {@linkcode EventHandler} as one. */
export interface EventSteps<E, R> {
  readonly event: (event: E) => R;
  readonly end: () => void | Promise<void>;
}

/** Makes both forms one. */
export function eventSteps<E, R>(handler: EventHandler<E, R>): EventSteps<E, R> {
  if (typeof handler === "function") return { event: handler, end: () => {} };
  if (typeof handler?.event !== "function") {
    throw new TypeError(
      `Cannot prepare a function: expected a function to call for each event, or { event, end }, found ${
        describeValue(handler)
      }`,
    );
  }
  return { event: (event) => handler.event(event), end: () => handler.end?.() };
}

/** Calls `run`, and then `end` whatever came of it. Stays synchronous if `run` and `end` are. */
export function runAndEnd(
  run: () => void | Promise<void>,
  end: () => void | Promise<void>,
): void | Promise<void> {
  let running: void | Promise<void>;
  try {
    running = run();
  } catch (error) {
    const ending = end();
    if (ending === undefined) throw error;
    return ending.then(() => {
      throw error;
    });
  }
  return running === undefined ? end() : running.finally(end);
}
