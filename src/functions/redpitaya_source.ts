/** Source of waveforms from a Red Pitaya. */
import { RedPitaya } from "../../drivers/redpitaya/red_pitaya.ts";
import { type RunningSimulator, startSimulator } from "../../drivers/redpitaya/simulator/start_simulator.ts";
import { checkedFunction, type DaqFunction } from "../worker/context.ts";
import { readSourceSettings, type SourceSettings } from "./redpitaya/source_settings.ts";
import { WaveformTaker } from "./redpitaya/take_waveforms.ts";
import { runInstrument } from "./run_instrument.ts";
import { warnOfCounts } from "./warn_of_counts.ts";
import { writeWaveformScale } from "./waveform_scale.ts";

/**
 * Writes the waveforms of a Red Pitaya with the DAQ server into its sink, as mimoCoRB2's `importers.redpitaya.waveform` does:
 * fields `IN1` and `IN2` (or one or two others, in this order), ADC counts in `int16` fields; in `float32` and `float64`
 * fields counts too, or mV if `mV_per_count` is given.
 *
 * Configuration: `host` (or `ip`) or `device: simulated`, `sample_rate`, the trigger; `docs/redpitaya.md` has all keys.
 * Everything is checked before a connection is made.
 *
 * The device tells no times: events have the time at which they came, less that of their samples. Dead time is the time of
 * the samples and of the transfer, the time in which the ring was full, and the time in which the device was gone. One that
 * is gone is waited for and set up again.
 */
export const redpitayaSource: DaqFunction = checkedFunction(readSourceSettings, async (context, settings) => {
  if (settings.unknownKeys !== null) context.log.warn(settings.unknownKeys);
  const isKnown = settings.mvPerCount !== null;
  warnOfCounts(context, settings.fields.filter(({ isMv }) => !isMv).map(({ name }) => name), {
    scale: isKnown
      ? `the mV of a count are in ${context.sinks[0].name}_scale.yaml in the run directory`
      : 'their scale is not known without "mV_per_count"',
    remedy: `for mV give these fields the type float32${isKnown ? "" : ' and set "mV_per_count"'}`,
  });
  let simulator: RunningSimulator | null = null;
  if (settings.address === null) simulator = await startSimulator(settings.simulator);
  const address = settings.address ?? simulator!.address;
  let isScaleWritten = false;
  try {
    await runInstrument<WaveformTaker>(context, {
      open: async (sink) => {
        const device = await RedPitaya.open(address, settings.device, { answerMs: settings.answerMs });
        if (!isScaleWritten) writeScale(context, settings, { source: device.description, ring: sink.ringName });
        isScaleWritten = true;
        return new WaveformTaker(context, { settings, device, sink });
      },
      take: (taker) => taker.run(),
      reconnectS: settings.reconnectS,
    });
  } finally {
    simulator?.close();
  }
});

/** Without `mV_per_count` nothing is known about the scale. */
function writeScale(
  context: Parameters<typeof writeWaveformScale>[0],
  { mvPerCount, fields, sampleTimeNs, device }: SourceSettings,
  { source, ring }: { source: string; ring: string },
): void {
  if (mvPerCount === null) return;
  const scaleOf = (scale: number) => ({ mvPerCount: mvPerCount / scale, offsetMv: 0, rangeMv: 8192 * mvPerCount });
  writeWaveformScale(context, ring, {
    scale: {
      source,
      sampleTimeNs,
      preTriggerSamples: device.preSamples,
      fields: Object.fromEntries(fields.map(({ name, scale }) => [name, scaleOf(scale)])),
    },
    further: { trigger_level_counts: device.triggerLevel },
  });
}
