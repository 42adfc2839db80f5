/** Files that are not whole. */

/** A stretch of a file that is not what it should be. */
export interface FileFault {
  /** The file. */
  readonly path: string;
  /** Where it begins, in bytes from the file's beginning. */
  readonly offset: number;
  /** Bytes of the file that cannot be used; 0 if something is missing there. */
  readonly byteLength: number;
  /** What is wrong: `a record with a wrong checksum`. */
  readonly reason: string;
  /** Events that are lost by it; null if nobody knows. */
  readonly events: number | null;
  /** True if the file just stops there, as the file of a program that was killed does; nothing follows. */
  readonly isTail: boolean;
}

/** Thrown when a file turns out to be damaged; says where. */
export class DamagedFileError extends Error {
  /** What was found. */
  readonly fault: FileFault;

  /**
   * Makes the message of a fault.
   *
   * @param fault What was found.
   * @param expected What should have been there: `a record`.
   * @param advice What to do about it. @default {none}
   */
  constructor(fault: FileFault, expected: string, { advice = "" }: { advice?: string } = {}) {
    super(
      `Cannot read "${fault.path}": expected ${expected} at byte ${fault.offset}, found ${fault.reason}` +
        (advice === "" ? "" : `; ${advice}`),
    );
    this.name = "DamagedFileError";
    this.fault = fault;
  }

  /** The file. */
  get path(): string {
    return this.fault.path;
  }

  /** Where it breaks, in bytes from its beginning. */
  get offset(): number {
    return this.fault.offset;
  }

  /** What is wrong there. */
  get reason(): string {
    return this.fault.reason;
  }
}

/** A fault as a sentence without a period: `"a.mjournal", byte 4096: a record with a wrong checksum; 1 event is lost`. */
export function faultText({ path, offset, byteLength, reason, events }: FileFault): string {
  const place = byteLength > 1 ? `bytes ${offset} to ${offset + byteLength - 1}` : `byte ${offset}`;
  const lost = events === null ? "" : events === 1 ? "; 1 event is lost" : `; ${events} events are lost`;
  return `"${path}", ${place}: ${reason}${lost}`;
}
