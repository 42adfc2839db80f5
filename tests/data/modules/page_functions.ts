/** Functions for tests of the page. */
import type { FunctionContext } from "../../../src/worker/context.ts";
import { exporter } from "../../../src/worker/exporter.ts";
import { importer } from "../../../src/worker/importer.ts";

interface SourceConfig {
  /** Events; 0: without end. @default {0} */
  readonly events?: number;
  /** Seconds between events. */
  readonly sleep_s: number;
}

/** Two channels: event n has a pulse of 100 + n mV in chA, chB is a sine. Its timestamp is the time of its making. */
export const pulseSource = importer<SourceConfig>(({ config, signal, sinks }) => {
  const samples = sinks[0].layout.valuesPerSlot;
  const chA = new Float32Array(samples);
  const chB = Float32Array.from({ length: samples }, (_, i) => 50 * Math.sin(i / 20));
  let n = 0;
  return () => {
    if ((config.events ?? 0) > 0 && n >= config.events!) return null;
    if (!signal.sleep(1000 * config.sleep_s)) return null;
    chA.fill(0);
    chA.fill(100 + n, samples >> 2, (samples >> 2) + 20);
    n++;
    return { chA, chB };
  };
});

/** Puts panels of all kinds on display, each with numbers of the events so far. */
export const allPanels = exporter((context: FunctionContext) => {
  let n = 0;
  const map = new Float64Array(20 * 10);
  const show = () => {
    const { publish } = context;
    publish("points", {
      kind: "xy",
      title: "Points",
      x: Float64Array.from({ length: n }, (_, i) => i),
      y: Float64Array.from({ length: n }, (_, i) => i * i),
    });
    publish("map", { kind: "histogram2d", title: "Map", xRange: [0, 20, 20], yRange: [0, 10, 10], counts: map });
    publish("table", { kind: "table", title: "Table", rows: [{ what: "events", count: n }] });
    publish("value", { kind: "value", title: "Value", value: n, unit: "events" });
    publish("wave", {
      kind: "waveform",
      title: "Wave",
      channels: { made: new Float32Array(50).fill(n) },
      sampleTimeNs: 2,
      counter: n,
    });
  };
  return {
    event: () => {
      map[(n % 10) * 20 + n % 20]++;
      n++;
      if (n % 10 === 0) show();
    },
    end: show,
  };
});

/** Says something at every level, once. */
export const talker = exporter(({ log }: FunctionContext) => {
  log.warn("a warning of the talker");
  log.error("<b>an error of the talker</b>");
  return () => {};
});
