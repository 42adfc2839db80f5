/** Whether a run succeeded, and if not, why. */
import type { Ledger } from "./ledger.ts";
import type { RetiredGroup } from "./retirement.ts";
import type { RecoveredEvents } from "./recorded_troubles.ts";
import type { StopReason } from "./run_state.ts";
import type { RunFailure } from "./run_workers.ts";
import { plural } from "./text_format.ts";
import { describeUnfinished, type UnfinishedWorker } from "./unfinished_work.ts";

/** Failures that are listed one by one. */
const FAILURES_SHOWN = 5;

/** What a verdict rests on. */
export interface RunFacts {
  readonly stopReason: StopReason;
  /** Exceptions of workers, the first hundred. */
  readonly failures: readonly RunFailure[];
  /** Number of all exceptions reported. */
  readonly failureCount: number;
  /** Workers that were given up. */
  readonly hung: readonly UnfinishedWorker[];
  /** How often workers were started anew. @default {0} */
  readonly restarts?: number;
  readonly ledger: Ledger;
  /** Unfinished events that were saved. @default {[]} */
  readonly saved?: readonly RecoveredEvents[];
  /** Reader groups whose unfinished events are no failure: their workers were stopped by command. @default {[]} */
  readonly retiredGroups?: readonly RetiredGroup[];
  /** Anything else that went wrong, one phrase each. */
  readonly problems?: readonly string[];
}

/** How a run came out. */
export interface RunVerdict {
  readonly exitCode: 0 | 1;
  /** `Run complete: 500 events reached`, `Run failed: Fkt_2/0 (f) failed in event 7; stopped at 300 events`. */
  readonly headline: string;
  /** One line for each further reason why the run did not succeed. */
  readonly complaints: readonly string[];
  /** One line for each thing that should be known and is no failure. @default {[]} */
  readonly remarks?: readonly string[];
}

/** Says how a run came out. What the headline says in full is not said again in the complaints. */
export function judgeRun(facts: RunFacts): RunVerdict {
  const unread = (facts.retiredGroups ?? []).map((retired) => ({
    ...retired,
    events: unfinishedOf(facts.ledger, retired),
  }));
  const waived = unread.reduce((sum, { events }) => sum + events, 0);
  const remarks = unread.map(({ worker, events, ring, group }) =>
    `${worker} was stopped by command; ${group} left ${plural(events, "event")} of ${ring} unread`
  );
  return { ...judge(facts, facts.ledger.unfinished - waived), ...(remarks.length > 0 ? { remarks } : {}) };
}

function unfinishedOf({ rings }: Ledger, { ring, group }: RetiredGroup): number {
  return rings.find(({ name }) => name === ring)?.groups.find(({ name }) => name === group)?.unfinished ?? 0;
}

function judge(facts: RunFacts, unfinished: number): RunVerdict {
  const { stopReason, failures, ledger } = facts;
  const faults = [
    ...(stopReason.cause === "stalled" ? [stopReason.text] : []),
    ...facts.hung.map(describeUnfinished).filter((text) =>
      stopReason.cause !== "stalled" || !stopReason.text.includes(text)
    )
      .map((text) => `hung: ${text}`),
  ];
  const leftovers = [
    ...(ledger.failed > 0 ? [`${plural(ledger.failed, "event")} failed`] : []),
    ...(unfinished > 0 ? [`${plural(unfinished, "event")} left unfinished`] : []),
    ...(facts.saved ?? []).map(({ events, ring, group, file }) =>
      `${plural(events, "event")} of ${ring} saved for ${group}: ${file}`
    ),
    ...ledger.rings.flatMap((ring) => ring.disagreements.map((text) => `${ring.name}: the books disagree: ${text}`)),
    ...(facts.problems ?? []),
  ];
  const { restarts = 0 } = facts;
  const restarted = restarts > 0 ? [`${plural(restarts, "restart")} of workers`] : [];
  const listed = [...describeFailures(failures, facts.failureCount), ...restarted, ...faults, ...leftovers];
  if (listed.length === 0) return { exitCode: 0, headline: `Run complete: ${stopReason.text}`, complaints: [] };
  const published = plural(ledger.rings[0]?.published ?? 0, "event");
  const stop = stopReason.cause === "user" ? stopReason.text : `stopped at ${published}`;
  if (failures.length > 0) {
    // The list repeats it with its message, among the others.
    return failed(`${describeFailure(failures[0])}; ${stop}`, listed);
  }
  if (stopReason.cause === "user" && faults.length === 0) return failed(stopReason.text, listed);
  const [first, ...others] = listed;
  return failed(stopReason.cause === "stalled" ? first : `${first}; ${stop}`, others);
}

function failed(reason: string, complaints: readonly string[]): RunVerdict {
  return { exitCode: 1, headline: `Run failed: ${reason}`, complaints };
}

function describeFailures(failures: readonly RunFailure[], failureCount: number): string[] {
  const shown = failures.slice(0, FAILURES_SHOWN).map((failure) => `${describeFailure(failure)}: ${failure.message}`);
  const more = failureCount - shown.length;
  return more > 0 ? [...shown, `${more} more ${more === 1 ? "failure" : "failures"}, see log.txt and run.yaml`] : shown;
}

/** Writes it as a phrase: `Fkt_2/0 (f) failed in event 7`. */
function describeFailure({ name, workerNumber, functionName, eventCounter }: RunFailure): string {
  return `${name}/${workerNumber} (${functionName}) failed${eventCounter === null ? "" : ` in event ${eventCounter}`}`;
}
