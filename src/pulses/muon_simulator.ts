/** Simulated waveforms of cosmic muons that stop and decay between layers of a detector. */
import { ConfigReader } from "./config_reader.ts";
import { Random } from "./random.ts";

/** Mean lifetime of the muon that is simulated, in ns. */
export const MUON_LIFETIME_NS = 2197;
/** Amplitude of the oscillation of the electron's direction with time, from the muon's spin precession. */
export const SPIN_ASYMMETRY = 0.03;
/** Period of the spin precession, in ns. */
export const SPIN_PERIOD_NS = 0.85 * MUON_LIFETIME_NS;

/** Layers above the absorber; electrons that go up are seen there. */
const UPPER_LAYERS = 2;
/** Layers that can see an electron at all. */
const ALL_LAYERS = 4;
/** Decay constants in a pulse's length. */
const DECAY_CONSTANTS_PER_PULSE = 4;
/** Mean pulse height over the width of the noise. */
const HEIGHT_TO_NOISE = 30;
/** Farthest that a threshold may lie above the highest mean height, in units of the spread. */
const REACHABLE_SIGMAS = 4;

/** What happened in a simulated event. */
export interface MuonEvent {
  /** The muon stopped in the absorber and decayed. */
  readonly stopped: boolean;
  /** Time from the muon to the electron in ns; 0 if it did not stop. */
  readonly decayTimeNs: number;
  /** The electron went up. */
  readonly upward: boolean;
}

/** Options of {@linkcode MuonSimulator}. */
export interface MuonSimulatorOptions {
  /** Number of detector layers, counted from the top; layers 0 and 1 are above the absorber. */
  readonly channels: number;
  /** Seed for repeatable events. @default {a different one each time} */
  readonly seed?: number | string | null;
  /** Name of the function, for messages. @default {"simulation_source"} */
  readonly functionName?: string;
}

/**
 * Simulates the layers of a muon detector around an absorber.
 *
 * A muon comes from above at sample `pre_trigger_samples`. With probability `prb2ndPulse` it stops in the absorber: then
 * only the two upper layers see it, and an electron follows after an exponential time with mean
 * {@linkcode MUON_LIFETIME_NS}, upwards with probability (1 + A·cos(2πt/T))/2 (A {@linkcode SPIN_ASYMMETRY}, T
 * {@linkcode SPIN_PERIOD_NS}). Otherwise all layers see the muon. A layer sees a particle with probability
 * `prbInteraction`; a pulse rises in one step and falls with `pulseWindow`/4 samples; heights are normal around one of
 * `pulseHeight`, for the muon in layer 0 not below the trigger level. Electrons whose pulse would leave the record are
 * not seen. Noise is uniform, its width 1/30 of the mean height. All in mV, baseline `analogue_offset` (V) · 1000.
 *
 * Configuration keys: `number_of_samples`, `analogue_offset`, `sample_time_ns`, `pre_trigger_samples` are required;
 * `trigger_level` (mV, including the offset; default: the baseline), `pulseWindow` (100 samples), `pulseHeight` (250 mV,
 * or a list), `pulseSpread` (0.3 · height; required with a list), `prbInteraction` (0.95), `prb2ndPulse` (0.1).
 *
 * @example One event of two layers
 * ```ts
 * import { MuonSimulator } from "@mimocorb/daq";
 * import { assert } from "@std/assert";
 *
 * const config = { number_of_samples: 1000, analogue_offset: -0.48, sample_time_ns: 4, pre_trigger_samples: 100 };
 * const simulator = new MuonSimulator(config, { channels: 2, seed: 1 });
 * const layers = [new Float32Array(1000), new Float32Array(1000)];
 * simulator.fill(layers);
 * assert(layers[0][0] > -485 && layers[0][0] < -475);
 * ```
 */
export class MuonSimulator {
  /** Samples of each channel. */
  readonly samples: number;
  /** Number of channels. */
  readonly channels: number;
  readonly #random: Random;
  readonly #sampleTimeNs: number;
  readonly #muonPosition: number;
  readonly #heights: readonly number[];
  readonly #spread: number;
  readonly #leastTriggerHeight: number;
  readonly #detectionProbability: number;
  readonly #stopProbability: number;
  readonly #pulseShape: Float32Array;
  readonly #noise: { readonly center: number; readonly width: number };
  readonly #event = { stopped: false, decayTimeNs: 0, upward: false };

