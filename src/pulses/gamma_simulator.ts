/** Simulated waveforms of a detector for gamma rays. */
import { ConfigReader } from "./config_reader.ts";
import { NoiseTable } from "./noise_table.ts";
import { Random } from "./random.ts";

/** Full width at half maximum over standard deviation of a normal distribution, 2·√(2·ln 2). */
export const FWHM_PER_SIGMA: number = 2 * Math.sqrt(2 * Math.LN2);

/** Energy at which a detector's resolution is usually given, in keV: the line of Cs-137. */
const REFERENCE_ENERGY_KEV = 661.7;
/** A pulse ends where it has fallen to this part of its height. */
const PULSE_END = 1e-4;
/** Longest pulse and most pulses at a time that are simulated. */
const LONGEST_PULSE = 1 << 20;
const MOST_PULSES = 1000;

/** What happened in a simulated event. */
export interface GammaEvent {
  /** Energy of the pulse at the trigger as the detector sees it, in keV. */
  readonly energyKev: number;
  /** Its line by number from 0; -1: background. */
  readonly line: number;
  /** Further pulses that reach into the record. */
  readonly pileUps: number;
}

/** Options of {@linkcode GammaSimulator}. */
export interface GammaSimulatorOptions {
  /** Samples of a waveform. */
  readonly samples: number;
  /** Seed for repeatable events. @default {a different one each time} */
  readonly seed?: number | string | null;
  /** Name of the function, for messages. @default {"gamma_source"} */
  readonly functionName?: string;
}

interface Line {
  readonly energyKev: number;
  readonly intensity: number;
  readonly sigmaKev: number;
}

interface Background {
  readonly share: number;
  readonly fromKev: number;
  readonly toKev: number;
  /** Mean of the exponential distribution; Infinity: flat. */
  readonly meanKev: number;
}

/**
 * Simulates the waveforms of one detector. At sample `pre_trigger_samples` the pulse that triggered is highest; further
 * pulses come at random times before and after it, at the mean rate `rate_Hz`, and pile up. An energy is that of a line, or,
 * with probability `background_share`, one of the background. Lines are broadened by a normal distribution whose width (FWHM)
 * is `resolution_percent` at `resolution_energy_keV` and grows with the square root of the energy. A pulse is
 * (e^(−t/decay) − e^(−t/rise)), scaled to the height energy · `mV_per_keV`; where both times are equal it is t·e^(−t/decay).
 * Noise is normal. The baseline is `analogue_offset` · 1000.
 *
 * Configuration keys: `lines` (required; a list of `{energy_keV, intensity, resolution_percent}`, of which the last two
 * may be absent: 1, and as above), `sample_time_ns`, `pre_trigger_samples`, `rate_Hz` are required; `mV_per_keV` (1),
 * `analogue_offset` (V, 0), `noise_mV` (standard deviation, 0), `rise_time_ns` (0), `decay_time_ns` (230),
 * `resolution_percent` (7), `resolution_energy_keV` (661.7), `background_share` (0), `background_from_keV` (0),
 * `background_to_keV` (the highest line), `background_mean_keV` (absent: flat; else exponential), `pile_up` (true).
 *
 * @example A spectrum of one line
 * ```ts
 * import { GammaSimulator } from "@mimocorb/daq";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const lines = [{ energy_keV: 661.7 }];
 * const config = { lines, sample_time_ns: 8, pre_trigger_samples: 50, rate_Hz: 1000 };
 * const simulator = new GammaSimulator(config, { samples: 500, seed: 1 });
 * const waveform = new Float32Array(500);
 * const { energyKev } = simulator.fill(waveform);
 * assertAlmostEquals(waveform[50], energyKev, 0.01);
 * ```
 */
export class GammaSimulator {
  /** Samples of a waveform. */
  readonly samples: number;
  /** Voltage without a pulse, in mV. */
  readonly baselineMv: number;
  readonly #random: Random;
  readonly #lines: readonly Line[];
  /** Sums of the intensities up to each line, the last one 1. */
  readonly #cumulative: Float64Array;
  readonly #background: Background;
  readonly #mvPerKev: number;
  readonly #pulseShape: Float32Array;
  /** Sample of the pulse shape that is highest. */
  readonly #peak: number;
  readonly #triggerSample: number;
  /** Mean distance of pulses in samples; Infinity: no pile-up. */
  readonly #meanGap: number;
  /** Noise in mV. */
  readonly #noise: NoiseTable | null;
  readonly #event = { energyKev: 0, line: 0, pileUps: 0 };

