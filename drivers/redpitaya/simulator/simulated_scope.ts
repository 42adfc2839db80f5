/** The oscilloscope and the pulse-height histograms of a simulated Red Pitaya. */
import { ADC_SAMPLE_NS, HISTOGRAM_BINS } from "../commands.ts";
import { PulseSignal, seededRandom } from "./pulse_signal.ts";
import { countingSample, type SimulatorSettings } from "./simulator_settings.ts";

/** What the server reads wrongly: so many samples at the end of each waveform. */
const WRONG_SAMPLES = 60;
const WRONG_VALUE = 0x5a5a;
/** In the mode `auto` a waveform is taken after so long without a trigger. */
const AUTO_MS = 20;
/** Longest look ahead, so that commands are seen. */
const LONGEST_WAIT_MS = 5;

/** Registers that commands set. */
export interface ScopeRegisters {
  decimation: number;
  negated: [boolean, boolean];
  triggerSource: number;
  isFalling: boolean;
  isAuto: boolean;
  level: number;
  preSamples: number;
  totalSamples: number;
}

/** Takes waveforms at triggers. */
export class SimulatedScope {
  readonly registers: ScopeRegisters = {
    decimation: 4,
    negated: [false, false],
    triggerSource: 0,
    isFalling: false,
    isAuto: false,
    level: 0,
    preSamples: 0,
    totalSamples: 1,
  };
  readonly #isCounting: boolean;
  readonly #rateHz: number;
  readonly #signal: PulseSignal;
  readonly #histograms = [0, 1].map(() => ({ isRunning: false, countedMs: 0, ranMs: 0, bins: this.#emptyBins() }));
  #armedMs: number | null = null;
  #pulseMs = performance.now();
  #captures = 0;
  #capturedMs = 0;

  /** Idle. */
  constructor(settings: SimulatorSettings) {
    const { signal = "pulses", rate_Hz = 1000, height = 1986, noise = 5, peak_time_ns = 1600, seed } = settings;
    this.#isCounting = signal === "counting";
    this.#rateHz = rate_Hz;
    this.#signal = new PulseSignal({
      random: seed === undefined ? Math.random : seededRandom(seed),
      height,
      noise,
      peakNs: peak_time_ns,
    });
  }

  /** True while a trigger is waited for. */
  get isWaiting(): boolean {
    return this.#armedMs !== null;
  }

  /** Waveforms taken so far. */
  get captures(): number {
    return this.#captures;
  }

  /** Waits for nothing any more. */
  reset(): void {
    this.#armedMs = null;
  }

  /** End of the last waveform, as `performance.now()` tells time. */
  get capturedMs(): number {
    return this.#capturedMs;
  }

  /** Waits for a trigger from now on, or from some time in the past. */
  start(atMs: number = performance.now()): void {
    this.#armedMs = atMs;
  }

  /**
   * Looks for a trigger up to now.
   *
   * @returns The waveform, or how many ms to wait before looking again.
   */
  capture(): Int16Array<ArrayBuffer> | number {
    const samples = new Int16Array(2 * this.registers.totalSamples);
    if (this.#armedMs === null) return samples; // what is in the memory of one that is idle
    const isFound = this.#isCounting || this.#rateHz === 0 ? this.#takeAtOnce(samples) : this.#takePulse(samples);
    if (isFound !== true) return isFound;
    samples.fill(WRONG_VALUE, Math.max(0, samples.length - 2 * WRONG_SAMPLES));
    this.#captures++;
    this.#armedMs = null;
    return samples;
  }

  /** Begins a histogram anew. */
  resetHistogram(channel: number): void {
    this.#histograms[channel].bins = this.#emptyBins();
  }

  /** Sets the timer of a histogram to 0. */
  resetTimer(channel: number): void {
    this.#count(channel);
    this.#histograms[channel].ranMs = 0;
  }

  /** Lets a histogram count, or not. */
  runHistogram(channel: number, isRunning: boolean): void {
    this.#count(channel);
    this.#histograms[channel].isRunning = isRunning;
  }

  /** Heights of the pulses at an input while its timer ran. */
  histogram(channel: number): { readonly bins: Uint32Array<ArrayBuffer>; readonly ticks: number } {
    this.#count(channel);
    const { bins, ranMs } = this.#histograms[channel];
    return { bins, ticks: Math.round(ranMs * 1e6 / ADC_SAMPLE_NS) };
  }

  #takeAtOnce(samples: Int16Array): true | number {
    this.#capturedMs = performance.now();
    if (this.#isCounting) {
      for (let i = 0; i < samples.length; i++) samples[i] = countingSample(this.#captures, i >> 1, i & 1);
      return true;
    }
    return this.#takeHeight(samples, this.#signal.drawHeight()) ? true : 0;
  }

  #takePulse(samples: Int16Array): true | number {
    const armedMs = this.#armedMs!;
    const nowMs = performance.now();
    const { preSamples, totalSamples } = this.registers;
    const readyMs = armedMs + preSamples * this.#sampleNs / 1e6;
    // What came while nobody waited is lost; far behind, it need not be drawn pulse by pulse.
    if (this.#pulseMs < readyMs) this.#pulseMs = readyMs + this.#signal.intervalMs(this.#rateHz);
    while (this.#pulseMs <= nowMs) {
      this.#capturedMs = this.#pulseMs + (totalSamples - preSamples) * this.#sampleNs / 1e6;
      this.#pulseMs += this.#signal.intervalMs(this.#rateHz);
      if (this.#takeHeight(samples, this.#signal.drawHeight())) return true;
    }
    if (this.registers.isAuto && nowMs - armedMs >= AUTO_MS) {
      this.#capturedMs = nowMs;
      this.#signal.fill(samples, { heights: [0, 0], beginSample: 0, sampleNs: this.#sampleNs });
      return true;
    }
    return Math.min(LONGEST_WAIT_MS, this.#pulseMs - nowMs);
  }

  #takeHeight(samples: Int16Array, height: number): boolean {
    const { negated, triggerSource, level, isFalling, preSamples } = this.registers;
    const heights: [number, number] = [negated[0] ? -height : height, 0];
    const at = this.#signal.crossing(heights[triggerSource], this.#sampleNs, { level, isFalling });
    if (at < 0) return false;
    this.#signal.fill(samples, { heights, beginSample: preSamples - at, sampleNs: this.#sampleNs });
    return true;
  }

  #count(channel: number): void {
    const histogram = this.#histograms[channel];
    const nowMs = performance.now();
    const sinceMs = nowMs - histogram.countedMs;
    histogram.countedMs = nowMs;
    if (!histogram.isRunning) return;
    histogram.ranMs += sinceMs;
    const pulses = channel === 0 ? Math.round(sinceMs * this.#rateHz / 1000) : 0;
    for (let n = 0; n < pulses; n++) {
      histogram.bins[Math.min(HISTOGRAM_BINS - 1, Math.floor(this.#signal.drawHeight()))]++;
    }
  }

  #emptyBins(): Uint32Array<ArrayBuffer> {
    return new Uint32Array(HISTOGRAM_BINS);
  }

  get #sampleNs(): number {
    return ADC_SAMPLE_NS * this.registers.decimation;
  }
}
