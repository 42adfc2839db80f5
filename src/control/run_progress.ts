/** How far a run has come towards its goal. */

/** What a run shall reach; 0 means without limit. */
export interface RunGoals {
  readonly runEvents: number;
  readonly runtimeS: number;
}

/** How far it has come. */
export interface RunProgress {
  /** Part of the way, 0 to 1. */
  readonly fraction: number;
  /** Active seconds until the goal at the mean pace so far; null as long as no pace is known. */
  readonly leftS: number | null;
}

/**
 * Computes a run's progress towards whichever of its goals comes first.
 *
 * @param goals Events and active seconds that end the run.
 * @param now Events in the first ring, and active seconds.
 * @returns Null for a run without a goal.
 */
export function runProgress(
  goals: RunGoals,
  now: { readonly published: number; readonly activeS: number },
): RunProgress | null {
  const candidates: RunProgress[] = [];
  if (goals.runtimeS > 0) {
    candidates.push({
      fraction: Math.min(1, now.activeS / goals.runtimeS),
      leftS: Math.max(0, goals.runtimeS - now.activeS),
    });
  }
  if (goals.runEvents > 0) {
    const missing = Math.max(0, goals.runEvents - now.published);
    const rateHz = now.activeS > 0 ? now.published / now.activeS : 0;
    candidates.push({
      fraction: Math.min(1, now.published / goals.runEvents),
      leftS: missing === 0 ? 0 : rateHz > 0 ? missing / rateHz : null,
    });
  }
  if (candidates.length === 0) return null;
  return candidates.reduce((a, b) => (b.leftS ?? Infinity) < (a.leftS ?? Infinity) ? b : a);
}
