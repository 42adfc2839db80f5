/** Waits for one event of a ring and says whether it came. */
import type { ReaderPort } from "../../src/ring/ports.ts";
import { Reader } from "../../src/ring/reader.ts";

self.addEventListener("message", ({ data: port }: MessageEvent<ReaderPort>) => {
  using reader = new Reader(port);
  self.postMessage(reader.next() !== null);
});
