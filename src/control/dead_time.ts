/** Dead time of a run. */

/** Dead time of one importer's worker. */
export interface ImporterDeadTime {
  /** `Fkt_1/0`. */
  readonly worker: string;
  readonly deadS: number;
  /** Of its active time. */
  readonly fraction: number;
}

/** Dead time of a run: the mean of its importers' workers. */
export interface DeadTime {
  readonly fraction: number;
  readonly deadS: number;
  /** Active seconds without the dead ones. */
  readonly liveS: number;
  readonly importers: readonly ImporterDeadTime[];
}

/**
 * Computes the dead time of a run from the seconds that importers could not take data.
 *
 * @param importers Workers of importers with their dead seconds.
 * @param activeS Seconds that the run was active.
 */
export function deadTimeOf(
  importers: readonly { readonly worker: string; readonly deadS: number }[],
  activeS: number,
): DeadTime {
  const each = importers.map(({ worker, deadS }): ImporterDeadTime => ({
    worker,
    // An importer that had to wait at the very end waited a moment longer than the run was active.
    deadS: Math.min(deadS, activeS),
    fraction: activeS > 0 ? Math.min(1, deadS / activeS) : 0,
  }));
  const deadS = each.reduce((sum, { deadS }) => sum + deadS, 0) / Math.max(1, each.length);
  return { fraction: activeS > 0 ? deadS / activeS : 0, deadS, liveS: activeS - deadS, importers: each };
}
