/** How a worker talks to the control; a Web Worker's messages are one way, a process's pipe would be another. */
import type { FromWorker, ToWorker } from "./messages.ts";

/** The worker's end of the line to the control. */
export interface WorkerChannel {
  /** Sends a message; arrives even while the worker never returns to its event loop. */
  post(message: FromWorker): void;
  /** Names the function that takes the control's messages, in their order. */
  listen(take: (message: ToWorker) => void): void;
}

/** The part of a Web Worker's global scope that is used here. */
interface WebWorkerScope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

/** The line of the Web Worker in which this is called. */
export function webWorkerChannel(): WorkerChannel {
  const scope = globalThis as unknown as WebWorkerScope;
  return {
    post: (message) => scope.postMessage(message),
    listen: (take) => {
      scope.onmessage = (event) => take(event.data);
    },
  };
}
