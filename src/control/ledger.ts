/** The books of a run: what came in must equal what went out, by reason, in the rings' counts and in the workers' own. */
import type { EventCounts } from "../worker/event_books.ts";

/** Counters of a reader group that the ledger needs; see `RingTally`. */
export interface GroupCounters {
  readonly name: string;
  readonly processed: number;
  readonly rejected: number;
  readonly failed: number;
  readonly doubles: number;
  /** Events that were read in place of dead workers, and saved. */
  readonly saved: number;
  /** Events in the ring that it has not released, counted in the ring's words; null if it is detached. */
  readonly left: number | null;
}

/** Counters of a ring that the ledger needs; see `RingTally`. */
export interface RingCounters {
  readonly published: number;
  readonly voided: number;
  readonly discarded: number;
  /** Places in its stream that were claimed, by its words; null if a writer was still at work. */
  readonly claimed: number | null;
  readonly groups: readonly GroupCounters[];
}

/** What one owner row says of a worker that reads; an `OwnerStatus` fits. */
export interface ReadingCounters {
  readonly processed: number;
  readonly rejected: number;
  readonly failed: number;
  readonly doubles: number;
  /** Events that were handed back while it held them. */
  readonly redelivered: number;
}

/** What one owner row says of a worker that writes; an `OwnerStatus` fits. */
export interface WritingCounters {
  readonly published: number;
  readonly discarded: number;
}

/** The part of one life of a worker: its own counts, or null if it kept none or did not live to report them. */
export interface WorkerBook {
  /** The function's entry in the setup. */
  readonly functionName: string;
  /** Rings that it writes, in setup order. */
  readonly sinks: readonly string[];
  /** Rings that it reads, in setup order. */
  readonly sources: readonly string[];
  readonly counts: EventCounts | null;
  /** What the rings say of it, per source. */
  readonly reading: readonly ReadingCounters[];
  /** The same per sink. */
  readonly writing: readonly WritingCounters[];
}

