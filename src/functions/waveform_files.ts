/** The display of waveforms: what the ready-made oscilloscopes have in common. */
import { waveformPlot, type WaveformPlotOptions } from "../files/waveform_plot.ts";
import type { FunctionContext } from "../worker/context.ts";
import type { DaqEvent } from "../worker/event.ts";
import { ObserverData } from "../worker/observer_data.ts";
import { runFile } from "../worker/run_file.ts";
import { replaceTextFile, reserveFile } from "./result_file.ts";

/** Time between two versions of the file. */
const FILE_INTERVAL_MS = 10_000;

/** How waveforms are shown. */
export interface WaveformDisplay {
  readonly title: string;
  readonly minSleeptimeS: number;
  readonly sampleTimeNs: number;
  readonly preTriggerSamples: number;
  /** Fields that are drawn. */
  readonly channels: readonly string[];
  readonly plot: WaveformPlotOptions;
}

/**
 * Puts the newest waveform of the observed ring on display, again and again until the ring ends, and writes it as
 * `waveform_<ring>.svg` into the run directory: the first one, then one about every 10 s, and the last one.
 */
export function showWaveforms(context: FunctionContext<unknown>, display: WaveformDisplay): void {
  const [{ name }] = context.observes;
  const path = reserveFile(runFile(context, `waveform_${name}`, ".svg"), context.name, {
    isAgain: context.restarts > 0,
  });
  const rate = new EventRate();
  const draw = (event: DaqEvent) => replaceTextFile(path, drawing(event, display, rate.rateHz));
  let last: DaqEvent | null = null;
  let writtenAtMs = -Infinity;
  for (const event of new ObserverData(context, { minSleeptimeS: display.minSleeptimeS })) {
    last = event;
    rate.update(event);
    publish(context, event, display);
    if (performance.now() - writtenAtMs < FILE_INTERVAL_MS) continue;
    try {
      draw(event);
    } catch (error) {
      // What is on display goes on; the last drawing must be written.
      context.log.warn(error instanceof Error ? error.message : String(error));
    }
    writtenAtMs = performance.now();
  }
  // The observer's copy of the last event stays as it is: none came after it.
  if (last !== null) draw(last);
}

/** Rate of the events from which the displayed ones were taken: their counters go on also where a filter lies between. */
class EventRate {
  rateHz: number | null = null;
  #counter = NaN;
  #timestamp = NaN;

  update({ counter, timestamp }: DaqEvent): void {
    const elapsedS = timestamp - this.#timestamp;
    if (elapsedS > 0) this.rateHz = Math.max(0, (counter - this.#counter) / elapsedS);
    this.#counter = counter;
    this.#timestamp = timestamp;
  }
}

function publish(context: FunctionContext<unknown>, event: DaqEvent, display: WaveformDisplay): void {
  const { title, sampleTimeNs, channels } = display;
  const copies = Object.fromEntries(channels.map((field) => [field, Float32Array.from(event.data[field], Number)]));
  context.publish("waveform", { kind: "waveform", title, channels: copies, sampleTimeNs, counter: event.counter });
}

function drawing(event: DaqEvent, display: WaveformDisplay, rateHz: number | null): string {
  const { sampleTimeNs, preTriggerSamples } = display;
  const channels = Object.fromEntries(display.channels.map((field) => [field, event.data[field]]));
  return waveformPlot({ channels, sampleTimeNs, preTriggerSamples, counter: event.counter, rateHz }, display.plot);
}
