/** Streaming: records that follow one another without a gap. */
import type { Instrument } from "../../../drivers/instrument.ts";
import { PowerSourceChanged } from "../../../drivers/picoscope/pico_status.ts";
import { type SampleMemory, sampleMemory } from "../../../drivers/picoscope/sample_memory.ts";
import type { Scope } from "../../../drivers/picoscope/scope.ts";
import type { ScopeReadback } from "../../../drivers/picoscope/scope_settings.ts";
import type { StreamChunk } from "../../../drivers/picoscope/scope_api.ts";
import type { NumberColumn } from "../../record/field_type.ts";
import type { FunctionContext } from "../../worker/context.ts";
import type { EventSink } from "../event_sink.ts";
import type { OverflowCounts } from "./overflow_counts.ts";
import { PowerChanges } from "./power_changes.ts";
import type { SourceReport } from "./source_report.ts";
import type { SourceSettings } from "./source_settings.ts";
import type { TakerParts } from "./taker_parts.ts";
import { type CountScale, countScales, toMillivolts } from "./to_millivolts.ts";

/** Value that the library writes for samples that it lost. */
const LOST_DATA = -32768;

const LEAST_BUFFER_SAMPLES = 10_000;
const MOST_BUFFER_SAMPLES = 10_000_000;
const SHORTEST_POLL_MS = 1;
const LONGEST_POLL_MS = 50;

/** Largest difference between the clocks of device and host. */
const CLOCK_DRIFT = 1e-4;

/** A device that streams, as long as it is there. */
export class StreamTaker implements Instrument {
  readonly #context: FunctionContext<unknown>;
  readonly #settings: SourceSettings;
  readonly #scope: Scope;
  readonly #sink: EventSink;
  readonly #report: SourceReport;
  readonly #powerChanges: PowerChanges;
  #readback!: ScopeReadback;
  #overflows!: OverflowCounts;
  #scales: readonly CountScale[] = [];
  #sampleMs = 0;
  #pollMs = 0;
  /** Samples in the slot that is being filled; none is held while it is null. */
  #filled: number | null = null;
  #overflow = 0;
  /** Samples of the stream that have come, and the time at which sample 0 was taken, as far as it is known. */
  #streamed = 0;
  #originMs = 0;
  #checkedMs = 0;
  /** Time of the first sample of the slot that is being filled. */
  #firstMs = 0;
  #isRestartNeeded = false;

  /** Sets an open device up. */
  constructor(context: FunctionContext<unknown>, parts: TakerParts) {
    const { settings, scope, sink, report } = parts;
    this.#context = context;
    this.#settings = settings;
    this.#scope = scope;
    this.#sink = sink;
    this.#report = report;
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

  /** Takes records until the run ends. Throws an `InstrumentLost` when the device is gone. */
  async run(): Promise<void> {
    const sink = this.#sink;
    while (sink.waitWhilePaused()) {
      try {
        this.#start();
        await this.#takeUntilPause();
      } catch (error) {
        if (!(error instanceof PowerSourceChanged)) throw error;
        this.#dropRecord();
        this.#scope.stopStream();
        this.#powerChanges.setUp(this.#configure, error);
      } finally {
        this.#dropRecord();
        this.#scope.stopStream();
        sink.liveTime.blind(sink.activeMs());
      }
    }
  }

  readonly #configure = (): void => {
    const { scope, subtractsOffset } = this.#settings;
    const readback = this.#scope.configure(scope, 1);
    this.#overflows = this.#report.overflowsOf(readback.channels);
    this.#scales = countScales(readback.channels, subtractsOffset);
    this.#readback = readback;
  };

