/** One file of a journal, event by event. */
import type { FileFault } from "./damaged_file_error.ts";
import type { JournalFile } from "./journal_file.ts";
import { fullNumber } from "./journal_scan.ts";

/** Steps from event to event of a file, over whatever is damaged. */
export class JournalSequence {
  readonly #file: JournalFile;
  readonly #onFault: (fault: FileFault) => void;
  #offset: number;
  #expected = 0;

  /**
   * @param file The file; its events are looked at through it.
   * @param onFault Gets everything that is not whole. If it throws, the next step goes on behind that place.
   */
  constructor(file: JournalFile, onFault: (fault: FileFault) => void) {
    this.#file = file;
    this.#onFault = onFault;
    this.#offset = file.firstFrame;
  }

  /** Where the next event is looked for. */
  get offset(): number {
    return this.#offset;
  }

  /** Number of the event that should come next, from 0; at the end that is the number of all events. */
  get expected(): number {
    return this.#expected;
  }

  /**
   * Looks at the next event: `file` has its columns and metadata then.
   *
   * @returns Its number in the file, or -1 at the end.
   * @throws {Error} If the file cannot be read, and whatever `onFault` throws.
   */
  next(): number {
    const file = this.#file;
    for (;;) {
      const offset = this.#offset;
      const state = file.look(offset);
      if (state === "end") return -1;
      if (state === "damaged") {
        this.#passDamage(offset);
        continue;
      }
      const number = fullNumber(file.number, this.#expected);
      if (number > this.#expected) {
        const reason = `record ${number} of the file where number ${this.#expected} should be`;
        this.#passGap(number, { offset, byteLength: 0, reason });
        continue;
      }
      this.#offset = offset + file.length;
      if (state === "index") continue;
      if (number === this.#expected) {
        this.#expected++;
        return number;
      }
      this.#report({ offset, byteLength: file.length, reason: `record ${number} for the second time`, events: 0 });
    }
  }

  #passDamage(offset: number): void {
    const file = this.#file;
    const { reason, isTail } = file.reasonAt(offset);
    const next = file.findFrame(offset);
    const place = { offset, byteLength: next - offset, reason };
    this.#offset = next;
    if (next === file.size) this.#report({ ...place, events: null, isTail });
    else if (file.look(next) === "damaged") this.#report({ ...place, events: null });
    else this.#passGap(fullNumber(file.number, this.#expected), place);
  }

  #passGap(number: number, place: { offset: number; byteLength: number; reason: string }): void {
    const events = Math.max(0, number - this.#expected);
    this.#expected += events;
    this.#report({ ...place, events });
  }

  #report(fault: Omit<FileFault, "path" | "isTail"> & { readonly isTail?: boolean }): void {
    this.#onFault({ isTail: false, ...fault, path: this.#file.path });
  }
}
