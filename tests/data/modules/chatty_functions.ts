/** Functions that say and show something with every event. */
import { BufferData } from "../../../src/worker/buffer_data.ts";
import type { FunctionContext } from "../../../src/worker/context.ts";
import { exporter } from "../../../src/worker/exporter.ts";
import { importer } from "../../../src/worker/importer.ts";

/** Numbers without end, as fast as they are taken. */
export const endless = importer(() => {
  let n = 0;
  return () => ({ data: n++ });
});

/** Shows a number, a curve and a line of the log for every event. */
export const chatty = exporter(({ publish, log }: FunctionContext) => {
  let n = 0;
  const x = Float64Array.from({ length: 2000 }, (_, i) => i);
  const y = new Float64Array(2000);
  return () => {
    y[n % 2000] = n;
    n++;
    publish("count", { kind: "value", title: "Count", value: n });
    publish("curve", { kind: "xy", title: "Curve", x, y });
    log.info(`event ${n}`);
  };
});

/** Counts events in a histogram of one bin; dies in the 40th of its first life. */
export function mortalCounter(context: FunctionContext): void {
  const counts = new Float64Array(1);
  for (const _ of new BufferData(context)) {
    if (context.restarts === 0 && counts[0] === 39) throw new Error("first life");
    counts[0]++;
    context.publish("events", {
      ...{ kind: "histogram", title: "Events", label: "events", min: 0, max: 1, logScale: false },
      ...{ counts, underflow: 0, overflow: 0 },
    });
  }
}