  /**
   * Checks the configuration.
   *
   * @param config Configuration with the keys above.
   * @throws {TypeError} If a required key is absent or a value is not of its type.
   * @throws {RangeError} If a value is out of its range, the pulse does not fit into the record, or pulses of layer 0
   *   cannot reach the trigger level.
   */
  constructor(config: Readonly<Record<string, unknown>>, options: MuonSimulatorOptions) {
    const reader = new ConfigReader(options.functionName ?? "simulation_source", config);
    this.channels = options.channels;
    this.samples = reader.number("number_of_samples", { min: 1, integer: true });
    const baseline = reader.number("analogue_offset") * 1000;
    this.#sampleTimeNs = reader.number("sample_time_ns", { above: 0 });
    this.#muonPosition = reader.number("pre_trigger_samples", { min: 0, integer: true });
    const pulseLength = reader.number("pulseWindow", { fallback: 100, min: 1, integer: true });
    if (this.#muonPosition + pulseLength > this.samples) {
      const expected = `at most number_of_samples - pulseWindow = ${this.samples - pulseLength}`;
      throw new RangeError(reader.message("pre_trigger_samples", { expected, found: this.#muonPosition }));
    }
    this.#heights = reader.numbers("pulseHeight", { fallback: 250 });
    this.#spread = readSpread(reader, this.#heights);
    this.#leastTriggerHeight = reader.number("trigger_level", { fallback: baseline }) - baseline;
    this.#checkTriggerLevel(reader, baseline);
    this.#detectionProbability = reader.number("prbInteraction", { fallback: 0.95, min: 0, max: 1 });
    this.#stopProbability = reader.number("prb2ndPulse", { fallback: 0.1, min: 0, max: 1 });
    const decaySamples = pulseLength / DECAY_CONSTANTS_PER_PULSE;
    this.#pulseShape = Float32Array.from({ length: pulseLength }, (_, k) => Math.exp(-k / decaySamples));
    const meanHeight = this.#heights.reduce((sum, height) => sum + height, 0) / this.#heights.length;
    this.#noise = { center: baseline, width: meanHeight / HEIGHT_TO_NOISE };
    this.#random = new Random(options.seed);
  }

  /**
   * Writes the next event, in mV.
   *
   * @param channels One array of {@linkcode samples} values for each layer; all values are overwritten.
   * @returns What happened; the object is reused.
   * @throws {RangeError} If the number or the length of the arrays is wrong.
   */
  fill(channels: readonly Float32Array[]): MuonEvent {
    this.#checkShape(channels);
    const random = this.#random;
    const event = this.#event;
    for (let layer = 0; layer < this.channels; layer++) random.fillUniform(channels[layer], this.#noise);
    event.stopped = random.uniform() < this.#stopProbability;
    event.decayTimeNs = 0;
    event.upward = false;
    const hitLayers = event.stopped ? Math.min(UPPER_LAYERS, this.channels) : this.channels;
    for (let layer = 0; layer < hitLayers; layer++) {
      let height = this.#drawHeight();
      while (layer === 0 && height < this.#leastTriggerHeight) height = this.#drawHeight();
      this.#detect(channels[layer], { position: this.#muonPosition, height });
    }
    if (event.stopped) this.#decay(channels);
    return event;
  }

  #decay(channels: readonly Float32Array[]): void {
    const random = this.#random;
    const time = random.exponential(MUON_LIFETIME_NS);
    const upward = random.uniform() < 0.5 + 0.5 * SPIN_ASYMMETRY * Math.cos(2 * Math.PI * time / SPIN_PERIOD_NS);
    this.#event.decayTimeNs = time;
    this.#event.upward = upward;
    const position = this.#muonPosition + Math.floor(time / this.#sampleTimeNs);
    const end = Math.min(upward ? UPPER_LAYERS : ALL_LAYERS, this.channels);
    for (let layer = upward ? 0 : UPPER_LAYERS; layer < end; layer++) {
      const height = this.#drawHeight();
      if (position < this.samples - this.#pulseShape.length) this.#detect(channels[layer], { position, height });
    }
  }

  #drawHeight(): number {
    const mean = this.#heights.length === 1
      ? this.#heights[0]
      : this.#heights[this.#random.index(this.#heights.length)];
    return mean + this.#spread * this.#random.gaussian();
  }

  /** Adds a pulse to a channel unless the layer misses it. */
  #detect(channel: Float32Array, { position, height }: { position: number; height: number }): void {
    if (this.#random.uniform() >= this.#detectionProbability) return;
    const shape = this.#pulseShape;
    for (let k = 0; k < shape.length; k++) channel[position + k] += height * shape[k];
  }

  #checkShape(channels: readonly Float32Array[]): void {
    if (channels.length !== this.channels) {
      throw new RangeError(
        `Cannot simulate an event: expected ${this.channels} channels, found ${channels.length}`,
      );
    }
    for (let layer = 0; layer < this.channels; layer++) {
      if (channels[layer].length === this.samples) continue;
      throw new RangeError(
        `Cannot simulate an event: expected number_of_samples = ${this.samples} samples in channel ${layer}, found ` +
          `${channels[layer].length}`,
      );
    }
  }

  #checkTriggerLevel(reader: ConfigReader, baseline: number): void {
    const reachable = Math.max(...this.#heights) + REACHABLE_SIGMAS * this.#spread;
    if (reachable >= this.#leastTriggerHeight) return;
    const expected =
      `at most ${reachable + baseline} mV, which pulses above the baseline of ${baseline} mV can reach ` +
      `(highest pulseHeight + ${REACHABLE_SIGMAS} * pulseSpread)`;
    throw new RangeError(reader.message("trigger_level", { expected, found: reader.value("trigger_level") }));
  }
}

function readSpread(reader: ConfigReader, heights: readonly number[]): number {
  const isSingle = heights.length === 1 && !Array.isArray(reader.value("pulseHeight"));
  return reader.number("pulseSpread", isSingle ? { fallback: 0.3 * Math.abs(heights[0]), min: 0 } : { min: 0 });
}
