/** What a ring does, on plain arrays: one entry per sequence, nothing ever overwritten, nothing hidden in words. */

/** Why a call gave nothing. */
export type Refusal = "ended" | "timed out" | "paused";

/** What a group has made of an event. */
export interface Delivery {
  state: "available" | "held" | "released";
  /** Row of the reader that holds it. */
  reader: number;
  /** It was handed back by a reader that left. */
  wasLeft: boolean;
  /** A reader died with it. */
  hasKilled: boolean;
}

/** One sequence. */
export interface Entry {
  state: "claimed" | "published" | "void";
  writer: number;
  value: number;
  counter: number;
  deadtime: number;
  readonly deliveries: readonly Delivery[];
}

/** One owner row. */
export interface Row {
  readonly kind: "writer" | "reader";
  readonly group: number;
  state: "reserved" | "active" | "gone";
  published: number;
  voided: number;
  discarded: number;
  processed: number;
  rejected: number;
  failed: number;
  doubles: number;
  redelivered: number;
}

/** What became of an event, as the rows count it. */
export type OutcomeCount = "processed" | "rejected" | "failed" | "doubles";

/** What a model ring shall be. */
export interface ModelOptions {
  readonly slots: number;
  readonly writers: number;
  readonly groups: number;
  readonly limit: number;
  readonly discards: boolean;
}

const REFUSED = -1;

/** The model of a ring. Rows and sequences are numbers, as in the ring. */
export class RingModel {
  readonly options: ModelOptions;
  readonly entries: Entry[] = [];
  readonly rows: Row[] = [];
  readonly detached = new Set<number>();
  writers: number;
  writerRows = 0;
  paused = false;
  closing = false;
  aborted = false;
  ended = false;
  deadtimeSum = 0;

  constructor(options: ModelOptions) {
    this.options = options;
    this.writers = options.writers;
  }

  reserve(kind: "writer" | "reader", group: number): number {
    if (kind === "writer" && this.writerRows === this.writers) return REFUSED;
    if (kind === "writer") this.writerRows++;
    return this.#newRow(kind, group);
  }

  addWriter(): number | "ended" {
    const row = this.#newRow("writer", 0);
    if (this.ended) {
      this.rows[row] = { ...this.rows[row], kind: "reader", state: "gone" }; // a row that never had a role
      return "ended";
    }
    this.writers++;
    this.writerRows++;
    return row;
  }

  /** Claims up to `most` slots; gives the first sequence and how many, "scratch", or why not. */
  claim(row: number, most: number): { first: number; count: number } | "scratch" | Refusal {
    const possible = this.claimable(most);
    if (typeof possible !== "number") return possible;
    const first = this.entries.length;
    for (let i = 0; i < possible; i++) {
      const deliveries = Array.from({ length: this.options.groups }, () => ({
        state: "available" as const,
        reader: REFUSED,
        wasLeft: false,
        hasKilled: false,
      }));
      const counter = this.rows[row].published + i;
      this.entries.push({ state: "claimed", writer: row, value: NaN, counter, deadtime: 0, deliveries });
    }
    return { first, count: possible };
  }

