/** A PicoScope of any family. Nothing above this file knows which one it is. */
import type { Instrument } from "../instrument.ts";
import { InstrumentLost } from "../instrument.ts";
import { ASeries } from "./a_series.ts";
import { configureScope } from "./configure_scope.ts";
import type { DriverLibrary } from "./driver_library.ts";
import { ESeries } from "./e_series.ts";
import { channelsOfVariant, type Family, type FamilyName } from "./families.ts";
import { errorOfStatus, isPowerState, PicoError, STATUS, TIME_STAMP_RESET } from "./pico_status.ts";
import { confirmPower } from "./power_source.ts";
import type { SampleMemory } from "./sample_memory.ts";
import type { ScopeApi, StreamChunk } from "./scope_api.ts";
import { CHANNEL_NAMES, type ScopeReadback, type ScopeSettings } from "./scope_settings.ts";
import { cString, Unit } from "./unit.ts";
import { permissionAdvice, usbAdvice } from "./usb_advice.ts";

/** Transfers of more bytes than this are done beside the JavaScript thread: 0.3 s over USB 2. */
const LONG_BYTES = 8 << 20;
const POWER_DETAILS_BYTES = 64;
const TWO_TO_32 = 2 ** 32;
const COUNTER_HIGH_MASK = 0xFFFFFF;

/** Where the counters are in a trigger info of 32 and of 48 bytes. */
const INFO_COUNTER = { 32: 24, 48: 40 } as const;
const INFO_MISSED = 32;

/** Which unit to open, and with what. */
export interface ScopeTarget {
  readonly family: Family;
  readonly library: DriverLibrary;
  /** Serial number as the unit gives it; null: the first one that is not open. */
  readonly serial: string | null;
}

/** An open PicoScope. One thread uses it. */
export class Scope implements Instrument {
  /** Model: `5444D`. */
  readonly variant: string;
  /** Batch and serial number: `FY984/0005`. */
  readonly serial: string;
  /** Version of the vendor's driver. */
  readonly driverVersion: string;
  /** Number of analogue channels. */
  readonly channelCount: number;
  /** What was to be said about the power source when it was opened; empty if nothing. */
  readonly powerNotice: string;
  readonly #api: ScopeApi;
  #settings: ScopeSettings | null = null;
  #readback: ScopeReadback | null = null;
  /** Numbers of the channels that are on. */
  #channels: readonly number[] = [];
  /** What the library was given to write to: held here, so that it stays where it is. By capture, then channel. */
  #registered: (SampleMemory | null)[] = [];
  #streamMemory: readonly (readonly SampleMemory[])[] = [];
  #overflow = new Int16Array(0);
  #counts: Uint32Array | BigUint64Array = new Uint32Array(1);
  #infos = new DataView(new ArrayBuffer(0));
  #triggerSamples = new Float64Array(0);
  #missed = 0;
  #isOpen = true;

  private constructor(api: ScopeApi, powerNotice: string) {
    this.#api = api;
    this.variant = api.unit.info("variant");
    this.serial = api.unit.info("serial");
    this.driverVersion = api.unit.info("driverVersion");
    this.channelCount = channelsOfVariant(this.variant);
    this.powerNotice = powerNotice;
  }

  /**
   * Opens a unit. Takes some seconds with a real one.
   *
   * @throws {InstrumentLost} If there is none (of that serial number) that is not open.
   * @throws {PicoError} If it cannot be opened; says what to do.
   */
  static async open({ family, library, serial }: ScopeTarget): Promise<Scope> {
    const handle = new Int16Array(1);
    const resolution = family.opensWithResolution ? [Math.min(...family.resolutions.values())] : [];
    const powerDetails = family.name === "psospa" ? [new Uint8Array(POWER_DETAILS_BYTES)] : [];
    const name = serial === null ? null : cString(serial);
    const status = await library.callLater("OpenUnit", handle, name, ...resolution, ...powerDetails);
    const action = `open PicoScope ${serial ?? `of family ${family.name}`}`;
    if (status === STATUS.notFound) {
      throw new InstrumentLost(errorOfStatus(action, status, usbAdvice()).message);
    }
    if (handle[0] <= 0 || (status !== STATUS.ok && !isPowerState(status))) {
      if (status === STATUS.permissionsError) throw new PicoError(action, status, permissionAdvice());
      throw errorOfStatus(action, status === STATUS.ok ? STATUS.notResponding : status);
    }
    const unit = new Unit(library, handle[0]);
    const api = family.generation === "A" ? new ASeries(family, unit) : new ESeries(family, unit);
    try {
      return new Scope(api, status === STATUS.ok ? "" : confirmPower(api, status));
    } catch (error) {
      await unit.close();
      throw error;
    }
  }

  /** @inheritdoc */
  get description(): string {
    return `PicoScope ${this.variant} ${this.serial}`;
  }

