/** A measured figure: the median of some repetitions with its spread. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly repeats: number;
  /** What the project asks of it, for the reader; nothing fails by it, as machines differ. */
  readonly wanted: string;
}

/** Median of some numbers. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value below which a share of some numbers lies. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Sums up repetitions. */
export function figure(name: string, values: readonly number[], options: { unit: string; wanted?: string }): Figure {
  return {
    name,
    unit: options.unit,
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    repeats: values.length,
    wanted: options.wanted ?? "",
  };
}
