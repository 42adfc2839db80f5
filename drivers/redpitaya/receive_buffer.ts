/** What comes in over a connection, in whatever pieces, kept until somebody takes it. */
import { InstrumentLost } from "../instrument.ts";

/** The part of a TCP connection that is used. */
export interface ByteConnection {
  read(target: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

/** Bytes received and not yet taken. */
export class ReceiveBuffer {
  readonly #connection: ByteConnection;
  readonly #name: string;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #start = 0;
  #end = 0;
  #pending: Promise<number | null> | null = null;
  #beginMs = 0;
  #lastMs = 0;

  /**
   * Empty.
   *
   * @param connection Where bytes come from; nobody else may read there.
   * @param options Name of the other side for messages, and how many bytes may be kept.
   */
  constructor(connection: ByteConnection, options: { readonly name: string; readonly capacity: number }) {
    this.#connection = connection;
    this.#name = options.name;
    this.#bytes = new Uint8Array(options.capacity);
  }

  /** Bytes that can be taken. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** When the first byte that can be taken came, as `performance.now()` tells time. */
  get beginMs(): number {
    return this.#beginMs;
  }

  /** When the last piece came. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /**
   * Waits for more.
   *
   * @returns How many bytes came; 0: none in time.
   * @throws {InstrumentLost} If the connection has ended.
   */
  async receive(timeoutMs: number): Promise<number> {
    if (this.#pending === null) {
      this.#moveToFront();
      this.#pending = this.#connection.read(this.#bytes.subarray(this.#end));
      this.#pending.catch(() => {}); // whoever awaits it next is told
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => timer = setTimeout(() => resolve("late"), timeoutMs));
    try {
      const received = await Promise.race([this.#pending, late]);
      if (received === "late") return 0;
      this.#pending = null;
      if (received === null) throw new InstrumentLost(`${this.#name} has closed the connection`);
      this.#lastMs = performance.now();
      if (this.length === 0) this.#beginMs = this.#lastMs;
      this.#end += received;
      return received;
    } catch (error) {
      if (error instanceof InstrumentLost || !(error instanceof Error)) throw error;
      throw new InstrumentLost(`the connection to ${this.#name} is broken: ${error.message}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** View of the bytes from the first one on that can be taken; valid until the next {@linkcode receive}. */
  view(): Uint8Array<ArrayBuffer> {
    // Whoever looks at samples needs them at even places. While a read is under way its target must stay where it is.
    if (this.#start % 2 !== 0 && this.#pending === null) this.#moveToFront();
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Takes the first bytes. */
  take(count: number): void {
    this.#start += Math.min(count, this.length);
    this.#beginMs = this.#lastMs;
  }

  #moveToFront(): void {
    if (this.#start === 0) return;
    this.#bytes.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
  }
}
