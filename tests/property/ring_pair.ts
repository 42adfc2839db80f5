/** A ring beside its model: each operation is done on both, and what they give must be the same. */
import { assert, assertEquals, assertThrows } from "../../src/std/assert.js";
import type { Columns } from "../../src/record/record_layout.ts";
import { Observer } from "../../src/ring/observer.ts";
import type { ReaderPort, WriterPort } from "../../src/ring/ports.ts";
import { type Outcome, Reader } from "../../src/ring/reader.ts";
import { RingBuffer } from "../../src/ring/ring_buffer.ts";
import { RingError } from "../../src/ring/ring_error.ts";
import { Writer } from "../../src/ring/writer.ts";
import { type ModelOptions, type OutcomeCount, RingModel, type Row, wasHandedBack } from "./ring_array_model.ts";

const AT_ONCE = { timeoutMs: 0 };
const MOST_OPEN = 5;
const OUTCOMES: readonly [Outcome, OutcomeCount][] = [
  ["processed", "processed"],
  ["rejected", "rejected"],
  ["failed", "failed"],
  ["double", "doubles"],
];

/** A writer that is at work. */
interface OpenWriter {
  readonly writer: Writer;
  readonly row: number;
  /** Sequences claimed, or "scratch". */
  held: number[] | "scratch";
  isBatch: boolean;
  /** Of the slot held, if it is no batch. */
  columns: Columns | null;
}

/** A reader that is at work. */
interface OpenReader {
  readonly reader: Reader;
  readonly row: number;
}

/** Leads a ring and its model through the same operations; no call waits. */
export class RingPair {
  readonly ring: RingBuffer;
  readonly model: RingModel;
  readonly readerPorts: readonly ReaderPort[];
  readonly writers: OpenWriter[] = [];
  readonly readers: OpenReader[] = [];
  /** Who died and was not recovered yet is among them. */
  readonly dead: { handle: Disposable; row: number }[] = [];
  readonly observers: { observer: Observer; from: number }[];
  #value = 0;

  constructor(ring: RingBuffer, options: ModelOptions) {
    this.ring = ring;
    this.model = new RingModel(options);
    this.readerPorts = Array.from({ length: options.groups }, (_, group) => ring.newReaderGroup(`g${group}`));
    this.observers = [0, 1].map(() => ({ observer: new Observer(ring.newObserver()), from: 0 }));
  }

  openWriter(): void {
    if (this.writers.length === MOST_OPEN) return;
    const row = this.model.reserve("writer", 0);
    if (row < 0) {
      assertThrows(() => new Writer(this.ring.newWriter()), RingError, "expected no more writers");
      return;
    }
    this.#startWriter(this.ring.newWriter(), row);
  }

  openReader(group: number): void {
    if (this.readers.length === MOST_OPEN) return;
    const row = this.model.reserve("reader", group);
    this.model.rows[row].state = "active";
    this.readers.push({ reader: new Reader(this.readerPorts[group]), row });
  }

  addWriter(): void {
    if (this.writers.length === MOST_OPEN) return;
    const row = this.model.addWriter();
    if (row === "ended") {
      assertThrows(() => this.ring.addWriter(), RingError, "it has ended");
      return;
    }
    const port = this.ring.addWriter();
    assertEquals(port.owner, row);
    this.#startWriter(port, row);
  }

  claim(one: OpenWriter, most: number): void {
    if (one.held.length > 0) {
      assertThrows(() => one.writer.claim(AT_ONCE), RingError, "slots still held");
      return;
    }
    const expected = this.model.claim(one.row, most);
    one.isBatch = most > 1;
    one.columns = one.isBatch ? null : one.writer.claim(AT_ONCE)?.data ?? null;
    const claimed = one.isBatch ? one.writer.claimBatch(most, AT_ONCE) : one.columns === null ? 0 : 1;
    assertEquals(
      [claimed, one.writer.state],
      typeof expected === "object" ? [expected.count, "ok"] : expected === "scratch" ? [1, "ok"] : [0, expected],
    );
    this.#hold(one, expected);
  }

  write(one: OpenWriter, hasMetadata: boolean): void {
    if (one.held === "scratch") {
      assert(one.isBatch ? one.writer.slotOfBatch(0).index === this.ring.slots : one.writer.isDiscarding);
      return;
    }
    one.held.forEach((sequence, i) => {
      const entry = this.model.entries[sequence];
      entry.value = this.#value++;
      if (hasMetadata) {
        entry.counter = 1000 + entry.value;
        entry.deadtime = (entry.value % 3 - 1) / 4; // negative: not known
      }
      if (hasMetadata && one.isBatch) {
        const slot = one.writer.slotOfBatch(i);
        slot.counter = entry.counter;
        slot.deadtime = entry.deadtime;
      } else if (hasMetadata) {
        one.writer.setMetadata(entry.counter, -1, entry.deadtime);
      }
      const { data } = one.columns ?? one.writer.slotOfBatch(i).data;
      data[0] = entry.value;
      data[1] = -entry.value;
    });
  }

