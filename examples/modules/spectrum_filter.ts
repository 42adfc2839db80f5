/**
 * Pulse-height analysis: height, position and integral of the pulses at the trigger.
 *
 * `SpectrumAnalysis` finds peaks in each channel (`findPeaks`) and takes those near the trigger. With one sink it gets the
 * parameters; with two the first one gets the waveform.
 */
import {
  BufferToBuffer,
  checkedFunction,
  type DaqFunction,
  SpectrumAnalysis,
  type TransferResult,
} from "@mimocorb/daq";

export const findPeaks: DaqFunction = checkedFunction(
  // Before the run: the analysis checks the configuration.
  ({ config, sources: [source] }) =>
    new SpectrumAnalysis(config, {
      fields: source.layout.fields.map((field) => field.name),
      samples: source.layout.valuesPerSlot,
    }),
  // In the run: a list one shorter than the sinks also sends the waveform to the first of them.
  (context, analysis) =>
    new BufferToBuffer(context, (event): TransferResult => {
      const parameters = analysis.analyse(event.data);
      return parameters === null ? "reject" : [parameters];
    }).run(),
);
