/** Conversion of ADC counts. */

/** `count * mvPerCount - offsetMv`. */
export interface CountScale {
  readonly mvPerCount: number;
  /** What is taken off, in mV. */
  readonly offsetMv: number;
}

/** Scales of channels whose offset is taken off, or is left in the data. */
export function countScales(channels: readonly CountScale[], subtractsOffset: boolean): CountScale[] {
  return channels.map(({ mvPerCount, offsetMv }) => ({ mvPerCount, offsetMv: subtractsOffset ? offsetMv : 0 }));
}

/**
 * Converts counts from the start of `counts` on, as many as both arrays have.
 *
 * Four at a time, read before they are written: the engine converts a plain loop's values through one register, so that each
 * waits for the one before, and is then up to six times slower (seen with V8 of Deno 2.9.6).
 */
export function toMillivolts(
  into: Float32Array | Float64Array,
  counts: Int16Array,
  { mvPerCount, offsetMv }: CountScale,
): void {
  const length = Math.min(into.length, counts.length);
  const whole = length - length % 4;
  let i = 0;
  for (; i < whole; i += 4) {
    const a = counts[i];
    const b = counts[i + 1];
    const c = counts[i + 2];
    const d = counts[i + 3];
    into[i] = a * mvPerCount - offsetMv;
    into[i + 1] = b * mvPerCount - offsetMv;
    into[i + 2] = c * mvPerCount - offsetMv;
    into[i + 3] = d * mvPerCount - offsetMv;
  }
  for (; i < length; i++) into[i] = counts[i] * mvPerCount - offsetMv;
}
