/** The loop of functions that take events from one ring, one after the other, and may hand something on. */
import type { Slot } from "../ring/slot.ts";
import type { FunctionContext } from "./context.ts";
import { fieldsHint, withHint } from "./error_hint.ts";
import { isPromise } from "./promise_like.ts";
import { SinkSet } from "./sink_set.ts";

/**
 * What became of an event: `rejected` if nothing was handed on; `failed` if it could not be stored, for a reason that was
 * reported before; `double` if it had been stored before, and was handed on only; `ended` if a sink takes nothing more.
 */
export type Delivery = "processed" | "rejected" | "failed" | "double" | "ended";

const IDLE_WAIT = { timeoutMs: 1000 };

/** As many events without any result are no chance any more. */
const EVENTS_WITHOUT_RESULT = 10;

/** The two steps of a transfer. */
export interface TransferSteps<R> {
  /** The user's function: looks at an event and says what shall become of it. */
  readonly judge: (event: Slot) => R | PromiseLike<R>;
  /** Called about once a second while no event comes. @default {nothing} */
  readonly idle?: () => void;
  /** Writes into the sinks what the result asks for. What was written is published afterwards, or given back if it throws. */
  readonly deliver: (sinks: SinkSet, event: Slot, result: R) => Delivery;
  /**
   * Drop records that were made twice because a worker died, and count them. All workers of a reader group share what they
   * know of them, also with those that take the place of dead ones. @default {false: not to look for them}
   */
  readonly dropsDoubles?: boolean;
  /** `judge` is there for what it returns: warn if that was `undefined` each time. @default {false} */
  readonly givesResults?: boolean;
}

/**
 * Takes every event of the first source until it ends. An event in which a step throws is failed and reported, and the
 * next one is taken. If a sink ends before the source does, the run is being aborted: the event is handed back.
 *
 * @returns A promise once `judge` has returned one; events are still taken one after the other.
 */
export function runTransfer<R>(context: FunctionContext<unknown>, steps: TransferSteps<R>): void | Promise<void> {
  const transfer = new Transfer(context, steps);
  const running = transfer.run();
  if (running === undefined) return transfer.warnOfNothing();
  return running.then(() => transfer.warnOfNothing());
}

class Transfer<R> {
  readonly #context: FunctionContext<unknown>;
  readonly #steps: TransferSteps<R>;
  readonly #sinks: SinkSet;
  readonly #dropsDoubles: boolean;
  #results = 0;
  #undefinedResults = 0;

  constructor(context: FunctionContext<unknown>, steps: TransferSteps<R>) {
    this.#context = context;
    this.#steps = steps;
    this.#sinks = new SinkSet(context.sources[0], context.sinks, context.books);
    this.#dropsDoubles = steps.dropsDoubles ?? false;
  }

  run(): void | Promise<void> {
    const { books } = this.#context;
    const { judge } = this.#steps;
    books.isKept = true;
    for (let event = this.#nextOnce(); event !== null; event = this.#nextOnce()) {
      let result: R | PromiseLike<R>;
      try {
        result = judge(event);
      } catch (error) {
        this.#judgeFailed(error);
        continue;
      }
      if (isPromise(result)) return this.#runWaiting(event, result);
      if (!this.#deliver(event, result)) return;
    }
  }

  async #runWaiting(first: Slot, firstResult: PromiseLike<R>): Promise<void> {
    // Turns what a step throws at once into a rejected promise, so that there is one place for both.
    const judge = async (event: Slot): Promise<R> => await this.#steps.judge(event);
    let event: Slot | null = first;
    let result = firstResult;
    while (event !== null) {
      try {
        if (!this.#deliver(event, await result)) return;
      } catch (error) {
        this.#judgeFailed(error);
      }
      event = this.#nextOnce();
      if (event === null) return;
      result = judge(event);
    }
  }

  /** Says so if the function never returned anything although that was its task. */
  warnOfNothing(): void {
    if (!this.#steps.givesResults || this.#results < EVENTS_WITHOUT_RESULT) return;
    if (this.#undefinedResults < this.#results) return;
    const { functionName, log } = this.#context;
    log.warn(`${functionName} returned nothing for any of its ${this.#results} events; is a "return" missing?`);
  }

  #judgeFailed(error: unknown): void {
    this.#context.failed(withHint(error, fieldsHint(this.#context.sources[0])));
  }

  /** The next event that is no double. */
  #nextOnce(): Slot | null {
    const { books, sources: [reader] } = this.#context;
    for (let event = this.#next(); event !== null; event = this.#next()) {
      books.taken++;
      if (!this.#dropsDoubles || !reader.remembers()) return event;
      reader.outcome = "double";
      books.doubles++;
    }
    return null;
  }

  #next(): Slot | null {
    const reader = this.#context.sources[0];
    const { idle } = this.#steps;
    if (idle === undefined) return reader.next();
    for (;;) {
      const event = reader.next(IDLE_WAIT);
      if (event !== null || reader.state !== "timed out") return event;
      idle();
    }
  }

  #deliver(event: Slot, result: R): boolean {
    const context = this.#context;
    this.#results++;
    if (result === undefined) this.#undefinedResults++;
    try {
      const delivery = this.#steps.deliver(this.#sinks, event, result);
      if (delivery === "ended") {
        this.#sinks.abort();
        context.sources[0].close();
        return false;
      }
      if (delivery === "processed" || delivery === "double") {
        this.#sinks.publish();
        if (delivery === "double") {
          context.sources[0].outcome = delivery;
          context.books.doubles++;
        }
        // Whoever dies before has not handed the event on, perhaps; whoever takes it then must do so.
        if (this.#dropsDoubles) context.sources[0].remember();
      } else {
        context.sources[0].outcome = delivery;
        if (delivery === "failed") context.books.failed++;
        else context.books.rejected++;
      }
    } catch (error) {
      this.#sinks.abort();
      context.failed(error);
    }
    return true;
  }
}
