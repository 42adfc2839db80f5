/** Reader of what pages say, which may be anything. */
import type { FromPage } from "./protocol.ts";

/** Reads a message of a page; null if it is none. Texts and numbers have sane sizes afterwards. */
export function parseFromPage(text: string): FromPage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const message = value as Readonly<Record<string, unknown>>;
  const { type, ring, on, id, seq, what, key, kind, from, to, low, high, command } = message;
  const isText = (it: unknown): it is string => typeof it === "string" && it.length <= 500;
  const isNumber = (it: unknown): it is number => typeof it === "number" && Number.isFinite(it);
  const isCount = (it: unknown): it is number => Number.isSafeInteger(it) && (it as number) >= 0;
  switch (type) {
    case "ack":
      return (what === "state" || what === "frame") && isCount(seq) ? { type, what, seq } : null;
    case "scope":
    case "records":
      return isText(ring) && typeof on === "boolean" ? { type, ring, on } : null;
    case "fold":
      if (!isText(ring) || typeof on !== "boolean") return null;
      if (!on) return { type, ring, on };
      return isNumber(low) && isNumber(high) && low < high ? { type, ring, on, low, high } : null;
    case "command":
      return isCount(id) && isText(command) ? { type, id, command } : null;
    case "fit": {
      const isRange = isNumber(from) && isNumber(to) && from < to;
      if (!isCount(id) || !isText(key) || !isRange || (kind !== "gauss" && kind !== "exponential")) return null;
      return { type, id, key, kind, from, to };
    }
    case "reset":
      return isText(key) ? { type, key } : null;
    default:
      return null;
  }
}
