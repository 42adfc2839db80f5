/** The books of a run: what came in must equal what went out, by reason, in the rings' counts and in the workers' own. */
import type { EventCounts } from "../worker/event_books.ts";

/** Counters of a reader group that the ledger needs; see `RingStatus`. */
export interface GroupCounters {
  readonly name: string;
  readonly processed: number;
  readonly rejected: number;
  readonly failed: number;
  readonly doubles: number;
  readonly redelivered: number;
  readonly held: number;
  readonly unread: number;
}

/** Counters of a ring that the ledger needs; see `RingStatus`. */
export interface RingCounters {
  readonly published: number;
  readonly voided: number;
  readonly discarded: number;
  readonly groups: readonly GroupCounters[];
}

/** Functions that make up a reader group. */
export interface ReaderGroup {
  readonly name: string;
  readonly functions: readonly string[];
}

/** One worker's part: its own counts, or null if it kept none or did not live to report them. */
export interface WorkerBook {
  /** The function's entry in the setup. */
  readonly functionName: string;
  /** Rings that it writes, in setup order. */
  readonly sinks: readonly string[];
  readonly counts: EventCounts | null;
  /** What the rings' owner rows say of this worker: events released per source, records published per sink. */
  readonly released: readonly number[];
  readonly published: readonly number[];
}

/** Where the events of a ring went, for one reader group. */
export interface LedgerGroup {
  /** Name of the group in the plan. */
  readonly name: string;
  /** Events released as processed. */
  readonly processed: number;
  /** Events that a filter refused. */
  readonly rejected: number;
  /** Events whose processing failed. */
  readonly failed: number;
  /** Events dropped because they had been seen before. */
  readonly doubles: number;
  /** Held or not yet read when the run ended. */
  readonly unfinished: number;
}

/** The closed account of one ring. */
export interface LedgerRing {
  /** Name in the setup. */
  readonly name: string;
  /** Events that its readers could see. */
  readonly published: number;
  /** Slots that were claimed and given back without an event. */
  readonly voided: number;
  /** Events thrown away while the ring was paused. */
  readonly discarded: number;
  /** Its reader groups in setup order; each of them accounts for all events published. */
  readonly groups: readonly LedgerGroup[];
  /** Events that the books disagree on, summed over all comparisons; 0 if everything agrees. */
  readonly residual: number;
  /** One sentence for each comparison that does not agree. */
  readonly disagreements: readonly string[];
}

/** The closed account of a run. */
export interface Ledger {
  /** All rings in setup order. */
  readonly rings: readonly LedgerRing[];
  /** Events that the books disagree on, summed over rings; 0 if everything agrees. */
  readonly residual: number;
  /** Events, summed over reader groups, that were accepted but neither processed nor refused. */
  readonly unfinished: number;
  /** Events, summed over reader groups, whose processing failed. */
  readonly failed: number;
}

/**
 * Closes the books of a run.
 *
 * Compared are, for each ring: published = processed + rejected + failed + doubles + unfinished in each reader group;
 * what its writers counted as published = published; what the workers of each group counted as taken and refused = what
 * the group released. A worker without counts of its own is represented by its rows in the rings.
 *
 * @param rings Counters of every ring by name, in setup order, taken when nobody was active any more.
 * @param readers Reader groups of every ring by name, with the functions that make them up.
 * @param books One entry per worker.
 */
