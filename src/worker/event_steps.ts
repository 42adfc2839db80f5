/** The calls of a user function for its events and for their end. */
import { describeValue } from "./describe_value.ts";
import type { FunctionContext } from "./context.ts";
import { withHint } from "./error_hint.ts";
import type { EventHandler } from "./event_handler.ts";
import { isPromise } from "./promise_like.ts";

/** Both forms of an {@linkcode EventHandler} as one. */
export interface EventSteps<E, R> {
  readonly event: (event: E) => R;
  readonly end: () => void | Promise<void>;
}

const CONTEXT_HINT = "failed before its first event: the outer function gets the context, not an event";

/**
 * Calls the outer half of a user function and makes both forms of what it returns one.
 *
 * @throws {TypeError} If it returns anything else.
 */
export function prepareSteps<E, R, C>(
  prepare: (context: FunctionContext<C>) => EventHandler<E, R>,
  context: FunctionContext<C>,
): EventSteps<E, R> {
  const handler = callPrepare(prepare, context);
  if (typeof handler === "function") return { event: handler, end: () => {} };
  if (typeof handler?.event === "function") {
    return { event: (event) => handler.event(event), end: () => handler.end?.() };
  }
  const hint = isPromise<unknown>(handler)
    ? "the outer function cannot be async"
    : "the outer function gets the context, not an event";
  // What becomes of the promise is of no interest any more, also if it fails.
  if (isPromise<unknown>(handler)) handler.then(() => {}, () => {});
  throw new TypeError(
    `Cannot prepare "${context.functionName}": expected a function to call for each event, or { event, end }, found ${
      describeValue(handler)
    }; ${hint}`,
  );
}

function callPrepare<C, H>(prepare: (context: FunctionContext<C>) => H, context: FunctionContext<C>): H {
  try {
    return prepare(context);
  } catch (error) {
    throw withHint(error, CONTEXT_HINT);
  }
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
