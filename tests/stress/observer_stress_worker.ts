/** Worker of the observer stress test: writes stamped slots, reads them all, or observes them and checks every value. */
import { Observer, type ObserverPort, Reader, type ReaderPort, Writer, type WriterPort } from "../../mod.ts";

/** What a worker is told. */
export type ObserverStressTask =
  | { readonly role: "write"; readonly port: WriterPort; readonly stop: SharedArrayBuffer }
  | { readonly role: "read"; readonly port: ReaderPort }
  | { readonly role: "observe"; readonly port: ObserverPort; readonly observations: number };

/** What it reports: events written or read, observations made and how many of them were torn or went back. */
export interface ObserverStressReport {
  readonly role: ObserverStressTask["role"];
  readonly events: number;
  readonly torn: number;
  readonly backwards: number;
}

function work(task: ObserverStressTask): ObserverStressReport {
  let events = 0;
  let torn = 0;
  let backwards = 0;
  if (task.role === "write") {
    using writer = new Writer(task.port);
    const stop = new Int32Array(task.stop);
    while (Atomics.load(stop, 0) === 0) {
      writer.getNewBuffer()!.data.fill(events);
      writer.setMetadata(events, 1, 0);
      events++;
    }
    writer.processBuffer();
  } else if (task.role === "read") {
    using reader = new Reader(task.port);
    for (const event of reader) {
      if (event.counter !== events || event.data.data[0] !== events) torn++;
      events++;
    }
  } else {
    using observer = new Observer(task.port);
    let last = -1;
    for (; events < task.observations; events++) {
      const event = observer.get()!;
      const { counter } = event;
      if (event.data.data.some((value) => value !== counter)) torn++;
      if (counter <= last) backwards++;
      last = counter;
    }
  }
  return { role: task.role, events, torn, backwards };
}

/** A worker's global scope; the types that Deno gives are those of a window. */
const scope = globalThis as unknown as {
  onmessage: (message: MessageEvent<ObserverStressTask>) => void;
  postMessage(message: ObserverStressReport): void;
};
scope.onmessage = (message) => scope.postMessage(work(message.data));
