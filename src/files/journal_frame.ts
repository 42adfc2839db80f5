/**
 * Frames, of which a journal consists behind its header. All numbers are little-endian, `docs/journal_format.md` has the
 * whole picture.
 *
 *      0  uint32   marker of the file
 *      4  uint32   bytes of the frame, a multiple of 8
 *      8  uint8    kind: 1 event, 2 index
 *      9  uint8    flags: 1 redelivered
 *     10  uint16   0
 *     12  uint32   place of the event in the file, from 0, modulo 2^32; of the index: events in the file
 *     16  int64    counter
 *     24  float64  timestamp
 *     32  float64  dead time
 *     40           columns in the order of the layout, without gaps; then zeros
 *     -4  uint32   CRC32C of all bytes before
 */
import type { NumberColumn } from "../record/field_type.ts";
import type { Columns, RecordField, RecordLayout } from "../record/record_layout.ts";

/** Kinds of frames. */
export const EVENT_FRAME = 1;
export const INDEX_FRAME = 2;

/** Flag of an event that was delivered before to a worker that died. */
export const REDELIVERED_FLAG = 1;

/** Offsets in words of four bytes, and of eight. */
export const MARKER_WORD = 0;
export const LENGTH_WORD = 1;
export const KIND_WORD = 2;
export const NUMBER_WORD = 3;
export const COUNTER_LOW_WORD = 4;
export const COUNTER_HIGH_WORD = 5;
export const TIMESTAMP_DOUBLE = 3;
export const DEADTIME_DOUBLE = 4;

/** Where the columns begin; the same in an index, for its entries. */
export const PAYLOAD_OFFSET = 40;

/** Bytes of the checksum at the end of every frame. */
export const CRC_BYTES = 4;

/** Frames begin at multiples of this, so that words and doubles in them can be seen in place. */
export const FRAME_ALIGNMENT_BYTES = 8;

/** Longest frame: lengths have 32 bits, typed arrays of such a size can still be had. */
const LONGEST_FRAME = 2 ** 31 - 8;

/** Up to so many bytes a loop is faster than a call that copies. */
export const SMALL_COLUMN_BYTES = 32;

/** Bytes of all columns of a record without gaps. */
export function payloadBytes(layout: RecordLayout): number {
  return layout.fields.reduce((sum, { columnBytes }) => sum + columnBytes, 0);
}

/**
 * Bytes of the frame of an event.
 *
 * @throws {RangeError} If that is too much for a frame.
 */
export function eventFrameBytes(layout: RecordLayout): number {
  const needed = PAYLOAD_OFFSET + payloadBytes(layout) + CRC_BYTES;
  const bytes = Math.ceil(needed / FRAME_ALIGNMENT_BYTES) * FRAME_ALIGNMENT_BYTES;
  if (bytes > LONGEST_FRAME) {
    throw new RangeError(`Cannot store records in a journal: expected at most ${LONGEST_FRAME} bytes, found ${bytes}`);
  }
  return bytes;
}

/** Where each field's column begins, counted from the first one. */
export function packedOffsets(layout: RecordLayout): readonly number[] {
  let offset = 0;
  return layout.fields.map(({ columnBytes }) => (offset += columnBytes) - columnBytes);
}

/**
 * The bytes of an event's columns, in the order of the layout.
 *
 * @throws {TypeError} If the event has not the fields of the layout.
 */
export function columnBytesOf(data: Columns, fields: readonly RecordField[], path: string): readonly Uint8Array[] {
  return fields.map(({ name, type, columnBytes }) => {
    const column = data[name] as NumberColumn | undefined;
    if (column?.byteLength === columnBytes && column instanceof type.columnClass) {
      return new Uint8Array(column.buffer, column.byteOffset, columnBytes);
    }
    throw new TypeError(
      `Cannot write an event to "${path}": expected ${type.name} of ${columnBytes} bytes for field "${name}", found ${
        column === undefined ? "no such field" : `a ${column.constructor.name} of ${column.byteLength} bytes`
      }`,
    );
  });
}
