/** The configurations in which the model is searched, and the variants broken on purpose. */
import type { Aim } from "./search_model.ts";

/** One shape of ring, writers, readers and deaths. */
export interface Configuration {
  readonly name: string;
  /** What ring.pml calls its configuration; everything else has the default given there. */
  readonly settings: Readonly<Record<string, number>>;
  /** Searched for endless runs, too: needs twice the states. */
  readonly endless?: boolean;
}

/** A fault put into the model, and where and how the search must find it. */
export interface BrokenVariant {
  /** Name in broken.pml. */
  readonly fault: string;
  /** Name of the configuration, which is searched without the fault as well. */
  readonly configuration: string;
  /** Part of what the search says. */
  readonly finding: string;
  /** @default "states" */
  readonly aim?: Aim;
}

const STUCK = "invalid end state";
const ENDLESS = "non-progress cycle";
const LOST = "assertion violated (was_released[group]==was_published)";
const LOST_AT_END = "assertion violated ((was_released[g]==was_published)";
const DOUBLE = "assertion violated ((t>0)==((was_delivered[group]&(1<<s))!=0))";
const READ_WHILE_WRITTEN = "assertion violated  !(reading[";
const CLAIMED_TWICE = "assertion violated  !(((was_published|was_void)&(1<<s)))";
const BOOKS_PUBLISHED = "assertion violated (counted_published==n)";
const BOOKS_RELEASED = "assertion violated (counted_released[g]==n)";

export const CONFIGURATIONS: readonly Configuration[] = [
  { name: "one writer, one reader", settings: { EVENTS: 4 }, endless: true },
  {
    name: "three slots, batches of two, writer and reader may die",
    settings: { SLOTS: 3, EVENTS: 4, WRITER_BATCH: 2, READER_BATCH: 2, WRITER_DEATHS: 1, READER_DEATHS: 1 },
  },
  {
    name: "one slot, writer and reader may die",
    settings: { SLOTS: 1, EVENTS: 3, WRITER_DEATHS: 1, READER_DEATHS: 1 },
    endless: true,
  },
  {
    name: "writer, who recovers it, and reader may die, a new writer comes",
    settings: { EVENTS: 2, WRITER_DEATHS: 2, WRITER_RETURNS: 1, READER_DEATHS: 1 },
  },
  { name: "two writers, one aborts", settings: { WRITERS: 2, EVENTS: 2, EVENTS_1: 1, ABORTS: 1 } },
  { name: "two writers, one may die", settings: { WRITERS: 2, EVENTS: 1, WRITER_DEATHS: 1 } },
  { name: "one slot, two writers, one aborts", settings: { SLOTS: 1, WRITERS: 2, EVENTS: 2, EVENTS_1: 1, ABORTS: 1 } },
  { name: "two readers", settings: { READERS: 2, EVENTS: 3 } },
  { name: "two readers, one may die", settings: { READERS: 2, EVENTS: 2, READER_DEATHS: 1, READER_RETURNS: 0 } },
  { name: "two readers, one leaves twice and comes again", settings: { READERS: 2, EVENTS: 2, LEAVES: 2 } },
  {
    name: "reader leaves, dies twice, and who recovers it dies",
    settings: { EVENTS: 2, READER_DEATHS: 3, LEAVES: 1 },
  },
  { name: "reader may die", settings: { EVENTS: 4, READER_DEATHS: 1 }, endless: true },
  { name: "two groups", settings: { GROUPS: 2, EVENTS: 3 } },
  { name: "one slot, two groups, writer may die", settings: { SLOTS: 1, GROUPS: 2, EVENTS: 2, WRITER_DEATHS: 1 } },
  { name: "group detached when its reader has died", settings: { EVENTS: 3, READER_DEATHS: 2, DETACHES: 1 } },
  {
    name: "one slot, one of two groups detached",
    settings: { SLOTS: 1, GROUPS: 2, EVENTS: 2, READER_DEATHS: 1, DETACHES: 1 },
  },
  {
    name: "one slot, two writers, group detached",
    settings: { SLOTS: 1, WRITERS: 2, EVENTS: 1, READER_DEATHS: 1, DETACHES: 1 },
  },
  {
    name: "one slot, no group, two writers, one may die",
    settings: { SLOTS: 1, GROUPS: 0, WRITERS: 2, EVENTS: 2, WRITER_DEATHS: 1 },
    endless: true,
  },
  { name: "observer and reader", settings: { OBSERVERS: 1, EVENTS: 3 } },
  {
    name: "observer, no group, two writers",
    settings: { OBSERVERS: 1, GROUPS: 0, WRITERS: 2, EVENTS: 2, EVENTS_1: 1 },
  },
  {
    name: "observer, no group, writer may die, a new one comes",
    settings: { OBSERVERS: 1, GROUPS: 0, EVENTS: 3, ABORTS: 1, WRITER_DEATHS: 1, WRITER_RETURNS: 1 },
  },
  { name: "limit, two writers, one aborts", settings: { WRITERS: 2, LIMIT: 1, ABORTS: 1 } },
  { name: "limit, two writers, one may die", settings: { WRITERS: 2, LIMIT: 1, WRITER_DEATHS: 1 } },
  {
    name: "limit, one may abort and die, a new one comes",
    settings: { LIMIT: 2, ABORTS: 1, WRITER_DEATHS: 1, WRITER_RETURNS: 1 },
  },
  { name: "limit, batches of two, aborts", settings: { LIMIT: 3, ABORTS: 2, WRITER_BATCH: 2, READER_BATCH: 2 } },
  {
    name: "setEnding, writer may die, a new one comes",
    settings: { CONTROL: 1, EVENTS: 1, WRITER_DEATHS: 1, WRITER_RETURNS: 1 },
  },
  { name: "setEnding, reader leaves", settings: { CONTROL: 1, EVENTS: 2, LEAVES: 1 } },
  { name: "shutdown, reader may die", settings: { CONTROL: 2, EVENTS: 2, READER_DEATHS: 1 } },
  { name: "pause and resume, writer may die", settings: { CONTROL: 3, EVENTS: 2, WRITER_DEATHS: 1 } },
  {
    name: "all are killed",
    settings: { CONTROL: 4, EVENTS: 3, WRITER_DEATHS: 1, READER_DEATHS: 1, READER_RETURNS: 0 },
  },
];

