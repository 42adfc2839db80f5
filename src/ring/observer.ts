/** Observers: looks at the newest event that hold nothing back. */
import { RING_CODE, SLOT_HEADER_BYTES } from "../../drivers/shm_ring/symbols.ts";
import { type RecordLayout, viewColumns } from "../record/record_layout.ts";
import type { ObserverPort } from "./ports.ts";
import { RingHandle, type RingState, stateOfCode, wholeMs } from "./ring_handle.ts";
import { Slot } from "./slot.ts";
import type { WaitOptions } from "./writer.ts";

/** Longest wait of an observer that may be told to end. */
const LONGEST_WAIT_MS = 100;

interface Copy {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly slot: Slot;
}

function newCopy(handle: RingHandle): Copy {
  const bytes = new Uint8Array(handle.slotBytes);
  const columns = viewColumns(handle.layout, bytes.buffer, SLOT_HEADER_BYTES);
  return { bytes, slot: new Slot(0, bytes.buffer, 0, columns) };
}

/**
 * Copies the newest event of a ring. The copy is never torn: if a writer overtakes it, it is taken again. Any number of
 * observers may look at a ring; neither writers nor readers wait for them. One thread uses it.
 */
export class Observer implements Disposable {
  readonly #handle: RingHandle;
  // Two copies that change places: a try that fails, or was overtaken by a writer, spoils only the one not shown.
  #shown: Copy;
  #spare: Copy;
  readonly #isOver: (() => boolean) | null;
  #hasCopy = false;
  #state: RingState = "ok";

  /**
   * Opens a port.
   *
   * @param port Of the ring.
   * @param options `isOver`: says that the observer shall get the end although the ring goes on; asked at every call, and
   *   some times a second while a call waits (@default {never}).
   * @throws {RingError} If the ring is gone.
   */
  constructor(port: ObserverPort, options: { readonly isOver?: () => boolean } = {}) {
    this.#isOver = options.isOver ?? null;
    this.#handle = RingHandle.attach(port);
    this.#shown = newCopy(this.#handle);
    this.#spare = newCopy(this.#handle);
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

  /** True once a call has found the end of the ring. */
  get ending(): boolean {
    return this.#state === "ended";
  }

  /**
   * Waits for an event newer than the last one returned, and copies the newest there is.
   *
   * @returns The observer's own copy, valid until the next call that gives one; null at the end of the run or of the
   *   time, see {@linkcode state}.
   */
  get(options: WaitOptions = {}): Slot | null {
    const code = this.#observe(wholeMs(options.timeoutMs));
    this.#state = stateOfCode(this.#handle, code, "observe");
    if (code < 0) return null;
    const shown = this.#spare;
    this.#spare = this.#shown;
    this.#shown = shown;
    this.#hasCopy = true;
    return shown.slot;
  }

  #observe(timeoutMs: number): number {
    const { symbols, pointer } = this.#handle;
    if (this.#isOver === null) return symbols.shm_ring_observe(pointer, this.#spare.bytes, timeoutMs);
    const endMs = timeoutMs < 0 ? Infinity : performance.now() + timeoutMs;
    for (let leftMs = timeoutMs < 0 ? Infinity : timeoutMs;;) {
      if (this.#isOver()) return RING_CODE.ended;
      const waitMs = Math.ceil(Math.min(leftMs, LONGEST_WAIT_MS));
      const code = symbols.shm_ring_observe(pointer, this.#spare.bytes, waitMs);
      leftMs = endMs - performance.now();
      if (code !== RING_CODE.timedOut || leftMs <= 0) return code;
    }
  }

  /** The last copy, or null if there is none yet. */
  latest(): Slot | null {
    return this.#hasCopy ? this.#shown.slot : null;
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
