/** What the readers of files with events have in common. */
import type { Columns, RecordLayout } from "../record/record_layout.ts";
import type { FileFault } from "./damaged_file_error.ts";
import type { EventRecord } from "./event_record.ts";
import type { JournalOrigin } from "./journal_header.ts";

/** An event of a file. */
export interface StoredEvent extends EventRecord {
  /** True if the event, or the one it was made of, was offered before to a worker that died. */
  readonly redelivered: boolean;
}

/** A file, or several that belong together, of which events are read one after the other. */
export interface EventReader extends Disposable {
  /** Layout of the events. */
  readonly layout: RecordLayout;
  /** Where they come from, if the files say so. */
  readonly origin?: JournalOrigin;
  /** What was found so far that is not whole. */
  readonly faults: readonly FileFault[];
  /** Bytes that were read so far, of {@linkcode EventReader.byteLength}; for the display of progress. */
  readonly position: number;
  /** Bytes of all files; for packed ones an estimate. */
  readonly byteLength: number;
  /**
   * Reads the next event.
   *
   * @param target Where to put its values. @default {memory of the reader's own, which is used again}
   * @returns The event, valid until the next call, or null after the last one.
   */
  next(target?: Columns): StoredEvent | null;
  /** Closes the files. Idempotent. */
  close(): void;
}