/** Searched with `MIMOCORB_MODEL=large` only: minutes each, and gibibytes. */
export const LARGE_CONFIGURATIONS: readonly Configuration[] = [
  { name: "one slot, two groups, reader may die", settings: { SLOTS: 1, GROUPS: 2, EVENTS: 2, READER_DEATHS: 1 } },
  { name: "setEnding, two writers", settings: { CONTROL: 1, WRITERS: 2, EVENTS: 1 } },
  {
    name: "two writers, one may die, three events",
    settings: { WRITERS: 2, EVENTS: 2, EVENTS_1: 1, WRITER_DEATHS: 1 },
  },
  {
    name: "two writers, both may die",
    settings: { WRITERS: 2, EVENTS: 2, EVENTS_1: 1, WRITER_DEATHS: 1, WRITER_DEATHS_1: 1 },
  },
  {
    name: "two readers, one may die, three events",
    settings: { READERS: 2, EVENTS: 3, READER_DEATHS: 1, READER_RETURNS: 0 },
  },
  {
    name: "two readers, both may die and come again",
    settings: { READERS: 2, EVENTS: 2, READER_DEATHS: 1, READER_DEATHS_1: 1 },
  },
  { name: "two writers, two readers", settings: { WRITERS: 2, READERS: 2, EVENTS: 1 } },
  { name: "two groups, one with two readers", settings: { GROUPS: 2, READERS: 2, EVENTS: 2 } },
  { name: "two groups, three events, reader may die", settings: { GROUPS: 2, EVENTS: 3, READER_DEATHS: 1 } },
  {
    name: "limit of two, two writers, one aborts and may die",
    settings: { WRITERS: 2, LIMIT: 2, ABORTS: 1, WRITER_DEATHS: 1 },
  },
  { name: "observer and reader, writer may die", settings: { OBSERVERS: 1, EVENTS: 3, WRITER_DEATHS: 1 } },
  {
    name: "all are killed, and who recovers them, batches of two",
    settings: {
      CONTROL: 4,
      EVENTS: 4,
      WRITER_BATCH: 2,
      READER_BATCH: 2,
      WRITER_DEATHS: 2,
      READER_DEATHS: 2,
      READER_RETURNS: 0,
    },
  },
];

