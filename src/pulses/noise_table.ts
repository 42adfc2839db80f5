/** Normal noise that is drawn fast. */
import type { Random } from "./random.ts";

/** A power of two, so that 16 bits choose one. */
const TABLE_LENGTH = 1 << 16;

/** A large table of normal numbers with exactly the mean 0 and the given standard deviation, to draw samples from. */
export class NoiseTable {
  readonly #random: Random;
  readonly #values: Float32Array;

  /** Draws the table; further numbers of `random` choose from it. */
  constructor(random: Random, sigma: number) {
    const values = Float64Array.from({ length: TABLE_LENGTH }, () => random.gaussian());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    this.#random = random;
    this.#values = Float32Array.from(values, (value) => (value - mean) * sigma / Math.sqrt(variance));
  }

  /** Overwrites a waveform with noise around a baseline. */
  fill(waveform: Float32Array, baseline: number): void {
    const random = this.#random;
    const values = this.#values;
    const pairedEnd = waveform.length - 1;
    let i = 0;
    for (; i < pairedEnd; i += 2) {
      const bits = random.uint32();
      waveform[i] = baseline + values[bits & 0xffff];
      waveform[i + 1] = baseline + values[bits >>> 16];
    }
    if (i < waveform.length) waveform[i] = baseline + values[random.uint32() & 0xffff];
  }
}
