/** Values in messages. */

/** Describes a value for a message: what it is rather than what it holds. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return `"${value}"`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${(value as Uint8Array).length} values`;
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (typeof value === "object") return `object with ${Object.keys(value).join(", ") || "no fields"}`;
  if (typeof value === "function") return `function ${value.name}`;
  return `${typeof value} ${String(value)}`;
}
