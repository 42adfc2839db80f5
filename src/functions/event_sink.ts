/** The way of an instrument's events into a ring, for sources that fill slots themselves. */
import type { Columns, RecordLayout } from "../record/record_layout.ts";
import type { Writer } from "../ring/writer.ts";
import type { FunctionContext } from "../worker/context.ts";
import { UtcClock } from "../worker/utc_clock.ts";
import { requireWiring } from "../worker/wiring.ts";
import { LiveTime } from "./live_time.ts";

/** Longest single wait for a free slot or the end of a pause, after which the source looks around. */
const WAIT = { timeoutMs: 2 };
const PAUSE_WAIT = { timeoutMs: 50 };
const NO_WAIT = { timeoutMs: 0 };
/** Differences of the clocks that are no rounding. */
const SMALLEST_STEP_S = 1e-4;

/**
 * Hands out slots of a function's sink, one or many at once, and keeps the books: counters, times, dead time, what was
 * discarded and what came too late. For instruments whose data go straight into the ring; whoever has its data in arrays
 * anyway is better served by `SourceToBuffer`.
 *
 * While it holds slots, readers wait for them: claim when the data are there.
 */
export class EventSink {
  /** Layout of the ring's records. */
  readonly layout: RecordLayout;
  /** Accounts for dead time; in ms of {@linkcode activeMs}. */
  readonly liveTime: LiveTime;
  readonly #context: FunctionContext<unknown>;
  readonly #writer: Writer;
  readonly #clock = new UtcClock();
  #counter: number;
  #pausedMs = 0;
  #held = 0;
  #utcOffsetS = 0;

  /**
   * Dead time begins to count here.
   *
   * @param context Context of a function with one sink and no source.
   * @throws {TypeError} If the function is not wired like that.
   */
  constructor(context: FunctionContext<unknown>) {
    requireWiring(context, { sinks: 1 });
    this.#context = context;
    this.#writer = context.sinks[0];
    this.layout = this.#writer.layout;
    this.#counter = context.workerNumber + context.publishedBefore[0] * context.workers;
    this.liveTime = new LiveTime(this.activeMs());
    context.books.isKept = true;
    context.books.current = this.#counter;
  }

  /** Name of the ring. */
  get ringName(): string {
    return this.#writer.name;
  }

  /** Number of the ring's slots; a slot that is discarded in a pause has this number itself. */
  get slots(): number {
    return this.#writer.slots;
  }

  /** False once no further events are wanted. */
  get isWanted(): boolean {
    return !this.#context.ending;
  }

  /** True while the run is paused and the ring does not discard: the instrument need not take events then. */
  get isPaused(): boolean {
    return this.#writer.isPaused && this.#writer.pauseMode === "wait";
  }

  /** Number that the next event gets. */
  get nextCounter(): number {
    return this.#counter;
  }

  /** Time in ms without pauses, for {@linkcode liveTime}: `performance.now()` less what pauses have taken so far. */
  activeMs(): number {
    return performance.now() - this.#pausedMs;
  }

  /** What pauses have taken so far. */
  get pausedMs(): number {
    return this.#pausedMs;
  }

  /**
   * Blocks while the run is paused, unless the ring discards then.
   *
   * @returns False if the run ends.
   */
  waitWhilePaused(): boolean {
    if (this.isPaused) {
      const startMs = performance.now();
      while (this.isPaused && this.isWanted) this.#writer.waitWhilePaused(PAUSE_WAIT);
      this.#pausedMs += performance.now() - startMs;
    }
    return this.isWanted;
  }

  /**
   * Claims up to `most` slots; blocks until there is at least one, also over a pause.
   *
   * @param meanwhile Called about every 2 ms while it waits. @default {nothing}
   * @returns How many were claimed; 0: the ring takes no more.
   */
  claim(most: number, meanwhile: () => void = () => {}): number {
    const writer = this.#writer;
    for (let isFirst = true;; isFirst = false) {
      this.#held = writer.claimBatch(most, isFirst ? NO_WAIT : WAIT);
      if (this.#held > 0) return this.#held;
      if (writer.state === "ended" || (writer.state === "paused" && !this.waitWhilePaused())) return 0;
      meanwhile();
    }
  }

  /** Number of the i-th slot held. */
  slotIndex(i: number): number {
    return this.#writer.slotOfBatch(i).index;
  }

  /** Columns of the i-th slot held, with old content. */
  columns(i: number): Columns {
    return this.#writer.slotOfBatch(i).data;
  }

  /**
   * Sets the metadata of the i-th slot held. The counter is that of the order of slots.
   *
   * @param timeMs When the event happened, as `performance.now()` tells time.
   * @param deadtime As {@linkcode LiveTime.event} gives it.
   */
  stamp(i: number, timeMs: number, deadtime: number): void {
    const slot = this.#writer.slotOfBatch(i);
    if (i === 0) this.#followClock();
    slot.counter = this.#counter + i * this.#context.workers;
    slot.timestamp = this.#utcOffsetS + timeMs / 1000;
    slot.deadtime = deadtime;
    slot.redelivered = false;
  }

  /** The clock wants a reading taken just now. Its rounding must not move events by a fraction of a microsecond. */
  #followClock(): void {
    const nowMs = performance.now();
    const offsetS = this.#clock.utcS(nowMs) - nowMs / 1000;
    if (Math.abs(offsetS - this.#utcOffsetS) > SMALLEST_STEP_S) this.#utcOffsetS = offsetS;
  }

  /** Publishes all slots held. */
  publish(): void {
    const { books, workers } = this.#context;
    const isDiscarded = this.#writer.isDiscarding;
    this.#writer.publishBatch();
    books.produced += this.#held;
    if (isDiscarded) {
      books.discarded += this.#held;
    } else {
      books.published[0] += this.#held;
      this.#counter += this.#held * workers;
    }
    this.#held = 0;
    books.current = this.#counter;
    books.deadS = this.liveTime.deadMs / 1000;
  }

  /** Gives the slots held back as void: readers skip them, the ledger counts them. */
  abort(): void {
    this.#held = 0;
    this.#writer.abort();
  }

  /** Counts events that came when the ring took no more. */
  late(events: number): void {
    this.#context.books.produced += events;
    this.#context.books.late += events;
  }

  /** Closes the account of dead time; the last thing to do. */
  end(): void {
    this.liveTime.live(this.activeMs());
    this.#context.books.deadS = this.liveTime.deadMs / 1000;
  }
}
