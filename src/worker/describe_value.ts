/** Values in messages. */
import { isPromise } from "./promise_like.ts";

/** Describes a value for a message: what it is rather than what it holds. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return `"${value}"`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${countOfValues((value as Uint8Array).length)}`;
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (isPromise(value)) return "a promise";
  if (typeof value === "object") return `object with ${Object.keys(value).join(", ") || "no fields"}`;
  if (typeof value === "function") return `function ${value.name}`;
  return `${typeof value} ${String(value)}`;
}

/** `1 value`, `2 values`. */
export function countOfValues(count: number): string {
  return count === 1 ? "1 value" : `${count} values`;
}
