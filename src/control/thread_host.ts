/** A thread of the program as the place of a worker. */
import type { FromWorker, ToWorker } from "../worker/messages.ts";
import type { HostListener, WorkerHost } from "./worker_host.ts";

/** Module that a worker thread begins with. */
const WORKER_ENTRY = new URL("../worker/worker_entry.ts", import.meta.url).href;

/** Starts a Web Worker and ends it. Its flags are in memory that it shares. */
export class ThreadHost implements WorkerHost {
  readonly pid = null;
  readonly #thread: Worker;
  readonly #listener: HostListener;
  #isGone = false;

  /** @param name Name of the thread, for debuggers. @param listener Is told what comes from it. */
  constructor(name: string, listener: HostListener) {
    this.#listener = listener;
    this.#thread = new Worker(WORKER_ENTRY, { type: "module", name });
    this.#thread.onmessage = (event: MessageEvent<FromWorker>) => {
      if (!this.#isGone) this.#listener.message(event.data);
    };
    this.#thread.onerror = (event) => {
      event.preventDefault();
      this.#leave(event.message);
    };
    this.#thread.onmessageerror = () => this.#leave("Error: a message of the worker could not be read");
  }

  post(message: ToWorker): void {
    this.#thread.postMessage(message);
  }

  passOn(): void {}

  dismiss(): void {
    this.#leave("");
  }

  kill(): boolean {
    return false;
  }

  #leave(message: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#thread.terminate();
    this.#listener.gone({ message, signal: null, exitCode: null, lastWords: [] });
  }
}
