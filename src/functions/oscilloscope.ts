/** Display of waveforms with the configuration of mimoCoRB2's oscilloscope. */
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { requireWiring } from "../worker/wiring.ts";
import { showWaveforms, type WaveformDisplay } from "./waveform_files.ts";

/** Nanoseconds in the units of time that a configuration may name. */
const UNITS_NS: Readonly<Record<string, number>> = { s: 1e9, ms: 1e6, us: 1e3, "µs": 1e3, "μs": 1e3, ns: 1 };

/**
 * Shows the newest waveform of the observed ring like `plotWaveform`.
 *
 * Configuration: `channels` (fields to draw; all), `trigger_level` (none), `update_interval` (s, 1), `t_scaling`
 * (`[time of a sample, time of the first sample, unit]` with unit s, ms, us or ns; one sample per ns). The axis of the
 * signal follows the data: `ylim`, `y_scaling` and `colors` are not used.
 */
export const oscilloscope: DaqFunction = checkedFunction(readDisplay, showWaveforms);

function readDisplay(context: FunctionContext): WaveformDisplay {
  requireWiring(context, { observes: 1 });
  const settings = new FunctionSettings(context);
  const { sampleTimeNs, preTriggerSamples } = readTimeScale(settings);
  const hasTrigger = settings.value("trigger_level") !== null;
  return {
    title: "",
    minSleeptimeS: settings.number("update_interval", { fallback: 1, min: 0 }),
    sampleTimeNs,
    preTriggerSamples,
    channels: readChannels(settings, context),
    plot: { channelRangeMv: null, trigger: hasTrigger ? { levelMv: settings.number("trigger_level") } : null },
  };
}

function readTimeScale(settings: FunctionSettings): { sampleTimeNs: number; preTriggerSamples: number } {
  const found = settings.value("t_scaling") ?? [1, 0, "ns"];
  const [factor, offset, unit] = Array.isArray(found) ? found as readonly unknown[] : [];
  const unitNs = typeof unit === "string" && Object.hasOwn(UNITS_NS, unit) ? UNITS_NS[unit] : null;
  if (typeof factor !== "number" || !(factor > 0) || typeof offset !== "number" || unitNs === null) {
    throw new TypeError(
      settings.message("t_scaling", { expected: "[time of a sample, time of the first one, s, ms, us or ns]", found }),
    );
  }
  return { sampleTimeNs: factor * unitNs, preTriggerSamples: Math.max(0, Math.round(-offset / factor)) };
}

function readChannels(settings: FunctionSettings, context: FunctionContext): readonly string[] {
  const fields = context.observes[0].layout.fields.map((field) => field.name);
  const found = settings.value("channels") ?? fields;
  if (Array.isArray(found) && found.length > 0 && found.every((name) => fields.includes(name))) return found;
  throw new TypeError(settings.message("channels", { expected: `a list of some of ${fields.join(", ")}`, found }));
}
