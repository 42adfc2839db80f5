/** Filter for pulse-height spectra. */
import { SpectrumAnalysis } from "../pulses/spectrum_analysis.ts";
import { BufferToBuffer, type TransferResult } from "../worker/buffer_to_buffer.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { layoutDifference } from "../worker/sink_set.ts";
import { requireWiring } from "../worker/wiring.ts";
import { type ParameterSelection, selectParameters } from "./parameter_fields.ts";

interface SpectrumSettings {
  readonly analysis: SpectrumAnalysis;
  readonly select: ParameterSelection;
}

/**
 * Determines height, position and integral of the pulses at the trigger, with {@linkcode SpectrumAnalysis}, whose
 * configuration it has. One sink gets the parameters; of two the first one gets the waveform and the second one the
 * parameters. Events without a pulse in the trigger channel are rejected.
 */
export const findPeaks: DaqFunction = checkedFunction(
  readSettings,
  (context, { analysis, select }) =>
    new BufferToBuffer(context, (event): TransferResult => {
      const parameters = analysis.analyse(event.data);
      return parameters === null ? null : [select(parameters)];
    }).run(),
);

function readSettings(context: FunctionContext): SpectrumSettings {
  requireWiring(context, { sources: 1, sinks: "some" });
  const { functionName, name, sources: [source], sinks } = context;
  const begin = `Cannot connect function "${functionName}" (${name}):`;
  if (sinks.length > 2) throw new TypeError(`${begin} expected 1 or 2 sinks (write), found ${sinks.length}`);
  const difference = sinks.length === 2 ? layoutDifference(source, sinks[0]) : null;
  if (difference !== null) throw new TypeError(`${begin} ${difference}`);
  const analysis = new SpectrumAnalysis(context.config, {
    fields: source.layout.fields.map((field) => field.name),
    samples: source.layout.valuesPerSlot,
    functionName,
  });
  return { analysis, select: selectParameters(context, sinks[sinks.length - 1], analysis.parameterNames) };
}
