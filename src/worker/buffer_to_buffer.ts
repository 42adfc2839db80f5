/** Takes events from one ring and writes what a user function makes of them into others. */
import type { FunctionContext } from "./context.ts";
import type { DaqEvent } from "./event.ts";
import { deliverResult } from "./deliver_items.ts";
import type { FieldValues, RecordValues } from "./record_writer.ts";
import { runTransfer } from "./transfer.ts";
import { requireWiring } from "./wiring.ts";

/**
 * What is written into one sink: nothing (`null`, `undefined`, `false`), the event as it is (`true`), one record, or a list
 * of records, which become one slot each.
 */
export type SinkItem = RecordValues | readonly Readonly<Record<string, FieldValues>>[] | boolean | null | undefined;

/**
 * What a function of {@linkcode BufferToBuffer} returns.
 *
 * | result | what happens |
 * |---|---|
 * | `null`, `undefined`, `false`, `0`, `"reject"` | the event is rejected |
 * | `true`, `"accept"`, any other number | the event as it is goes to the first sink |
 * | list with as many items as there are sinks | item i goes to sink i |
 * | list with fewer items | the event as it is goes to the first sink, the items to the sinks after it |
 * | a record outside a list | as a list with this one item |
 *
 * An event of which nothing is written counts as rejected.
 */
export type TransferResult =
  | readonly SinkItem[]
  | Readonly<Record<string, FieldValues>>
  | boolean
  | number
  | null
  | undefined
  | "accept"
  | "reject";

/**
 * Reads events from the first source, filters them and writes to the sinks. All metadata are handed on.
 *
 * @example High pulses as they are to the first sink, their heights to the second one
 * ```ts
 * import { BufferToBuffer, type DaqFunction, max } from "@mimocorb/daq";
 *
 * export const highPulses: DaqFunction = (context) =>
 *   new BufferToBuffer(context, ({ data }) => {
 *     const height = max(data.chA);
 *     return height > 30 ? [{ height }] : "reject";
 *   }).run();
 * ```
 */
export class BufferToBuffer {
  readonly #context: FunctionContext<unknown>;
  readonly #ufunc: (event: DaqEvent) => TransferResult | PromiseLike<TransferResult>;

  /**
   * Looks at the rings only; `run()` takes the events.
   *
   * @param context Context of the function; one source, one or more sinks.
   * @param ufunc Looks at an event and returns what is to be written, see {@linkcode TransferResult}. If it throws, the
   *   event counts as failed, and the run stops after what is under way has been processed.
   * @throws {TypeError} If the function is not wired like that.
   */
  constructor(
    context: FunctionContext<unknown>,
    ufunc: (event: DaqEvent) => TransferResult | PromiseLike<TransferResult>,
  ) {
    requireWiring(context, { sources: 1, sinks: "some" });
    this.#context = context;
    this.#ufunc = ufunc;
  }

  /** Takes all events until the source ends. Blocks; returns a promise only if `ufunc` does. */
  run(): void | Promise<void> {
    return runTransfer(this.#context, {
      judge: this.#ufunc,
      deliver: deliverResult,
      givesResults: true,
    });
  }
}
