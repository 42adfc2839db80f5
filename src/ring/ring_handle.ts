/** One opened ring in this thread: the C handle, the mapping, and the slots in it. Not for users. */
import { openRingLibrary } from "../../drivers/shm_ring/open.ts";
import {
  NAME_BYTES,
  PAUSE_DISCARD,
  RING_CODE,
  RING_INFO,
  type RingSymbols,
  ROLE_WRITER,
  SLOT_HEADER_BYTES,
} from "../../drivers/shm_ring/symbols.ts";
import { layoutFromJson, type RecordLayout, viewColumns } from "../record/record_layout.ts";
import { RingError } from "./ring_error.ts";
import { Slot } from "./slot.ts";

/** Text as C wants it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/** A handle of the C helper with what TypeScript needs to know of its ring. */
export class RingHandle {
  readonly symbols: RingSymbols;
  readonly segment: string;
  readonly name: string;
  readonly layout: RecordLayout;
  readonly slots: number;
  readonly slotBytes: number;
  readonly limit: number;
  readonly discardsInPause: boolean;
  readonly runDirectory: string | null;
  readonly memory: ArrayBuffer;
  readonly #dataOffset: number;
  /** Slots that have been seen by their number; the others are undefined, see {@linkcode RingHandle.slot}. */
  readonly seenSlots: (Slot | undefined)[];
  readonly #unsafeHandle: Deno.PointerObject;
  #isOpen = true;

  /** Wraps a handle that `shm_ring_create` or `shm_ring_attach` gave. */
  constructor(symbols: RingSymbols, unsafeHandle: Deno.PointerObject, segment: string) {
    this.symbols = symbols;
    this.#unsafeHandle = unsafeHandle;
    this.segment = segment;
    const base = symbols.shm_ring_base(unsafeHandle) as Deno.PointerObject;
    this.memory = Deno.UnsafePointerView.getArrayBuffer(base, symbols.shm_ring_bytes(unsafeHandle)) as ArrayBuffer;
    this.slots = this.info("slots");
    this.slotBytes = this.info("slotBytes");
    this.limit = this.info("limit");
    this.discardsInPause = this.info("pauseMode") === PAUSE_DISCARD;
    this.name = this.#text(this.info("nameOffset"), NAME_BYTES);
    this.layout = layoutFromJson(this.#text(this.info("layoutOffset"), this.info("layoutBytes")));
    this.runDirectory = this.#text(this.info("runDirectoryOffset"), this.info("runDirectoryBytes")) || null;
    this.#dataOffset = this.info("dataOffset");
    this.seenSlots = new Array(this.slots + 1).fill(undefined);
  }

  /** Opens an existing ring. Throws a {@linkcode RingError} if that fails. */
  static attach(port: { readonly library: string; readonly segment: string; readonly ring: string }): RingHandle {
    const symbols = openRingLibrary(port.library);
    const error = new Int32Array(1);
    const handle = symbols.shm_ring_attach(cString(port.segment), error);
    if (handle === null) throw new RingError(`open ring "${port.ring}"`, error[0]);
    return new RingHandle(symbols, handle, port.segment);
  }

  /** A value of the segment's header. */
  info(what: keyof typeof RING_INFO): number {
    return this.symbols.shm_ring_info(this.pointer, RING_INFO[what]);
  }

  /** Names of all reader groups, in the order of their making. */
  groupNames(): string[] {
    return Array.from({ length: this.info("groups") }, (_, group) => this.groupName(group));
  }

  /** Name of a reader group. */
  groupName(group: number): string {
    return this.#text(this.info("groupNamesOffset") + group * NAME_BYTES, NAME_BYTES);
  }

  /** The slot of a number; made at first use and kept. Number `slots` is the scratch slot of a discarding pause. */
  slot(index: number): Slot {
    return this.seenSlots[index] ?? this.#makeSlot(index);
  }

  /** Takes a role: the reserved row of the port, or a fresh one. */
  takeRole(role: number, group: number, reserved: number | null): void {
    const row = reserved ?? this.unwrap(
      this.symbols.shm_ring_reserve(this.pointer, role, group),
      `open a ${role === ROLE_WRITER ? "writer" : "reader"}`,
    );
    this.unwrap(this.symbols.shm_ring_take_role(this.pointer, row), `open the reserved owner ${row}`);
  }

  /** Returns a result that is not negative; throws a {@linkcode RingError} otherwise. */
  unwrap(code: number, action: string): number {
    if (code < 0) throw new RingError(`${action} of ring "${this.name}"`, code);
    return code;
  }

  /** The C handle. Throws if it was closed: its memory is gone. */
  get pointer(): Deno.PointerObject {
    if (!this.#isOpen) throw new TypeError(`Cannot use ring "${this.name}": it was closed here`);
    return this.#unsafeHandle;
  }

  /** Signs off and unmaps; the first call only. */
  close(): boolean {
    if (!this.#isOpen) return false;
    this.symbols.shm_ring_close(this.#unsafeHandle);
    this.#isOpen = false;
    return true;
  }

  #makeSlot(index: number): Slot {
    const offset = this.#dataOffset + index * this.slotBytes;
    const slot = new Slot(
      index,
      this.memory,
      offset,
      viewColumns(this.layout, this.memory, offset + SLOT_HEADER_BYTES),
    );
    this.seenSlots[index] = slot;
    return slot;
  }

  #text(offset: number, bytes: number): string {
    const text = new TextDecoder().decode(new Uint8Array(this.memory, offset, bytes).slice());
    const end = text.indexOf("\0");
    return end < 0 ? text : text.slice(0, end);
  }
}

/** A time-out as the helper wants it: whole milliseconds, negative = for ever. */
export function wholeMs(timeoutMs = -1): number {
  return timeoutMs < 0 || timeoutMs > 0x7fffffff ? -1 : Math.ceil(timeoutMs);
}

/** Why a call gave nothing: see {@linkcode Writer.state} and {@linkcode Reader.state}. */
export type RingState = "ok" | "ended" | "timed out" | "paused";

/** Translates the codes that are expected outcomes; throws a {@linkcode RingError} for all others. */
export function stateOfCode(handle: RingHandle, code: number, action: string): RingState {
  switch (code) {
    case RING_CODE.ended:
      return "ended";
    case RING_CODE.timedOut:
      return "timed out";
    case RING_CODE.paused:
      return "paused";
    default:
      handle.unwrap(code, action);
      return "ok";
  }
}
