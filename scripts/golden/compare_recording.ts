/** Comparison of a recording, read from its archive, with the waveforms that it was made from. */
import { RecordingReader } from "../../src/files/recording_reader.ts";
import { recordLayout } from "../../src/record/record_layout.ts";
import { FLOAT32_TOLERANCE } from "./compare_lifetime.ts";
import type { Tally } from "./tally.ts";
import { readExpected, readWaveforms } from "./waveforms.ts";

/** Compares the events of `<folder>/recording_lifetime.tar` with the first ones of `<folder>/lifetime`. */
export function compareRecording(folder: string, tally: Tally): void {
  const golden = readExpected(`${folder}/lifetime`);
  const layout = recordLayout(new Map(golden.channels.map((channel) => [channel, "float32"])), golden.samples);
  const onNotice = (text: string) => tally.impossible("recording", text);
  using recording = new RecordingReader(`${folder}/recording_lifetime.tar`, layout, { onNotice });
  const waveforms = readWaveforms(`${folder}/lifetime`, golden);
  for (const event of recording) {
    const expected = waveforms.next();
    if (expected.done === true) {
      tally.impossible(`recording: ${event.name}`, `expected no more than ${golden.events} events, found another one`);
      return;
    }
    for (const channel of golden.channels) {
      tally.list(`recording: ${event.name}: ${channel}`, event.data[channel] as Float32Array, {
        expected: expected.value[channel],
        tolerance: FLOAT32_TOLERANCE,
      });
    }
  }
  tally.same("recording: has events", recording.events > 0, true);
}
