/** Events of any layout for tests of files, and their comparison bit by bit. */
import type { EventRecord } from "../../src/files/event_record.ts";
import {
  allocateColumns,
  type Columns,
  type FieldSpecification,
  type RecordLayout,
  recordLayout,
} from "../../src/record/record_layout.ts";
import { Random } from "../../src/pulses/random.ts";

/** One of each type. */
export const EVERY_TYPE: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ..."float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool complex64 complex128 S3 S10"
      .split(" "),
  ].map((type) => [`a ${type}`, type]),
);

/** An event with its bytes, of which nothing changes any more. */
export interface KeptEvent {
  readonly counter: number;
  readonly timestamp: number;
  readonly deadtime: number;
  readonly redelivered: boolean;
  /** Bytes of each column as hexadecimal digits. */
  readonly columns: Readonly<Record<string, string>>;
}

/** Calls `run` with a folder that is removed afterwards. */
export function withFolder(run: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "mimocorb_files_" });
  try {
    run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Fills all columns with random bytes; truth values are 0 or 1 as NumPy stores them. */
export function fillColumns(layout: RecordLayout, seed: number): Columns {
  const columns = allocateColumns(layout);
  let state = seed;
  for (const { name, type } of layout.fields) {
    const bytes = bytesOf(columns[name]);
    for (let i = 0; i < bytes.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      bytes[i] = type.kind === "bool" ? state >>> 31 : state >>> 24;
    }
  }
  return columns;
}

/** The bytes of a column, which are not copied. */
export function bytesOf(column: { buffer: ArrayBuffer; byteOffset: number; byteLength: number }): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

/** Copies what an event is. */
export function kept(event: EventRecord & { readonly redelivered?: boolean }): KeptEvent {
  const { counter, timestamp, deadtime, redelivered = false, data } = event;
  return { counter, timestamp, deadtime, redelivered, columns: hexColumns(data) };
}

/** Bytes of all columns. */
export function hexColumns(data: Columns): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([name, { buffer, byteOffset, byteLength }]) => {
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      return [name, Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")];
    }),
  );
}

/** Fills columns with random bits; truth values with 0 and 1. */
export function fillAtRandom(layout: RecordLayout, data: Columns, random: Random): void {
  for (const { name, type } of layout.fields) {
    const { buffer, byteOffset, byteLength } = data[name];
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random.uniform() * (type.kind === "bool" ? 2 : 256));
  }
}

/** Events with random values; the same ones for the same seed. */
export function randomEvents(
  fields: FieldSpecification,
  options: { readonly valuesPerSlot?: number; readonly events: number; readonly seed?: string | number },
): { layout: RecordLayout; events: (EventRecord & { redelivered: boolean })[] } {
  const { valuesPerSlot = 1, events, seed = 1 } = options;
  const random = new Random(seed);
  const layout = recordLayout(fields, valuesPerSlot);
  return {
    layout,
    events: Array.from({ length: events }, (_, n) => {
      const data = allocateColumns(layout);
      fillAtRandom(layout, data, random);
      return {
        data,
        counter: 3 * n + 1,
        timestamp: 1700000000 + n / 7,
        deadtime: n / 1000,
        redelivered: n % 5 === 2,
      };
    }),
  };
}
