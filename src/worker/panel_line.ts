/** Displays on their way out of a process. */
import type { FromWorker } from "./messages.ts";

type PanelMessage = Extract<FromWorker, { readonly type: "panel" }>;

/**
 * Sends the newest state of each display when the one before has gone: a program that is suspended, or slow, must not let
 * them pile up in the memory of its workers.
 */
export class PanelLine {
  readonly #send: (message: PanelMessage, done: () => void) => void;
  readonly #waiting = new Map<string, PanelMessage>();
  readonly #underWay = new Set<string>();

  /** @param send Sends a message and calls `done` when it has left. */
  constructor(send: (message: PanelMessage, done: () => void) => void) {
    this.#send = send;
  }

  /** Sends a display now or when its turn comes, unless a newer one of that name comes first. */
  put(message: PanelMessage): void {
    if (this.#underWay.has(message.name)) this.#waiting.set(message.name, message);
    else this.#begin(message);
  }

  /** Sends what is waiting, whatever is under way. */
  flush(): void {
    for (const message of this.#waiting.values()) this.#send(message, () => {});
    this.#waiting.clear();
  }

  #begin(message: PanelMessage): void {
    const { name } = message;
    this.#underWay.add(name);
    this.#send(message, () => {
      this.#underWay.delete(name);
      const next = this.#waiting.get(name);
      this.#waiting.delete(name);
      if (next !== undefined) this.#begin(next);
    });
  }
}
