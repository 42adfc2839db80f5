/** When the captures of a set were triggered, from what the device and the host know. */

/** What does not change from set to set. */
export interface CaptureFrame {
  readonly sampleTimeNs: number;
  readonly samples: number;
  readonly preSamples: number;
  /** Time from the trigger to sample `preSamples`. */
  readonly delayNs: number;
  /** False if captures follow each other without a trigger: then none is missed while one is taken. */
  readonly isTriggered: boolean;
  /** Captures of a set at most. */
  readonly captures: number;
}

/** One set of captures. Times are those of `performance.now()`. */
export interface CaptureSet {
  /** When the device began to wait for triggers. */
  readonly armedMs: number;
  /** When it was found to be ready, or was stopped. */
  readonly readyMs: number;
  readonly count: number;
  /** False if the set was ended early: then the last capture was complete some time before `readyMs`. */
  readonly isComplete: boolean;
  /** Triggers in samples since the first one; null if the device does not tell. */
  readonly triggerSamples: ArrayLike<number> | null;
}

/** A gap between captures that is longer than this is not the time that the device takes to arm itself again. */
const LONGEST_REARM_MS = 0.01;

/**
 * Places the captures of sets in time.
 *
 * With trigger times of the device, distances within a set are exact. The last capture of a complete set ended when the
 * device was ready; of one that was ended early nothing is known but its begin and end, and the captures are put in the
 * middle. Without them, captures are spread evenly over their set, which ends with the last one.
 */
export class CaptureTimes {
  /** Trigger of each capture of the last set, as `performance.now()` tells time. */
  readonly timesMs: Float64Array;
  /** Dead time of each capture since the one before, as far as it lies within sets. */
  readonly deadMs: Float64Array;
  readonly #frame: CaptureFrame;
  readonly #sampleMs: number;
  readonly #beforeMs: number;
  readonly #afterMs: number;
  readonly #lengthMs: number;
  #rearmMs = Infinity;
  /** What was left of the last capture after its trigger, in the set before. */
  #tailMs = 0;
  #lastMs = -Infinity;

  /** For sets of one kind. */
  constructor(frame: CaptureFrame) {
    const { sampleTimeNs, samples, preSamples, delayNs, captures } = frame;
    this.#frame = frame;
    this.#sampleMs = sampleTimeNs / 1e6;
    this.#lengthMs = samples * this.#sampleMs + delayNs / 1e6;
    this.#beforeMs = preSamples * this.#sampleMs;
    this.#afterMs = this.#lengthMs - this.#beforeMs;
    this.timesMs = new Float64Array(captures);
    this.deadMs = new Float64Array(captures);
  }

  /** Shortest time that the device took to arm itself again, in ms; 0 if it was never seen. */
  get rearmMs(): number {
    return this.#rearmMs <= LONGEST_REARM_MS ? this.#rearmMs : 0;
  }

  /** Places the captures of a set: fills {@linkcode timesMs} and {@linkcode deadMs}. */
  place(set: CaptureSet): void {
    if (set.triggerSamples === null) this.#spread(set);
    else this.#placeByCounter(set, set.triggerSamples);
    const { timesMs } = this;
    // The host's clock is read late now and then, but the order of events is certain.
    for (let i = 0; i < set.count; i++) {
      if (timesMs[i] < this.#lastMs) timesMs[i] = this.#lastMs;
      this.#lastMs = timesMs[i];
    }
    this.#account(set.count);
  }

  #placeByCounter({ armedMs, readyMs, count, isComplete }: CaptureSet, triggerSamples: ArrayLike<number>): void {
    const spanMs = triggerSamples[count - 1] * this.#sampleMs;
    const earliestMs = armedMs + this.#beforeMs;
    const latestMs = readyMs - this.#afterMs - spanMs;
    const slackMs = Math.max(0, latestMs - earliestMs);
    const firstMs = isComplete ? Math.max(armedMs, latestMs) : earliestMs + slackMs / 2;
    for (let i = 0; i < count; i++) {
      this.timesMs[i] = firstMs + triggerSamples[i] * this.#sampleMs;
      const gapMs = i === 0 ? Infinity : (triggerSamples[i] - triggerSamples[i - 1]) * this.#sampleMs - this.#lengthMs;
      if (gapMs >= 0 && gapMs < this.#rearmMs) this.#rearmMs = gapMs;
    }
  }

  #spread({ armedMs, readyMs, count, isComplete }: CaptureSet): void {
    const lastMs = Math.max(armedMs, readyMs - this.#afterMs);
    const stepMs = (lastMs - armedMs) / (isComplete ? count : count + 1);
    for (let i = 0; i < count; i++) this.timesMs[i] = armedMs + (i + 1) * stepMs;
  }

  #account(count: number): void {
    const { timesMs, deadMs } = this;
    const { isTriggered } = this.#frame;
    const busyMs = this.#lengthMs + this.rearmMs;
    // A new trigger is only looked for when the samples before it are there.
    deadMs[0] = isTriggered ? this.#tailMs + this.#beforeMs : 0;
    for (let i = 1; i < count; i++) {
      const sinceMs = timesMs[i] - timesMs[i - 1];
      deadMs[i] = isTriggered ? Math.min(sinceMs, busyMs) : Math.max(0, sinceMs - this.#lengthMs);
    }
    this.#tailMs = this.#afterMs;
  }
}
