/** Functions of the soak test: every value of an event says to which event it belongs. */
import { type DaqFunction, exporter, filter } from "../../mod.ts";
import { LatencyCounts } from "./latency_counts.ts";

interface SourceConfig {
  /** Events per second; 0 = as fast as possible. */
  readonly rate_hz: number;
}

/** Value `i` of an event. */
function stampOf(counter: number, i: number): number {
  return (Math.imul(counter + 1, 2654435761) + i * 40503) | 0;
}

function isWhole(values: ArrayLike<number>, counter: number): boolean {
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== stampOf(counter, i)) return false;
  }
  return true;
}

/** Brings in stamped events at an even rate; time lost in pauses is not made up for. */
export const soakSource: DaqFunction<SourceConfig> = (context) => {
  const [sink] = context.sinks;
  const intervalMs = context.config.rate_hz > 0 ? 1000 / context.config.rate_hz : 0;
  let counter = context.publishedBefore[0];
  let dueMs = performance.now();
  for (let slot = sink.claim(); slot !== null; slot = sink.claim()) {
    const values = slot.data.stamp as Int32Array;
    for (let i = 0; i < values.length; i++) values[i] = stampOf(counter, i);
    dueMs = Math.max(dueMs + intervalMs, performance.now() - 20);
    const aheadMs = dueMs - performance.now();
    if (aheadMs > 1) context.signal.sleep(aheadMs);
    slot.counter = counter++;
    slot.timestamp = (performance.timeOrigin + performance.now()) / 1000;
    sink.processBuffer();
  }
};

/** Lets four of five events pass. Throws at an event that is not whole. */
export const soakFilter: DaqFunction = filter(() => (event) => {
  if (!isWhole(event.data.stamp as Int32Array, event.counter)) throw new Error(`event ${event.counter} is torn`);
  return event.counter % 5 === 0 ? "reject" : "accept";
});

/** Checks every event, and every second puts up how long events took from their time stamp to here. */
export const soakSink: DaqFunction = exporter((context) => {
  const latencies = new LatencyCounts();
  let nextMs = performance.now() + 1000;
  return (event) => {
    if (!isWhole(event.data.stamp as Int32Array, event.counter)) throw new Error(`event ${event.counter} is torn`);
    const nowMs = performance.now();
    latencies.add(performance.timeOrigin + nowMs - 1000 * event.timestamp);
    if (nowMs < nextMs) return;
    nextMs = nowMs + 1000;
    context.publish("latency", {
      kind: "table",
      title: "Latency",
      rows: [{ events: latencies.total, p50_ms: latencies.quantile(0.5), p99_ms: latencies.quantile(0.99) }],
    });
    latencies.clear();
  };
});
