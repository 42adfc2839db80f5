/** Analysis of pulse heights with the configuration of mimoCoRB2's analyzer. */
import type { FindPeaksOptions, PeakCondition } from "../pulses/peak_conditions.ts";
import { measuredProperties } from "../pulses/find_peaks.ts";
import { PeakFinder } from "../pulses/peak_finder.ts";
import { PEAK_PROPERTIES } from "../pulses/peak_table.ts";
import { BufferToBuffer, type TransferResult } from "../worker/buffer_to_buffer.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { requireWiring } from "../worker/wiring.ts";
import { type ParameterSelection, selectParameters } from "./parameter_fields.ts";

interface PeakSettings {
  readonly channel: string;
  readonly options: FindPeaksOptions;
  readonly onlyFirst: boolean;
  /** SciPy's names of the properties that the options measure. */
  readonly names: readonly (keyof typeof PEAK_PROPERTIES)[];
  readonly selections: readonly ParameterSelection[];
}

/**
 * Finds the peaks of one channel with `scipy.signal.find_peaks`' conditions, as mimoCoRB2's `analyzers.pha`, and writes one
 * record per peak into each sink: those of `position`, `peak_heights`, `left_thresholds` and so on that the sink has
 * fields for. Each property needs its condition. Events without a peak are rejected. All records of an event have its
 * counter and time.
 *
 * Configuration: `channel` (the first field), `height`, `threshold`, `distance`, `prominence`, `width`, `wlen`, `rel_height`
 * (0.5), `plateau_size`, each as in SciPy; `only_first` (true as in mimoCoRB2: of several peaks the first one; false).
 */
export const pulseHeightAnalysis: DaqFunction = checkedFunction(readSettings, (context, settings) => {
  const { channel, options, onlyFirst, names, selections } = settings;
  const finder = new PeakFinder(options, context.sources[0].layout.valuesPerSlot);
  return new BufferToBuffer(context, ({ data }): TransferResult => {
    const found = finder.find(data[channel]);
    if (found === 0) return null;
    const peaks = Array.from({ length: onlyFirst ? 1 : found }, (_, i) => {
      const peak: Record<string, number> = { position: finder.peaks.positions[i] };
      for (const name of names) peak[name] = finder.peaks[PEAK_PROPERTIES[name]][i];
      return peak;
    });
    // A selection hands out the same object again and again.
    return selections.map((select) => peaks.map((peak) => ({ ...select(peak) })));
  }).run();
});

function readSettings(context: FunctionContext): PeakSettings {
  requireWiring(context, { sources: 1, sinks: "some" });
  const settings = new FunctionSettings(context);
  const [source] = context.sources;
  const fields = source.layout.fields.map((field) => field.name);
  const channel = settings.text("channel", { fallback: fields[0] });
  if (!fields.includes(channel)) {
    throw new TypeError(settings.message("channel", { expected: `one of ${fields.join(", ")}`, found: channel }));
  }
  const condition = (key: string) => settings.value(key) as PeakCondition | null;
  const number = (key: string) => settings.value(key) === null ? null : settings.number(key);
  const options: FindPeaksOptions = {
    height: condition("height"),
    threshold: condition("threshold"),
    distance: number("distance"),
    prominence: condition("prominence"),
    width: condition("width"),
    wlen: number("wlen"),
    relHeight: number("rel_height"),
    plateauSize: condition("plateau_size"),
  };
  // Complains about conditions of a wrong form before the run starts.
  new PeakFinder(options, source.layout.valuesPerSlot);
  const measured = measuredProperties(options);
  const names = (Object.keys(PEAK_PROPERTIES) as (keyof typeof PEAK_PROPERTIES)[])
    .filter((name) => measured.includes(PEAK_PROPERTIES[name]));
  return {
    channel,
    options,
    onlyFirst: settings.flag("only_first", false),
    names,
    selections: context.sinks.map((sink) => selectParameters(context, sink, ["position", ...names])),
  };
}