  publish(one: OpenWriter): void {
    this.#published(one);
    if (one.isBatch) one.writer.publishBatch();
    else one.writer.processBuffer();
  }

  /** Publish and claim in one call, if that does not block. */
  nextSlot(one: OpenWriter): void {
    const { held, isBatch } = one;
    this.#published(one);
    const possible = this.model.claimable(1);
    if (possible === "timed out" || possible === "paused") {
      if (isBatch) one.writer.publishBatch();
      else one.writer.processBuffer();
      return;
    }
    const expected = this.model.claim(one.row, 1);
    one.columns = one.writer.getNewBuffer();
    one.isBatch = false;
    assertEquals(
      [one.columns !== null, one.writer.state],
      expected === "ended" ? [false, "ended"] : [true, "ok"],
      `after ${held}`,
    );
    this.#hold(one, expected);
  }

  abort(one: OpenWriter): void {
    this.model.makeVoid(one.row);
    one.held = [];
    one.writer.abort();
  }

  closeWriter(one: OpenWriter): void {
    this.writers.splice(this.writers.indexOf(one), 1);
    this.model.signOff(one.row);
    one.writer.close();
  }

  killWriter(one: OpenWriter): void {
    this.writers.splice(this.writers.indexOf(one), 1);
    this.dead.push({ handle: one.writer, row: one.row });
  }

  take({ reader, row }: OpenReader, most: number, outcomeNumber: number): void {
    const [outcome, count] = OUTCOMES[outcomeNumber % OUTCOMES.length];
    reader.outcome = outcome;
    this.model.release(row, count);
    const expected = this.model.take(row, most);
    const isBatch = most > 1;
    const taken = isBatch ? reader.getBatch(most, AT_ONCE) : reader.next(AT_ONCE) === null ? 0 : 1;
    assertEquals([taken, reader.state], typeof expected === "object" ? [expected.length, "ok"] : [0, expected]);
    assertEquals(reader.outcome, "processed");
    if (typeof expected === "object") this.#checkTaken({ reader, row }, expected, isBatch);
  }

  release({ reader, row }: OpenReader): void {
    this.model.release(row, "processed");
    reader.release();
    assertEquals(reader.held, null);
  }

  closeReader(one: OpenReader): void {
    this.readers.splice(this.readers.indexOf(one), 1);
    this.model.signOff(one.row);
    one.reader.close();
  }

  killReader(one: OpenReader): void {
    this.readers.splice(this.readers.indexOf(one), 1);
    this.dead.push({ handle: one.reader, row: one.row });
  }

  /** `isReplaced`: if it was a writer, another one is added before. */
  recover({ row }: { row: number }, isReplaced: boolean): void {
    if (isReplaced && this.model.rows[row].kind === "writer" && this.model.rows[row].state !== "gone") this.addWriter();
    assertEquals(this.ring.recover(row), this.model.recover(row));
  }

  observe(which: number): void {
    const one = this.observers[which % this.observers.length];
    const expected = this.model.observe(one.from);
    const slot = one.observer.get(AT_ONCE);
    if (typeof expected !== "number") {
      assertEquals([slot, one.observer.state], [null, expected]);
      return;
    }
    const { value, counter } = this.model.entries[expected];
    assertEquals([...slot!.data.data, slot!.counter], [value, -value, counter]);
    one.from = expected + 1;
  }

  pause(paused: boolean): void {
    this.model.paused = paused;
    if (paused) this.ring.pause();
    else this.ring.resume();
  }

  close(): void {
    this.model.close();
    this.ring.setEnding();
  }

  shutDown(): void {
    this.model.shutDown();
    this.ring.shutdown();
  }

  /** Only for a group without living readers. */
  detach(group: number): void {
    if (this.readers.some(({ row }) => this.model.rows[row].group === group)) return;
    this.model.detached.add(group);
    this.ring.detachGroup(`g${group}`);
  }

