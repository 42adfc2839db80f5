/** Source of simulated gamma spectra. */
import { GammaSimulator } from "../pulses/gamma_simulator.ts";
import { Random } from "../pulses/random.ts";
import { checkedFunction, type DaqFunction, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { Pacer } from "../worker/pacer.ts";
import { SourceToBuffer } from "../worker/source_to_buffer.ts";
import { requireWiring } from "../worker/wiring.ts";
import { workerSeed, workerShare } from "./source_pacing.ts";
import { writeWaveformScale } from "./waveform_scale.ts";

const INT16 = { min: -32768, max: 32767 };

interface GammaSettings {
  readonly simulator: GammaSimulator;
  readonly seed: number | string | null;
  readonly events: number;
  /** Mean time between two events of this worker; 0: as fast as possible. */
  readonly meanS: number;
  /** Null: the ring takes mV. */
  readonly mvPerCount: number | null;
  readonly sampleTimeNs: number;
  readonly preTriggerSamples: number;
}

/**
 * Writes simulated waveforms of a detector for gamma rays ({@linkcode GammaSimulator}) into its sink, whose only field has
 * mV (`float32`, `float64`) or counts of a converter (`int16`).
 *
 * Configuration, besides that of the simulator: `pacing` (`poisson`: events come at random times at the mean rate `rate_Hz`,
 * shared by all workers; `fast`: as fast as the ring takes them, `rate_Hz` counts for pile-up only; default `poisson`),
 * `mV_per_count` (required for `int16`; heights beyond its range are cut off), `eventcount` (events in all, over all workers;
 * 0 or absent: without end), `seed` (repeatable events). For counts, the scale is written into the run directory.
 *
 * With a seed, worker 0 simulates the same sequence of events in every run. Further workers have sequences of their own.
 */
export const gammaSource: DaqFunction = checkedFunction(readSettings, (context, settings) => {
  const { simulator, seed, events, meanS, mvPerCount } = settings;
  if (mvPerCount !== null) writeScale(context, settings, mvPerCount);
  const random = new Random(seed === null ? null : `pacing ${seed}`);
  const pacer = new Pacer(context.signal, { meanS, draw: () => random.exponential() });
  const waveform = new Float32Array(simulator.samples);
  const counts = new Int16Array(mvPerCount === null ? 0 : simulator.samples);
  const channels = [mvPerCount === null ? waveform : counts];
  let simulated = context.publishedBefore[0];
  return new SourceToBuffer(context, () => {
    if (simulated++ >= events) return null;
    simulator.fill(waveform);
    if (mvPerCount !== null) digitise(waveform, counts, mvPerCount);
    return pacer.wait() ? channels : null;
  }).run();
});

/** Rounds to counts; what is out of range becomes the last count of the range. */
function digitise(waveform: Float32Array, counts: Int16Array, mvPerCount: number): void {
  for (let i = 0; i < waveform.length; i++) {
    const count = Math.round(waveform[i] / mvPerCount);
    counts[i] = count < INT16.min ? INT16.min : count > INT16.max ? INT16.max : count;
  }
}

/** All workers have the same scale; the first one writes it once. */
function writeScale(context: FunctionContext, settings: GammaSettings, mvPerCount: number): void {
  if (context.workerNumber > 0 || context.restarts > 0) return;
  const [{ name, layout }] = context.sinks;
  const { simulator: { baselineMv }, sampleTimeNs, preTriggerSamples } = settings;
  const scale = { mvPerCount, offsetMv: baselineMv, rangeMv: INT16.max * mvPerCount };
  writeWaveformScale(context, name, {
    scale: {
      source: "simulated gamma rays",
      sampleTimeNs,
      preTriggerSamples,
      fields: { [layout.fields[0].name]: scale },
    },
    further: {},
  });
}

function readSettings(context: FunctionContext): GammaSettings {
  requireWiring(context, { sinks: 1 });
  const settings = new FunctionSettings(context);
  const isCounts = isIntegerRing(context);
  const seed = workerSeed(settings, context);
  const { functionName, workers, sinks: [{ layout }] } = context;
  const pacing = settings.text("pacing", { fallback: "poisson" });
  if (pacing !== "poisson" && pacing !== "fast") {
    throw new TypeError(settings.message("pacing", { expected: "poisson or fast", found: pacing }));
  }
  const rateHz = settings.number("rate_Hz", { above: 0 });
  const total = settings.number("eventcount", { fallback: 0, min: 0, integer: true });
  return {
    simulator: new GammaSimulator(context.config, { samples: layout.valuesPerSlot, seed, functionName }),
    seed,
    events: workerShare(total, context),
    meanS: pacing === "fast" ? 0 : workers / rateHz,
    mvPerCount: isCounts ? settings.number("mV_per_count", { above: 0 }) : null,
    sampleTimeNs: settings.number("sample_time_ns", { above: 0 }),
    preTriggerSamples: settings.number("pre_trigger_samples", { min: 0, integer: true }),
  };
}

/** True if the ring has counts, false if it has mV. */
function isIntegerRing(context: FunctionContext): boolean {
  const { functionName, name, sinks: [{ name: ring, layout: { fields } }] } = context;
  const type = fields.length === 1 ? fields[0].type.name : "";
  if (type === "int16") return true;
  if (type === "float32" || type === "float64") return false;
  const found = fields.map((field) => `${field.name} ${field.type.name}`).join(", ");
  throw new TypeError(
    `Cannot connect function "${functionName}" (${name}): expected ring ${ring} to have one field of type float32, ` +
      `float64 or int16, found ${found}`,
  );
}
