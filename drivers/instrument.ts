/** What instruments have in common, whatever they are: the words between a driver and the source that uses it. */

/** An instrument that is open and set up. */
export interface Instrument {
  /** Model and serial number or address, for messages: `PicoScope 5444D FY984/0005`. */
  readonly description: string;

  /** Gives the instrument back, also one that is gone. Never throws; may be repeated. */
  close(): void | Promise<void>;
}

/**
 * Thrown by a driver when its instrument is gone: unplugged, switched off, or not there yet. Whoever uses the instrument
 * closes it and opens it again until it is back. Every other error means that trying again would not help.
 */
export class InstrumentLost extends Error {
  /** Tells it from other errors in logs. */
  override readonly name = "InstrumentLost";
}
