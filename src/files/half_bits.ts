/** The bits of float16 numbers as those of float32 numbers and back; those of a NaN stay what they are. */

const HALVES = 1 << 16;
const HALF_EXPONENT = 0x7c00;
const HALF_FRACTION = 0x03ff;
const FLOAT_NAN = 0x7f800000;
const FRACTION_SHIFT = 13;

let table: Int32Array | null = null;

/** Bits of the float32 number that is equal to each float16 number, by the bits of that. */
export function float32BitsOfHalves(): Int32Array {
  if (table !== null) return table;
  const halves = new Float16Array(Uint16Array.from({ length: HALVES }, (_, bits) => bits).buffer);
  const bits = new Int32Array(new Float32Array(halves).buffer);
  for (let half = 0; half < HALVES; half++) {
    if (!isNaNBits(half)) continue;
    bits[half] = (half & 0x8000) << 16 | FLOAT_NAN | (half & HALF_FRACTION) << FRACTION_SHIFT;
  }
  return table = bits;
}

const float = new Float32Array(1);
const floatBits = new Int32Array(float.buffer);
const half = new Float16Array(1);
const halfWord = new Uint16Array(half.buffer);

/** Bits of the float16 number that has the value of a float32 number. */
export function halfBits(bits: number): number {
  if ((bits & FLOAT_NAN) === FLOAT_NAN && (bits & 0x007fffff) !== 0) {
    return bits >>> 16 & 0x8000 | HALF_EXPONENT | bits >>> FRACTION_SHIFT & HALF_FRACTION;
  }
  floatBits[0] = bits;
  half[0] = float[0];
  return halfWord[0];
}

function isNaNBits(half: number): boolean {
  return (half & HALF_EXPONENT) === HALF_EXPONENT && (half & HALF_FRACTION) !== 0;
}