  #start(): void {
    const settings = this.#settings;
    const readback = this.#readback;
    const wantedNs = settings.scope.sampleTimeNs ?? readback.sampleTimeNs;
    const wanted = Math.round(settings.streamBufferS * 1e9 / wantedNs);
    const length = Math.max(LEAST_BUFFER_SAMPLES, Math.min(MOST_BUFFER_SAMPLES, wanted));
    const buffers = () => readback.channels.map((): SampleMemory => sampleMemory(new Int16Array(length)));
    const memory = [buffers(), buffers()] as const;
    this.#originMs = performance.now();
    const sampleTimeNs = this.#scope.startStream(memory);
    if (Math.abs(sampleTimeNs - wantedNs) > settings.scope.sampleTimeTolerance * wantedNs) {
      throw new RangeError(
        `Cannot stream a sample every ${wantedNs} ns: expected a time that the unit has, the nearest one is ${sampleTimeNs} ns`,
      );
    }
    this.#report.configured(this.#scope, { ...readback, sampleTimeNs });
    this.#sampleMs = sampleTimeNs / 1e6;
    this.#pollMs = Math.max(SHORTEST_POLL_MS, Math.min(LONGEST_POLL_MS, length * this.#sampleMs / 10));
    this.#streamed = 0;
    this.#checkedMs = this.#originMs;
    this.#isRestartNeeded = false;
    this.#sink.liveTime.live(this.#sink.activeMs());
  }

  async #takeUntilPause(): Promise<void> {
    const sink = this.#sink;
    while (sink.isWanted && !sink.isPaused && !this.#isRestartNeeded) {
      const streamed = this.#streamed;
      const isWhole = this.#scope.readStream(this.#takeChunk);
      if (!isWhole) this.#loseData("the driver could not be read fast enough");
      if (this.#streamed === streamed) this.#context.signal.sleep(this.#pollMs);
    }
    await Promise.resolve();
  }

  /** Copies a piece of the stream into slots. */
  readonly #takeChunk = ({ start, count, overflow }: StreamChunk, memory: readonly SampleMemory[]): void => {
    this.#streamed += count;
    this.#noteTime();
    if (memory[0].samples.subarray(start, start + count).includes(LOST_DATA)) {
      this.#loseData("it marked samples as lost");
      return;
    }
    this.#overflow |= overflow;
    const { samples } = this.#settings.scope;
    for (let done = 0; done < count;) {
      if (this.#filled === null && !this.#beginRecord(this.#streamed - count + done)) return;
      const part = Math.min(count - done, samples - this.#filled!);
      this.#copy(memory, start + done, part);
      this.#filled! += part;
      done += part;
      if (this.#filled === samples) this.#endRecord();
    }
  };

  /** The stream began when it was started; what has come was taken before now; and the clocks differ a little. */
  #noteTime(): void {
    const nowMs = performance.now();
    const boundMs = nowMs - this.#streamed * this.#sampleMs;
    this.#originMs = Math.min(boundMs, this.#originMs + (nowMs - this.#checkedMs) * CLOCK_DRIFT);
    this.#checkedMs = nowMs;
  }

  #beginRecord(firstSample: number): boolean {
    if (this.#sink.isPaused || this.#sink.claim(1) === 0) return false;
    this.#filled = 0;
    this.#firstMs = Math.max(this.#firstMs, this.#originMs + firstSample * this.#sampleMs);
    return true;
  }

  #copy(memory: readonly SampleMemory[], from: number, count: number): void {
    const columns: Readonly<Record<string, NumberColumn>> = this.#sink.columns(0);
    const at = this.#filled!;
    this.#settings.fields.forEach((field, i) => {
      const counts = memory[i].samples.subarray(from, from + count);
      const column = columns[field];
      if (this.#settings.isRaw[i]) (column as Int16Array).set(counts, at);
      else toMillivolts((column as Float32Array).subarray(at, at + count), counts, this.#scales[i]);
    });
  }

  #endRecord(): void {
    const sink = this.#sink;
    this.#overflows.take(this.#overflow, sink.nextCounter);
    this.#overflow = 0;
    this.#filled = null;
    const deadtime = sink.liveTime.event(this.#firstMs + this.#settings.scope.samples * this.#sampleMs - sink.pausedMs);
    sink.stamp(0, this.#firstMs, deadtime);
    sink.publish();
  }

  /** A record that is not whole is given back as void. */
  #dropRecord(): void {
    if (this.#filled === null) return;
    this.#sink.abort();
    this.#filled = null;
  }

  /** The stream has a hole: the record in which it is becomes void, and the stream begins anew. */
  #loseData(why: string): void {
    this.#context.log.warn(`${this.#scope.description}: streamed samples were lost, ${why}; the stream begins anew`);
    this.#report.streamGap();
    this.#isRestartNeeded = true;
    if (this.#filled !== null) this.#sink.liveTime.add(this.#filled * this.#sampleMs);
    this.#dropRecord();
  }
}
