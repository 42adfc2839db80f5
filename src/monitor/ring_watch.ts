/** One ring as the page looks at it: opened when somebody looks for the first time. */
import type { RecordLayout } from "../record/record_layout.ts";
import { Observer } from "../ring/observer.ts";
import type { ObserverPort } from "../ring/ports.ts";
import type { Slot } from "../ring/slot.ts";

/** Time over which the rate of events is taken from their counters. */
const RATE_WINDOW_S = 1;

/** Looks at a ring without ever waiting. */
export class RingWatch {
  readonly port: ObserverPort;
  #observer: Observer | null = null;
  #isClosed = false;
  #version = 0;
  #rateHz: number | null = null;
  #begin: { counter: number; timestamp: number } | null = null;

  /** @param port Opened at the first look. */
  constructor(port: ObserverPort) {
    this.port = port;
  }

  /** Name of the ring. */
  get name(): string {
    return this.port.ring;
  }

  /** Layout of the ring's records; null if the ring is gone. */
  get layout(): RecordLayout | null {
    return this.#open()?.layout ?? null;
  }

  /** Events per second from which those seen were taken; null before two of them. */
  get rateHz(): number | null {
    return this.#rateHz;
  }

  /** Grows with every event that {@linkcode RingWatch.latest} has found. */
  get version(): number {
    return this.#version;
  }

  /** The newest event, a copy that is valid until the next call; null if there is none yet. */
  latest(): Slot | null {
    const observer = this.#open();
    const slot = observer?.get({ timeoutMs: 0 }) ?? null;
    if (slot === null) return observer?.latest() ?? null;
    this.#version++;
    this.#takeRate(slot);
    return slot;
  }

  /** Lets go of the ring. */
  close(): void {
    this.#isClosed = true;
    this.#observer?.close();
  }

  #open(): Observer | null {
    if (this.#observer === null && !this.#isClosed) {
      try {
        this.#observer = new Observer(this.port);
      } catch {
        // The run is over and its rings are gone.
        this.#isClosed = true;
      }
    }
    return this.#isClosed ? null : this.#observer;
  }

  /** Counters are those of the importer, so this is its rate, also behind a filter. */
  #takeRate({ counter, timestamp }: Slot): void {
    if (this.#begin === null || counter < this.#begin.counter) {
      this.#begin = { counter, timestamp };
      return;
    }
    const elapsedS = timestamp - this.#begin.timestamp;
    if (elapsedS < RATE_WINDOW_S && this.#rateHz !== null) return;
    if (elapsedS > 0) this.#rateHz = (counter - this.#begin.counter) / elapsedS;
    if (elapsedS >= RATE_WINDOW_S) this.#begin = { counter, timestamp };
  }
}
