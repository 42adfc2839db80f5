/** Distribution of latencies over five decades, in bins that grow by a twentieth. */

const FIRST_MS = 0.001;
const GROWTH = 1.05;
const BINS = 400;

/** Counts latencies; nothing is allocated per event. */
export class LatencyCounts {
  readonly #counts = new Float64Array(BINS);
  /** Number of latencies since the last `clear`. */
  total = 0;

  add(latencyMs: number): void {
    const bin = Math.floor(Math.log(Math.max(latencyMs, FIRST_MS) / FIRST_MS) / Math.log(GROWTH));
    this.#counts[Math.min(bin, BINS - 1)]++;
    this.total++;
  }

  /** Upper edge of the bin that the given part of all latencies lies in or below, in ms; 0 without any. */
  quantile(part: number): number {
    let below = 0;
    for (let bin = 0; bin < BINS; bin++) {
      below += this.#counts[bin];
      if (below > 0 && below >= part * this.total) return FIRST_MS * GROWTH ** (bin + 1);
    }
    return 0;
  }

  clear(): void {
    this.#counts.fill(0);
    this.total = 0;
  }
}
