/** What a worker still has to send, and when. */

/** Something that holds messages back. */
export interface HeldMessages {
  /** When something is to be sent, by `performance.now`; infinity if nothing is held back. */
  readonly dueMs: number;
  /** Sends what is due. */
  look(nowMs: number): void;
}

/**
 * Brings what was held back on its way although a worker may stay in synchronous calls for ever: whatever waits in the
 * worker asks {@linkcode Outbox.isWaiting}, and while that is true waits no longer than to the next moment at which
 * something is due. While the worker is in its event loop, a timer does.
 */
export class Outbox {
  readonly #parts: HeldMessages[] = [];
  #isWaiting = false;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** True while something is held back. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Adds something that holds messages back. */
  add(part: HeldMessages): void {
    this.#parts.push(part);
  }

  /** To be called when something begins to be held back. */
  readonly begin = (): void => {
    this.#isWaiting = !this.#isClosed;
    if (this.#isWaiting && this.#timer === undefined) this.#startTimer();
  };

  /**
   * Sends what is due.
   *
   * @returns Milliseconds until something else is; infinity if nothing is held back any more.
   */
  attend(): number {
    const nowMs = performance.now();
    let dueMs = Infinity;
    for (const part of this.#parts) {
      if (part.dueMs <= nowMs) part.look(nowMs);
      dueMs = Math.min(dueMs, part.dueMs);
    }
    this.#isWaiting = dueMs < Infinity && !this.#isClosed;
    // A time-out of 0 would not wait at all.
    return this.#isWaiting ? Math.max(1, dueMs - nowMs) : Infinity;
  }

  /**
   * Waits in parts, so that what is due meanwhile is sent.
   *
   * @param timeoutMs How long to wait at most.
   * @param wait Waits for at most so many ms, `undefined`: without an end. Returns false if that time is over.
   */
  wait(timeoutMs: number | undefined, wait: (partMs: number | undefined) => boolean): void {
    const endMs = timeoutMs === undefined || timeoutMs < 0 ? Infinity : performance.now() + timeoutMs;
    for (;;) {
      const dueInMs = this.attend();
      const leftMs = Math.max(0, endMs - performance.now());
      if (!(dueInMs < leftMs)) {
        wait(leftMs === Infinity ? undefined : leftMs);
        return;
      }
      if (wait(dueInMs)) return;
    }
  }

  /** Sends nothing any more by itself. */
  close(): void {
    this.#isClosed = true;
    this.#isWaiting = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #startTimer(): void {
    const dueMs = Math.min(...this.#parts.map((part) => part.dueMs));
    if (!(dueMs < Infinity)) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.attend();
      if (this.#isWaiting) this.#startTimer();
    }, Math.max(1, dueMs - performance.now()));
  }
}
