/** Filter for stopped muons. */
import { LifetimeAnalysis } from "../pulses/lifetime_analysis.ts";
import { BufferToBuffer, type TransferResult } from "../worker/buffer_to_buffer.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { layoutDifference } from "../worker/sink_set.ts";
import { requireWiring } from "../worker/wiring.ts";
import { type ParameterSelection, selectParameters } from "./parameter_fields.ts";
import { userPath } from "./user_path.ts";

interface LifetimeSettings {
  readonly analysis: LifetimeAnalysis;
  readonly select: ParameterSelection;
}

/** Signatures that have a sink of their own when there are three. */
const UPWARD = 0;
const DOWNWARD = 1;

/**
 * Looks for two pulses that a muon and the electron of its decay made, with {@linkcode LifetimeAnalysis}, whose
 * configuration it has. Also `reference_pulse_file`: a pulse shape as raw float64 values, by comparison with which
 * positions are determined (looked up from the working directory, then from the setup's folder).
 *
 * | sinks | what accepted events give |
 * |---|---|
 * | 1 | the waveform |
 * | 2 | the waveform, the parameters |
 * | 3 | the waveform, the parameters of signature 0 (upward), those of signature 1 (downward); others are rejected |
 */
export const calculateDecayTime: DaqFunction = checkedFunction(readSettings, (context, { analysis, select }) => {
  const sinks = context.sinks.length;
  return new BufferToBuffer(context, (event): TransferResult => {
    const found = analysis.analyse(event.data);
    if (found === null) return null;
    if (sinks === 1) return true;
    if (sinks === 2) return [select(found.parameters)];
    if (found.signature === UPWARD) return [select(found.parameters), null];
    if (found.signature === DOWNWARD) return [null, select(found.parameters)];
    return null;
  }).run();
});

function readSettings(context: FunctionContext): LifetimeSettings {
  requireWiring(context, { sources: 1, sinks: "some" });
  const { functionName, name, sources: [source], sinks } = context;
  if (sinks.length > 3) {
    throw new TypeError(
      `Cannot connect function "${functionName}" (${name}): expected 1 to 3 sinks (write), found ${sinks.length}`,
    );
  }
  const difference = layoutDifference(source, sinks[0]);
  if (difference !== null) throw new TypeError(`Cannot connect function "${functionName}" (${name}): ${difference}`);
  const { fields, valuesPerSlot } = source.layout;
  const analysis = new LifetimeAnalysis(context.config, {
    fields: fields.map((field) => field.name),
    samples: valuesPerSlot,
    functionName,
    referencePulse: readReferencePulse(context),
  });
  const selections = sinks.slice(1).map((sink) => selectParameters(context, sink, analysis.parameterNames));
  if (selections.length === 2) {
    const difference = layoutDifference(sinks[1], sinks[2]);
    if (difference !== null) throw new TypeError(`Cannot connect function "${functionName}" (${name}): ${difference}`);
  }
  return { analysis, select: selections[0] ?? ((parameters) => parameters) };
}

function readReferencePulse(context: FunctionContext): Float64Array | null {
  const settings = new FunctionSettings(context);
  if (settings.value("reference_pulse_file") === null) return null;
  const path = userPath(context, settings.text("reference_pulse_file"));
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    const found = error instanceof Error ? error.message : error;
    throw new Error(settings.message("reference_pulse_file", { expected: "a file that can be read", found }), {
      cause: error,
    });
  }
  if (bytes.length === 0 || bytes.length % 8 !== 0) {
    throw new RangeError(
      settings.message("reference_pulse_file", {
        expected: "a file of float64 values, 8 bytes each",
        found: `${path} with ${bytes.length} bytes`,
      }),
    );
  }
  return new Float64Array(bytes.buffer);
}
