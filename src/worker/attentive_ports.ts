/**
 * Rings and flags of a worker that see to its outbox while they wait. As long as nothing is held back they differ from those
 * they extend by one look at a flag.
 */
import { Observer } from "../ring/observer.ts";
import type { ObserverPort, ReaderPort, WriterPort } from "../ring/ports.ts";
import type { Columns } from "../record/record_layout.ts";
import { Reader } from "../ring/reader.ts";
import type { Slot } from "../ring/slot.ts";
import { type WaitOptions, Writer } from "../ring/writer.ts";
import type { Outbox } from "./outbox.ts";
import type { RecordOrigin } from "./record_origin.ts";
import { RunSignal } from "./run_signal.ts";

/** Options of a wait for at most so many ms; undefined: without an end. */
function waitOf(timeoutMs: number | undefined): WaitOptions {
  return timeoutMs === undefined ? {} : { timeoutMs };
}

/** A reader that sees to an outbox while it waits. */
export class AttentiveReader extends Reader {
  readonly #outbox: Outbox;

  /** @param port Of the ring. @param outbox What is to be sent meanwhile. */
  constructor(port: ReaderPort, outbox: Outbox) {
    super(port);
    this.#outbox = outbox;
  }

  /** @inheritdoc */
  override next(options: WaitOptions = {}): Slot | null {
    if (!this.#outbox.isWaiting) return super.next(options);
    let slot: Slot | null = null;
    this.#outbox.wait(options.timeoutMs, (partMs) => {
      slot = super.next(waitOf(partMs));
      return this.state !== "timed out";
    });
    return slot;
  }

  /** @inheritdoc */
  override getBatch(most: number, options: WaitOptions = {}): number {
    if (!this.#outbox.isWaiting) return super.getBatch(most, options);
    let taken = 0;
    this.#outbox.wait(options.timeoutMs, (partMs) => {
      taken = super.getBatch(most, waitOf(partMs));
      return this.state !== "timed out";
    });
    return taken;
  }
}

/** A writer that sees to an outbox while it waits, and says in each record which event it was made of. */
export class AttentiveWriter extends Writer {
  readonly #outbox: Outbox;
  readonly #origin: RecordOrigin | null;

  /**
   * @param port Of the ring.
   * @param options What is to be sent meanwhile, and what records are made of; null: of nothing that comes out of a ring.
   */
  constructor(port: WriterPort, options: { readonly outbox: Outbox; readonly origin: RecordOrigin | null }) {
    super(port);
    this.#outbox = options.outbox;
    this.#origin = options.origin;
  }

  /** @inheritdoc */
  protected override complete(slot: Slot): void {
    this.#origin?.mark(slot);
  }

  /** @inheritdoc */
  override getNewBuffer(): Columns | null {
    if (!this.#outbox.isWaiting) return super.getNewBuffer();
    this.publishBatch();
    this.processBuffer();
    return this.claim()?.data ?? null;
  }

  /** @inheritdoc */
  override claim(options: WaitOptions = {}): Slot | null {
    if (!this.#outbox.isWaiting) return super.claim(options);
    let slot: Slot | null = null;
    this.#outbox.wait(options.timeoutMs, (partMs) => {
      slot = super.claim(waitOf(partMs));
      return this.state !== "timed out";
    });
    return slot;
  }

  /** @inheritdoc */
  override claimBatch(most: number, options: WaitOptions = {}): number {
    if (!this.#outbox.isWaiting) return super.claimBatch(most, options);
    let claimed = 0;
    this.#outbox.wait(options.timeoutMs, (partMs) => {
      claimed = super.claimBatch(most, waitOf(partMs));
      return this.state !== "timed out";
    });
    return claimed;
  }

  /** @inheritdoc */
  override waitWhilePaused(options: WaitOptions = {}): boolean {
    if (!this.#outbox.isWaiting) return super.waitWhilePaused(options);
    let isOver = false;
    this.#outbox.wait(options.timeoutMs, (partMs) => {
      isOver = super.waitWhilePaused(waitOf(partMs));
      return this.state !== "timed out";
    });
    return isOver;
  }
}

/** An observer that sees to an outbox while it waits. */
export class AttentiveObserver extends Observer {
  readonly #outbox: Outbox;

  /** @param port Of the ring. @param options What is to be sent meanwhile, and when it is over for the observer alone. */
  constructor(port: ObserverPort, options: { readonly outbox: Outbox; readonly isOver: () => boolean }) {
    super(port, options);
    this.#outbox = options.outbox;
  }

  /** @inheritdoc */
  override get(options: WaitOptions = {}): Slot | null {
    if (!this.#outbox.isWaiting) return super.get(options);
    let slot: Slot | null = null;
    this.#outbox.wait(options.timeoutMs, (partMs) => {
      slot = super.get(waitOf(partMs));
      return this.state !== "timed out";
    });
    return slot;
  }
}

/** Flags of the run whose sleeps see to an outbox. */
export class AttentiveSignal extends RunSignal {
  readonly #outbox: Outbox;

  /** @param memory Memory of the control's flags. @param outbox What is to be sent meanwhile. */
  constructor(memory: SharedArrayBuffer, outbox: Outbox) {
    super(memory);
    this.#outbox = outbox;
  }

  /** @inheritdoc */
  override sleep(durationMs: number): boolean {
    if (!this.#outbox.isWaiting || !(durationMs > 0)) return super.sleep(durationMs);
    this.#outbox.wait(durationMs, (partMs) => !super.sleep(partMs ?? Infinity));
    return !this.ending;
  }

  /** @inheritdoc */
  override sleepWhileDraining(durationMs: number): boolean {
    if (!this.#outbox.isWaiting || !(durationMs > 0)) return super.sleepWhileDraining(durationMs);
    this.#outbox.wait(durationMs, (partMs) => !super.sleepWhileDraining(partMs ?? Infinity));
    return !this.aborted && !this.retired;
  }
}
