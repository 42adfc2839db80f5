/** One unit behind a handle: the calls that are the same in all families. */
import type { Argument, DriverLibrary, LongCall } from "./driver_library.ts";
import { errorOfStatus, STATUS } from "./pico_status.ts";

/** What {@linkcode Unit.info} can be asked; numbers of PICO_INFO. */
export const UNIT_INFO = { driverVersion: 0, usbVersion: 1, variant: 3, serial: 4, firmware: 9 } as const;

const TEXT_BYTES = 256;
const SERIALS_BYTES = 4096;

/** Text that C wrote. Some drivers give a wrong length, so the first NUL counts. */
function cText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)).trim();
}

/** Text for C. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/**
 * Lists the serial numbers of the units that are not open. May take seconds.
 *
 * @throws {Error} If the library cannot look.
 */
export async function enumerateUnits(library: DriverLibrary): Promise<string[]> {
  const count = new Int16Array(1);
  const serials = new Uint8Array(SERIALS_BYTES);
  const length = Int16Array.of(SERIALS_BYTES);
  const status = await library.callLater("EnumerateUnits", count, serials, length);
  if (status === STATUS.notFound) return [];
  if (status !== STATUS.ok) throw errorOfStatus(`look for units with ${library.prefix}EnumerateUnits`, status);
  return cText(serials).split(",").map((serial) => serial.trim()).filter((serial) => serial !== "").slice(0, count[0]);
}

/** An open unit. Every call has its handle as the first argument. */
export class Unit {
  /** The library that it was opened with. */
  readonly library: DriverLibrary;
  #handle: number;
  readonly #ready = new Int16Array(1);

  /** For a handle that the library gave. */
  constructor(library: DriverLibrary, handle: number) {
    this.library = library;
    this.#handle = handle;
  }

  /** Number under which the library knows it; 0 after it was closed. */
  get handle(): number {
    return this.#handle;
  }

  /** Calls a function and returns its status. */
  call(name: string, ...args: Argument[]): number {
    return this.library.call(name, this.#handle, ...args);
  }

  /** Calls a function beside the JavaScript thread and returns its status. */
  callLater(name: LongCall, ...args: Argument[]): Promise<number> {
    return this.library.callLater(name, this.#handle, ...args);
  }

  /**
   * Calls a function that must succeed.
   *
   * @param action What it is for, as in `Cannot <action>: …`.
   * @throws {InstrumentLost} If the unit is gone.
   * @throws {PicoError} If it refuses.
   */
  check(action: string, name: string, ...args: Argument[]): void {
    const status = this.call(name, ...args);
    if (status !== STATUS.ok) throw errorOfStatus(`${action} with ${this.library.prefix}${name}`, status);
  }

  /** What the unit says of itself; empty if it does not know. */
  info(info: keyof typeof UNIT_INFO): string {
    const text = new Uint8Array(TEXT_BYTES);
    const required = new Int16Array(1);
    const status = this.call("GetUnitInfo", text, TEXT_BYTES, required, UNIT_INFO[info]);
    return status === STATUS.ok ? cText(text) : "";
  }

  /**
   * True once all captures that were asked for are in.
   *
   * @throws {InstrumentLost} If the unit is gone.
   * @throws {PowerSourceChanged} If its power source has changed; the captures are lost.
   */
  isReady(): boolean {
    const status = this.call("IsReady", this.#ready);
    if (status === STATUS.ok) return this.#ready[0] !== 0;
    if (status === STATUS.busy || status === STATUS.noSamplesAvailable) return false;
    throw errorOfStatus(`wait for captures with ${this.library.prefix}IsReady`, status);
  }

  /** Ends whatever the unit does. Returns the status: a unit that is gone cannot be stopped. */
  stop(): number {
    return this.call("Stop");
  }

  /** Stops and gives the handle back, whatever the unit says to that. May be repeated. */
  async close(): Promise<void> {
    if (this.#handle <= 0) return;
    this.stop();
    await this.callLater("CloseUnit");
    this.#handle = 0;
  }
}
