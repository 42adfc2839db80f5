// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** Colours of intensities: rising in brightness, and told apart by everybody. */

/** Points of the map "viridis" (S. van der Walt and N. Smith, 2015), at equal distances. */
const STOPS = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

/**
 * @param {number} fraction 0 to 1.
 * @returns {[red: number, green: number, blue: number]}
 */
export function heatColor(fraction) {
  const place = Math.min(1, Math.max(0, fraction)) * (STOPS.length - 1);
  const i = Math.min(STOPS.length - 2, Math.floor(place));
  const part = place - i;
  const mix = (/** @type {number} */ c) => Math.round(STOPS[i][c] + part * (STOPS[i + 1][c] - STOPS[i][c]));
  return [mix(0), mix(1), mix(2)];
}
