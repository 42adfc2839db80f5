/**
 * Functions of setup.yaml, one of each kind: a source, a filter, a processor and an exporter. They have the names that
 * mimoCoRB2's example has in its functions.py, so that its setup runs with this file beside it.
 */
import { argmax, exporter, filter, importer, max, processor, Random } from "@mimocorb/daq";

interface SourceConfig {
  eventcount?: number;
  sleeptime?: number; // s between events
  seed?: number;
}

/** Source: sine waves of varying height and phase. */
export const simulateOsc = importer<SourceConfig>((context) => {
  const { eventcount = 50_000, sleeptime = 0.001, seed } = context.config;
  const random = new Random(seed);
  const ch1 = new Float32Array(context.sinks[0].layout.valuesPerSlot);
  let events = 0;
  // Called for each event; the values are copied into the ring, so that the array can be used again.
  return () => {
    if (events === eventcount) return null; // the end of the data
    if (!context.signal.sleep(1000 * sleeptime)) return null; // the run is ending
    const height = 0.8 + 0.3 * random.gaussian();
    for (let i = 0; i < ch1.length; i++) ch1[i] = height * Math.sin(events + 0.1 * i);
    events++;
    return { ch1 };
  };
});

/** Filter: lets events with a high enough maximum pass. */
export const filterData = filter<{ min_height?: number }>(({ config: { min_height = 0.5 } }) => (event) =>
  max(event.data.ch1) > min_height
);

/** Processor: makes a record with the height out of a waveform. */
export const calculatePulseHeights = processor(() => (event) => ({ pulse_height: max(event.data.ch1) }));

/** Exporter: tells the newest height, at most once a second, and the mean of all at the end. */
export const printPulseHeights = exporter(({ log }) => {
  let events = 0;
  let sum = 0;
  let nextMs = 0;
  return {
    event: ({ counter, data }) => {
      events++;
      sum += data.pulse_height[0];
      if (performance.now() < nextMs) return;
      log.info(`event ${counter}: height ${data.pulse_height[0].toFixed(3)}`);
      nextMs = performance.now() + 1000;
    },
    end: () => log.info(`${events} heights, mean ${(sum / events).toFixed(3)}`),
  };
});

/** Another processor, for a ring with a field `peak_time`: where the maximum is, in ns. */
export const findPeakTime = processor<{ sample_time_ns: number }>(({ config }) => (event) => ({
  peak_time: argmax(event.data.ch1) * config.sample_time_ns,
}));
