/** Makes the shared memory of a new ring. */
import {
  MAX_GROUPS,
  MAX_OWNERS,
  MAX_SLOTS,
  NAME_BYTES,
  PAUSE_DISCARD,
  PAUSE_WAIT,
  type RingSymbols,
  SPEC_BYTES,
} from "../../drivers/shm_ring/symbols.ts";
import { type FieldSpecification, layoutToJson, recordLayout } from "../record/record_layout.ts";
import { processOfPid } from "./process_identity.ts";
import { RingError } from "./ring_error.ts";
import { cString, RingHandle } from "./ring_handle.ts";
import { newSegmentName } from "./segment_name.ts";

/** What a new ring shall be. */
export interface RingOptions {
  /** Name of the ring, for messages and displays; at most 63 bytes. */
  name: string;
  /** Number of slots, 1 to 2^30. */
  slots: number;
  /** Values of each field per slot: samples of a waveform, 1 for parameters. */
  valuesPerSlot: number;
  /** One type, or types by field name. */
  fields: FieldSpecification;
  /** Writers that will sign on; the ring ends when all of them have signed off; at most 512. @default {1} */
  writers?: number;
  /** Events after which the ring takes no more; 0 = without limit. @default {0} */
  limit?: number;
  /**
   * The first so many reader groups can remember which records they are done with, about 65000 each, so that
   * `Reader.remembers` recognizes one that comes a second time; 512 kB each, at most 16. @default {0}
   */
  memories?: number;
  /** What writers do while the ring is paused: wait, or go on into nothing, counted. @default {"wait"} */
  pause?: "wait" | "discard";
  /**
   * Directory of the run that the ring belongs to. While the record in it, `run.yaml`, says `status: running`, the segment of a
   * program that was killed is kept for `RingBuffer.attach`; otherwise the next program that makes a ring removes it. @default {none}
   */
  runDirectory?: string;
}

/**
 * Makes a segment with an empty ring in it.
 *
 * @throws {TypeError} If a field has an unknown type.
 * @throws {RangeError} If a number is out of bounds.
 * @throws {RingError} If the shared memory cannot be had.
 */
export function createSegment(symbols: RingSymbols, options: RingOptions): RingHandle {
  const { name, slots, writers = 1, limit = 0, memories = 0, pause = "wait", runDirectory = "" } = options;
  checkBounds(name, [
    ["slots", slots, 1, MAX_SLOTS],
    ["writers", writers, 1, MAX_OWNERS],
    ["limit", limit, 0, Number.MAX_SAFE_INTEGER],
    ["memories", memories, 0, MAX_GROUPS],
    ["the bytes of its name", cString(name).length - 1, 1, NAME_BYTES - 1],
  ]);
  const layout = recordLayout(options.fields, options.valuesPerSlot);
  const spec = new DataView(new ArrayBuffer(SPEC_BYTES));
  spec.setBigUint64(0, BigInt(slots), true);
  spec.setBigUint64(8, BigInt(layout.recordBytes), true);
  spec.setBigUint64(16, BigInt(limit), true);
  spec.setBigUint64(24, BigInt(processOfPid(Deno.pid)?.start ?? 0), true);
  spec.setUint32(32, writers, true);
  spec.setUint32(36, pause === "discard" ? PAUSE_DISCARD : PAUSE_WAIT, true);
  spec.setUint32(40, memories, true);
  const segment = newSegmentName(name);
  const error = new Int32Array(1);
  const handle = symbols.shm_ring_create(
    cString(segment),
    cString(name),
    cString(layoutToJson(layout)),
    cString(absolutePath(runDirectory)),
    new Uint8Array(spec.buffer),
    error,
  );
  if (handle === null) {
    const megabytes = (slots * (layout.recordBytes + 64) / 1e6).toFixed(1);
    throw new RingError(`create ring "${name}" of ${slots} slots, ${megabytes} MB`, error[0]);
  }
  return new RingHandle(symbols, handle, segment);
}

function checkBounds(ring: string, bounds: [what: string, value: number, least: number, most: number][]): void {
  for (const [what, value, least, most] of bounds) {
    if (Number.isSafeInteger(value) && value >= least && value <= most) continue;
    throw new RangeError(
      `Cannot create ring "${ring}": expected ${what} to be an integer from ${least} to ${most}, found ${value}`,
    );
  }
}

function absolutePath(path: string): string {
  return path === "" || path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
}
