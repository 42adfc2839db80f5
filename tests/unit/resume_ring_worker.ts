/** Ends the pause of a ring after some time. */
import { RingHandle } from "../../src/ring/ring_handle.ts";

interface Task {
  readonly delayMs: number;
  readonly port: { readonly ring: string; readonly segment: string; readonly library: string };
}

self.addEventListener("message", (message: MessageEvent<Task>) => {
  const { delayMs, port } = message.data;
  const ring = RingHandle.attach(port);
  setTimeout(() => {
    ring.symbols.shm_ring_pause(ring.pointer, 0);
    ring.close();
    self.postMessage("done");
  }, delayMs);
});
