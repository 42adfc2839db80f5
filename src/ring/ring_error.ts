/** The error of all ring operations that the C helper refuses. */
import { MAX_OWNERS, RING_CODE } from "../../drivers/shm_ring/symbols.ts";

const MEANINGS: Readonly<Record<number, string>> = {
  [RING_CODE.ended]: "it has ended, nobody would read what comes now; a run that has ended must be started anew",
  [RING_CODE.notARing]: "expected a ring's shared memory, found something else or an unfinished one",
  [RING_CODE.wrongAbi]: "it was made by another version of this software; use the same version on both sides",
  [RING_CODE.noOwnerRow]: `expected at most ${MAX_OWNERS} writers and readers in a ring's life, found one more; ` +
    `each restart of a worker needs another one: find out why they die, and start the run anew`,
  [RING_CODE.tooManyWriters]: "expected no more writers than the ring was created for; raise `writers` at its creation",
  [RING_CODE.tooManyGroups]: "expected at most 16 reader groups, found one more",
  [RING_CODE.alreadyStarted]: "expected all reader groups before the first event, found that events have been written",
  [RING_CODE.misuse]: "the call does not fit the handle: wrong role, signed off already, or slots still held",
  [RING_CODE.truncated]: "its shared memory is not as long as its header says; it was cut, or overwritten",
  [-2]: "there is no such shared memory; the ring was closed or its program has ended",
  [-12]: "the system has no memory left; use fewer or smaller slots",
  [-13]: "permission denied; the shared memory belongs to another user",
  [-17]: "shared memory of this name exists already",
  [-22]: "expected 1 to 2^30 slots, at most 512 writers and names of at most 63 bytes, found more",
  [-24]: "too many open files; raise the limit with ulimit -n",
  [-27]: "the ring would be larger than the system can address; use fewer or smaller slots",
  [-28]: "/dev/shm is full; use fewer or smaller slots, remove what is left there, " +
    "or enlarge it (mount -o remount,size=4G /dev/shm)",
};

/** A ring could not be made, opened or used; the message says what to do about it. */
export class RingError extends Error {
  /** Name of the class, as stack traces show it. */
  override readonly name = "RingError";
  /** Negative: a code of the helper (-1001 and below), or minus the system's error number. */
  readonly code: number;

  /**
   * Puts a code into words.
   *
   * @param action What could not be done, with the ring's name.
   * @param code What the helper returned, see {@linkcode code}.
   */
  constructor(action: string, code: number) {
    super(`Cannot ${action}: ${MEANINGS[code] ?? `the system reported error ${-code}`}`);
    this.code = code;
  }
}
