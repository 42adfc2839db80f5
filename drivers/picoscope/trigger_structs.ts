/** Packed structures that describe an advanced trigger. */
import type { TriggerTermCounts } from "./scope_api.ts";

/** State of a source that has to be fulfilled. */
export const CONDITION_TRUE = 1;

/** Packed structures: thresholds and hysteresis of both levels, channel, and the threshold mode in the older form. */
export function triggerProperties(
  terms: readonly TriggerTermCounts[],
  { withMode }: { withMode: boolean },
): Uint8Array<ArrayBuffer> {
  const bytes = withMode ? 16 : 12;
  const view = new DataView(new ArrayBuffer(terms.length * bytes));
  terms.forEach(({ source, mode, upper, lower, hysteresis }, i) => {
    view.setInt16(i * bytes, upper, true);
    view.setUint16(i * bytes + 2, hysteresis ?? 0, true);
    view.setInt16(i * bytes + 4, lower, true);
    view.setUint16(i * bytes + 6, hysteresis ?? 0, true);
    view.setUint32(i * bytes + 8, source, true);
    if (withMode) view.setUint32(i * bytes + 12, mode === "window" ? 1 : 0, true);
  });
  return new Uint8Array(view.buffer);
}

/** Pairs of source and state, all of which must be fulfilled. */
export function conditionList(group: readonly TriggerTermCounts[]): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(group.flatMap(({ source }) => [source, CONDITION_TRUE]));
}

/** Source, direction and, in the newer form, the threshold mode. */
export function directionList(
  terms: readonly TriggerTermCounts[],
  { withMode }: { withMode: boolean },
): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(
    terms.flatMap(({ source, direction, mode }) => [
      source,
      direction,
      ...(withMode ? [mode === "window" ? 1 : 0] : []),
    ]),
  );
}
