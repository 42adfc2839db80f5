/** Takes waveforms from a Red Pitaya into a ring. */
import { type Instrument, InstrumentLost } from "../../../drivers/instrument.ts";
import type { RedPitaya } from "../../../drivers/redpitaya/red_pitaya.ts";
import type { NumberColumn } from "../../record/field_type.ts";
import type { FunctionContext } from "../../worker/context.ts";
import type { EventSink } from "../event_sink.ts";
import type { SourceField, SourceSettings } from "./source_settings.ts";

/** The end of the run and pauses are looked for so often. */
const POLL_MS = 20;

/** A Red Pitaya that is set up, as a source of events. */
export class WaveformTaker implements Instrument {
  readonly #context: FunctionContext;
  readonly #settings: SourceSettings;
  readonly #device: RedPitaya;
  readonly #sink: EventSink;
  /** Time of the samples before and from the trigger. */
  readonly #beforeMs: number;
  readonly #afterMs: number;
  /** Events that were asked for and have not come. */
  #outstanding = 0;
  #lastEventMs = 0;
  /**
   * Time that was spent with waiting for free slots since something was read. Nobody read meanwhile: the server filled the
   * buffers of the connection, and then stood still. It belongs to the events that are read next.
   */
  #waitedMs = 0;
  /** What pauses had taken when the device was armed. */
  #pausedMs = 0;

  /** @param parts The settings, the device opened with them, and where events go. */
  constructor(
    context: FunctionContext,
    parts: { readonly settings: SourceSettings; readonly device: RedPitaya; readonly sink: EventSink },
  ) {
    const { settings, device, sink } = parts;
    this.#context = context;
    this.#settings = settings;
    this.#device = device;
    this.#sink = sink;
    this.#beforeMs = settings.device.preSamples * settings.sampleTimeNs / 1e6;
    this.#afterMs = settings.device.samples * settings.sampleTimeNs / 1e6 - this.#beforeMs;
  }

  /** @inheritdoc */
  get description(): string {
    return this.#device.description;
  }

  /** @inheritdoc */
  close(): void {
    this.#device.close();
  }

  /** Takes waveforms until the run ends. Throws an `InstrumentLost` when the device is gone. */
  async run(): Promise<void> {
    const sink = this.#sink;
    while (sink.waitWhilePaused()) {
      const dropped = await this.#device.arm();
      if (dropped > 0) this.#context.log.info(`${this.description}: ${dropped} bytes of earlier sets were thrown away`);
      this.#outstanding = 0;
      this.#lastEventMs = performance.now();
      this.#waitedMs = 0;
      this.#pausedMs = sink.pausedMs;
      sink.liveTime.live(sink.activeMs());
      await this.#takeUntilPause();
      sink.liveTime.blind(sink.activeMs());
    }
  }

  async #takeUntilPause(): Promise<void> {
    const sink = this.#sink;
    const { setSize } = this.#settings;
    while (sink.isWanted && !sink.isPaused && sink.pausedMs === this.#pausedMs) {
      // The next set is asked for before the last one has come, so that the device need not wait for it.
      if (this.#outstanding <= setSize >> 1) {
        await this.#device.request(setSize);
        this.#outstanding += setSize;
      }
      const sinceMs = this.#device.lastMs;
      const events = await this.#device.receive(POLL_MS);
      if (events === 0) this.#checkSilence();
      else this.#publish(events, sinceMs);
    }
  }

  /** Publishes all that have come whole; `sinceMs`: when something had come before them. */
  #publish(events: number, sinceMs: number): void {
    const sink = this.#sink;
    const { firstMs, stepMs } = this.#spread(events, sinceMs);
    const transferMs = this.#device.lastMs - this.#device.beginMs;
    const shareMs = this.#beforeMs + this.#afterMs + this.#waitedMs / events;
    this.#waitedMs = 0;
    for (let done = 0; done < events;) {
      const waitMs = sink.activeMs();
      const claimed = sink.claim(Math.min(events - done, Math.max(1, sink.slots >> 1)));
      this.#waitedMs += sink.activeMs() - waitMs;
      if (claimed === 0) {
        sink.late(events - done);
        break;
      }
      for (let i = 0; i < claimed; i++, done++) {
        this.#copy(this.#device.waveforms(done), i);
        const atMs = Math.max(this.#lastEventMs, firstMs + done * stepMs);
        const deadMs = Math.min(shareMs + (done === 0 ? transferMs : 0), atMs - this.#lastEventMs);
        sink.stamp(i, atMs, sink.liveTime.event(atMs - this.#pausedMs, deadMs));
        this.#lastEventMs = atMs;
      }
      sink.publish();
    }
    this.#device.take(events);
    this.#outstanding -= events;
  }

  /** Times of events that have come whole with the last piece: the first one, and the step to the next. */
  #spread(events: number, sinceMs: number): { readonly firstMs: number; readonly stepMs: number } {
    const { beginMs, lastMs } = this.#device;
    const isBegun = beginMs < lastMs || events === 1;
    const fromMs = isBegun ? beginMs - this.#afterMs : Math.max(sinceMs, this.#lastEventMs);
    const spanMs = Math.max(0, lastMs - this.#afterMs - fromMs);
    if (isBegun) return { firstMs: fromMs, stepMs: events === 1 ? 0 : spanMs / (events - 1) };
    return { firstMs: fromMs + spanMs / events, stepMs: spanMs / events };
  }

  #copy(waveforms: Int16Array, slot: number): void {
    const columns: Readonly<Record<string, NumberColumn>> = this.#sink.columns(slot);
    for (const field of this.#settings.fields) {
      copyInput(columns[field.name] as Int16Array | Float32Array | Float64Array, waveforms, field);
    }
  }

  #checkSilence(): void {
    const { silenceMs } = this.#settings;
    if (performance.now() - Math.max(this.#lastEventMs, this.#device.lastMs) < silenceMs) return;
    throw new InstrumentLost(`${this.description} has sent no event for ${silenceMs / 1000} s`);
  }
}

function copyInput(
  column: Int16Array | Float32Array | Float64Array,
  waveforms: Int16Array,
  { input, scale }: SourceField,
): void {
  for (let i = 0; i < column.length; i++) column[i] = waveforms[2 * i + input] * scale;
}
