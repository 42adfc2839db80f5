/** Flags of a run that every worker can look at without a message, also in the middle of a synchronous loop. */
import { LOG_LEVELS, type LogLevel } from "./logger.ts";

const ENDING = 0;
const CUT_SHORT = 1;
const PAUSED = 2;
const LOG_LEVEL = 3;
const PANELS_TAKEN = 4;
const WORDS = 5;

/** Bits of the word on which {@linkcode RunSignal.sleepWhileDraining} sleeps. */
const ABORTED_BIT = 1;
const RETIRED_BIT = 2;

/** The flags of a run at one moment, as one of its workers has them. */
export interface RunFlags {
  /** Importers shall stop. */
  readonly ending: boolean;
  /** Everything shall end at once. */
  readonly aborted: boolean;
  /** The run is paused. */
  readonly paused: boolean;
  /** This worker shall end while the run goes on. @default {false} */
  readonly retired?: boolean;
  /** Least level of messages that are wanted. @default {the one there was} */
  readonly logLevel?: LogLevel;
  /** Displays of this worker that the control has taken so far. @default {as many as there were} */
  readonly panelsTaken?: number;
}

/** State of a run in shared memory: written by the control, read by a worker. */
export class RunSignal {
  readonly #words: Int32Array<SharedArrayBuffer>;

  /**
   * Flags that are shared with whoever has the same memory.
   *
   * @param memory Memory of another `RunSignal` ({@linkcode RunSignal.memory}); without it a new one is made.
   */
  constructor(memory?: SharedArrayBuffer) {
    this.#words = new Int32Array(memory ?? new SharedArrayBuffer(WORDS * 4));
    if (memory === undefined) this.setLogLevel("info");
  }

  /** The memory to post to a worker. */
  get memory(): SharedArrayBuffer {
    return this.#words.buffer;
  }

  /** True once importers shall stop, or this worker shall. */
  get ending(): boolean {
    return Atomics.load(this.#words, ENDING) !== 0;
  }

  /** True once everything shall end at once, whatever is left. */
  get aborted(): boolean {
    return (Atomics.load(this.#words, CUT_SHORT) & ABORTED_BIT) !== 0;
  }

  /** True once this worker shall end although the run goes on: it finishes the event that it holds, and takes no other. */
  get retired(): boolean {
    return (Atomics.load(this.#words, CUT_SHORT) & RETIRED_BIT) !== 0;
  }

  /** True while the run is paused. */
  get paused(): boolean {
    return Atomics.load(this.#words, PAUSED) !== 0;
  }

  /** Least level of messages that are wanted. */
  get logLevel(): LogLevel {
    return LOG_LEVELS[Atomics.load(this.#words, LOG_LEVEL)];
  }

  /** Displays of this worker that the control has taken so far. */
  get panelsTaken(): number {
    return Atomics.load(this.#words, PANELS_TAKEN);
  }

  /** All flags as they are now. */
  get flags(): Required<RunFlags> {
    const { ending, aborted, paused, retired, logLevel, panelsTaken } = this;
    return { ending, aborted, paused, retired, logLevel, panelsTaken };
  }

  /** Takes over the flags of a signal whose memory is not shared, and wakes sleepers. Ends are never taken back. */
  take({ ending, aborted, paused, retired = false, logLevel, panelsTaken = 0 }: RunFlags): void {
    if (logLevel !== undefined) this.setLogLevel(logLevel);
    if (panelsTaken > this.panelsTaken) Atomics.store(this.#words, PANELS_TAKEN, panelsTaken);
    if (aborted) this.setAborted();
    if (retired) this.setRetired();
    if (ending) this.setEnding();
    this.setPaused(paused);
  }

  /** Tells importers to stop and wakes sleepers. */
  setEnding(): void {
    this.#set(ENDING, 1);
  }

  /** Tells everybody to end at once and wakes sleepers. */
  setAborted(): void {
    this.#cutShort(ABORTED_BIT);
  }

  /** Tells this worker to end while the run goes on, and wakes it. */
  setRetired(): void {
    this.#cutShort(RETIRED_BIT);
  }

  /** Sets or clears the pause. */
  setPaused(paused: boolean): void {
    this.#set(PAUSED, paused ? 1 : 0);
  }

  /** Says that the control has taken one more display of this worker. */
  notePanelTaken(): void {
    Atomics.add(this.#words, PANELS_TAKEN, 1);
  }

  /** Sets the least level of messages that are wanted. */
  setLogLevel(level: LogLevel): void {
    this.#set(LOG_LEVEL, LOG_LEVELS.indexOf(level));
  }

  /**
   * Blocks the calling worker for some time, less if the run begins to end.
   *
   * @param durationMs How long to sleep at most.
   * @returns False if the run is ending.
   */
  sleep(durationMs: number): boolean {
    if (durationMs > 0 && !this.ending) Atomics.wait(this.#words, ENDING, 0, durationMs);
    return !this.ending;
  }

  /**
   * Blocks the calling worker for some time, less only if the run is aborted or this worker shall end: for functions that go
   * on while a run that ends is drained.
   *
   * @param durationMs How long to sleep at most.
   * @returns False if the run is aborted, or this worker shall end.
   */
  sleepWhileDraining(durationMs: number): boolean {
    if (durationMs > 0) Atomics.wait(this.#words, CUT_SHORT, 0, durationMs);
    return !this.aborted && !this.retired;
  }

  #cutShort(bit: number): void {
    Atomics.or(this.#words, CUT_SHORT, bit);
    Atomics.notify(this.#words, CUT_SHORT);
    this.#set(ENDING, 1);
  }

  #set(word: number, value: number): void {
    Atomics.store(this.#words, word, value);
    Atomics.notify(this.#words, word);
  }
}
