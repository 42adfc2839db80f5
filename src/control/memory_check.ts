/** Whether the rings of a run fit into memory. */
import { statfsSync } from "node:fs";
import type { RingPlan } from "../setup/plan.ts";
import { sweepStaleSegments } from "../ring/segment_name.ts";
import { SetupRefused } from "./setup_refused.ts";

/** Where rings are kept. */
const SHARED_MEMORY = "/dev/shm";

/** What a slot takes beside its record: metadata and state words. */
const SLOT_OVERHEAD_BYTES = 64 + 8;

/** What a reader group needs to recognize records that come a second time. */
const MEMORY_BYTES = (1 << 19) + (1 << 11);

/** Memory that is free now. */
export interface FreeMemory {
  /** Bytes left in /dev/shm. */
  readonly sharedBytes: number;
  /** Bytes that programs can still have without swapping. */
  readonly availableBytes: number;
}

/**
 * Refuses rings that together are larger than the free memory: each by itself might be had, and the system would kill the
 * program when they are filled.
 *
 * @param rings All rings of the run.
 * @param free What is free. @default as the system says after the segments of dead programs were removed
 * @throws {SetupRefused} If they are too large.
 */
export function refuseTooLargeRings(rings: readonly RingPlan[], free: FreeMemory = freeMemory()): void {
  const sizes = rings.map(ringBytes);
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const [bytes, where] = free.sharedBytes < free.availableBytes
    ? [free.sharedBytes, `free in ${SHARED_MEMORY}`]
    : [free.availableBytes, "of free memory"];
  if (total <= bytes) return;
  const largest = rings[sizes.indexOf(Math.max(...sizes))];
  const { slots, layout } = largest;
  const hint = free.sharedBytes < free.availableBytes
    ? `, remove what is left there, or enlarge it (mount -o remount,size=4G ${SHARED_MEMORY})`
    : ", or end other programs";
  throw new SetupRefused([
    `Cannot make the rings: expected at most ${megabytes(bytes)} (${where}), found ${megabytes(total)} in all; the ` +
    `largest is ${largest.name} with ${slots} slots of ${
      megabytes(layout.recordBytes)
    }; use fewer or smaller slots${hint}`,
  ]);
}

function ringBytes({ slots, layout, groups }: RingPlan): number {
  return slots * (layout.recordBytes + SLOT_OVERHEAD_BYTES + 8 * groups.length) + MEMORY_BYTES * groups.length;
}

function freeMemory(): FreeMemory {
  sweepStaleSegments();
  const { bavail, bsize } = statfsSync(SHARED_MEMORY);
  return { sharedBytes: bavail * bsize, availableBytes: Deno.systemMemoryInfo().available };
}

function megabytes(bytes: number): string {
  return bytes < 10e6 ? `${Number((bytes / 1e6).toPrecision(2))} MB` : `${Math.round(bytes / 1e6)} MB`;
}