  /**
   * Checks the configuration.
   *
   * @param config Configuration with the keys above.
   * @throws {TypeError} If a required key is absent or a value is not of its type.
   * @throws {RangeError} If a value is out of its range, or pulses are too long or too many to be simulated.
   */
  constructor(config: Readonly<Record<string, unknown>>, options: GammaSimulatorOptions) {
    const { samples, seed = null, functionName = "gamma_source" } = options;
    const reader = new ConfigReader(functionName, config);
    this.samples = samples;
    this.baselineMv = reader.number("analogue_offset", { fallback: 0 }) * 1000;
    this.#lines = readLines(reader);
    this.#cumulative = cumulativeShares(this.#lines);
    this.#background = readBackground(reader, this.#lines);
    this.#mvPerKev = reader.number("mV_per_keV", { fallback: 1, above: 0 });
    this.#triggerSample = reader.number("pre_trigger_samples", { min: 0, max: samples - 1, integer: true });
    const sampleTimeNs = reader.number("sample_time_ns", { above: 0 });
    this.#pulseShape = readPulseShape(reader, sampleTimeNs);
    this.#peak = this.#pulseShape.indexOf(1);
    this.#meanGap = readMeanGap(reader, { sampleTimeNs, reach: samples + this.#pulseShape.length });
    this.#random = new Random(seed);
    const noiseMv = reader.number("noise_mV", { fallback: 0, min: 0 });
    this.#noise = noiseMv === 0 ? null : new NoiseTable(this.#random, noiseMv);
  }

  /**
   * Writes the next event, in mV.
   *
   * @param waveform {@linkcode samples} values; all are overwritten.
   * @returns What happened; the object is reused.
   * @throws {RangeError} If the array has another length.
   */
  fill(waveform: Float32Array): GammaEvent {
    if (waveform.length !== this.samples) {
      throw new RangeError(
        `Cannot simulate an event: expected an array of ${this.samples} samples, found ${waveform.length}`,
      );
    }
    if (this.#noise === null) waveform.fill(this.baselineMv);
    else this.#noise.fill(waveform, this.baselineMv);
    const event = this.#event;
    event.energyKev = this.#drawEnergy(event);
    event.pileUps = 0;
    this.#addPulse(waveform, this.#triggerSample - this.#peak, event.energyKev);
    const begin = -this.#pulseShape.length;
    for (let at = begin + this.#nextGap(); at < this.samples; at += this.#nextGap()) {
      this.#addPulse(waveform, Math.floor(at), this.#drawEnergy(null));
      event.pileUps++;
    }
    return event;
  }

  #nextGap(): number {
    return this.#meanGap === Infinity ? Infinity : this.#random.exponential(this.#meanGap);
  }

  /** Draws an energy in keV, and says which line it was of. */
  #drawEnergy(event: { line: number } | null): number {
    const random = this.#random;
    const { share, fromKev, toKev, meanKev } = this.#background;
    if (random.uniform() < share) {
      if (event !== null) event.line = -1;
      if (meanKev === Infinity) return fromKev + (toKev - fromKev) * random.uniform();
      // Inverse of the distribution that is cut off at both ends.
      const reach = 1 - Math.exp((fromKev - toKev) / meanKev);
      return fromKev - meanKev * Math.log(1 - reach * random.uniform());
    }
    const chosen = random.uniform();
    let line = 0;
    while (chosen >= this.#cumulative[line]) line++;
    if (event !== null) event.line = line;
    const { energyKev, sigmaKev } = this.#lines[line];
    return Math.max(0, energyKev + sigmaKev * random.gaussian());
  }

  /** Adds the part of a pulse that is in the record. */
  #addPulse(waveform: Float32Array, position: number, energyKev: number): void {
    const shape = this.#pulseShape;
    const height = energyKev * this.#mvPerKev;
    const end = Math.min(shape.length, waveform.length - position);
    for (let k = Math.max(0, -position); k < end; k++) waveform[position + k] += height * shape[k];
  }
}

