/** Position of a pulse by comparison with a reference. */

/**
 * Finds how far a pulse is shifted against a reference: the lag L at which the cross-correlation Σ d[n]·r[n−L] is
 * greatest, the first one of equal values.
 *
 * Only as many lags as the pulse has samples are looked at, the middle ones, as `scipy.signal.correlate` with mode "same"
 * does, and they are labelled as `scipy.signal.correlation_lags` labels them. For a pulse of odd and a reference of even
 * length those labels are 1 too high.
 *
 * @param pulse Samples of the pulse, d.
 * @param reference Samples of the reference, r.
 * @returns The lag in samples, or `null` if the pulse or the reference has no samples.
 *
 * @example A pulse that is two samples late
 * ```ts
 * import { correlationLag } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(correlationLag([0, 0, 0, 5, 2], [0, 5, 2]), 2);
 * ```
 */
export function correlationLag(pulse: ArrayLike<number>, reference: ArrayLike<number>): number | null {
  const n = pulse.length;
  const m = reference.length;
  if (n === 0 || m === 0) return null;
  const firstLag = ((m - 1) >> 1) - (m - 1);
  let best = -Infinity;
  let bestIndex = 0;
  for (let index = 0; index < n; index++) {
    const lag = firstLag + index;
    const end = Math.min(n, m + lag);
    let sum = 0;
    for (let i = Math.max(0, lag); i < end; i++) sum += pulse[i] * reference[i - lag];
    if (sum > best) {
      best = sum;
      bestIndex = index;
    }
  }
  const firstLabel = ((n + m - 1) >> 1) - (n >> 1) - (m - 1);
  return firstLabel + bestIndex;
}
