/** How long and with which random numbers the stress tests run; one place for all of them. */

/** Seconds for each part of a stress test: `MIMOCORB_STRESS_SECONDS`, by default 2. */
export const STRESS_SECONDS = Number(Deno.env.get("MIMOCORB_STRESS_SECONDS") || 2);

/** Seed of the random numbers: `MIMOCORB_STRESS_SEED`, by default another one at each start. Tests print it. */
export const STRESS_SEED = Number(
  Deno.env.get("MIMOCORB_STRESS_SEED") || crypto.getRandomValues(new Uint32Array(1))[0],
);

/** A small generator of random numbers, the same for the same seed. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9E3779B9, 0x85EBCA6B) | 1;
    for (let i = 0; i < 8; i++) this.below(2);
  }

  /** An integer from 0 to `bound` - 1. */
  below(bound: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return Math.floor((state >>> 0) / 4294967296 * bound);
  }

  /** True once in `chance` calls on average; never if `chance` is 0. */
  oneIn(chance: number): boolean {
    return chance > 0 && this.below(chance) === 0;
  }
}
