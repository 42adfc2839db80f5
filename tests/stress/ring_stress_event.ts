/** Events of the ring stress tests: every value says to which event it belongs. */
import type { Columns } from "../../src/record/record_layout.ts";

/** Fields of the rings of these tests; all values of an event follow from its number. */
export const STRESS_FIELDS = { id: "float64", wave: "float32", text: "S10", flags: "uint16" } as const;
export const STRESS_VALUES = 40;
/** Events of writer w have numbers from w * this. */
export const NUMBERS_OF_WRITER = 2 ** 32;

/** Fills an event with values that follow from its number. */
export function stampEvent(columns: Columns, id: number): void {
  columns.id.fill(id);
  columns.wave.fill(id % 16777216);
  columns.text.fill(id % 251);
  columns.flags.fill(id % 65521);
}

function isAll(column: ArrayLike<number>, value: number): boolean {
  for (let i = 0; i < column.length; i++) if (column[i] !== value) return false;
  return true;
}

/** Throws if any value of the event is not what its number says. */
export function checkEvent(columns: Columns, id: number, who: string): void {
  const isWhole = isAll(columns.id, id) && isAll(columns.wave, id % 16777216) && isAll(columns.text, id % 251) &&
    isAll(columns.flags, id % 65521);
  if (!isWhole) throw new Error(`${who}: event ${id} is torn: ${JSON.stringify(columns)}`);
}
