/** Access to the channels of a waveform record. */
import type { Columns } from "../record/record_layout.ts";

/** Shape of the waveform records that an analysis is made for. */
export interface WaveformShape {
  /** Names of the channels' fields in their order. */
  readonly fields: readonly string[];
  /** Samples of each channel. */
  readonly samples: number;
  /** Name of the function, for messages. @default {the name of the ready-made function} */
  readonly functionName?: string;
}

/**
 * Takes a channel out of a record.
 *
 * @throws {TypeError} If there is no such field or its values are 64-bit integers.
 */
export function channelOf(columns: Columns, field: string): ArrayLike<number> {
  const column = columns[field];
  if (column === undefined || column instanceof BigInt64Array || column instanceof BigUint64Array) {
    const found = column === undefined ? `fields ${Object.keys(columns).join(", ")}` : "64-bit integers";
    throw new TypeError(
      `Cannot analyse a waveform: expected field "${field}" with numbers up to 32 bits, found ${found}`,
    );
  }
  return column;
}