  /** Family of the unit. */
  get family(): FamilyName {
    return this.#api.family.name;
  }

  /** True if it tells when each capture of a set was triggered. */
  get hasTriggerTimes(): boolean {
    return this.#api.family.triggerInfoBytes > 0;
  }

  /**
   * Sets everything up for captures or for a stream. What was captured before is gone.
   *
   * @param settings What it shall do.
   * @param captures How many captures one arming takes at most; fewer if the memory holds fewer.
   * @returns What the unit has made of it.
   * @throws {RangeError} If the unit cannot do that; says what it can do.
   * @throws {InstrumentLost} If it is gone, or a channel is off for want of a power supply.
   * @throws {PowerSourceChanged} If its power source changes meanwhile: to be confirmed, and tried again.
   */
  configure(settings: ScopeSettings, captures: number): ScopeReadback {
    const readback = configureScope(this.#api, settings, { captures, channelCount: this.channelCount });
    this.#settings = settings;
    this.#readback = readback;
    this.#channels = settings.channels.map(({ channel }) => CHANNEL_NAMES.indexOf(channel));
    this.#registered = new Array(readback.captures * this.#channels.length).fill(null);
    this.#overflow = new Int16Array(readback.captures);
    this.#counts = this.#api.family.generation === "A" ? new Uint32Array(1) : new BigUint64Array(1);
    this.#infos = new DataView(new ArrayBuffer(readback.captures * this.#api.family.triggerInfoBytes));
    this.#triggerSamples = new Float64Array(readback.captures);
    return readback;
  }

  /** Starts to wait for triggers; they are stored in the unit until the set is complete. */
  arm(): void {
    const { samples, preSamples } = this.#configured();
    this.#api.runBlock(preSamples, samples - preSamples, this.#readback!.timebase);
  }

  /**
   * True once the set is complete.
   *
   * @throws {InstrumentLost} If the unit is gone.
   * @throws {PowerSourceChanged} If its power source has changed; the captures are lost.
   */
  isReady(): boolean {
    return this.#api.unit.isReady();
  }

  /**
   * Ends the set early.
   *
   * @returns How many captures are complete; they can be read.
   * @throws {InstrumentLost} If the unit is gone.
   */
  stopSet(): number {
    const status = this.#api.unit.stop();
    if (status !== STATUS.ok) throw errorOfStatus("stop a capture", status);
    return Math.min(this.#api.completedCaptures(), this.#readback?.captures ?? 0);
  }

  /**
   * Says where the samples of captures shall go.
   *
   * @param from First capture.
   * @param count Number of captures.
   * @param memoryOf Memory for a capture, counted from `from`, and the number of a channel among those that are on. It stays
   *   registered, and is kept alive here, until it is replaced or the unit is set up anew or closed.
   */
  register(
    { from, count }: { from: number; count: number },
    memoryOf: (capture: number, channel: number) => SampleMemory,
  ): void {
    const channels = this.#channels;
    const { samples } = this.#configured();
    const place = { index: 0, samples, segment: 0, isFirst: true };
    // The newer families forget all memory when some is replaced, so there a set is registered as a whole.
    const asWhole = this.#api.family.generation === "E";
    if (asWhole && !this.#isChanged({ from, count }, memoryOf)) return;
    for (let capture = 0; capture < count; capture++) {
      for (let i = 0; i < channels.length; i++) {
        const memory = memoryOf(capture, i);
        const at = (from + capture) * channels.length + i;
        if (!asWhole && this.#registered[at] === memory) continue;
        if (memory.samples.length < samples) {
          throw new RangeError(
            `Cannot register memory: expected ${samples} samples or more, found ${memory.samples.length}`,
          );
        }
        place.index = channels[i];
        place.segment = from + capture;
        this.#api.setBuffer(memory.address, place);
        this.#registered[at] = memory;
        place.isFirst = false;
      }
    }
  }

  /**
   * Fetches captures of a complete or stopped set into the memory registered. Transfers of more than 8 MiB are done beside
   * this thread; then a promise comes back.
   *
   * @throws {InstrumentLost} If the unit is gone; what was captured is lost.
   * @throws {PowerSourceChanged} Likewise.
   */
  read(from: number, count: number): void | Promise<void> {
    const { samples } = this.#configured();
    const range = {
      from,
      to: from + count - 1,
      samples,
      isSingle: this.#readback!.captures === 1,
      isLong: count * this.#channels.length * samples * 2 > LONG_BYTES,
    };
    const overflow = this.#overflow.subarray(from);
    const status = this.#api.readCaptures(range, this.#counts, overflow);
    return typeof status === "number" ? this.#checkRead(status) : status.then((late) => this.#checkRead(late));
  }

  /** Overflow bits of a capture that was read: bit i is set if channel i was over its range. */
  overflowOf(capture: number): number {
    return this.#overflow[capture];
  }

  /**
   * Fetches when the captures of a set were triggered, in samples since the first of them.
   *
   * @returns One number per capture, used again for the next set; null if the family does not have them or they are not
   *   to be had.
   */
  readTriggerTimes(count: number): Float64Array | null {
    const bytes = this.#api.family.triggerInfoBytes;
    if (bytes === 0) return null;
    const infos = this.#infos;
    this.#api.readTriggerInfo(new Uint8Array(infos.buffer, 0, count * bytes), 0, count - 1);
    const at = INFO_COUNTER[bytes];
    const low = infos.getUint32(at, true);
    const high = infos.getUint32(at + 4, true);
    for (let i = 0; i < count; i++) {
      const info = i * bytes;
      if (i > 0 && (infos.getUint32(info, true) & TIME_STAMP_RESET) !== 0) return null;
      const lowPassed = infos.getUint32(info + at, true) - low;
      // The counter has 56 bits and may begin anew: halves are subtracted, since the whole does not fit a number exactly.
      const highPassed = (infos.getUint32(info + at + 4, true) - high - (lowPassed < 0 ? 1 : 0)) & COUNTER_HIGH_MASK;
      this.#triggerSamples[i] = highPassed * TWO_TO_32 + (lowPassed < 0 ? lowPassed + TWO_TO_32 : lowPassed);
      if (bytes === 48) this.#missed += infos.getUint32(info + INFO_MISSED, true);
    }
    return this.#triggerSamples;
  }

  /** Triggers that the unit says it missed between captures, since it was opened; 0 where it does not count them. */
  get missedTriggers(): number {
    return this.#missed;
  }

  /**
   * Starts to stream.
   *
   * @param memory Two sets of buffers of equal length, one per channel that is on; they are kept alive here.
   * @returns Time between samples in ns that the unit takes.
   */
  startStream(memory: readonly [readonly SampleMemory[], readonly SampleMemory[]]): number {
    const { sampleTimeNs } = this.#configured();
    this.#streamMemory = memory;
    return this.#api.startStream({
      channels: this.#channels,
      length: memory[0][0].samples.length,
      sampleTimeNs: sampleTimeNs ?? this.#readback!.sampleTimeNs,
      buffers: [memory[0].map(({ address }) => address), memory[1].map(({ address }) => address)],
    });
  }

  /**
   * Takes what has been streamed since the last call.
   *
   * @param take Gets the pieces; what it does not copy is overwritten by the next call. It must not use the unit.
   * @returns False if samples were lost before what comes next.
   * @throws {InstrumentLost} If the unit is gone.
   */
  readStream(take: (chunk: StreamChunk, memory: readonly SampleMemory[]) => void): boolean {
    const status = this.#api.readStream((chunk) => take(chunk, this.#streamMemory[chunk.bufferSet]));
    if (status === STATUS.ok || status === STATUS.busy || status === STATUS.noSamplesAvailable) return true;
    if (status === STATUS.bufferStall || status === STATUS.streamingFailed) return false;
    throw errorOfStatus("read a stream", status);
  }

  /** Ends a stream. */
  stopStream(): void {
    this.#api.unit.stop();
    this.#api.endStream();
  }

  /**
   * Accepts a new power source. The unit has to be configured again.
   *
   * @param status What a call returned.
   * @returns What to tell the user.
   * @throws {InstrumentLost} If the unit cannot work with it.
   */
  confirmPower(status: number): string {
    this.#api.unit.stop();
    return confirmPower(this.#api, status);
  }

  /** @inheritdoc */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      await this.#api.unit.close();
      this.#api.endStream();
    } finally {
      this.#registered = [];
      this.#streamMemory = [];
    }
  }

  #configured(): ScopeSettings {
    if (this.#settings !== null && this.#isOpen) return this.#settings;
    throw new TypeError(
      `Cannot use ${this.description}: expected it to be open and configured, found it ${
        this.#isOpen ? "not configured" : "closed"
      }`,
    );
  }

  #isChanged(
    { from, count }: { from: number; count: number },
    memoryOf: (capture: number, channel: number) => SampleMemory,
  ): boolean {
    const channels = this.#channels.length;
    for (let k = 0; k < count * channels; k++) {
      if (this.#registered[from * channels + k] !== memoryOf(Math.floor(k / channels), k % channels)) return true;
    }
    return false;
  }

  #checkRead(status: number): void {
    if (status !== STATUS.ok) throw errorOfStatus("read captures", status);
    const { samples } = this.#settings!;
    const found = Number(this.#counts[0]);
    if (found !== samples) {
      throw new RangeError(`Cannot read captures: expected ${samples} samples of each, found ${found}`);
    }
  }
}
