/** Observers: looks at the newest event that hold nothing back. */
import { SLOT_HEADER_BYTES } from "../../drivers/shm_ring/symbols.ts";
import { type RecordLayout, viewColumns } from "../record/record_layout.ts";
import type { ObserverPort } from "./ports.ts";
import { RingHandle, type RingState, stateOfCode } from "./ring_handle.ts";
import { Slot } from "./slot.ts";
import type { WaitOptions } from "./writer.ts";

/**
 * Copies the newest event of a ring. The copy is never torn: if a writer overtakes it, it is taken again. Any number of
 * observers may look at a ring; neither writers nor readers wait for them. One thread uses it.
 */
export class Observer implements Disposable {
  readonly #handle: RingHandle;
  readonly #copy: Uint8Array<ArrayBuffer>;
  readonly #slot: Slot;
  #hasCopy = false;
  #state: RingState = "ok";

  /**
   * Opens a port.
   *
   * @throws {RingError} If the ring is gone.
   */
  constructor(port: ObserverPort) {
    this.#handle = RingHandle.attach(port);
    this.#copy = new Uint8Array(this.#handle.slotBytes);
    const { buffer } = this.#copy;
    this.#slot = new Slot(0, buffer, 0, viewColumns(this.#handle.layout, buffer, SLOT_HEADER_BYTES));
  }

  /** Name of the ring. */
  get name(): string {
    return this.#handle.name;
  }

  /** Layout of the ring's records. */
  get layout(): RecordLayout {
    return this.#handle.layout;
  }

  /** Why the last call gave nothing, "ok" if it gave something. */
  get state(): RingState {
    return this.#state;
  }

  /** True once the ring has ended. */
  get ending(): boolean {
    return this.#state === "ended";
  }

  /**
   * Waits for an event newer than the last one returned, and copies the newest there is.
   *
   * @returns The observer's own copy, valid until the next call; null at the end of the run or of the time, see
   *   {@linkcode state}.
   */
  get(options: WaitOptions = {}): Slot | null {
    const { symbols, pointer } = this.#handle;
    const code = symbols.shm_ring_observe(pointer, this.#copy, options.timeoutMs ?? -1);
    this.#state = stateOfCode(this.#handle, code, "observe");
    if (code < 0) return null;
    this.#hasCopy = true;
    return this.#slot;
  }

  /** The last copy, or null if there is none yet. */
  latest(): Slot | null {
    return this.#hasCopy ? this.#slot : null;
  }

  /** Closes the ring here. May be repeated. */
  close(): void {
    if (this.#handle.close()) this.#state = "ended";
  }

  /** Same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}
