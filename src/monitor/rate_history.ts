/** Rates of all rings from the begin of a run on, finer for the last minutes, in a bounded memory. */

/** One point: when, and the rate of each ring. */
export interface RatePoint {
  readonly timeMs: number;
  readonly ratesHz: readonly number[];
}

/** How long points are kept, and how far they are apart: 10 min of seconds, 3 h of 10 s, 4 days of 5 min. */
const LEVELS: readonly { readonly stepMs: number; readonly points: number }[] = [
  { stepMs: 1_000, points: 600 },
  { stepMs: 10_000, points: 1080 },
  { stepMs: 300_000, points: 1152 },
];

interface Level {
  readonly stepMs: number;
  readonly most: number;
  readonly points: RatePoint[];
  /** Mean of what has come since the last point. */
  sums: number[];
  count: number;
  nextMs: number;
}

/** Takes rates about once a second and thins out the old ones. */
export class RateHistory {
  readonly #levels: readonly Level[];

  /** An empty history. */
  constructor() {
    this.#levels = LEVELS.map(({ stepMs, points }) => ({
      stepMs,
      most: points,
      points: [],
      sums: [],
      count: 0,
      nextMs: -Infinity,
    }));
  }

  /** Adds a point; times must not go back. */
  add(timeMs: number, ratesHz: readonly number[]): void {
    for (const level of this.#levels) {
      level.count++;
      for (let i = 0; i < ratesHz.length; i++) level.sums[i] = (level.sums[i] ?? 0) + ratesHz[i];
      if (timeMs < level.nextMs) continue;
      level.points.push({ timeMs, ratesHz: level.sums.map((sum) => sum / level.count) });
      if (level.points.length > level.most) level.points.shift();
      level.nextMs = timeMs + level.stepMs - Math.min(level.stepMs / 20, 50);
      level.sums = [];
      level.count = 0;
    }
  }

  /** All points by rising time: coarse ones for as long as there are no finer ones. */
  points(): RatePoint[] {
    const points: RatePoint[] = [];
    let before = Infinity;
    for (const level of this.#levels) {
      const older = level.points.filter((point) => point.timeMs < before);
      points.unshift(...older);
      before = Math.min(before, older[0]?.timeMs ?? Infinity);
    }
    return points;
  }

  /** Number of points kept. */
  get size(): number {
    return this.#levels.reduce((sum, level) => sum + level.points.length, 0);
  }
}
