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

/** Numbers of the signals that a parent may have had ignored for a good reason (signal(7)). */
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2 } as const;

/**
 * Reads from the text of `/proc/self/status` whether a signal is ignored (proc(5), "SigIgn").
 *
 * @param status The text; empty where the system has none.
 */
export function isIgnored(status: string, signal: "SIGHUP" | "SIGINT"): boolean {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/im.exec(status)?.[1];
  return mask !== undefined && (BigInt(`0x${mask}`) >> BigInt(SIGNAL_NUMBERS[signal] - 1) & 1n) === 1n;
}

/**
 * Listens for SIGINT, SIGTERM and SIGHUP. What the program was started to ignore is not taken: SIGHUP under `nohup`, SIGINT
 * in the background of a script, where Ctrl-C is not meant for it.
 *
 * @param onOrder Is told what to do and which signal says so.
 * @returns Stops listening.
 */
export function listenForSignals(onOrder: (order: "stop" | "end", signal: string) => void): () => void {
  const orders = new SignalOrders();
  // Only the first look counts: with the first listener the engine takes all signals that end a program.
  statusAtStart ??= processStatus();
  const status = statusAtStart;
  const listeners = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => {
    const isTaken = signal === "SIGTERM" || !isIgnored(status, signal);
    const listener = () => {
      // A listener that does nothing is needed all the same: without one the engine would end the program.
      const order = isTaken ? orders.take(signal) : null;
      if (order !== null) onOrder(order, signal);
    };
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}

let statusAtStart: string | null = null;

function processStatus(): string {
  try {
    return Deno.readTextFileSync("/proc/self/status");
  } catch {
    return "";
  }
}
