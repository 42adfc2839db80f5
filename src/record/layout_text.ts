/** Record layouts in words. */
import type { RecordLayout } from "./record_layout.ts";

/** Fields that are named; of more only the number. */
const NAMED_FIELDS = 6;

/** Describes a layout for messages: `4250 values of chA float32, chB float32`. */
export function layoutText({ valuesPerSlot, fields }: RecordLayout): string {
  const names = fields.slice(0, NAMED_FIELDS).map((field) => `${field.name} ${field.type.name}`).join(", ");
  const more = fields.length > NAMED_FIELDS ? ` and ${fields.length - NAMED_FIELDS} more fields` : "";
  return `${valuesPerSlot} ${valuesPerSlot === 1 ? "value" : "values"} of ${names}${more}`;
}
