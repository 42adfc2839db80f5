/** A Red Pitaya with the DAQ server, over TCP. */
import { type Instrument, InstrumentLost } from "../instrument.ts";
import {
  COMMAND,
  type Command,
  encodeCommands,
  HISTOGRAM_BINS,
  SAMPLE_BYTES,
  STATUS_BYTES,
  STATUS_SCOPE_AT,
  SURPLUS_SAMPLES,
} from "./commands.ts";
import { type ByteConnection, ReceiveBuffer } from "./receive_buffer.ts";

/** The buffer holds at least so much. */
const LEAST_BUFFER_BYTES = 2 ** 20;

/** How waveforms are taken. */
export interface RedPitayaSettings {
  /** Converter samples averaged into one; one of `DECIMATIONS`. */
  readonly decimation: number;
  /** Whether each input is negated. */
  readonly negated: readonly [IN1: boolean, IN2: boolean];
  /** Number of the input, from 0. */
  readonly triggerSource: number;
  readonly triggerSlope: "rising" | "falling";
  /** `auto`: waveforms come without a trigger, too. */
  readonly triggerMode: "normal" | "auto";
  /** Level in counts, within `TRIGGER_LEVEL`. */
  readonly triggerLevel: number;
  readonly preSamples: number;
  /** Samples of a waveform. */
  readonly samples: number;
}

/** Times for which a server is waited, in ms. */
export interface RedPitayaTimes {
  /** For the connection, for an answer, and for the rest of a waveform that has begun. @default {5000} */
  readonly answerMs?: number;
  /** Nothing for so long: what was under way has come. @default {50} */
  readonly quietMs?: number;
  /** For the end of data of a set that somebody else has started. @default {20000} */
  readonly settleMs?: number;
}

/** What the server says about itself. */
export interface RedPitayaStatus {
  /** Timers of the two histograms, in ticks of 8 ns. */
  readonly timers: readonly [IN1: number, IN2: number];
  /** True while the oscilloscope waits for a trigger. */
  readonly isWaiting: boolean;
}

/**
 * A connection to the server. The protocol has no frames: waveforms and answers are bytes one after the other, so nothing may
 * be asked while waveforms are outstanding.
 */
export class RedPitaya implements Instrument {
  readonly description: string;
  readonly settings: RedPitayaSettings;
  readonly #connection: ByteConnection;
  readonly #buffer: ReceiveBuffer;
  readonly #times: Required<RedPitayaTimes>;
  readonly #eventBytes: number;

