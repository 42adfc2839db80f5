/** Owners that are told to sign off while their ring goes on. */
import { assertEquals } from "../../src/std/assert.js";
import type { ReaderPort } from "../../src/ring/ports.ts";
import { Observer } from "../../src/ring/observer.ts";
import { Reader } from "../../src/ring/reader.ts";
import { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { Writer } from "../../src/ring/writer.ts";

function makeRing(writers = 1, pause: "wait" | "discard" = "wait"): Promise<RingBuffer> {
  return RingBuffer.create({ name: "numbers", slots: 4, valuesPerSlot: 1, fields: "int32", writers, pause });
}

function publish(writer: Writer, count: number): void {
  for (let n = 0; n < count; n++) {
    writer.claim({ timeoutMs: 0 })!;
    writer.processBuffer();
  }
}

Deno.test("RingBuffer.retire() gives a reader the end after the event that it holds; others read the rest", async () => {
  using ring = await makeRing();
  const group = ring.newReaderGroup("sum");
  const port = ring.reserve(group);
  using reader = new Reader(port);
  using other = new Reader(ring.reserve(group));
  using writer = new Writer(ring.newWriter());
  publish(writer, 3);
  assertEquals(reader.next()!.counter, 0);
  ring.retire(port.owner!);
  assertEquals([reader.held!.counter, reader.dataAvailable()], [0, false]);
  assertEquals([reader.next(), reader.state, reader.ending], [null, "ended", true]);
  assertEquals([reader.getBatch(2), reader.next({ timeoutMs: 0 }), reader.state], [0, null, "ended"]);
  reader.close();
  assertEquals([other.next()!.counter, other.next()!.counter], [1, 2]);
  publish(writer, 4);
  assertEquals(other.next()!.counter, 3);
  const [{ processed, redelivered }] = ring.status().groups;
  assertEquals([processed, redelivered], [3, 0]);
});

Deno.test("RingBuffer.retire() gives a writer the end, also in a pause; the ring goes on until all have gone", async () => {
  for (const pause of ["wait", "discard"] as const) {
    using ring = await makeRing(2, pause);
    using reader = new Reader(ring.newReaderGroup("sum"));
    const port = ring.reserve(ring.newWriter());
    using writer = new Writer(port);
    using other = new Writer(ring.reserve(ring.newWriter()));
    publish(writer, 1);
    assertEquals(writer.claim()!.counter, 1);
    ring.retire(port.owner!);
    assertEquals([writer.ending, other.ending], [true, false]);
    writer.processBuffer();
    assertEquals([writer.claim(), writer.state], [null, "ended"]);
    ring.pause();
    assertEquals([writer.claim(), writer.state], [null, "ended"]);
    assertEquals([writer.waitWhilePaused(), writer.state], [false, "ended"]);
    ring.resume();
    writer.close();
    assertEquals(ring.status().ended, false);
    publish(other, 1);
    assertEquals(ring.status().published, 3);
    assertEquals(reader.next()!.counter, 0);
    other.close();
    assertEquals(ring.status().ended, true);
  }
});

/** What a reader in another thread gives that waits for an event for ever. */
async function waitElsewhere(port: ReaderPort, act: () => void): Promise<unknown> {
  const module = `
    import { Reader } from ${JSON.stringify(import.meta.resolve("../../src/ring/reader.ts"))};
    onmessage = ({ data }) => {
      const reader = new Reader(data);
      postMessage("waits");
      const event = reader.next();
      postMessage([event, reader.state]);
      reader.close();
    };`;
  const worker = new Worker(URL.createObjectURL(new Blob([module], { type: "text/typescript" })), { type: "module" });
  const result = await new Promise((resolve) => {
    worker.onmessage = ({ data }) => {
      if (data === "waits") setTimeout(act, 50);
      else resolve(data);
    };
    worker.postMessage(port);
  });
  worker.terminate();
  return result;
}

Deno.test("RingBuffer.retire() wakes a reader that waits for an event", async () => {
  using ring = await makeRing();
  const port = ring.reserve(ring.newReaderGroup("sum"));
  assertEquals(await waitElsewhere(port, () => ring.retire(port.owner!)), [null, "ended"]);
});

Deno.test("Observer gives the end once its isOver says so, also in a call that waits", async () => {
  using ring = await makeRing();
  let calls = 0;
  using observer = new Observer(ring.newObserver(), { isOver: () => ++calls > 2 });
  assertEquals([observer.get({ timeoutMs: 0 }), observer.state], [null, "timed out"]);
  assertEquals([observer.get(), observer.state, observer.ending], [null, "ended", true]);
  assertEquals(calls, 3);
});
