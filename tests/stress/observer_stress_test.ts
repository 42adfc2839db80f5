/** Observers under full load: none is starved, and what they see is always one whole event. */
import { RingBuffer } from "../../mod.ts";
import { assertEquals, assertGreater } from "../../src/std/assert.js";
import type { ObserverStressReport, ObserverStressTask } from "./observer_stress_worker.ts";

const OBSERVATIONS = 50_000; // each of two
const WATCHDOG_MS = 120_000;

function start(task: ObserverStressTask): { worker: Worker; report: Promise<ObserverStressReport> } {
  const worker = new Worker(new URL("./observer_stress_worker.ts", import.meta.url), { type: "module" });
  const report = new Promise<ObserverStressReport>((resolve, reject) => {
    const late = () => reject(new Error(`Worker "${task.role}" has not ended in ${WATCHDOG_MS} ms`));
    const watchdog = setTimeout(late, WATCHDOG_MS);
    worker.onmessage = (message) => {
      clearTimeout(watchdog);
      resolve(message.data);
    };
    worker.onerror = (event) => {
      clearTimeout(watchdog);
      reject(new Error(`Worker "${task.role}" failed: ${event.message}`));
    };
  });
  worker.postMessage(task);
  return { worker, report };
}

for (const { slots, valuesPerSlot } of [{ slots: 16, valuesPerSlot: 64 }, { slots: 16, valuesPerSlot: 2048 }]) {
  Deno.test(
    `two Observers see 100,000 whole events under full load, ${slots} slots of ${valuesPerSlot} values`,
    async () => {
      using ring = await RingBuffer.create({ name: "observed", slots, valuesPerSlot, fields: "float64" });
      const stop = new SharedArrayBuffer(4);
      const reading = start({ role: "read", port: ring.newReaderGroup("all") });
      const observing = [0, 1].map(() =>
        start({ role: "observe", port: ring.newObserver(), observations: OBSERVATIONS })
      );
      const writing = start({ role: "write", port: ring.newWriter(), stop });
      try {
        const observed = await Promise.all(observing.map(({ report }) => report));
        Atomics.store(new Int32Array(stop), 0, 1);
        const [written, read] = await Promise.all([writing.report, reading.report]);
        for (const report of observed) {
          assertEquals(report, { role: "observe", events: OBSERVATIONS, torn: 0, backwards: 0 });
        }
        assertEquals(read, { role: "read", events: written.events, torn: 0, backwards: 0 });
        assertGreater(written.events, OBSERVATIONS);
        assertEquals(ring.status().published, written.events);
      } finally {
        for (const { worker } of [reading, writing, ...observing]) worker.terminate();
      }
    },
  );
}