  /** Everything that can be seen without changing it. */
  check(ring = this.ring): void {
    const { model } = this;
    const status = ring.status();
    const published = model.entries.filter(({ state }) => state === "published").length;
    const flags = { paused: model.paused, closing: model.closing, ended: model.ended, aborted: model.aborted };
    assertEquals(
      { ...flags, published, voided: sum(model.rows, "voided"), discarded: sum(model.rows, "discarded") },
      {
        paused: status.paused,
        closing: status.closing,
        ended: status.ended,
        aborted: status.aborted,
        published: status.published,
        voided: status.voided,
        discarded: status.discarded,
      },
    );
    assertEquals(status.filled, model.filled());
    assert(status.highestFill >= status.filled && status.highestFill <= ring.slots);
    assert(Math.abs(status.deadtimeSum - model.deadtimeSum) < 1e-9);
    assertEquals(
      status.owners.map(({ owner: _owner, waitS: _waitS, isSaver: _isSaver, ...counts }) => counts),
      model.rows,
    );
    for (const [group, found] of status.groups.entries()) {
      const { readerWaitS: _readerWaitS, saved: _saved, ...counts } = found;
      assertEquals(counts, this.#groupStatus(group, published));
    }
    // What is counted in the words agrees with what was counted on the way.
    const { claimed, groups } = ring.tally();
    if (claimed !== null) assertEquals(claimed, status.published + status.voided);
    for (const { name, left, held, unread } of groups) {
      if (left !== null) assertEquals(left, held + unread, name);
    }
    const held = model.rows.flatMap((row, owner) =>
      row.state === "active" && model.heldBy(owner).length > 0 ? [[owner, model.heldBy(owner)[0]]] : []
    );
    assertEquals(ring.heldEvents().map(({ owner, sequence }) => [owner, sequence]), held);
    for (const { reader, row } of this.readers) {
      assertEquals(reader.dataAvailable(), model.isAvailable(model.rows[row].group));
    }
  }

  checkUnfinished(ring = this.ring): void {
    assertEquals(
      Array.from(
        ring.unfinished(),
        ({ slot, groups }) => [slot.data.data[0], slot.counter, slot.redelivered, groups.join()],
      ),
      this.model.unfinished().map(({ sequence, groups, wasDelivered }) => {
        const { value, counter } = this.model.entries[sequence];
        return [value, counter, wasDelivered, groups.map((group) => `g${group}`).join()];
      }),
    );
  }

  /** Everybody dies; the ring is opened anew, as after the death of a whole run. */
  async finish(): Promise<void> {
    using again = await RingBuffer.attach(this.ring.segment);
    const sums = { voided: 0, redelivered: 0, failed: 0 };
    for (const [row, { state }] of this.model.rows.entries()) {
      if (state === "gone") continue;
      const { voided, redelivered, failed } = this.model.recover(row);
      sums.voided += voided;
      sums.redelivered += redelivered;
      sums.failed += failed;
    }
    assertEquals(again.recoverAll(), sums);
    const readers = this.readers.splice(0);
    this.check(again);
    this.checkUnfinished(again);
    for (const { reader } of readers) reader.close();
    this.abandon();
  }

  /** Frees all handles. */
  abandon(): void {
    for (const { writer } of this.writers) writer.close();
    for (const { reader } of this.readers) reader.close();
    for (const { handle } of this.dead) handle[Symbol.dispose]();
    for (const { observer } of this.observers) observer.close();
  }

  #startWriter(port: WriterPort, row: number): void {
    this.model.rows[row].state = "active";
    this.writers.push({ writer: new Writer(port), row, held: [], isBatch: false, columns: null });
  }

  #hold(one: OpenWriter, expected: ReturnType<RingModel["claim"]>): void {
    if (expected === "scratch") one.held = "scratch";
    else if (typeof expected === "object") {
      one.held = Array.from({ length: expected.count }, (_, i) => expected.first + i);
    } else one.held = [];
    this.write(one, false); // no event has old contents
  }

  #published(one: OpenWriter): void {
    if (one.held === "scratch") this.model.rows[one.row].discarded++;
    else this.model.publish(one.row, one.held);
    one.held = [];
  }

  #checkTaken({ reader, row }: OpenReader, sequences: readonly number[], isBatch: boolean): void {
    const { group } = this.model.rows[row];
    sequences.forEach((sequence, i) => {
      const slot = isBatch ? reader.slotOfBatch(i) : reader.held!;
      const { value, counter, deadtime, deliveries } = this.model.entries[sequence];
      assertEquals([...slot.data.data, slot.counter, slot.deadtime], [value, -value, counter, deadtime]);
      assertEquals(slot.redelivered, wasHandedBack(deliveries[group]));
      assert(slot.timestamp > 1e9, "published with the time of publication");
    });
  }

  #groupStatus(group: number, published: number) {
    const rows = this.model.rows.filter((row) => row.kind === "reader" && row.group === group);
    const [processed, rejected, failed, doubles] = OUTCOMES.map(([, count]) => sum(rows, count));
    const held = this.model.entries.filter(({ deliveries }) => deliveries[group].state === "held").length;
    return {
      name: `g${group}`,
      processed,
      rejected,
      failed,
      doubles,
      redelivered: sum(rows, "redelivered"),
      held,
      unread: published - processed - rejected - failed - doubles - held,
      detached: this.model.detached.has(group),
    };
  }
}

function sum(rows: readonly Row[], count: OutcomeCount | "voided" | "discarded" | "redelivered"): number {
  return rows.reduce((total, row) => total + row[count], 0);
}
