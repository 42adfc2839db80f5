/** Flags of a run that every worker can look at without a message, also in the middle of a synchronous loop. */

const ENDING = 0;
const ABORTED = 1;
const PAUSED = 2;
const WORDS = 4;

/** The flags of a run at one moment. */
export interface RunFlags {
  /** Importers shall stop. */
  readonly ending: boolean;
  /** Everything shall end at once. */
  readonly aborted: boolean;
  /** The run is paused. */
  readonly paused: boolean;
}

/** State of a run in shared memory: written by the control, read by workers. */
export class RunSignal {
  readonly #words: Int32Array<SharedArrayBuffer>;

  /**
   * Flags that are shared with whoever has the same memory.
   *
   * @param memory Memory of another `RunSignal` ({@linkcode RunSignal.memory}); without it a new one is made.
   */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 4)) {
    this.#words = new Int32Array(memory);
  }

  /** The memory to post to a worker. */
  get memory(): SharedArrayBuffer {
    return this.#words.buffer;
  }

  /** True once importers shall stop. */
  get ending(): boolean {
    return Atomics.load(this.#words, ENDING) !== 0;
  }

  /** True once everything shall end at once, whatever is left. */
  get aborted(): boolean {
    return Atomics.load(this.#words, ABORTED) !== 0;
  }

  /** True while the run is paused. */
  get paused(): boolean {
    return Atomics.load(this.#words, PAUSED) !== 0;
  }

  /** All flags as they are now. */
  get flags(): RunFlags {
    const { ending, aborted, paused } = this;
    return { ending, aborted, paused };
  }

  /** Takes over the flags of a signal whose memory is not shared, and wakes sleepers. Ending and aborted are never taken back. */
  take({ ending, aborted, paused }: RunFlags): void {
    if (aborted) this.setAborted();
    if (ending) this.setEnding();
    this.setPaused(paused);
  }

  /** Tells importers to stop and wakes sleepers. */
  setEnding(): void {
    this.#set(ENDING, 1);
  }

  /** Tells everybody to end at once and wakes sleepers. */
  setAborted(): void {
    this.#set(ABORTED, 1);
    this.#set(ENDING, 1);
  }

  /** Sets or clears the pause. */
  setPaused(paused: boolean): void {
    this.#set(PAUSED, paused ? 1 : 0);
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
   * Blocks the calling worker for some time, less only if the run is aborted: for functions that go on while a run that
   * ends is drained.
   *
   * @param durationMs How long to sleep at most.
   * @returns False if the run is aborted.
   */
  sleepWhileDraining(durationMs: number): boolean {
    if (durationMs > 0 && !this.aborted) Atomics.wait(this.#words, ABORTED, 0, durationMs);
    return !this.aborted;
  }

  #set(word: number, value: number): void {
    Atomics.store(this.#words, word, value);
    Atomics.notify(this.#words, word);
  }
}
