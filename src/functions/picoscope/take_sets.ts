/** Block and rapid block: sets of captures, one after the other, into the ring. */
import { type Instrument, InstrumentLost } from "../../../drivers/instrument.ts";
import type { ScopeReadback } from "../../../drivers/picoscope/scope_settings.ts";
import { PowerSourceChanged } from "../../../drivers/picoscope/pico_status.ts";
import { type SampleMemory, sampleMemory } from "../../../drivers/picoscope/sample_memory.ts";
import type { Scope } from "../../../drivers/picoscope/scope.ts";
import type { NumberColumn } from "../../record/field_type.ts";
import type { FunctionContext } from "../../worker/context.ts";
import type { EventSink } from "../event_sink.ts";
import { CaptureTimes } from "./capture_times.ts";
import type { OverflowCounts } from "./overflow_counts.ts";
import { PowerChanges } from "./power_changes.ts";
import type { SourceReport } from "./source_report.ts";
import type { SourceSettings } from "./source_settings.ts";
import type { TakerParts } from "./taker_parts.ts";
import { type CountScale, countScales, toMillivolts } from "./to_millivolts.ts";

/** The device is asked after each hundredth of the time that it has been waiting, within these bounds. */
const POLL_PART = 0.01;
const SHORTEST_POLL_MS = 0.1;
const LONGEST_POLL_MS = 5;

/** While data are converted the device is asked after so many events, and not more often than each ms. */
const EVENTS_PER_LOOK = 16;
const LOOK_MS = 1;

/** Events that are converted into the ring at a time: readers begin before the set is through. */
const EVENTS_PER_BATCH = 32;

