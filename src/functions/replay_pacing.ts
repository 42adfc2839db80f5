/** The keys with which sources of recorded events set their rhythm. */
import { Random } from "../pulses/random.ts";
import type { FunctionContext } from "../worker/context.ts";
import type { FunctionSettings } from "../worker/function_settings.ts";
import { Pacer } from "../worker/pacer.ts";

/** When recorded events come: one right after the other, as they were recorded, or at a given rate. */
export type ReplayPacing =
  | { readonly kind: "fast" }
  | { readonly kind: "original"; readonly speed: number }
  | { readonly kind: "fixed" | "poisson"; readonly rateHz: number };

const KINDS = ["fast", "original", "fixed", "poisson"] as const;

/**
 * Reads `pacing` (`fast`, `original`, `fixed` or `poisson`), `rate` (Hz, for the last two), and `speed` (1, a factor for
 * `original`).
 *
 * @param fallback What holds if `pacing` is absent.
 */
export function readReplayPacing(settings: FunctionSettings, fallback: ReplayPacing["kind"]): ReplayPacing {
  const word = settings.text("pacing", { fallback });
  const kind = KINDS.find((known) => known === word);
  if (kind === undefined) {
    throw new TypeError(settings.message("pacing", { expected: `one of ${KINDS.join(", ")}`, found: word }));
  }
  switch (kind) {
    case "fast":
      return { kind };
    case "original":
      return { kind, speed: settings.number("speed", { fallback: 1, above: 0 }) };
    default:
      return { kind, rateHz: settings.number("rate", { above: 0 }) };
  }
}

/** Waits for the moments of recorded events, and leaves out those that are for another worker. */
export class ReplayPacer {
  readonly #workers: number;
  readonly #workerNumber: number;
  /** Events that were seen, and those of them that an earlier life of this worker has brought in already. */
  #seen = 0;
  #brought: number;
  readonly #pacer: Pacer | null;
  readonly #isOriginal: boolean;
  readonly #speed: number;
  /** Time of the event before in the recording, and from it to the next one; in seconds. */
  #lastS = NaN;
  #stepS = 0;

  /**
   * Begins the schedule. Several workers of a source share a rate.
   *
   * @param seed Makes random times repeatable; null: different each time.
   */
  constructor(context: FunctionContext<unknown>, pacing: ReplayPacing, seed: number | string | null) {
    this.#workers = context.workers;
    this.#workerNumber = context.workerNumber;
    this.#brought = context.publishedBefore[0];
    this.#isOriginal = pacing.kind === "original";
    this.#speed = pacing.kind === "original" ? pacing.speed : 1;
    this.#pacer = this.#makePacer(context, pacing, seed);
  }

  /** Events of the recording that were seen so far. */
  get seen(): number {
    return this.#seen;
  }

  /**
   * To be called with every event of the recording in its order: sleeps until it is due. Where recorded times go back, it
   * comes at once.
   *
   * @param timestamp When it was recorded; -1 if that is not known.
   * @returns "skip" for an event of another worker, or of an earlier life of this one; "ended" if the run is ending.
   */
  next(timestamp: number): "take" | "skip" | "ended" {
    const number = this.#seen++;
    // All workers count from the first event; after a restart what passed until then has passed.
    if (number === 0) this.#begin(timestamp);
    if (number % this.#workers !== this.#workerNumber) return "skip";
    if (this.#brought > 0) {
      this.#brought--;
      this.#begin(timestamp);
      return "skip";
    }
    return this.#wait(timestamp) ? "take" : "ended";
  }

  #begin(timestamp: number): void {
    // A recording's times may go back; those of events without a time are -1.
    if (!(timestamp < this.#lastS)) this.#lastS = timestamp;
  }

  #wait(timestamp: number): boolean {
    if (this.#pacer === null) return true;
    if (this.#isOriginal) {
      this.#stepS = timestamp > this.#lastS ? (timestamp - this.#lastS) / this.#speed : 0;
      this.#begin(timestamp);
    }
    return this.#pacer.wait();
  }

  #makePacer(context: FunctionContext<unknown>, pacing: ReplayPacing, seed: number | string | null): Pacer | null {
    switch (pacing.kind) {
      case "fast":
        return null;
      case "original":
        return new Pacer(context.signal, { meanS: 1, draw: () => this.#stepS });
      case "fixed":
        return new Pacer(context.signal, { meanS: context.workers / pacing.rateHz });
      case "poisson": {
        const random = new Random(seed === null ? null : `pacing ${seed}`);
        const meanS = context.workers / pacing.rateHz;
        return new Pacer(context.signal, { meanS, draw: () => random.exponential() });
      }
    }
  }
}
