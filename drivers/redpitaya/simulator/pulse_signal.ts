/** The signal of a simulated Red Pitaya: pulses of a scintillator with a caesium source. */

/** Part of the pulses in the full-energy peak, its relative width, and the Compton edge relative to it. */
const PEAK_PART = 0.35;
const PEAK_WIDTH = 0.03;
const COMPTON_EDGE = 0.72;
/** A pulse is over after so many times the time to its peak. */
const PULSE_LENGTH = 12;

/** A generator of numbers from 0 to 1. */
export type UniformRandom = () => number;

/** Makes a generator; the same seed gives the same numbers (Marsaglia's xorshift with 32 bits). */
export function seededRandom(seed: number): UniformRandom {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** How a trigger is found. */
export interface TriggerRule {
  readonly level: number;
  readonly isFalling: boolean;
}

/** Draws pulses and their waveforms. */
export class PulseSignal {
  readonly #random: UniformRandom;
  readonly #height: number;
  readonly #noise: number;
  readonly #peakNs: number;

  /** @param options Height of the full-energy peak and noise in counts, time to the peak of a pulse in ns. */
  constructor(
    options: {
      readonly random: UniformRandom;
      readonly height: number;
      readonly noise: number;
      readonly peakNs: number;
    },
  ) {
    this.#random = options.random;
    this.#height = options.height;
    this.#noise = options.noise;
    this.#peakNs = options.peakNs;
  }

  /** Time to the next pulse for a mean rate, in ms. */
  intervalMs(rateHz: number): number {
    return -1000 * Math.log(1 - this.#random()) / rateHz;
  }

  /** Height of a new pulse in counts. */
  drawHeight(): number {
    const isPeak = this.#random() < PEAK_PART;
    const energy = isPeak ? 1 + PEAK_WIDTH * this.#gauss() : COMPTON_EDGE * this.#random();
    return Math.max(0, this.#height * energy);
  }

  /**
   * Looks where a pulse crosses the trigger level, without its noise.
   *
   * @returns Sample after the beginning of the pulse, or -1.
   */
  crossing(height: number, sampleNs: number, { level, isFalling }: TriggerRule): number {
    const length = Math.ceil(PULSE_LENGTH * this.#peakNs / sampleNs);
    for (let i = 1, before = 0; i <= length; i++) {
      const now = height * this.#shape(i * sampleNs);
      if (isFalling ? before > level && now <= level : before < level && now >= level) return i;
      before = now;
    }
    return -1;
  }

  /**
   * Fills a waveform.
   *
   * @param samples The two inputs in turn.
   * @param pulse Height with sign (0: none), sample at which the pulse begins, number of the input, time of a sample.
   */
  fill(
    samples: Int16Array,
    pulse: { readonly heights: readonly [number, number]; readonly beginSample: number; readonly sampleNs: number },
  ): void {
    const { heights, beginSample, sampleNs } = pulse;
    for (let i = 0; 2 * i < samples.length; i++) {
      const shape = this.#shape((i - beginSample) * sampleNs);
      for (let channel = 0; channel < 2; channel++) {
        const value = Math.round(heights[channel] * shape + this.#noise * this.#gauss());
        samples[2 * i + channel] = Math.max(-8192, Math.min(8191, value));
      }
    }
  }

  /** (t/τ)·exp(1 − t/τ): 1 at the peak. */
  #shape(timeNs: number): number {
    const t = timeNs / this.#peakNs;
    return t <= 0 ? 0 : t * Math.exp(1 - t);
  }

  /** Sum of twelve numbers: close enough to normal, and cheap. */
  #gauss(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.#random();
    return sum;
  }
}
