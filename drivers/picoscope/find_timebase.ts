/** Finds the number of the timebase that is nearest to a wanted time between samples. */

/** A timebase that the device has. */
export interface Timebase {
  readonly timebase: number;
  readonly intervalNs: number;
}

const LARGEST_TIMEBASE = 0xFFFFFFFF;
/** Timebases that are too fast for the channels that are on come first; no device has more of them. */
const MOST_TOO_FAST = 64;

/**
 * Asks the device, so that it is right for every model, resolution and set of channels: the interval grows with the number
 * of the timebase, so the number is bracketed by doubling and then halved in.
 *
 * @param intervalNs Interval of a timebase in ns; null: the device does not have it.
 * @param wantedNs Time between samples in ns.
 * @returns The nearest one, the shorter one of two that are equally near; null if the device has none at all.
 */
export function findTimebase(intervalNs: (timebase: number) => number | null, wantedNs: number): Timebase | null {
  let low = firstPossible(intervalNs);
  if (low === null || low.intervalNs >= wantedNs) return low;
  // From here on `low` is shorter than wanted, and `end` is the first number known to be no such one.
  let end = LARGEST_TIMEBASE + 1;
  let high: Timebase | null = null;
  for (let step = 1; end - low.timebase > 1; step *= 2) {
    const isBracketed: boolean = end <= LARGEST_TIMEBASE;
    const timebase: number = isBracketed
      ? Math.floor((low.timebase + end) / 2)
      : Math.min(LARGEST_TIMEBASE, low.timebase + step);
    const found = intervalNs(timebase);
    if (found !== null && found < wantedNs) {
      low = { timebase, intervalNs: found };
    } else {
      end = timebase;
      high = found === null ? high : { timebase, intervalNs: found };
    }
  }
  if (high === null) return low;
  return wantedNs - low.intervalNs <= high.intervalNs - wantedNs ? low : high;
}

function firstPossible(intervalNs: (timebase: number) => number | null): Timebase | null {
  for (let timebase = 0; timebase < MOST_TOO_FAST; timebase++) {
    const found = intervalNs(timebase);
    if (found !== null) return { timebase, intervalNs: found };
  }
  return null;
}
