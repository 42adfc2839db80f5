/** Signals of the operating system as orders to a run. */

/** Repeats of a signal within this time are one order: `deno task` passes each Ctrl-C on a second time. */
const REPEAT_WINDOW_MS = 500;

/** Turns signals into orders. */
export class SignalOrders {
  readonly #now: () => number;
  #lastOrderMs = -Infinity;
  #orders = 0;

  /** @param now A clock that never goes back, in ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Says what a signal orders.
   *
   * @returns `stop` for the first SIGINT or SIGTERM and every SIGHUP, `end` for the second and later ones, null for a
   *   repeat within half a second.
   */
  take(signal: "SIGINT" | "SIGTERM" | "SIGHUP"): "stop" | "end" | null {
    if (signal === "SIGHUP") return "stop";
    const now = this.#now();
    if (now - this.#lastOrderMs < REPEAT_WINDOW_MS) return null;
    this.#lastOrderMs = now;
    return this.#orders++ === 0 ? "stop" : "end";
  }
}

/**
 * Listens for SIGINT, SIGTERM and SIGHUP.
 *
 * @param onOrder Is told what to do and which signal says so.
 * @returns Stops listening.
 */
export function listenForSignals(onOrder: (order: "stop" | "end", signal: string) => void): () => void {
  const orders = new SignalOrders();
  const listeners = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => {
    const listener = () => {
      const order = orders.take(signal);
      if (order !== null) onOrder(order, signal);
    };
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}