/** A device that takes sets of captures, as long as it is there. */
export class SetTaker implements Instrument {
  readonly #context: FunctionContext<unknown>;
  readonly #settings: SourceSettings;
  readonly #scope: Scope;
  readonly #sink: EventSink;
  readonly #report: SourceReport;
  readonly #powerChanges: PowerChanges;
  readonly #isAllRaw: boolean;
  readonly #fields: readonly string[];
  #readback!: ScopeReadback;
  #times!: CaptureTimes;
  #overflows!: OverflowCounts;
  #scales: readonly CountScale[] = [];
  /** Where the device's data go when they cannot go into the slots: by capture, then channel. */
  #staging: readonly SampleMemory[] = [];
  /** The ring's slots as memory for the device, made when they are first used: by slot, then channel. */
  readonly #slots: (SampleMemory | undefined)[];
  readonly #stagingOf = (capture: number, channel: number): SampleMemory =>
    this.#staging[capture * this.#fields.length + channel];
  readonly #slotOf = (capture: number, channel: number): SampleMemory => {
    const at = this.#sink.slotIndex(capture) * this.#fields.length + channel;
    return this.#slots[at] ??= sampleMemory(
      this.#sink.columns(capture)[this.#fields[channel]] as Int16Array<ArrayBuffer>,
    );
  };
  /** Of the set that the device is taking. */
  #armedMs = 0;
  #readyMs: number | null = null;
  /** The device takes a set, or holds one that has not been fetched. */
  #isArmed = false;
  /** That set was ended before it was complete. */
  #isStopped = false;
  #lastLookMs = 0;
  /** What happened to the device while a set was being published, which must not suffer from it. */
  #trouble: Error | null = null;

  /** Sets an open device up. */
  constructor(context: FunctionContext<unknown>, parts: TakerParts) {
    const { settings, scope, sink, report } = parts;
    this.#context = context;
    this.#settings = settings;
    this.#scope = scope;
    this.#sink = sink;
    this.#report = report;
    this.#fields = settings.fields;
    this.#isAllRaw = settings.isRaw.every((isRaw) => isRaw);
    this.#slots = new Array((sink.slots + 1) * settings.fields.length).fill(undefined);
    this.#powerChanges = new PowerChanges(context.log, parts);
    this.#powerChanges.setUp(this.#configure);
  }

  /** @inheritdoc */
  get description(): string {
    return this.#scope.description;
  }

  /** @inheritdoc */
  close(): Promise<void> {
    return this.#scope.close();
  }

  /** Takes sets until the run ends. Throws an `InstrumentLost` when the device is gone. */
  async run(): Promise<void> {
    const sink = this.#sink;
    try {
      while (sink.waitWhilePaused()) {
        try {
          this.#throwTrouble();
          if (!this.#isArmed) this.#arm();
          const count = this.#waitForSet();
          if (count > 0) await this.#takeSet(count);
        } catch (error) {
          if (!(error instanceof PowerSourceChanged)) throw error;
          this.#takePowerSource(error);
        }
      }
    } finally {
      this.#dropSet();
      this.#report.missed(this.#scope.missedTriggers);
    }
  }

  readonly #configure = (): void => {
    const settings = this.#settings;
    this.#readback = this.#scope.configure(settings.scope, settings.captures);
    const { channels, captures, sampleTimeNs } = this.#readback;
    const { samples, preSamples, trigger } = settings.scope;
    this.#report.configured(this.#scope, this.#readback);
    this.#overflows = this.#report.overflowsOf(channels);
    this.#scales = countScales(channels, settings.subtractsOffset);
    this.#times = new CaptureTimes({
      sampleTimeNs,
      samples,
      preSamples,
      delayNs: trigger.delayNs,
      isTriggered: trigger.groups.length > 0,
      captures,
    });
    if (!this.#isAllRaw) this.#makeStaging(captures);
  };

  #makeStaging(captures: number): void {
    const { samples } = this.#settings.scope;
    const rows = captures * this.#fields.length;
    if (this.#staging.length !== rows) {
      const memory = new ArrayBuffer(rows * samples * 2);
      this.#staging = Array.from(
        { length: rows },
        (_, row) => sampleMemory(new Int16Array(memory, row * samples * 2, samples)),
      );
    }
    this.#scope.register({ from: 0, count: captures }, this.#stagingOf);
  }

  #arm(): void {
    this.#scope.arm();
    this.#isArmed = true;
    this.#isStopped = false;
    this.#armedMs = performance.now();
    this.#readyMs = null;
    this.#sink.liveTime.live(this.#sink.activeMs());
  }

  /** The last set has been fetched: on to the next one, unless none is wanted now. */
  #armAgain(): void {
    this.#isArmed = false;
    if (this.#sink.isWanted && !this.#sink.isPaused) this.#despiteTrouble(() => this.#arm());
  }

  /** Does something with the device; if that is gone or has another power source, that is told after the set is published. */
  #despiteTrouble(action: () => unknown): void {
    if (this.#trouble !== null) return;
    try {
      action();
    } catch (error) {
      if (!(error instanceof InstrumentLost || error instanceof PowerSourceChanged)) throw error;
      this.#trouble = error;
    }
  }

  #throwTrouble(): void {
    const trouble = this.#trouble;
    this.#trouble = null;
    if (trouble !== null) throw trouble;
  }

  /** Gives up the set under way: the time in which it was taken is as dead as the time after it. */
  #dropSet(): void {
    if (!this.#isArmed) return;
    this.#isArmed = false;
    const endMs = this.#readyMs ?? performance.now();
    this.#sink.liveTime.add(Math.max(0, endMs - this.#armedMs));
    this.#sink.liveTime.blind(endMs - this.#sink.pausedMs);
  }

  /** Waits until the set is complete, or it is time to end it; gives the number of captures. */
  #waitForSet(): number {
    const sink = this.#sink;
    const { signal } = this.#context;
    const { captures } = this.#readback;
    while (sink.isWanted) {
      if (this.#isReady()) return captures;
      const nowMs = performance.now();
      const waitedMs = nowMs - this.#armedMs;
      const isOverdue = captures > 1 && waitedMs > this.#settings.longestSetMs;
      if (isOverdue || sink.isPaused) {
        return this.#stopSet();
      }
      signal.sleep(Math.min(LONGEST_POLL_MS, Math.max(SHORTEST_POLL_MS, waitedMs * POLL_PART)));
    }
    return 0;
  }

  /** Ends the set early; gives the number of captures that are complete. */
  #stopSet(): number {
    const count = this.#scope.stopSet();
    this.#readyMs = performance.now();
    this.#isStopped = true;
    if (count > 0) return count;
    this.#isArmed = false;
    this.#sink.liveTime.blind(this.#readyMs - this.#sink.pausedMs);
    return 0;
  }

  /** Notes when the set was complete. */
  #isReady(): boolean {
    if (this.#readyMs === null && this.#scope.isReady()) this.#readyMs = performance.now();
    return this.#readyMs !== null;
  }

  /** Looks at the device while other things are done, so that it is known when it was ready. */
  readonly #look = (): void => {
    const nowMs = performance.now();
    if (!this.#isArmed || this.#readyMs !== null || nowMs - this.#lastLookMs < LOOK_MS) return;
    this.#lastLookMs = nowMs;
    this.#despiteTrouble(() => this.#isReady());
  };

  /** Trigger times are asked for after the samples were read, and before the device is armed again: that forgets them. */
  async #takeSet(count: number): Promise<void> {
    const isComplete = !this.#isStopped;
    const armedMs = this.#armedMs;
    const readyMs = this.#readyMs ?? performance.now();
    const pausedMs = this.#sink.pausedMs;
    let dead: Float64Array | null = null;
    const place = (): Float64Array => {
      if (dead !== null) return dead;
      // A device that is lost just now has given its samples: they are published, with times spread evenly.
      let triggerSamples: Float64Array | null = null;
      this.#despiteTrouble(() => triggerSamples = this.#scope.readTriggerTimes(count));
      this.#sink.liveTime.blind(readyMs - pausedMs);
      this.#times.place({ armedMs, readyMs, count, isComplete, triggerSamples });
      return dead = this.#deadtimes(count, pausedMs);
    };
    const taken = this.#isAllRaw ? await this.#takeIntoSlots(count, place) : await this.#takeByStaging(count, place);
    if (taken < count) {
      place();
      this.#countLate(taken, { count, readyMs });
    }
    if (taken < count && this.#isAllRaw) this.#isArmed = false;
    this.#report.set(count, { readyMs, armedMs: this.#armedMs });
  }

  /** The ring took only `taken` captures of a set: the others came too late, and the time in which they came is dead. */
  #countLate(taken: number, { count, readyMs }: { count: number; readyMs: number }): void {
    const { timesMs } = this.#times;
    this.#sink.late(count - taken);
    this.#sink.liveTime.add(Math.max(0, readyMs - timesMs[Math.max(0, taken - 1)]));
  }

  /** Dead times of the events of a set. The blind time behind it belongs to the first event of the next one. */
  #deadtimes(count: number, pausedMs: number): Float64Array {
    const { timesMs, deadMs } = this.#times;
    const { liveTime } = this.#sink;
    for (let i = 0; i < count; i++) deadMs[i] = liveTime.event(timesMs[i] - pausedMs, deadMs[i]);
    return deadMs;
  }

  /** ADC counts: the device writes into the slots themselves. */
  async #takeIntoSlots(count: number, place: () => Float64Array): Promise<number> {
    const sink = this.#sink;
    for (let done = 0; done < count;) {
      const held = sink.claim(count - done);
      if (held === 0) return done;
      this.#scope.register({ from: done, count: held }, this.#slotOf);
      const reading = this.#scope.read(done, held);
      if (reading !== undefined) await reading;
      const dead = place();
      if (done + held === count) this.#armAgain();
      this.#stamp(done, held, dead);
      sink.publish();
      done += held;
    }
    return count;
  }

  /** Other fields: the device writes into memory of its own, takes the next set, and this one is converted meanwhile. */
  async #takeByStaging(count: number, place: () => Float64Array): Promise<number> {
    const sink = this.#sink;
    const reading = this.#scope.read(0, count);
    if (reading !== undefined) await reading;
    const dead = place();
    this.#armAgain();
    for (let done = 0; done < count;) {
      const held = sink.claim(Math.min(EVENTS_PER_BATCH, count - done), this.#look);
      if (held === 0) return done;
      for (let i = 0; i < held; i++) {
        this.#convert(done + i, sink.columns(i));
        if ((i + 1) % EVENTS_PER_LOOK === 0) this.#look();
      }
      this.#stamp(done, held, dead);
      sink.publish();
      done += held;
    }
    return count;
  }

  #convert(capture: number, columns: Readonly<Record<string, NumberColumn>>): void {
    const { isRaw } = this.#settings;
    for (let i = 0; i < this.#fields.length; i++) {
      const column = columns[this.#fields[i]];
      const { samples } = this.#stagingOf(capture, i);
      if (isRaw[i]) (column as Int16Array).set(samples);
      else toMillivolts(column as Float32Array, samples, this.#scales[i]);
    }
  }

  #stamp(first: number, held: number, dead: Float64Array): void {
    const { timesMs } = this.#times;
    const { nextCounter } = this.#sink;
    for (let i = 0; i < held; i++) {
      this.#sink.stamp(i, timesMs[first + i], dead[first + i]);
      this.#overflows.take(this.#scope.overflowOf(first + i), nextCounter + i * this.#context.workers);
    }
  }

  /** The set under way is lost; the device is set up anew for its new power source. */
  #takePowerSource(error: PowerSourceChanged): void {
    this.#sink.abort();
    this.#dropSet();
    this.#powerChanges.setUp(this.#configure, error);
  }
}
