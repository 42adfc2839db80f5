/** Events of a journal by their place. */
import { JournalFile } from "./journal_file.ts";
import type { JournalIndex } from "./journal_index.ts";
import { fullNumber, scanJournal } from "./journal_scan.ts";

interface Part {
  readonly path: string;
  /** Place in the journal of its first event. */
  readonly first: number;
  readonly index: JournalIndex;
}

/** Finds events in the files of a journal. The files are looked through once if they have no index. */
export class JournalLookup implements Disposable {
  readonly #parts: readonly Part[];
  #part: Part | null = null;
  #file: JournalFile | null = null;

  /** @param paths The files in their order. */
  constructor(paths: readonly string[]) {
    this.#parts = paths.map((path) => {
      using file = new JournalFile(path);
      return { path, first: file.header.first, index: scanJournal(file).index };
    });
  }

  /** Number of events from the first file's first one on, lost ones included. */
  get length(): number {
    const { first, index } = this.#parts[this.#parts.length - 1];
    return first + index.events - this.#parts[0].first;
  }

  /** The file that is open and looks at an event, or null if there is no such event, or a damaged one. */
  find(number: number): JournalFile | null {
    const place = number + this.#parts[0].first;
    const part = this.#parts.find(({ first, index }) => place >= first && place < first + index.events);
    if (part === undefined || !Number.isInteger(number)) return null;
    if (this.#part !== part || this.#file === null) {
      this.close();
      this.#file = new JournalFile(part.path);
      this.#part = part;
    }
    return lookAt(this.#file, part.index, place - part.first) ? this.#file : null;
  }

  /** Closes the file that is open. */
  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  /** Same as {@linkcode JournalLookup.close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** From the nearest entry of the index on, all frames being of one length; one by one where some are missing. */
function lookAt(file: JournalFile, index: JournalIndex, number: number): boolean {
  const { frameBytes } = file.header;
  const first = { number: 0, offset: file.firstFrame };
  const entry = index.before(number) ?? first;
  if (isAt(file, entry.offset + (number - entry.number) * frameBytes, number)) return true;
  const from = isAt(file, entry.offset, entry.number) ? entry : first;
  for (let offset = from.offset; offset < file.size;) {
    const state = file.look(offset);
    if (state === "event") {
      const found = fullNumber(file.number, number);
      if (found >= number) return found === number;
    }
    offset = state === "damaged" ? file.findFrame(offset) : offset + file.length;
  }
  return false;
}

function isAt(file: JournalFile, offset: number, number: number): boolean {
  return offset < file.size && file.look(offset) === "event" && fullNumber(file.number, number) === number;
}
