/**
 * mimoCoRB for Deno: a multiple-in multiple-out configurable ring buffer in shared memory, and the data acquisition around
 * it.
 *
 * @example Write into a ring, read from it
 * ```ts
 * import { Reader, RingBuffer, Writer } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * using ring = await RingBuffer.create({ name: "pulses", slots: 8, valuesPerSlot: 4, fields: { chA: "float32" } });
 * using reader = new Reader(ring.newReaderGroup("filter"));
 * using writer = new Writer(ring.newWriter());
 * writer.getNewBuffer()!.chA.set([0, 3, 1, 0]);
 * writer.processBuffer();
 * assertEquals(Array.from(reader.get()!.chA as Float32Array), [0, 3, 1, 0]);
 * ```
 *
 * @module
 */
export * from "./src/record/field_type.ts";
export * from "./src/record/record_layout.ts";
export * from "./src/ring/ports.ts";
export * from "./src/ring/ring_error.ts";
export * from "./src/ring/ring_status.ts";
export { type BufferStatus, RingBuffer, type RingOptions } from "./src/ring/ring_buffer.ts";
export type { RingState } from "./src/ring/ring_handle.ts";
export { type Slot } from "./src/ring/slot.ts";
export { type WaitOptions, Writer } from "./src/ring/writer.ts";
export { type Outcome, Reader } from "./src/ring/reader.ts";
export { Observer } from "./src/ring/observer.ts";