function readLines(reader: ConfigReader): Line[] {
  const percent = reader.number("resolution_percent", { fallback: 7, min: 0, max: 100 });
  const atKev = reader.number("resolution_energy_keV", { fallback: REFERENCE_ENERGY_KEV, above: 0 });
  const found = reader.value("lines");
  const isList = Array.isArray(found) && found.length > 0;
  if (!isList || !found.every((line) => typeof line === "object" && line !== null && !Array.isArray(line))) {
    const expected = "a list of lines, each with energy_keV and intensity";
    throw new TypeError(reader.message("lines", { expected, found }));
  }
  const lines = found.map((config, i): Line => {
    const line = new ConfigReader(`${reader.functionName}, lines[${i}]`, config);
    const energyKev = line.number("energy_keV", { above: 0 });
    const fallback = percent * Math.sqrt(atKev / energyKev);
    const resolution = line.number("resolution_percent", { fallback, min: 0 });
    const intensity = line.number("intensity", { fallback: 1, min: 0 });
    return { energyKev, intensity, sigmaKev: resolution / 100 * energyKev / FWHM_PER_SIGMA };
  });
  if (lines.some(({ intensity }) => intensity > 0)) return lines;
  throw new RangeError(reader.message("lines", { expected: "lines with an intensity > 0", found }));
}

function cumulativeShares(lines: readonly Line[]): Float64Array {
  const total = lines.reduce((sum, { intensity }) => sum + intensity, 0);
  let sum = 0;
  const shares = Float64Array.from(lines, ({ intensity }) => (sum += intensity) / total);
  // Rounding must leave no gap below 1, and a line without intensity at the end must not fill it.
  const last = lines.findLastIndex(({ intensity }) => intensity > 0);
  return shares.fill(1, last);
}

function readBackground(reader: ConfigReader, lines: readonly Line[]): Background {
  const highestKev = Math.max(...lines.map(({ energyKev }) => energyKev));
  const fromKev = reader.number("background_from_keV", { fallback: 0, min: 0 });
  const isFlat = reader.value("background_mean_keV") === null;
  return {
    share: reader.number("background_share", { fallback: 0, min: 0, max: 1 }),
    fromKev,
    toKev: reader.number("background_to_keV", { fallback: Math.max(highestKev, 2 * fromKev), above: fromKev }),
    meanKev: isFlat ? Infinity : reader.number("background_mean_keV", { above: 0 }),
  };
}

/** The pulse sample by sample; the highest one is 1. */
function readPulseShape(reader: ConfigReader, sampleTimeNs: number): Float32Array {
  const decayNs = reader.number("decay_time_ns", { fallback: 230, above: 0 });
  const riseNs = reader.number("rise_time_ns", { fallback: 0, min: 0 });
  const shapeAt = (timeNs: number): number => {
    if (riseNs === 0) return Math.exp(-timeNs / decayNs);
    if (riseNs === decayNs) return timeNs * Math.exp(-timeNs / decayNs);
    return (Math.exp(-timeNs / decayNs) - Math.exp(-timeNs / riseNs)) * Math.sign(decayNs - riseNs);
  };
  const values: number[] = [];
  let highest = 0;
  for (let value = shapeAt(0), k = 0; value >= PULSE_END * highest; value = shapeAt(++k * sampleTimeNs)) {
    if (k === LONGEST_PULSE) {
      const expected = `so short that a pulse has at most ${LONGEST_PULSE} samples of ${sampleTimeNs} ns`;
      throw new RangeError(reader.message("decay_time_ns", { expected, found: decayNs }));
    }
    values.push(value);
    highest = Math.max(highest, value);
    if (k > 0 && highest === 0) break;
  }
  if (highest === 0) {
    const expected = `long enough for a pulse in samples of ${sampleTimeNs} ns`;
    throw new RangeError(reader.message("decay_time_ns", { expected, found: decayNs }));
  }
  return Float32Array.from(values, (value) => value / highest);
}

/** @param reach Samples from the earliest pulse that can be seen to the end of the record. */
function readMeanGap(reader: ConfigReader, { sampleTimeNs, reach }: { sampleTimeNs: number; reach: number }): number {
  const rateHz = reader.number("rate_Hz", { above: 0 });
  const pileUp = reader.value("pile_up") ?? true;
  if (typeof pileUp !== "boolean") {
    throw new TypeError(reader.message("pile_up", { expected: "true or false", found: pileUp }));
  }
  if (!pileUp) return Infinity;
  const gap = 1e9 / (rateHz * sampleTimeNs);
  if (reach / gap <= MOST_PULSES) return gap;
  const expected = `at most ${
    Math.floor(MOST_PULSES * 1e9 / (reach * sampleTimeNs))
  }, for ${MOST_PULSES} pulses at a time`;
  throw new RangeError(reader.message("rate_Hz", { expected, found: rateHz }));
}
