/** Round numbers along the axis of a plot. */

/** Marks of an axis. */
export interface AxisTicks {
  /** Where numbers stand. */
  readonly values: readonly number[];
  /** The numbers as text, one per value. */
  readonly labels: readonly string[];
  /** Where small marks without numbers stand. */
  readonly minor: readonly number[];
}

/** Steps that people count in, and into how many parts each is divided by small marks. */
const STEPS: readonly { readonly step: number; readonly parts: number }[] = [
  { step: 1, parts: 5 },
  { step: 2, parts: 4 },
  { step: 2.5, parts: 5 },
  { step: 5, parts: 5 },
  { step: 10, parts: 5 },
];

/** Exponents of numbers that are written out; others are written as powers of ten. */
const LARGEST_EXPONENT = 5;
const SMALLEST_EXPONENT = -4;

/** Decades that a logarithmic axis can show before numbers are left out. */
const MOST_DECADES = 8;

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  "-": "⁻",
  0: "⁰",
  1: "¹",
  2: "²",
  3: "³",
  4: "⁴",
  5: "⁵",
  6: "⁶",
  7: "⁷",
  8: "⁸",
  9: "⁹",
};

/**
 * Chooses round numbers on a linear axis.
 *
 * @param range Lowest and highest value of the axis, in this order.
 * @param most Largest number of labelled marks that there is room for, at least 2.
 */
export function linearTicks(range: readonly [number, number], most: number): AxisTicks {
  const [low, high] = range;
  const rough = (high - low) / Math.max(most - 1, 1);
  if (!(rough > 0) || !Number.isFinite(rough)) return { values: [low], labels: [numberLabel(low)], minor: [] };
  const power = 10 ** Math.floor(Math.log10(rough));
  const { step: digit, parts } = STEPS.find(({ step }) => step * power >= rough * (1 - 1e-9)) ?? STEPS[4];
  const step = digit * power;
  const values = multiples(step, range);
  const minor = multiples(step / parts, range).filter((value) => {
    const steps = value / step;
    return Math.abs(steps - Math.round(steps)) > 1e-6;
  });
  return { values, labels: linearLabels(values, step), minor };
}

/**
 * Chooses powers of ten on a logarithmic axis, with small marks at 2 … 9 times each of them; 2 and 5 times as well where
 * fewer than two powers are in sight.
 *
 * @param range Lowest and highest value of the axis, both above 0.
 */
export function logTicks(range: readonly [number, number]): AxisTicks {
  const [low, high] = range;
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.ceil(Math.log10(high) - 1e-9);
  const isInside = (value: number) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9);
  const times = (digits: readonly number[]) => {
    const values: number[] = [];
    for (let power = first; power <= last; power++) {
      for (const digit of digits) values.push(Number(`${digit}e${power}`));
    }
    return values.filter(isInside);
  };
  const powers = times([1]);
  const values = powers.length >= 2
    ? powers.filter((_, i) => i % Math.ceil(powers.length / MOST_DECADES) === 0)
    : times([1, 2, 5]);
  const minor = last - first > MOST_DECADES ? [] : times([2, 3, 4, 5, 6, 7, 8, 9]).filter((v) => !values.includes(v));
  return { values, labels: values.map((value) => numberLabel(value)), minor };
}

/** Writes a number with few significant digits, very large and very small ones as `2×10⁶`. */
export function numberLabel(value: number, digits = 4): string {
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)) + 1e-12);
  if (exponent < Math.max(LARGEST_EXPONENT, digits) && exponent >= SMALLEST_EXPONENT) {
    return minus(String(Number(value.toPrecision(digits))));
  }
  const factor = Number((value / 10 ** exponent).toPrecision(digits));
  const power = `10${[...String(exponent)].map((c) => SUPERSCRIPTS[c]).join("")}`;
  if (factor === 1) return power;
  return factor === -1 ? `−${power}` : `${minus(String(factor))}×${power}`;
}

function linearLabels(values: readonly number[], step: number): string[] {
  const largest = Math.max(...values.map(Math.abs));
  if (largest >= 10 ** LARGEST_EXPONENT || largest < 10 ** SMALLEST_EXPONENT) {
    return values.map((value) => numberLabel(value));
  }
  let decimals = 0;
  while (decimals < 8 && Math.abs(step - Number(step.toFixed(decimals))) > step * 1e-6) decimals++;
  return values.map((value) => minus(value.toFixed(decimals)));
}

function multiples(step: number, [low, high]: readonly [number, number]): number[] {
  const values: number[] = [];
  const first = Math.ceil(low / step - 1e-6);
  const last = Math.floor(high / step + 1e-6);
  // Adding 0 turns -0 into 0.
  for (let i = first; i <= last; i++) values.push(Number((i * step).toPrecision(12)) + 0);
  return values;
}

function minus(text: string): string {
  return text.replace("-", "−");
}