const ONE_AND_ONE = "one writer, one reader";
const NO_GROUP = "one slot, no group, two writers, one may die";
const WRITER_DIES = "writer, who recovers it, and reader may die, a new writer comes";
const READER_DIES = "reader leaves, dies twice, and who recovers it dies";

export const BROKEN_VARIANTS: readonly BrokenVariant[] = [
  { fault: "CLAIM_BY_STORE", configuration: NO_GROUP, finding: CLAIMED_TWICE },
  { fault: "CLAIM_WITHOUT_SEQUENCE", configuration: NO_GROUP, finding: CLAIMED_TWICE },
  { fault: "CLAIM_UNRELEASED", configuration: "two groups", finding: READ_WHILE_WRITTEN },
  { fault: "TAKE_BY_STORE", configuration: "two readers", finding: DOUBLE },
  { fault: "TAKE_WITHOUT_SEQUENCE", configuration: "two readers", finding: DOUBLE },
  { fault: "RELEASE_BEFORE_READ", configuration: ONE_AND_ONE, finding: READ_WHILE_WRITTEN },
  { fault: "PUBLISH_BEFORE_WRITE", configuration: ONE_AND_ONE, finding: "assertion violated  !(filling[" },
  { fault: "PUBLISH_TOUCHES_GROUPS", configuration: ONE_AND_ONE, finding: "assertion violated (((taken[" },
  { fault: "HEAD_NOT_HELPED", configuration: NO_GROUP, finding: STUCK },
  { fault: "CURSOR_NOT_HELPED", configuration: "reader may die", finding: ENDLESS, aim: "endless" },
  { fault: "KEY_READ_LATE", configuration: ONE_AND_ONE, finding: STUCK },
  { fault: "NO_LOOK_BEFORE_SLEEP", configuration: ONE_AND_ONE, finding: STUCK },
  { fault: "SLEEPERS_SEEN_EARLY", configuration: ONE_AND_ONE, finding: STUCK },
  { fault: "VOID_NOT_TOLD", configuration: "two writers, one aborts", finding: STUCK },
  { fault: "END_WHILE_HELD", configuration: "two readers", finding: LOST },
  { fault: "OLD_WORD_IS_TAKEN", configuration: "two readers", finding: LOST },
  {
    fault: "CLOSING_SEEN_LATE",
    configuration: "setEnding, reader leaves",
    finding: LOST_AT_END,
  },
  { fault: "SEARCH_RESETS", configuration: "two readers, one leaves twice and comes again", finding: STUCK },
  { fault: "BACK_NOT_TOLD", configuration: READER_DIES, finding: STUCK },
  { fault: "BACK_NOT_TOLD_AGAIN", configuration: READER_DIES, finding: STUCK },
  { fault: "NOT_HANDED_BACK", configuration: READER_DIES, finding: STUCK },
  { fault: "NOT_MADE_VOID", configuration: WRITER_DIES, finding: STUCK },
  { fault: "NOT_COUNTED", configuration: WRITER_DIES, finding: BOOKS_RELEASED },
  { fault: "COUNTED_FIRST", configuration: WRITER_DIES, finding: BOOKS_PUBLISHED },
  { fault: "COUNTED_LATE", configuration: READER_DIES, finding: BOOKS_RELEASED },
  {
    fault: "NOT_LOOKED_AGAIN",
    configuration: "observer, no group, two writers",
    finding: "assertion violated ((copy0==(s+1))&&(copy1==(s+1)))",
  },
  { fault: "TICKET_FORGOTTEN", configuration: "limit, two writers, one may die", finding: "assertion violated (n==1)" },
  { fault: "FREE_SAME_SEQUENCE", configuration: "two writers, one aborts", finding: STUCK },
  { fault: "DEATHS_NOT_LIMITED", configuration: READER_DIES, finding: "assertion violated  !((died_once" },
  { fault: "LEAVING_IS_DYING", configuration: READER_DIES, finding: "assertion violated (died_once" },
  { fault: "WRITER_ADDED_LATE", configuration: WRITER_DIES, finding: "assertion violated ((left==0)" },
  { fault: "ENDED_IN_TWO_STEPS", configuration: WRITER_DIES, finding: LOST_AT_END },
];
