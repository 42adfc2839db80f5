/** Spectra of energies, measured ones and those of lines, and energies drawn from them. */
import { FWHM_PER_SIGMA } from "./gamma_simulator.ts";
import type { NuclideLine } from "./nuclide_lines.ts";
import type { Random } from "./random.ts";

/** Energy at which a resolution is given, in keV: the line of Cs-137. */
const REFERENCE_ENERGY_KEV = 661.7;
/** Lines of a smaller standard deviation lie in one bin. */
const NARROWEST_KEV = 0.5;
/** A line's distribution ends so many standard deviations above it. */
const LINE_REACH = 5;

/** How often energies occur. */
export interface EnergySpectrum {
  /** Centres of the bins, in rising order. */
  readonly energiesKev: Float64Array;
  readonly counts: Float64Array;
}

/**
 * Reads a page of the Gamma-Spectrum-Database: a Plotly drawing whose second curve is the spectrum without background.
 *
 * @returns Null if the page has no such curve.
 */
export function readSpectrumPage(html: string): EnergySpectrum | null {
  const energiesKev = secondArray(html, "x");
  const counts = secondArray(html, "y");
  if (energiesKev === null || counts === null || energiesKev.length !== counts.length || counts.length < 2) return null;
  const isRising = energiesKev.every((energy, i) => i === 0 || energy > energiesKev[i - 1]);
  return isRising && counts.every(Number.isFinite) ? { energiesKev, counts } : null;
}

function secondArray(html: string, key: string): Float64Array | null {
  const found = [...html.matchAll(new RegExp(`"${key}"\\s*:\\s*\\[([^\\]]*)\\]`, "g"))];
  return found.length < 2 ? null : Float64Array.from(found[1][1].split(","), Number);
}

/**
 * The spectrum of lines in bins of 1 keV, as a detector sees them that detects all energies alike.
 *
 * @param resolution Full width at half maximum over energy at 661.7 keV; the width grows with the root of the energy.
 */
export function lineSpectrum(lines: readonly NuclideLine[], resolution: number): EnergySpectrum {
  const sigmas = lines.map(([energy]) => resolution * Math.sqrt(REFERENCE_ENERGY_KEV * energy) / FWHM_PER_SIGMA);
  const highest = Math.max(...lines.map(([energy], i) => energy + LINE_REACH * sigmas[i]));
  const energiesKev = Float64Array.from({ length: Math.ceil(highest) + 1 }, (_, i) => i);
  const counts = energiesKev.map((at) =>
    lines.reduce((sum, [energy, intensity], i) => {
      if (sigmas[i] < NARROWEST_KEV) return sum + (Math.round(energy) === at ? intensity : 0);
      const deviation = (at - energy) / sigmas[i];
      return sum + intensity * Math.exp(-(deviation ** 2) / 2) / (sigmas[i] * Math.sqrt(2 * Math.PI));
    }, 0)
  );
  return { energiesKev, counts };
}

/** Draws energies as often as they occur in a spectrum, evenly within its bins. */
export class EnergyDistribution {
  readonly #energiesKev: Float64Array;
  /** Sums of the counts up to each bin. */
  readonly #cumulative: Float64Array;

  /**
   * @param spectrum Negative counts, as a subtracted background leaves them, count as none.
   * @param isWanted Says which energies are to be drawn at all.
   */
  constructor({ energiesKev, counts }: EnergySpectrum, isWanted: (energyKev: number) => boolean) {
    let sum = 0;
    this.#energiesKev = energiesKev;
    this.#cumulative = counts.map((count, i) => sum += isWanted(energiesKev[i]) ? Math.max(0, count) : 0);
  }

  /** True if there is nothing to draw. */
  get isEmpty(): boolean {
    return !(this.#cumulative[this.#cumulative.length - 1] > 0);
  }

  /** The next energy in keV. */
  draw(random: Random): number {
    const sums = this.#cumulative;
    const wanted = random.uniform() * sums[sums.length - 1];
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    const energies = this.#energiesKev;
    const from = Math.max(0, low - 1);
    const to = Math.min(energies.length - 1, low + 1);
    return energies[low] + (random.uniform() - 0.5) * (energies[to] - energies[from]) / (to - from);
  }
}
