/** Waveforms of a golden folder with what is expected of them. */

/** Content of `expected.json`; `E` is what is expected of one event. */
export interface GoldenWaveforms<E> {
  readonly events: number;
  readonly channels: readonly string[];
  /** Samples of each channel. */
  readonly samples: number;
  readonly mv_per_count: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly expected: readonly E[];
}

/** Channels of one event by name, in mV. */
export type GoldenEvent = Readonly<Record<string, Float32Array<ArrayBuffer>>>;

/** Reads `expected.json` of a folder. */
export function readExpected<E>(folder: string): GoldenWaveforms<E> {
  return JSON.parse(Deno.readTextFileSync(`${folder}/expected.json`)) as GoldenWaveforms<E>;
}

/** Reads the waveforms beside `expected.json`: int16 counts, event by event, channel by channel. */
export function* readWaveforms(folder: string, golden: GoldenWaveforms<unknown>): Generator<GoldenEvent> {
  const counts = new Int16Array(Deno.readFileSync(`${folder}/waveforms.i16`).buffer);
  const needed = golden.events * golden.channels.length * golden.samples;
  if (counts.length !== needed) {
    throw new RangeError(`Cannot read "${folder}/waveforms.i16": expected ${needed} samples, found ${counts.length}`);
  }
  let next = 0;
  for (let event = 0; event < golden.events; event++) {
    const channels: Record<string, Float32Array<ArrayBuffer>> = {};
    for (const channel of golden.channels) {
      const samples = new Float32Array(golden.samples);
      for (let i = 0; i < golden.samples; i++) samples[i] = counts[next++] * golden.mv_per_count;
      channels[channel] = samples;
    }
    yield channels;
  }
}
