/** Dead time of a run. */

/** Dead time of one importer's worker. */
export interface ImporterDeadTime {
  /** `Fkt_1/0`. */
  readonly worker: string;
  readonly deadS: number;
  /** Active seconds of the run in which its ring was paused alone: neither live nor dead. */
  readonly pausedS: number;
  /** Dead time as part of the active time that is left. */
  readonly fraction: number;
}

/** Dead time of a run: the mean of its importers' workers. */
export interface DeadTime {
  readonly fraction: number;
  readonly deadS: number;
  /** Active seconds without the dead ones and those in which the importer's ring was paused alone. */
  readonly liveS: number;
  readonly importers: readonly ImporterDeadTime[];
}

/**
 * Computes the dead time of a run from the seconds that importers could not take data.
 *
 * @param importers Workers of importers with their dead seconds, and those in which their ring was paused alone
 *   (@default {none}).
 * @param activeS Seconds that the run was active.
 */
export function deadTimeOf(
  importers: readonly { readonly worker: string; readonly deadS: number; readonly pausedS?: number }[],
  activeS: number,
): DeadTime {
  const each = importers.map(({ worker, deadS, pausedS: alone = 0 }): ImporterDeadTime => {
    const pausedS = Math.min(alone, activeS);
    const ownActiveS = activeS - pausedS;
    return {
      worker,
      // An importer that had to wait at the very end waited a moment longer than the run was active.
      deadS: Math.min(deadS, ownActiveS),
      pausedS,
      fraction: ownActiveS > 0 ? Math.min(1, deadS / ownActiveS) : 0,
    };
  });
  const mean = (of: (importer: ImporterDeadTime) => number) =>
    each.reduce((sum, importer) => sum + of(importer), 0) / Math.max(1, each.length);
  const deadS = mean((importer) => importer.deadS);
  const ownActiveS = activeS - mean((importer) => importer.pausedS);
  return { fraction: ownActiveS > 0 ? deadS / ownActiveS : 0, deadS, liveS: ownActiveS - deadS, importers: each };
}