  /** Takes over a connection that is open; {@linkcode RedPitaya.open} makes one. */
  constructor(
    connection: ByteConnection,
    options: { readonly name: string; readonly settings: RedPitayaSettings; readonly times?: RedPitayaTimes },
  ) {
    const { name, settings, times = {} } = options;
    this.description = name;
    this.settings = settings;
    this.#connection = connection;
    this.#times = { answerMs: 5000, quietMs: 50, settleMs: 20_000, ...times };
    this.#eventBytes = (settings.samples + SURPLUS_SAMPLES) * SAMPLE_BYTES;
    this.#buffer = new ReceiveBuffer(connection, {
      name,
      capacity: Math.max(LEAST_BUFFER_BYTES, 2 * this.#eventBytes),
    });
  }

  /**
   * Connects, finds out whether it is the right server, and sets it up.
   *
   * @throws {InstrumentLost} If nobody answers, or with something else.
   */
  static async open(
    address: { readonly hostname: string; readonly port: number },
    settings: RedPitayaSettings,
    times: RedPitayaTimes = {},
  ): Promise<RedPitaya> {
    const name = `Red Pitaya ${address.hostname}:${address.port}`;
    const connection = await connect(address, { name, timeoutMs: times.answerMs ?? 5000 });
    const device = new RedPitaya(connection, { name, settings, times });
    try {
      await device.setUp();
      return device;
    } catch (error) {
      device.close();
      throw error;
    }
  }

  /** Bytes of a waveform as the server sends it. */
  get eventBytes(): number {
    return this.#eventBytes;
  }

  /** Whole waveforms that have come and were not taken. */
  get events(): number {
    return Math.floor(this.#buffer.length / this.#eventBytes);
  }

  /** When the first waveform that was not taken began to come, as `performance.now()` tells time. */
  get beginMs(): number {
    return this.#buffer.beginMs;
  }

  /** When something came for the last time. */
  get lastMs(): number {
    return this.#buffer.lastMs;
  }

  /** Asks for the status and sends all settings. */
  async setUp(): Promise<void> {
    await this.#send([{ code: COMMAND.resetScope }]);
    await this.#settle();
    await this.readStatus();
    await this.#settle();
    const { settings } = this;
    await this.#send([
      { code: COMMAND.totalSamples, value: settings.samples + SURPLUS_SAMPLES },
      { code: COMMAND.preSamples, value: settings.preSamples },
      { code: COMMAND.decimation, value: settings.decimation },
      ...settings.negated.map((isOn, channel) => ({ code: COMMAND.negator, channel, value: Number(isOn) })),
      { code: COMMAND.triggerSource, channel: settings.triggerSource },
      { code: COMMAND.triggerSlope, value: Number(settings.triggerSlope === "falling") },
      { code: COMMAND.triggerMode, value: Number(settings.triggerMode === "auto") },
      { code: COMMAND.triggerLevel, value: settings.triggerLevel },
    ]);
  }

  /**
   * Throws away what is under way, and makes the oscilloscope wait for triggers. The server goes on with a set that was asked
   * for earlier, even over another connection.
   *
   * @returns Bytes thrown away.
   */
  async arm(): Promise<number> {
    await this.#send([{ code: COMMAND.resetScope }]);
    const bytes = await this.#settle();
    await this.#send([{ code: COMMAND.resetScope }, { code: COMMAND.startScope }]);
    return bytes;
  }

  /** Asks for so many more waveforms. */
  request(events: number): Promise<void> {
    return this.#send([{ code: COMMAND.startDaq, value: events }]);
  }

  /**
   * Waits for data.
   *
   * @returns Whole waveforms that can be taken; 0 if the time is over.
   * @throws {InstrumentLost} If the connection is broken, or the rest of a waveform does not come.
   */
  async receive(timeoutMs: number): Promise<number> {
    const endMs = performance.now() + timeoutMs;
    while (this.events === 0) {
      const received = await this.#buffer.receive(Math.max(0, endMs - performance.now()));
      if (received === 0) {
        this.#checkRest();
        return 0;
      }
    }
    return this.events;
  }

  /** The i-th whole waveform: samples of the two inputs in turn. Valid until the next {@linkcode receive} or `take`. */
  waveforms(i: number): Int16Array<ArrayBuffer> {
    const bytes = this.#buffer.view();
    return new Int16Array(bytes.buffer, bytes.byteOffset + i * this.#eventBytes, 2 * this.settings.samples);
  }

  /** Takes the first waveforms out. */
  take(events: number): void {
    this.#buffer.take(events * this.#eventBytes);
  }

  /** Reads the status; not while waveforms are outstanding. */
  async readStatus(): Promise<RedPitayaStatus> {
    const bytes = await this.#ask({ code: COMMAND.readStatus }, STATUS_BYTES);
    const view = new DataView(bytes.buffer);
    return {
      timers: [Number(view.getBigUint64(0, true)), Number(view.getBigUint64(8, true))],
      isWaiting: (view.getUint32(STATUS_SCOPE_AT, true) & 1) === 1,
    };
  }

  /** Reads the pulse-height histogram of an input; not while waveforms are outstanding. */
  async readHistogram(channel: number): Promise<Uint32Array<ArrayBuffer>> {
    const bytes = await this.#ask({ code: COMMAND.readHistogram, channel }, 4 * HISTOGRAM_BINS);
    return new Uint32Array(bytes.buffer);
  }

  /** Empties the histogram of an input, lets its timer begin at 0, and lets it run or not. */
  async startHistogram(channel: number, isRunning = true): Promise<void> {
    await this.#send([
      { code: COMMAND.resetHistogram, channel },
      { code: COMMAND.resetTimer, channel },
      { code: COMMAND.timerMode, channel, value: Number(isRunning) },
    ]);
  }

  /** @inheritdoc */
  close(): void {
    try {
      this.#connection.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #send(commands: readonly Command[]): Promise<void> {
    const bytes = encodeCommands(commands);
    try {
      for (let sent = 0; sent < bytes.length;) sent += await this.#connection.write(bytes.subarray(sent));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new InstrumentLost(`the connection to ${this.description} is broken: ${error.message}`, { cause: error });
    }
  }

  async #ask(command: Command, length: number): Promise<Uint8Array<ArrayBuffer>> {
    await this.#send([command]);
    const endMs = performance.now() + this.#times.answerMs;
    while (this.#buffer.length < length) {
      const received = await this.#buffer.receive(Math.max(0, endMs - performance.now()));
      if (received > 0) continue;
      throw new InstrumentLost(
        `${this.description} answered ${this.#buffer.length} of ${length} bytes to command ${command.code}; expected the ` +
          `DAQ server of the Red Pitaya (other servers on this port do not know the command)`,
      );
    }
    const answer = this.#buffer.view().slice(0, length);
    this.#buffer.take(length);
    return answer;
  }

  /** Throws away what comes until nothing comes any more. */
  async #settle(): Promise<number> {
    const { quietMs, settleMs } = this.#times;
    const endMs = performance.now() + settleMs;
    let bytes = this.#buffer.length;
    this.#buffer.take(bytes);
    for (;;) {
      const received = await this.#buffer.receive(quietMs);
      if (received === 0) return bytes;
      bytes += received;
      this.#buffer.take(received);
      if (performance.now() > endMs) {
        throw new InstrumentLost(`${this.description} sends data that were not asked for; start its server anew`);
      }
    }
  }

  #checkRest(): void {
    const silentMs = performance.now() - this.#buffer.lastMs;
    if (this.#buffer.length === 0 || silentMs < this.#times.answerMs) return;
    throw new InstrumentLost(
      `${this.description} has sent ${this.#buffer.length} of the ${this.#eventBytes} bytes of an event, and then nothing ` +
        `for ${(silentMs / 1000).toFixed(1)} s`,
    );
  }
}

async function connect(
  address: { readonly hostname: string; readonly port: number },
  { name, timeoutMs }: { name: string; timeoutMs: number },
): Promise<ByteConnection> {
  const advice = "expected its DAQ server to run there; is it switched on, in the network, and the server started?";
  const connecting = Deno.connect({ transport: "tcp", ...address });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => timer = setTimeout(() => resolve(null), timeoutMs));
  try {
    const connection = await Promise.race([connecting, late]);
    if (connection !== null) {
      connection.setNoDelay(true);
      return connection;
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new InstrumentLost(`Cannot connect to ${name}: ${advice} (${error.message})`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
  connecting.then((connection) => connection.close(), () => {});
  throw new InstrumentLost(`Cannot connect to ${name}: ${advice} (no answer in ${timeoutMs} ms)`);
}
