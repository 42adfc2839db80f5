/** The DAQ server of a simulated Red Pitaya. */
import { COMMAND, type Command, COMMAND_BYTES, decodeCommand, STATUS_BYTES, STATUS_SCOPE_AT } from "../commands.ts";
import { SimulatedScope } from "./simulated_scope.ts";
import type { SimulatorSettings } from "./simulator_settings.ts";

const HOSTNAME = "127.0.0.1";
const SHORT_ANSWER_BYTES = 20;
/** What the device needs to be ready again besides sending. */
const READOUT_MS = 0.02;

/**
 * Serves one client at a time, as the real one does. A set that a client has asked for is sent to whoever is connected, also
 * if the client has gone meanwhile.
 */
export class SimulatedServer implements AsyncDisposable {
  readonly #settings: SimulatorSettings;
  readonly #listener: Deno.TcpListener;
  readonly #scope: SimulatedScope;
  readonly #serving: Promise<void>;
  #client: Deno.TcpConn | null = null;
  #daqCount = 0;
  #daq: Promise<void> | null = null;
  #sentToClient = 0;
  #sentInAll = 0;
  #isClosed = false;

  /** Listens from now on. */
  constructor(settings: SimulatorSettings = {}) {
    this.#settings = settings;
    this.#scope = new SimulatedScope(settings);
    this.#listener = Deno.listen({ hostname: HOSTNAME, port: settings.port ?? 0 });
    this.#serving = this.#acceptAll();
  }

  /** Where it listens. */
  get address(): { readonly hostname: string; readonly port: number } {
    return { hostname: HOSTNAME, port: this.#listener.addr.port };
  }

  /** Its oscilloscope. */
  get scope(): SimulatedScope {
    return this.#scope;
  }

  /** Ends the present connection; what was asked for stays asked for. */
  disconnect(): void {
    const client = this.#client;
    this.#client = null;
    try {
      client?.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  /** Ends the server. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    this.disconnect();
    await this.#serving;
    await this.#daq;
  }

  /** Same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #acceptAll(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const client = await this.#listener.accept();
        client.setNoDelay(true);
        this.#sentToClient = 0;
        this.#client = client;
        await this.#serve(client);
      } catch (error) {
        // A client that goes is no reason to end; a listener that was closed is noticed above.
        if (!(error instanceof Error)) throw error;
      }
      this.disconnect();
    }
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    const bytes = new Uint8Array(COMMAND_BYTES);
    if (this.#settings.answer === "endless") return await this.#chatter(client);
    while (await readWhole(client, bytes)) await this.#obey(decodeCommand(bytes));
  }

  async #obey({ code, channel, value }: Required<Command>): Promise<void> {
    const { registers } = this.#scope;
    if (code === COMMAND.resetScope) this.#scope.reset();
    else if (code === COMMAND.startScope) this.#scope.start();
    else if (code === COMMAND.decimation) registers.decimation = value < 4 ? 1 : value;
    else if (code === COMMAND.negator && channel < 2) registers.negated[channel] = value === 1;
    else if (code === COMMAND.triggerSource && channel < 2) registers.triggerSource = channel;
    else if (code === COMMAND.triggerSlope) registers.isFalling = value === 1;
    else if (code === COMMAND.triggerMode) registers.isAuto = value === 1;
    else if (code === COMMAND.triggerLevel) registers.level = new Int16Array([value % 2 ** 16])[0];
    else if (code === COMMAND.preSamples) registers.preSamples = value;
    else if (code === COMMAND.totalSamples) registers.totalSamples = value;
    else if (code === COMMAND.resetHistogram && channel < 2) this.#scope.resetHistogram(channel);
    else if (code === COMMAND.resetTimer && channel < 2) this.#scope.resetTimer(channel);
    else if (code === COMMAND.timerMode && channel < 2) this.#scope.runHistogram(channel, value === 1);
    else if (code === COMMAND.readStatus) await this.#sendStatus();
    else if (code === COMMAND.readHistogram && channel < 2) {
      await this.#send(bytesOf(this.#scope.histogram(channel).bins));
    } else if (code === COMMAND.startDaq) this.#startDaq(value);
  }

  async #sendStatus(): Promise<void> {
    const { answer = "right" } = this.#settings;
    if (answer === "none") return;
    const bytes = new Uint8Array(STATUS_BYTES);
    const view = new DataView(bytes.buffer);
    [0, 1].forEach((channel) => view.setBigUint64(8 * channel, BigInt(this.#scope.histogram(channel).ticks), true));
    view.setUint32(STATUS_SCOPE_AT, Number(this.#scope.isWaiting), true);
    await this.#send(answer === "short" ? bytes.subarray(0, SHORT_ANSWER_BYTES) : bytes);
  }

  async #chatter(client: Deno.TcpConn): Promise<void> {
    for (const bytes = new Uint8Array(64);;) {
      await client.write(bytes);
      await pause(1);
    }
  }

  #startDaq(events: number): void {
    this.#daqCount += events;
    this.#daq ??= this.#sendEvents().finally(() => this.#daq = null);
  }

  /** Sends what was asked for; when sending fails, the rest stays until the next request. */
  async #sendEvents(): Promise<void> {
    while (this.#daqCount > 0 && !this.#isClosed) {
      const found = this.#scope.capture();
      if (typeof found === "number") {
        await pause(found);
        continue;
      }
      const sendingMs = performance.now();
      try {
        await this.#sendEvent(bytesOf(found));
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        return;
      }
      this.#scope.reset();
      // A timer that rings late must not make the device slow: it would have been ready when this was sent.
      this.#scope.start(this.#scope.capturedMs + READOUT_MS + performance.now() - sendingMs);
      this.#daqCount--;
    }
  }

  async #sendEvent(bytes: Uint8Array): Promise<void> {
    const { split = false, disconnect_after = 0, disconnect_within = false, stall_after = 0 } = this.#settings;
    const half = bytes.subarray(0, bytes.length >> 1);
    if (stall_after > 0 && this.#sentToClient === stall_after) {
      await this.#send(half);
      for (const client = this.#client; client === this.#client && !this.#isClosed;) await pause(5);
      throw new Deno.errors.BrokenPipe("the client has gone");
    }
    if (disconnect_after > 0 && this.#sentToClient === disconnect_after) {
      if (disconnect_within) await this.#send(half);
      this.disconnect();
      throw new Deno.errors.BrokenPipe("the connection was closed");
    }
    const at = split ? this.#sentInAll % bytes.length : 0;
    await this.#send(bytes.subarray(0, at));
    await this.#send(bytes.subarray(at));
    this.#sentToClient++;
    this.#sentInAll++;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const { segment_bytes = 0 } = this.#settings;
    const client = this.#client;
    if (client === null) throw new Deno.errors.BrokenPipe("nobody is connected");
    const step = segment_bytes > 0 ? segment_bytes : bytes.length;
    for (let sent = 0; sent < bytes.length;) {
      sent += await client.write(bytes.subarray(sent, Math.min(bytes.length, sent + step)));
    }
  }
}

async function readWhole(client: Deno.TcpConn, bytes: Uint8Array): Promise<boolean> {
  for (let length = 0; length < bytes.length;) {
    const received = await client.read(bytes.subarray(length));
    if (received === null) return false;
    length += received;
  }
  return true;
}

function bytesOf(values: Int16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