export function closeLedger(
  rings: ReadonlyMap<string, RingCounters>,
  readers: ReadonlyMap<string, readonly ReaderGroup[]>,
  books: readonly WorkerBook[],
): Ledger {
  const disagreements = new Map<string, { text: string; events: number }[]>();
  const compare = (ring: string, left: [string, number], right: [string, number]) => {
    if (left[1] === right[1]) return;
    const list = disagreements.get(ring) ?? [];
    list.push({ text: `${left[0]} ${left[1]}, but ${right[0]} ${right[1]}`, events: Math.abs(left[1] - right[1]) });
    disagreements.set(ring, list);
  };

  for (const [name, ring] of rings) {
    for (const group of ring.groups) {
      const accounted = group.processed + group.rejected + group.failed + group.doubles + group.held + group.unread;
      compare(name, ["published", ring.published], [`accounted for by ${group.name}`, accounted]);
    }
    compare(name, ["published", ring.published], ["published by its writers", sum(books, (b) => writtenInto(b, name))]);
  }
  for (const reading of readingsOf(readers)) {
    const groups = reading.groups.map(({ ring, group }) => rings.get(ring)!.groups.find(({ name }) => name === group)!);
    const workers = books.filter((book) => reading.functions.has(book.functionName));
    // The first ring bears a difference that could be in any of several.
    compareReaders(groups, workers, (left, right) => compare(reading.groups[0].ring, left, right));
  }

  const accounts = [...rings].map(([name, ring]): LedgerRing => ({
    name,
    published: ring.published,
    voided: ring.voided,
    discarded: ring.discarded,
    groups: ring.groups.map(({ name, processed, rejected, failed, doubles, held, unread }) => ({
      name,
      processed,
      rejected,
      failed,
      doubles,
      unfinished: held + unread,
    })),
    residual: sum(disagreements.get(name) ?? [], (d) => d.events),
    disagreements: (disagreements.get(name) ?? []).map((d) => d.text),
  }));
  const groups = accounts.flatMap((account) => account.groups);
  return {
    rings: accounts,
    residual: sum(accounts, (account) => account.residual),
    unfinished: sum(groups, (group) => group.unfinished),
    failed: sum(groups, (group) => group.failed),
  };
}

/** Reader groups and functions that can only be compared together: a worker counts what it takes over all its sources. */
interface Reading {
  readonly groups: { readonly ring: string; readonly group: string }[];
  readonly functions: Set<string>;
}

function readingsOf(readers: ReadonlyMap<string, readonly ReaderGroup[]>): Reading[] {
  let readings: Reading[] = [];
  for (const [ring, groups] of readers) {
    for (const { name, functions } of groups) {
      const linked = readings.filter((reading) => functions.some((fn) => reading.functions.has(fn)));
      const merged: Reading = {
        groups: [...linked.flatMap((reading) => reading.groups), { ring, group: name }],
        functions: new Set([...linked.flatMap((reading) => [...reading.functions]), ...functions]),
      };
      readings = [...readings.filter((reading) => !linked.includes(reading)), merged];
    }
  }
  return readings;
}

/** Compares what workers took with what their reader groups released. */
function compareReaders(
  groups: readonly GroupCounters[],
  books: readonly WorkerBook[],
  compare: (left: [string, number], right: [string, number]) => void,
): void {
  const readers = groups.map((group) => group.name).join(", ");
  const total = (pick: (group: GroupCounters) => number) => sum(groups, pick);
  const released = total((g) => g.processed + g.rejected + g.failed + g.doubles);
  if (books.some((book) => book.counts === null)) {
    const byRows = sum(books, (book) => sum(book.released, (n) => n));
    compare([`released by ${readers}`, released], ["released by its workers", byRows]);
    return;
  }
  // An event that was handed back had been taken, too.
  const takenByRing = released + total((g) => g.redelivered);
  compare([`taken by ${readers}`, takenByRing], ["taken by its workers", sum(books, (book) => book.counts!.taken)]);
  for (const outcome of ["rejected", "failed", "doubles"] as const) {
    const counted = sum(books, (book) => book.counts![outcome]);
    compare([`${outcome} by ${readers}`, total((g) => g[outcome])], [`${outcome} by its workers`, counted]);
  }
}

function writtenInto(book: WorkerBook, ring: string): number {
  const published = book.counts?.published ?? book.published;
  return sum(book.sinks.map((sink, i) => sink === ring ? published[i] : 0), (n) => n);
}

function sum<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((total, item) => total + pick(item), 0);
}
