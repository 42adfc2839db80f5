/** Oscilloscope-like display of waveforms. */
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { unitOfField } from "../files/signal_unit.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { requireWiring } from "../worker/wiring.ts";
import { showWaveforms, type WaveformDisplay } from "./waveform_files.ts";

/**
 * Shows the newest waveform of the observed ring: on display at most every `min_sleeptime` seconds, and in the run directory
 * as `waveform_<ring>.svg`, written about every 10 s and at the end.
 *
 * Configuration: `sample_time_ns` (required), `title` or `plot_title` (""), `min_sleeptime` (s, 1), `channel_range` (mV to
 * both sides of 0, 500; what the data need where the ring holds counts), `analogue_offset` (V, taken off the signal, 0), `pre_trigger_samples` or `pretrigger_samples` (0),
 * `trigger_level` (mV with the offset; none), `trigger_channel` and `trigger_direction` (texts beside the level, "").
 */
export const plotWaveform: DaqFunction = checkedFunction(readDisplay, showWaveforms);

function readDisplay(context: FunctionContext): WaveformDisplay {
  requireWiring(context, { observes: 1 });
  const settings = new FunctionSettings(context);
  const either = (key: string, older: string) => settings.value(key) === null ? older : key;
  const title = settings.text(either("title", "plot_title"), { fallback: "" });
  const preTrigger = either("pre_trigger_samples", "pretrigger_samples");
  const hasTrigger = settings.value("trigger_level") !== null;
  const [{ layout: { fields } }] = context.observes;
  const holdsCounts = fields.some(({ type }) => unitOfField(type) === "counts");
  const fitsData = holdsCounts && settings.value("channel_range") === null;
  return {
    title,
    minSleeptimeS: settings.number("min_sleeptime", { fallback: 1, min: 0 }),
    sampleTimeNs: settings.number("sample_time_ns", { above: 0 }),
    preTriggerSamples: settings.number(preTrigger, { fallback: 0, min: 0, integer: true }),
    channels: fields.map((field) => field.name),
    plot: {
      title,
      offsetMv: 1000 * settings.number("analogue_offset", { fallback: 0 }),
      channelRangeMv: fitsData ? null : settings.number("channel_range", { fallback: 500, above: 0 }),
      trigger: !hasTrigger ? null : {
        levelMv: settings.number("trigger_level"),
        channel: settings.text("trigger_channel", { fallback: "" }),
        direction: settings.text("trigger_direction", { fallback: "" }),
      },
    },
  };
}
