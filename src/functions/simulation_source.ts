/** Source of simulated muon events. */
import { MuonSimulator } from "../pulses/muon_simulator.ts";
import { checkedFunction, type DaqFunction, type FunctionConfig, type FunctionContext } from "../worker/context.ts";
import { FunctionSettings } from "../worker/function_settings.ts";
import { SourceToBuffer } from "../worker/source_to_buffer.ts";
import { requireWiring } from "../worker/wiring.ts";
import { checkSamples, makePacer, readPacing, type SourcePacing, workerSeed, workerShare } from "./source_pacing.ts";

interface SimulationSettings {
  readonly simulator: MuonSimulator;
  readonly pacing: SourcePacing;
  readonly seed: number | string | null;
  readonly events: number;
}

/**
 * Writes simulated waveforms of a muon detector ({@linkcode MuonSimulator}) into its sink; each field of the ring is one
 * layer.
 *
 * Configuration, besides that of the simulator (with `pretrigger_samples` as another name of `pre_trigger_samples`):
 * `number_of_samples` may be absent, and must be the number of samples per slot; `sleeptime`
 * (mean time between events in s, 0.1) and `random` (exponential instead of equal times, false); `eventcount` or
 * `events_required` (events in all, over all workers; 0 or absent: without end); `seed` (repeatable events).
 *
 * With a seed, worker 0 simulates the same sequence of events in every run, whatever the pacing, and event n of the source
 * is the same event n. Further workers have sequences of their own, derived from the seed and their number. Which filter
 * worker gets an event, and the order in which filters hand events on, is not repeatable: compare events by counter.
 */
export const simulationSource: DaqFunction = checkedFunction(readSettings, (context, settings) => {
  const { simulator, pacing, seed, events } = settings;
  const pacer = makePacer(context, pacing, seed);
  const channels = context.sinks[0].layout.fields.map(() => new Float32Array(simulator.samples));
  let simulated = context.publishedBefore[0];
  return new SourceToBuffer(context, () => {
    if (simulated++ >= events) return null;
    simulator.fill(channels);
    return pacer.wait() ? channels : null;
  }).run();
});

function readSettings(context: FunctionContext): SimulationSettings {
  requireWiring(context, { sinks: 1 });
  const settings = new FunctionSettings(context);
  const samples = checkSamples(settings, context);
  const { functionName, sinks } = context;
  const seed = workerSeed(settings, context);
  const key = settings.value("eventcount") === null ? "events_required" : "eventcount";
  const total = settings.number(key, { fallback: 0, integer: true });
  return {
    simulator: new MuonSimulator({ ...withPreTrigger(context.config), number_of_samples: samples }, {
      channels: sinks[0].layout.fields.length,
      seed,
      functionName,
    }),
    pacing: readPacing(settings),
    seed,
    events: workerShare(total, context),
  };
}

/** The key has two spellings among setups; the simulator knows one. */
function withPreTrigger(config: FunctionConfig): FunctionConfig {
  const { pre_trigger_samples: own, pretrigger_samples: other } = config;
  return (own ?? null) === null && (other ?? null) !== null ? { ...config, pre_trigger_samples: other } : config;
}
