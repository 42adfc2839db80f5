/** Floating point numbers as the shortest decimal that reads back as the same number. */

/** Decimal digits that always tell float32 numbers apart, and those that some need less than. */
const MOST_DIGITS = 9;
const FEWEST_DIGITS = 6;

/** Powers of ten that float64 holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Between these, the digits before the point follow from a comparison with the powers of ten. */
const SMALLEST_PLAIN = 1e-4;
const LARGEST_PLAIN = 1e9;

/**
 * Writes a float32 number as the shortest decimal that rounds to it: `213.77188`, `0.1`, `1e-40`, `nan`, `inf`. Whole
 * numbers get a `.0`, so that a column of them is still read as floating point, as pandas writes them.
 *
 * @param value A number that float32 holds exactly, such as an element of a `Float32Array`.
 */
export function float32Text(value: number): string {
  return floatText(shortestFloat32(value));
}

/** Writes a float64 number as the shortest decimal that rounds to it, with `.0`, `nan` and `inf` as above. */
export function floatText(value: number): string {
  if (Number.isInteger(value)) {
    const text = Object.is(value, -0) ? "-0" : String(value);
    return text.includes("e") ? text : `${text}.0`;
  }
  if (Number.isNaN(value)) return "nan";
  if (value === Infinity) return "inf";
  return value === -Infinity ? "-inf" : String(value);
}

/** Finds the float64 number with the fewest decimal digits among those that round to `value` in float32. */
export function shortestFloat32(value: number): number {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < LARGEST_PLAIN) return value;
  if (!(size >= SMALLEST_PLAIN && size < LARGEST_PLAIN)) return shortestBySearch(value);
  let wholeDigits = 0;
  while (size >= POWERS[wholeDigits]) wholeDigits++;
  if (wholeDigits === 0) { for (let tenth = size * 10; tenth < 1; tenth *= 10) wholeDigits--; }
  for (let digits = FEWEST_DIGITS; digits <= MOST_DIGITS; digits++) {
    // Whole numbers and powers of ten are exact, so their quotient is the float64 nearest to the decimal.
    const power = POWERS[Math.max(digits - wholeDigits, 0)];
    const rounded = roundHalfEven(size * power) / power;
    if (Math.fround(rounded) === size) return value < 0 ? -rounded : rounded;
  }
  return shortestBySearch(value);
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

function shortestBySearch(value: number): number {
  if (!Number.isFinite(value)) return value;
  for (let digits = 1; digits < MOST_DIGITS; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return Number(value.toPrecision(MOST_DIGITS));
}
