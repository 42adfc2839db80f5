/** Whether a ring still lives, for displays that only need to know that. */
import type { Observer } from "../ring/observer.ts";
import type { FunctionContext } from "./context.ts";
import { requireWiring } from "./wiring.ts";

/** Longest rest in one go: the end of the ring is noticed after this time. */
const LONGEST_REST_MS = 100;

/**
 * For functions that observe a ring only to know how long to go on, as mimoCoRB2's `IsAlive`: they show files, or what they
 * get from elsewhere.
 *
 * @example Say something every second as long as the run takes data
 * ```ts
 * import { type DaqFunction, IsAlive } from "@mimocorb/daq";
 *
 * export const heartbeat: DaqFunction = (context) => {
 *   const ring = new IsAlive(context);
 *   while (ring.alive()) {
 *     context.log.info("still there");
 *     ring.rest(1000);
 *   }
 * };
 * ```
 */
export class IsAlive {
  readonly #observer: Observer;
  readonly #context: FunctionContext<unknown>;

  /**
   * Looks at the wiring only.
   *
   * @param context Context of the function; one observed ring.
   * @throws {TypeError} If the function does not observe exactly one ring.
   */
  constructor(context: FunctionContext<unknown>) {
    requireWiring(context, { observes: 1 });
    this.#context = context;
    this.#observer = context.observes[0];
  }

  /** False once no event can come into the ring any more, the run was aborted, or the worker shall end. Does not wait. */
  alive(): boolean {
    if (this.#observer.state !== "ended") this.#observer.get({ timeoutMs: 0 });
    return this.#observer.state !== "ended" && !this.#context.ending;
  }

  /**
   * Waits, at most until the ring has ended.
   *
   * @param durationMs How long at most.
   */
  rest(durationMs: number): void {
    const endMs = performance.now() + durationMs;
    for (let leftMs = durationMs; leftMs > 0 && this.alive(); leftMs = endMs - performance.now()) {
      this.#context.signal.sleepWhileDraining(Math.min(leftMs, LONGEST_REST_MS));
    }
  }
}
