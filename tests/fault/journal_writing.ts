/** Events by their counters, for tests in which a process writes and another one reads. */
import { type Columns, recordLayout } from "../../src/record/record_layout.ts";

/** Layout of the events. */
export const JOURNAL_LAYOUT = recordLayout({ a: "float32", b: "int64", c: "uint8" }, 40);

/** Gives an event the values that belong to its counter. */
export function fillEvent(data: Columns, counter: number): void {
  data.a.fill(counter + 0.25);
  (data.b as unknown as BigInt64Array).fill(BigInt(counter) << 20n);
  for (let i = 0; i < data.c.length; i++) data.c[i] = counter + i;
}

/** Says whether an event has the values that belong to its counter. */
export function isWhole(data: Columns, counter: number): boolean {
  return data.a.every((value: number) => value === Math.fround(counter + 0.25)) &&
    (data.b as unknown as BigInt64Array).every((value) => value === BigInt(counter) << 20n) &&
    (data.c as Uint8Array).every((value, i) => value === ((counter + i) & 255));
}