  /** How many of `most` slots a claim would get. */
  claimable(most: number): number | "scratch" | Refusal {
    const { slots, limit, discards } = this.options;
    if (this.closing) return "ended";
    if (this.paused) return discards ? "scratch" : "paused";
    const voided = this.entries.filter(({ state }) => state === "void").length;
    let count = 0;
    for (; count < Math.min(most, slots); count++) {
      const sequence = this.entries.length + count;
      if (limit > 0 && sequence >= limit + voided) {
        if (count > 0) break;
        return this.entries.some(({ state }) => state === "claimed") ? "timed out" : "ended";
      }
      if (sequence >= slots && !this.#isFree(sequence - slots)) break;
    }
    return count > 0 ? count : "timed out";
  }

  publish(row: number, sequences: readonly number[]): void {
    for (const sequence of sequences) {
      const entry = this.entries[sequence];
      entry.state = "published";
      this.rows[row].published++;
      if (entry.deadtime > 0) this.deadtimeSum += entry.deadtime;
    }
  }

  makeVoid(row: number): number {
    const claimed = this.entries.filter(({ state, writer }) => state === "claimed" && writer === row);
    for (const entry of claimed) entry.state = "void";
    this.rows[row].voided += claimed.length;
    return claimed.length;
  }

  /** Takes up to `most` events; gives their sequences, or why not. Nothing may be held. */
  take(row: number, most: number): number[] | Refusal {
    const { group } = this.rows[row];
    if (this.aborted || this.detached.has(group)) return "ended";
    const taken = this.#next(group, most);
    for (const sequence of taken) {
      const delivery = this.entries[sequence].deliveries[group];
      delivery.state = "held";
      delivery.reader = row;
    }
    if (taken.length > 0) return taken;
    const isOpen = this.entries.some(({ state, deliveries }) =>
      state === "published" && deliveries[group].state !== "released"
    );
    return this.ended && !isOpen ? "ended" : "timed out";
  }

  isAvailable(group: number): boolean {
    return !this.aborted && !this.detached.has(group) && this.#next(group, 1).length > 0;
  }

  release(row: number, outcome: OutcomeCount): number {
    const held = this.heldBy(row);
    for (const sequence of held) this.#delivery(row, sequence).state = "released";
    this.rows[row][outcome] += held.length;
    return held.length;
  }

  /** Sequences that an owner holds. */
  heldBy(row: number): number[] {
    const { kind, group } = this.rows[row];
    return this.entries.flatMap(({ state, writer, deliveries }, sequence) => {
      const isHeld = kind === "writer"
        ? state === "claimed" && writer === row
        : deliveries[group]?.state === "held" && deliveries[group].reader === row;
      return isHeld ? [sequence] : [];
    });
  }

  signOff(row: number): void {
    this.#handOn(row, false);
    this.#leave(row);
  }

  recover(row: number): { voided: number; redelivered: number; failed: number } {
    const done = this.#handOn(row, true);
    this.#leave(row);
    return done;
  }

  close(): void {
    this.closing = true;
    this.#checkEnd();
  }

  shutDown(): void {
    this.aborted = true;
    this.close();
  }

  /** The newest event from sequence `from` on that is still in its slot, or why there is none. */
  observe(from: number): number | Refusal {
    const lowest = Math.max(from, this.entries.length - this.options.slots);
    for (let sequence = this.entries.length - 1; sequence >= lowest; sequence--) {
      if (this.entries[sequence].state === "published") return sequence;
    }
    return this.ended || this.aborted ? "ended" : "timed out";
  }

  /** Events that a group which is not detached has not released, with the numbers of these groups. */
  unfinished(): { sequence: number; groups: number[]; wasDelivered: boolean }[] {
    return this.entries.flatMap(({ state, deliveries }, sequence) => {
      const groups = deliveries.flatMap((delivery, group) =>
        state !== "published" || delivery.state === "released" || this.detached.has(group) ? [] : [group]
      );
      const wasDelivered = groups.some((group) =>
        deliveries[group].state === "held" || wasHandedBack(deliveries[group])
      );
      return groups.length > 0 ? [{ sequence, groups, wasDelivered }] : [];
    });
  }

  /** Slots in use. */
  filled(): number {
    const isInUse = ({ state }: Entry, sequence: number) =>
      state === "claimed" || (state === "published" && !this.#isReleasedByAll(sequence));
    return this.entries.filter(isInUse).length;
  }

  #newRow(kind: "writer" | "reader", group: number): number {
    const none = {
      published: 0,
      voided: 0,
      discarded: 0,
      processed: 0,
      rejected: 0,
      failed: 0,
      doubles: 0,
      redelivered: 0,
    };
    return this.rows.push({ kind, group, state: "reserved", ...none }) - 1;
  }

  #next(group: number, most: number): number[] {
    const handedBack = this.entries.flatMap(({ state, deliveries }, sequence) =>
      state === "published" && deliveries[group].state === "available" && wasHandedBack(deliveries[group])
        ? [sequence]
        : []
    );
    if (handedBack.length > 0) {
      // One at a time, in the order of the slots.
      const slot = (sequence: number) => sequence % this.options.slots;
      return [handedBack.reduce((first, sequence) => slot(sequence) < slot(first) ? sequence : first)];
    }
    const taken: number[] = [];
    for (
      let sequence = 0;
      sequence < this.entries.length && taken.length < Math.min(most, this.options.slots);
      sequence++
    ) {
      const { state, deliveries } = this.entries[sequence];
      if (state === "published" && deliveries[group].state === "available") taken.push(sequence);
      else if (state === "claimed" || taken.length > 0) break;
    }
    return taken;
  }

  #delivery(row: number, sequence: number): Delivery {
    return this.entries[sequence].deliveries[this.rows[row].group];
  }

  #isFree(sequence: number): boolean {
    const { state } = this.entries[sequence];
    return state === "void" || (state === "published" && this.#isReleasedByAll(sequence));
  }

  #isReleasedByAll(sequence: number): boolean {
    return this.entries[sequence].deliveries.every(({ state }, group) =>
      state === "released" || this.detached.has(group)
    );
  }

  #handOn(row: number, isDead: boolean): { voided: number; redelivered: number; failed: number } {
    const done = { voided: 0, redelivered: 0, failed: 0 };
    if (this.rows[row].kind === "writer") return { ...done, voided: this.makeVoid(row) };
    for (const sequence of this.heldBy(row)) {
      const delivery = this.#delivery(row, sequence);
      if (isDead && delivery.hasKilled) {
        delivery.state = "released";
        this.rows[row].failed++;
        done.failed++;
        continue;
      }
      delivery.state = "available";
      delivery.hasKilled ||= isDead;
      delivery.wasLeft ||= !isDead;
      this.rows[row].redelivered++;
      done.redelivered++;
    }
    return done;
  }

  #leave(row: number): void {
    this.rows[row].state = "gone";
    this.#checkEnd();
  }

  #checkEnd(): void {
    const writers = this.rows.filter(({ kind }) => kind === "writer");
    const gone = writers.filter(({ state }) => state === "gone").length;
    const isActive = writers.some(({ state }) => state === "active");
    this.ended ||= gone >= this.writers || (this.closing && !isActive);
  }
}

/** True if the event was delivered before. */
export function wasHandedBack({ wasLeft, hasKilled }: Delivery): boolean {
  return wasLeft || hasKilled;
}
