/**
 * Filter for muons that stop and decay: looks for two pulses, the muon's and the electron's, in channels that fit one of
 * the signatures of the configuration.
 *
 * `LifetimeAnalysis` finds peaks in each channel (`findPeaks`), groups those of all channels in time, and compares the
 * groups with the signatures. What is done with its result is written out here, to be changed.
 */
import {
  BufferToBuffer,
  checkedFunction,
  type DaqFunction,
  LifetimeAnalysis,
  type TransferResult,
} from "@mimocorb/daq";

export const calculateDecayTime: DaqFunction = checkedFunction(
  // Before the run: the analysis checks the configuration.
  ({ config, sources: [source] }) =>
    new LifetimeAnalysis(config, {
      fields: source.layout.fields.map((field) => field.name),
      samples: source.layout.valuesPerSlot,
    }),
  // In the run: every event is analysed, and the sinks get what is returned for it.
  (context, analysis) =>
    new BufferToBuffer(context, (event): TransferResult => {
      const found = analysis.analyse(event.data);
      if (found === null) return "reject";
      switch (context.sinks.length) {
        case 1: // the waveform
          return "accept";
        case 2: // the waveform and, as the list is one shorter than the sinks, the parameters
          return [found.parameters];
        default: // the waveform, and the parameters for the sink of upward (0) or downward (1) decays
          if (found.signature === 0) return [found.parameters, null];
          if (found.signature === 1) return [null, found.parameters];
          return "reject";
      }
    }).run(),
);
