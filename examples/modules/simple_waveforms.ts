/** Functions of simple_v2_setup.yaml, one of each kind: a source, a filter, a processor and a display. */
import { argmax, filter, importer, max, observer, processor, Random } from "@mimocorb/daq";

interface SourceConfig {
  sleeptime: number; // s between events
  pulse_probability: number;
  seed?: number;
}

/** Source: pulses on a noisy baseline, now and then, and sine waves. */
export const simulateWaveforms = importer<SourceConfig>((context) => {
  const { sleeptime, pulse_probability, seed } = context.config;
  const random = new Random(seed);
  const ch1 = new Float32Array(context.sinks[0].layout.valuesPerSlot);
  // Called for each event; the values are copied into the ring, so that the array can be used again.
  return () => {
    if (!context.signal.sleep(1000 * sleeptime)) return null; // the run is ending
    random.fillUniform(ch1, { center: 0, width: 0.1 });
    if (random.uniform() < pulse_probability) {
      const start = random.index(ch1.length / 2);
      for (let i = start; i < ch1.length; i++) ch1[i] += Math.exp((start - i) / 10);
    } else {
      for (let i = 0; i < ch1.length; i++) ch1[i] += 0.3 * Math.sin(i / 5);
    }
    return { ch1 };
  };
});

/** Filter: lets events with a high enough maximum pass. */
export const selectHigh = filter<{ min_height: number }>(({ config }) => (event) =>
  max(event.data.ch1) > config.min_height
);

/** Processor: makes a record with the height out of a waveform. */
export const findHeight = processor(() => (event) => ({ pulse_height: max(event.data.ch1) }));

/** Display: tells the newest height, at most once a second. */
export const printHeights = observer<{ sample_time_ns: number }>(({ log }) => {
  let shown = 0;
  return {
    event: ({ counter, data }) => {
      shown++;
      log.info(`event ${counter}: height ${data.pulse_height[0].toFixed(3)}`);
    },
    end: () => log.info(`${shown} heights shown`),
  };
});

/** Another processor, for a ring with a field `peak_time`: where the maximum is, in ns. */
export const findPeakTime = processor<{ sample_time_ns: number }>(({ config }) => (event) => ({
  peak_time: argmax(event.data.ch1) * config.sample_time_ns,
}));