/** Events of a reader group that were kept in a file. */
export interface SavedEvents {
  readonly ring: string;
  readonly group: string;
  readonly events: number;
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
  /** Events that its writers had for it: published + discarded + late + invalid. */
  readonly produced: number;
  /** Events that its readers could see. */
  readonly published: number;
  /** Slots that were claimed and given back without an event. */
  readonly voided: number;
  /** Events thrown away while the ring was paused. */
  readonly discarded: number;
  /** Events that importers had when the ring took no more. */
  readonly late: number;
  /** Events of importers that did not fit into the ring. */
  readonly invalid: number;
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
 * Compared are, for each ring: the places claimed in its stream = published + voided; published = processed + rejected +
 * failed + doubles + unfinished in each reader group, where the unfinished ones are counted one by one in the ring's words;
 * what its writers' rows say = published; and the unfinished events = those in files, if all of them were kept. For each
 * worker that kept books: what it took, refused, failed and dropped, and published into each sink = what its rows in the rings
 * say; what its source gave = published + discarded + late + invalid; and what a filter accepted from one ring = what it
 * published into the next one. A worker without counts of its own is represented by its rows.
 *
 * What a detached group has not read cannot be counted, because the ring goes on over it: it is the difference.
 *
 * @param rings Counters of every ring by name, in setup order, taken when nobody was active any more.
 * @param books One entry per life of a worker.
 * @param kept Events in files, if everything unfinished was to be kept; null if not.
 */
export function closeLedger(
  rings: ReadonlyMap<string, RingCounters>,
  books: readonly WorkerBook[],
  kept: readonly SavedEvents[] | null = null,
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
      const unfinished = unfinishedOf(ring, group);
      compare(name, ["published", ring.published], [`accounted for by ${group.name}`, released(group) + unfinished]);
      if (kept === null || group.left === null) continue;
      const files = kept.filter((saved) => saved.ring === name && saved.group === group.name);
      compare(name, [`unfinished by ${group.name}`, unfinished], ["kept in files", sum(files, ({ events }) => events)]);
    }
    if (ring.claimed !== null) {
      compare(name, ["published or voided", ring.published + ring.voided], ["claimed", ring.claimed]);
    }
    const written = sum(books, (book) => sum(rowsInto(book, name), ({ published }) => published));
    compare(name, ["published", ring.published], ["published by its writers", written]);
  }
  for (const book of books) {
    if (book.counts === null) continue;
    comparePublishing(book, book.counts, compare);
    // The first ring bears a difference that could be in any of several.
    if (book.sources.length > 0) compareReading(book, book.counts, (l, r) => compare(book.sources[0], l, r));
    else if (book.sinks.length > 0) compareImporting(book, book.counts, (l, r) => compare(book.sinks[0], l, r));
  }

  const accounts = [...rings].map(([name, ring]): LedgerRing => ({
    name,
    produced: sum(books, (book) => sum(writingsInto(book, name), ({ produced }) => produced)),
    published: ring.published,
    voided: ring.voided,
    discarded: ring.discarded,
    late: sum(books, (book) => sum(writingsInto(book, name), ({ late }) => late)),
    invalid: sum(books, (book) => sum(writingsInto(book, name), ({ invalid }) => invalid)),
    groups: ring.groups.map((group) => ({
      name: group.name,
      processed: group.processed,
      rejected: group.rejected,
      failed: group.failed,
      doubles: group.doubles,
      unfinished: unfinishedOf(ring, group),
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

/** A detached group has no words that would tell. */
function unfinishedOf({ published }: RingCounters, group: GroupCounters): number {
  const inRing = group.left ?? Math.max(0, published - released(group) - group.saved);
  return group.saved + inRing;
}

function comparePublishing(
  { functionName, sinks, reading, writing }: WorkerBook,
  counts: EventCounts,
  compare: (ring: string, left: [string, number], right: [string, number]) => void,
): void {
  for (const [i, ring] of sinks.entries()) {
    const own: [string, number] = ["published by its own count", counts.published[i]];
    compare(ring, [`published by ${functionName}`, writing[i].published], own);
  }
  // An event that was handed back may have been handed on before.
  if (counts.isOneToOne !== true || sum(reading, ({ redelivered }) => redelivered) > 0) return;
  const accepted = sum(reading, ({ processed }) => processed);
  compare(sinks[0], [`published by ${functionName}`, writing[0].published], [`accepted by ${functionName}`, accepted]);
}

type Compare = (left: [string, number], right: [string, number]) => void;

/** An event that was handed back had been taken, too. */
function compareReading({ functionName, reading }: WorkerBook, counts: EventCounts, compare: Compare): void {
  const byRings = (pick: (row: ReadingCounters) => number) => sum(reading, pick);
  const taken = byRings((row) => released(row) + row.redelivered);
  compare([`taken by ${functionName}`, taken], ["taken by its own count", counts.taken]);
  for (const outcome of ["rejected", "failed", "doubles"] as const) {
    const counted = byRings((row) => row[outcome]);
    compare([`${outcome} by ${functionName}`, counted], [`${outcome} by its own count`, counts[outcome]]);
  }
}

function compareImporting({ functionName, writing }: WorkerBook, counts: EventCounts, compare: Compare): void {
  const { produced, discarded, late, failed } = counts;
  const byRings = sum(writing, (row) => row.discarded);
  compare([`discarded of ${functionName}`, byRings], ["discarded by its own count", discarded]);
  // Whoever keeps books without an access class may know nothing of its source.
  if (produced === 0) return;
  const accounted = sum(counts.published, (n) => n) + discarded + late + failed;
  compare([`produced by ${functionName}`, produced], ["published, discarded, late or invalid", accounted]);
}

/** A worker's rows as a writer of a ring. */
function rowsInto({ sinks, writing }: WorkerBook, ring: string): WritingCounters[] {
  return writing.filter((_, i) => sinks[i] === ring);
}

/** What a worker had for a ring; what did not come into it is known by its own count only. */
function writingsInto(
  { sinks, sources, counts, writing }: WorkerBook,
  ring: string,
): { readonly produced: number; readonly late: number; readonly invalid: number }[] {
  return writing.flatMap((row, i) => {
    if (sinks[i] !== ring) return [];
    const isImporter = sources.length === 0 && i === 0;
    const late = isImporter ? counts?.late ?? 0 : 0;
    const invalid = isImporter ? counts?.failed ?? 0 : 0;
    return [{ produced: row.published + row.discarded + late + invalid, late, invalid }];
  });
}

function released({ processed, rejected, failed, doubles }: Omit<ReadingCounters, "redelivered">): number {
  return processed + rejected + failed + doubles;
}

function sum<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((total, item) => total + pick(item), 0);
}
